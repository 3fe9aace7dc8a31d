import { Link } from "@tanstack/react-router";
import type { Session } from "@vestibule/client";
import { useEffect, useState } from "react";

import { SignInButton } from "@/components/SignInButton";
import { SignOutButton } from "@/components/SignOutButton";
import { authClient } from "@/lib/auth-client";

/** Rendered in the browser: a page for everyone, which asks Python who is there. */
export function UserProfile() {
  const [session, setSession] = useState<Session | null>();

  useEffect(() => {
    const show = () => {
      const { loading, session } = authClient.getSnapshot();
      if (!loading) setSession(session);
    };
    const stop = authClient.subscribe(show); // from now on it follows what other tabs do, too
    authClient.getSession().then((result) => setSession(result.session ?? null));
    return stop;
  }, []);

  if (session === undefined) return <p>Loading …</p>;
  if (!session) return <Stranger />;
  return (
    <>
      <h1>Welcome back, {session.user.name}</h1>
      <p>Email: {session.user.email}</p>
      <div className="actions">
        <Link className="button" to="/dashboard">
          Dashboard
        </Link>
        <SignOutButton />
      </div>
    </>
  );
}

function Stranger() {
  return (
    <>
      <h1>Hello, stranger.</h1>
      <p>
        A page for everyone. <Link to="/dashboard">The dashboard</Link> is for people who are signed in.
      </p>
      <div className="actions">
        <SignInButton provider="github">Sign in with GitHub</SignInButton>
        <SignInButton provider="google">Sign in with Google</SignInButton>
      </div>
    </>
  );
}
