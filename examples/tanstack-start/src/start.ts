import { createCsrfMiddleware, createMiddleware, createStart } from "@tanstack/react-start";
import { authkitMiddleware, type getAuthKitContext } from "@workos/authkit-tanstack-react-start";

/** An app with middleware of its own loses the one that TanStack Start would put there. */
const csrf = createCsrfMiddleware({ filter: ({ handlerType }) => handlerType === "serverFn" });

const SESSION = `${process.env.WORKOS_COOKIE_NAME ?? "wos-session"}=`;
let ready: Promise<void> | undefined;

/**
 * The package appends the session that it refreshed on the way in after the one that the handler switched or ended,
 * and browsers keep the last: here the handler's stays. And a page of somebody's is kept nowhere.
 */
const lastWord = createMiddleware().server(async ({ next }) => {
  ready ??= import("./authkit").then(({ prepare }) => prepare());
  await ready;
  const result = await next();
  const headers = new Headers(result.response.headers);
  const [own, others] = [[], []] as [string[], string[]];
  for (const cookie of headers.getSetCookie()) (cookie.startsWith(SESSION) ? own : others).push(cookie);
  headers.delete("Set-Cookie");
  for (const cookie of [...own.slice(0, 1), ...others]) headers.append("Set-Cookie", cookie);
  headers.set("Cache-Control", "private, no-store");
  headers.append("Vary", "Cookie");
  const { status, statusText, body } = result.response;
  return { ...result, response: new Response(body, { status, statusText, headers }) };
});

type Context = ReturnType<typeof getAuthKitContext>;

/** The package takes an identity server that does not answer for nobody being signed in. */
const patience = createMiddleware()
  .middleware([authkitMiddleware()])
  .server(async ({ next, request, context }) => {
    const { isAway, oneMoment } = await import("./authkit");
    const { user } = (context as unknown as Context).auth(); // its types know nothing of it
    const hasCookie = request.headers.get("Cookie")?.includes(SESSION);
    return hasCookie && !user && isAway() ? oneMoment() : next();
  });

export const startInstance = createStart(() => ({ requestMiddleware: [csrf, lastWord, patience] }));
