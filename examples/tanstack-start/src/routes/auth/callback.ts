import { createFileRoute } from "@tanstack/react-router";
import { handleCallbackRoute } from "@workos/authkit-tanstack-react-start";

// Whoever turns back in the middle, or comes a second time, begins again instead of reading an error.
export const Route = createFileRoute("/auth/callback")({
  server: { handlers: { GET: handleCallbackRoute({ errorRedirectUrl: "/" }) } },
});
