import { createFileRoute } from "@tanstack/react-router";
import { getSignInUrl } from "@workos/authkit-tanstack-react-start";

/** Where every sign-in begins, also one that the server starts: an impersonation, an invitation. */
export const Route = createFileRoute("/auth/sign-in")({
  server: {
    handlers: {
      GET: async ({ request }) => {
        const asked = new URL(request.url).searchParams;
        const maxAge = asked.get("max_age");
        const returnPathname = asked.get("return_to") ?? "/";
        const url = await getSignInUrl({ data: { returnPathname, ...(maxAge ? { maxAge: Number(maxAge) } : {}) } });
        return new Response(null, { status: 303, headers: { Location: url } });
      },
    },
  },
});
