import { getWorkOS } from "@workos/authkit-session";

type Refresh = ReturnType<typeof getWorkOS>["userManagement"]["authenticateWithRefreshToken"];

const FIVE_SECONDS = 5_000;
const answers = new Map<string, ReturnType<Refresh>>();

/**
 * The package asks once for requests that run side by side, and again for one that comes a moment later with the
 * cookie from before. Here one answer serves them all.
 */
export function refreshOnce(): void {
  const { userManagement } = getWorkOS();
  const refresh: Refresh = userManagement.authenticateWithRefreshToken.bind(userManagement);
  userManagement.authenticateWithRefreshToken = (asked) => {
    const key = `${asked.refreshToken} ${asked.organizationId ?? ""}`;
    const known = answers.get(key);
    if (known) return known;
    const answer = refresh(asked);
    answers.set(key, answer);
    const forget = () => answers.delete(key);
    answer.then(() => setTimeout(forget, FIVE_SECONDS).unref(), forget);
    return answer;
  };
}
