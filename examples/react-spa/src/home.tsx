import { useAuth } from "@workos-inc/authkit-react";
import { Link } from "react-router";

export function Home() {
  const { isLoading, user, signIn, signUp, signOut } = useAuth();
  if (isLoading) return <p>One moment…</p>;
  if (!user)
    return (
      <>
        <h1>Hello, stranger.</h1>
        <p>
          A page for everyone. <Link to="/account">The account page</Link> is for people who are signed in.
        </p>
        <p className="actions">
          <button className="button" onClick={() => signIn()}>
            Sign in
          </button>
          <button className="button quiet" onClick={() => signUp()}>
            Sign up
          </button>
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
        <button className="button quiet" onClick={() => signOut()}>
          Sign out
        </button>
      </div>
    </>
  );
}
