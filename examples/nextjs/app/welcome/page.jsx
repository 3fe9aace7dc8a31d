import { withAuth } from "@workos-inc/authkit-nextjs";
import Link from "next/link";

/** Guarded in front of the app, and named in `signUpPaths`. */
export default async function Welcome() {
  const { user } = await withAuth();
  return (
    <>
      <h1>Welcome, {user.firstName || user.email}.</h1>
      <p>Whoever follows this link without an account is asked to make one.</p>
      <p className="actions">
        <Link className="button" href="/account">
          Your account
        </Link>
      </p>
    </>
  );
}
