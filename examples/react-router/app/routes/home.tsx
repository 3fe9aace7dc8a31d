import { authkitLoader, getSignInUrl, getSignUpUrl } from "@workos-inc/authkit-react-router";
import { Form, Link, useLoaderData, type LoaderFunctionArgs } from "react-router";

import { patient } from "../session.server";

export const meta = () => [{ title: "Home" }];

export const loader = (args: LoaderFunctionArgs) =>
  authkitLoader(args, async () => ({ signInUrl: await getSignInUrl(), signUpUrl: await getSignUpUrl() }), patient);

export default function Home() {
  const { user, signInUrl, signUpUrl } = useLoaderData<typeof loader>();
  if (!user)
    return (
      <>
        <h1>Hello, stranger.</h1>
        <p>
          A page for everyone. <Link to="/account">The account page</Link> is for people who are signed in.
        </p>
        <p className="actions">
          <a className="button" href={signInUrl}>
            Sign in
          </a>
          <a className="button quiet" href={signUpUrl}>
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
        <Form method="post" action="/auth/sign-out">
          <button className="button quiet">Sign out</button>
        </Form>
      </div>
    </>
  );
}
