// What the package needs from outside, on the server only.
import { configure, getWorkOS } from "@workos/authkit-session";

import style from "./style.css?inline";

type Refresh = ReturnType<typeof getWorkOS>["userManagement"]["authenticateWithRefreshToken"];

const FIVE_SECONDS = 5_000;
const answers = new Map<string, ReturnType<Refresh>>();
let lastFailure = 0;

/** Once, before the first request. */
export function prepare(): void {
  // The package looks at this variable only where the program has named the setting too.
  const cookieDomain = process.env.WORKOS_COOKIE_DOMAIN;
  if (cookieDomain) configure({ cookieDomain });
  refreshOnce();
}

/**
 * The package asks once for requests that run side by side, and again for one that comes a moment later with the
 * cookie from before. Here one answer serves them all.
 */
function refreshOnce(): void {
  const { userManagement } = getWorkOS();
  const refresh: Refresh = userManagement.authenticateWithRefreshToken.bind(userManagement);
  userManagement.authenticateWithRefreshToken = (asked) => {
    const key = `${asked.refreshToken} ${asked.organizationId ?? ""}`;
    const known = answers.get(key);
    if (known) return known;
    const answer = refresh(asked);
    answers.set(key, answer);
    const forget = () => answers.delete(key);
    answer.then(
      () => setTimeout(forget, FIVE_SECONDS).unref(),
      (error: { status?: number }) => {
        forget();
        if (!isRefusal(error.status ?? 0)) lastFailure = Date.now();
      },
    );
    return answer;
  };
}

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** The identity server did not answer a moment ago: whoever has a cookie then is not signed out. */
export function isAway(): boolean {
  return Date.now() - lastFailure < FIVE_SECONDS;
}

export function oneMoment(): Response {
  const said = "The sign-in service does not answer. You are still signed in.";
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>One moment</title><link rel="icon" href="data:,">`;
  const main = `<h1>One moment, please.</h1><p>${said}</p><p class="actions"><a class="button" href="">Try again</a></p>`;
  const html = `<!doctype html><html lang="en"><head>${head}<style>${style}</style></head><main>${main}</main></html>`;
  return new Response(html, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8", "Retry-After": "5" } });
}
