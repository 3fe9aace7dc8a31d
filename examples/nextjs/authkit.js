// What the proxy needs beyond the package.
import { getWorkOS } from "@workos-inc/authkit-nextjs";
import { AsyncLocalStorage } from "node:async_hooks";

const FIVE_SECONDS = 5_000;
const answers = new Map();
const requests = new AsyncLocalStorage();
let isReady = false;

/**
 * The package asks the server once for each request that meets a token at its end, however many come side by side, and
 * again for one that comes a moment later with the cookie from before. Here one answer serves them all.
 */
function refreshOnce() {
  const { userManagement } = getWorkOS();
  const refresh = userManagement.authenticateWithRefreshToken.bind(userManagement);
  userManagement.authenticateWithRefreshToken = async (asked) => {
    const key = `${asked.refreshToken} ${asked.organizationId ?? ""}`;
    if (!answers.has(key)) {
      const asking = refresh(asked);
      const forget = () => answers.delete(key);
      asking.then(() => setTimeout(forget, FIVE_SECONDS).unref(), forget);
      answers.set(key, asking);
    }
    try {
      return await answers.get(key);
    } catch (error) {
      const request = requests.getStore();
      if (request && !isRefusal(error.status ?? 0)) request.isAway = true;
      throw error;
    }
  };
}

const isRefusal = (status) => status >= 400 && status < 500 && status !== 408 && status !== 429;

/** Whom it cannot refresh just now the package takes for a stranger, though it keeps their cookie: `isAway` tells. */
export async function watched(handle) {
  if (!isReady) refreshOnce();
  isReady = true;
  const request = { isAway: false };
  return { answer: await requests.run(request, handle), isAway: request.isAway };
}

export function oneMoment() {
  const said = "The sign-in service does not answer. You are still signed in.";
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>One moment</title>`;
  const look = "<style>:root{color-scheme:light dark}body{max-width:34rem;margin:12vh auto;padding:0 1rem;font:1rem/1.55 system-ui}</style>";
  const main = `<h1>One moment, please.</h1><p>${said}</p><p><a href="">Try again</a></p>`;
  const html = `<!doctype html><html lang="en"><head>${head}${look}</head>${main}</html>`;
  const headers = { "Content-Type": "text/html; charset=utf-8", "Retry-After": "5", "Cache-Control": "no-store" };
  return new Response(html, { status: 503, headers });
}
