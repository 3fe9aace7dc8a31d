import { withAuth } from "@workos-inc/authkit-nextjs";

/** A page asks Python with the access token of its request, which the proxy has refreshed if that was due. */
export async function ask(path, init = {}) {
  const { accessToken } = await withAuth();
  const headers = { accept: "application/json", authorization: `Bearer ${accessToken ?? ""}` };
  const answer = await fetch(process.env.API_URL + path, { ...init, headers, cache: "no-store" });
  if (answer.status >= 500 && answer.status !== 503) throw new Error(`Python answered ${answer.status}`);
  const body = await answer.json();
  return answer.ok ? { body, error: null } : { body: null, error: body.error };
}
