import { Link, createFileRoute } from "@tanstack/react-router";
import { useServerFn } from "@tanstack/react-start";

import { signOutFn } from "@/lib/ssr-functions";

export const Route = createFileRoute("/sign-out")({ component: SignOutPage });

function SignOutPage() {
  const signOut = useServerFn(signOutFn);

  const handleSignOut = async () => {
    await signOut();
  };

  return (
    <>
      <h1>Sign out</h1>
      <p>The session ends here; at GitHub or Google you stay signed in.</p>
      <div className="actions">
        <button className="button" onClick={handleSignOut}>
          Sign out
        </button>
        <Link className="button quiet" to="/dashboard">
          Back
        </Link>
      </div>
    </>
  );
}
