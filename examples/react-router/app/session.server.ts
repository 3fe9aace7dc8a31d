import { getConfig, getWorkOS } from "@workos-inc/authkit-react-router";

/** For every authkitLoader: without it an identity server that is away for a moment signs everybody out. */
export const patient = {
  onSessionRefreshError({ error }: { error: unknown }) {
    const status = (error as { status?: number } | null)?.status ?? 0;
    const isRefused = status >= 400 && status < 500 && status !== 408 && status !== 429;
    if (!isRefused) throw new Response(null, { status: 503, headers: { "Retry-After": "5" } });
  },
};

/** Deletes the session cookie: what is left to do when the session has ended elsewhere. */
export const forgotten = () => ({
  "Set-Cookie": `${getConfig("cookieName")}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`,
});

/** The package refreshes once for each loader that meets an expired token. Here one answer serves them all. */
type Refresh = ReturnType<typeof getWorkOS>["userManagement"]["authenticateWithRefreshToken"];
const FIVE_SECONDS = 5_000;
const answers = new Map<string, ReturnType<Refresh>>();
const userManagement = getWorkOS().userManagement;
const refresh: Refresh = userManagement.authenticateWithRefreshToken.bind(userManagement);

userManagement.authenticateWithRefreshToken = (asked) => {
  const key = `${asked.refreshToken} ${asked.organizationId ?? ""}`;
  const known = answers.get(key);
  if (known) return known;
  const answer = refresh(asked);
  answers.set(key, answer);
  answer.then(
    () => setTimeout(() => answers.delete(key), FIVE_SECONDS),
    () => answers.delete(key),
  );
  return answer;
};
