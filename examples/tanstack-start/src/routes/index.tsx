import { Link, createFileRoute } from "@tanstack/react-router";
import { useAuth } from "@workos/authkit-tanstack-react-start/client";

import { SignOut } from "../SignOut";

export const Route = createFileRoute("/")({ component: Home });

function Home() {
  const { user } = useAuth();
  if (!user)
    return (
      <>
        <h1>Hello, stranger.</h1>
        <p>
          A page for everyone. <Link to="/account">The account page</Link> is for people who are signed in.
        </p>
        <p className="actions">
          <a className="button" href="/auth/sign-in">
            Sign in
          </a>
          <a className="button quiet" href="/auth/sign-up">
            Sign up
          </a>
        </p>
      </>
    );
  return (
    <>
      <h1>Hello, {user.firstName || user.email}.</h1>
      <p>You are signed in. This page is for everyone; it knows you by your session.</p>
      <div className="actions">
        <Link className="button" to="/account">
          Your account
        </Link>
        <SignOut />
      </div>
    </>
  );
}
