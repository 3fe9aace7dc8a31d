import { getSignInUrl } from "@workos-inc/authkit-nextjs";
import { redirect } from "next/navigation";

/** Where every sign-in begins, also one that the server starts: an impersonation, an invitation. */
export async function GET(request) {
  const asked = request.nextUrl.searchParams;
  const maxAge = asked.get("max_age");
  redirect(await getSignInUrl({ returnTo: asked.get("return_to") ?? "/", ...(maxAge && { maxAge: Number(maxAge) }) }));
}
