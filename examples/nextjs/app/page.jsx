import { withAuth } from "@workos-inc/authkit-nextjs";
import Link from "next/link";

import { SignOut } from "@/components/SignOut";

export default async function Home() {
  const { user } = await withAuth();
  if (!user)
    // Plain links: one that Next.js fetches in advance would begin a sign-in that nobody asked for.
    return (
      <>
        <h1>Hello, stranger.</h1>
        <p>
          A page for everyone. <a href="/account">The account page</a> guards itself, <a href="/reports">the reports</a>{" "}
          are guarded in front of the app, and <a href="/welcome">newcomers</a> are asked to sign up.
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
        <Link className="button" href="/account">
          Your account
        </Link>
        <Link className="button quiet" href="/reports">
          Reports
        </Link>
        <SignOut />
      </div>
    </>
  );
}
