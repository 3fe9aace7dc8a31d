import { createServerFn } from "@tanstack/react-start";
import { getAuth } from "@workos/authkit-tanstack-react-start";

export type Organization = { id: string; name: string; role: string };
export type Report = { id: number; title: string };

type Answer<T> = { body: T; refused: null } | { body: null; refused: string };

/** Node asks Python with the access token: the cookie of a request that was refreshed on the way in is the old one. */
async function ask<T>(path: string, init: RequestInit = {}): Promise<Answer<T>> {
  const auth = await getAuth();
  if (!auth.user) throw Response.json({ error: { code: "signed_out", message: "Sign in first." } }, { status: 401 });
  const authorization = `Bearer ${auth.accessToken}`;
  const headers = { accept: "application/json", "content-type": "application/json", authorization };
  const answer = await fetch((process.env.API_URL ?? "http://localhost:8000") + path, { ...init, headers });
  if (answer.status >= 500 && answer.status !== 503) throw new Error(`Python answered ${answer.status}`);
  const body = await answer.json();
  return answer.ok ? { body, refused: null } : { body: null, refused: body.error.message };
}

/** Server functions are endpoints that anybody can call: none of these trusts that a page asked. */
export const listOrganizations = createServerFn({ method: "GET" }).handler(async () => {
  const { body } = await ask<Organization[]>("/api/organizations");
  return body ?? [];
});

export const createOrganization = createServerFn({ method: "POST" })
  .validator((name: string) => name)
  .handler(({ data }) => ask<{ id: string }>("/api/organizations", { method: "POST", body: JSON.stringify({ name: data }) }));

export const listReports = createServerFn({ method: "GET" }).handler(() => ask<Report[]>("/api/reports"));
