import { withAuth } from "@workos-inc/authkit-nextjs";

/** What Node knows, for scripts: whoever is signed out gets a 401 and is not sent anywhere. */
export async function GET() {
  const { user, organizationId } = await withAuth();
  if (!user) return Response.json({ error: { code: "signed_out", message: "Sign in first." } }, { status: 401 });
  return Response.json({ email: user.email, organization: organizationId ?? null });
}
