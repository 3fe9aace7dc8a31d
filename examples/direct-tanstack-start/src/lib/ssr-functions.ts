import { redirect } from "@tanstack/react-router";
import { createServerFn } from "@tanstack/react-start";
import { getRequest } from "@tanstack/react-start/server";

import { api, askPython } from "@/lib/auth";

// `redirect()` is thrown after the `try`, not in it: there it would be caught as an error.

export const getSession = createServerFn({ method: "GET" }).handler(async () => {
  // An error is not a stranger: whoever has a cookie while Python is away stays signed in.
  const result = await api.getSession({ headers: getRequest().headers });
  return result.authenticated ? result.session : null;
});

export const signOutFn = createServerFn({ method: "POST" }).handler(async () => {
  await api.signOut({ headers: getRequest().headers });
  throw redirect({ to: "/", reloadDocument: true });
});

export const signInFn = createServerFn({ method: "POST" })
  .validator((data: { provider: string }) => {
    if (!data || typeof data.provider !== "string" || !data.provider.trim()) {
      throw new Error("provider must be a non-empty string");
    }
    return data;
  })
  .handler(async ({ data }) => {
    const { signInURL } = await api.signIn(data.provider, {
      request: getRequest(),
      redirect: false,
      redirectTo: "/dashboard",
    });
    throw redirect({ href: signInURL, reloadDocument: true });
  });

/** A server function is an endpoint that anybody can call. Python guards the data, so this needs no guard. */
export const listNotes = createServerFn({ method: "GET" }).handler(() =>
  askPython<string[]>("/api/notes", getRequest().headers),
);
