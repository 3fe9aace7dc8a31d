import { authkitProxy } from "@workos-inc/authkit-nextjs";
import { NextResponse } from "next/server";

import { oneMoment, watched } from "@/authkit";

/**
 * Two ways to guard a page. What is not on this list is guarded here, before anything of it runs: /reports, /welcome.
 * What is on it is for everyone or guards itself: /account and /reports.csv send strangers away, /me answers 401.
 */
const unauthenticatedPaths = ["/", "/account", "/reports.csv", "/me", "/auth/:path*"];

const auth = authkitProxy({
  middlewareAuth: { enabled: true, unauthenticatedPaths },
  // Strangers who come here are asked to sign up and not to sign in.
  signUpPaths: ["/welcome"],
  eagerAuth: true,
  // Read when the server starts: NEXT_PUBLIC_WORKOS_REDIRECT_URI is fixed when the app is built.
  redirectUri: process.env.WORKOS_REDIRECT_URI,
});

export default async function proxy(request) {
  const { pathname, search } = request.nextUrl;
  // Python reads the cookie itself, refreshes it when it is time, and answers whoever has none.
  if (pathname.startsWith("/api/")) return NextResponse.rewrite(new URL(pathname + search, process.env.API_URL));
  const { answer, isAway } = await watched(() => auth(request));
  return isAway ? oneMoment() : answer;
}

export const config = { matcher: ["/((?!_next/).*)"] };
