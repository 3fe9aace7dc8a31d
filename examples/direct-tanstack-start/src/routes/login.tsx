import { createFileRoute } from "@tanstack/react-router";
import { useServerFn } from "@tanstack/react-start";

import { signInFn } from "@/lib/ssr-functions";

export const Route = createFileRoute("/login")({ component: SignInPage });

/** The server function finds out where to go, and TanStack Start goes there. */
function SignInPage() {
  const signIn = useServerFn(signInFn);

  const handleSignIn = async (provider: string) => {
    await signIn({ data: { provider } });
  };

  return (
    <>
      <h1>Sign in</h1>
      <p>The dashboard is for people who are signed in.</p>
      <div className="actions">
        <button className="button" onClick={() => handleSignIn("github")}>
          Sign in with GitHub
        </button>
        <button className="button" onClick={() => handleSignIn("google")}>
          Sign in with Google
        </button>
      </div>
    </>
  );
}
