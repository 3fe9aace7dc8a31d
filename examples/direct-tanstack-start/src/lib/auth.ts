// Where the guide has `createAuth`: the routes are Python's, and this asks them for the visitor. On the server only.
import { appendResponseHeader, setResponseStatus } from "@tanstack/react-start/server";

export interface Session {
  id: string;
  user: { id: string; name: string | null; email: string };
  provider: string | null;
  accounts: string[];
}

const API = process.env.API_URL ?? "http://localhost:8000";
/** What Python judges a request by: who it is from, and which site's page asked. */
const THEIRS = ["cookie", "origin", "sec-fetch-site"];

/** What Python answers to this visitor. Its cookies are theirs: the session may have been renewed, or ended. */
export async function askPython<T>(path: string, visitor: Headers, method = "GET"): Promise<T> {
  const headers = new Headers({ accept: "application/json" });
  for (const name of THEIRS) {
    const value = visitor.get(name);
    if (value) headers.set(name, value);
  }
  const answer = await fetch(API + path, { method, headers });
  for (const cookie of answer.headers.getSetCookie()) appendResponseHeader("set-cookie", cookie);
  const body = await answer.json();
  if (answer.ok) return body;
  setResponseStatus(answer.status);
  throw new Error(body.error?.message ?? `Python answered ${answer.status}`);
}

export const api = {
  async getSession({ headers }: { headers: Headers }) {
    const { session } = await askPython<{ session: Session | null }>("/api/auth/session", headers);
    return { session, authenticated: session !== null };
  },

  /** The address of Python's own route: the cookie of this sign-in is made when the browser opens it. */
  async signIn(provider: string, { request, redirectTo = "/" }: { request: Request; redirect: false; redirectTo?: string }) {
    const { providers } = await askPython<{ providers: { id: string; sign_in_url: string }[] }>("/api/auth/providers", request.headers);
    const found = providers.find(({ id }) => id === provider);
    if (!found) throw new Error(`There is no provider "${provider}": use ${providers.map(({ id }) => id).join(", ")}.`);
    return { signInURL: `${found.sign_in_url}?${new URLSearchParams({ return_to: redirectTo })}` };
  },

  async signOut({ headers }: { headers: Headers }) {
    const { url } = await askPython<{ url: string }>("/api/auth/sign-out", headers, "POST");
    return { redirectURL: url };
  },
};
