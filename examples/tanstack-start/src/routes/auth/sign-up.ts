import { createFileRoute } from "@tanstack/react-router";
import { getSignUpUrl } from "@workos/authkit-tanstack-react-start";

export const Route = createFileRoute("/auth/sign-up")({
  server: {
    handlers: {
      GET: async () => new Response(null, { status: 303, headers: { Location: await getSignUpUrl({ data: "/" }) } }),
    },
  },
});
