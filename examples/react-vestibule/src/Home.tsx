import { SignedIn, SignedOut, useAuth } from "@vestibule/client/react";

import { Link } from "./path";

export function Home() {
  const { user, signOut } = useAuth();
  return (
    <>
      <SignedIn>
        <h1>Hello, {user?.firstName || user?.email}.</h1>
        <p>You are signed in. This page is for everyone; it knows you by your session.</p>
        <div className="actions">
          <Link className="button" href="/account">Your account</Link>
          <button className="button quiet" onClick={() => signOut()}>Sign out</button>
        </div>
      </SignedIn>
      <SignedOut>
        <h1>Hello, stranger.</h1>
        <p>
          A page for everyone. <Link href="/account">The account page</Link> is for people who are signed in.
        </p>
        <p className="actions">
          <a className="button" href="/auth/sign-in">Sign in</a>
          <a className="button quiet" href="/auth/sign-up">Sign up</a>
        </p>
      </SignedOut>
    </>
  );
}
