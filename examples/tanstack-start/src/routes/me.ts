import { createFileRoute } from "@tanstack/react-router";
import { getAuth } from "@workos/authkit-tanstack-react-start";

/** What Node knows, for scripts: whoever is signed out gets a 401 and is not sent anywhere. */
export const Route = createFileRoute("/me")({
  server: {
    handlers: {
      GET: async () => {
        const auth = await getAuth();
        if (!auth.user) return Response.json({ error: { code: "signed_out", message: "Sign in first." } }, { status: 401 });
        return Response.json({ email: auth.user.email, organization: auth.organizationId ?? null });
      },
    },
  },
});
