import { handleAuth } from "@workos-inc/authkit-nextjs";

export function GET(request) {
  return handleAuth({
    // Next.js takes the address it listens at for its own; the app may be known by another.
    baseURL: new URL(process.env.WORKOS_REDIRECT_URI).origin,
    onSuccess({ user, authenticationMethod }) {
      console.log(`${user.id} signed in by ${authenticationMethod}`);
    },
    // Whoever turns back in the middle, or comes a second time, begins again instead of reading an error.
    onError: () => new Response(null, { status: 303, headers: { Location: "/" } }),
  })(request);
}
