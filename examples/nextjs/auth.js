import { withAuth } from "@workos-inc/authkit-nextjs";
import { headers } from "next/headers";
import { redirect } from "next/navigation";

/**
 * For a page that guards itself. The package has `withAuth({ ensureSignedIn: true })` for it, which sets a cookie, and
 * since Next.js 15 no page may: only route handlers such as /reports.csv can use that.
 */
export async function signedIn() {
  const auth = await withAuth();
  if (auth.user) return auth;
  const { pathname, search } = new URL((await headers()).get("x-url"));
  redirect(`/auth/sign-in?return_to=${encodeURIComponent(pathname + search)}`);
}
