import { authkitLoader, switchToOrganization } from "@workos-inc/authkit-react-router";
import {
  Form,
  Link,
  redirect,
  useActionData,
  useLoaderData,
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
} from "react-router";

import { ask } from "../api.server";
import { patient } from "../session.server";

type Organization = { id: string; name: string; role: string };

export const meta = () => [{ title: "Your account" }];

/** The first guard: who is signed out never gets to this page. The second one stands in reports.py. */
export const loader = (args: LoaderFunctionArgs) =>
  authkitLoader(
    args,
    async ({ getAccessToken }) => ({ organizations: await ask<Organization[]>("/api/organizations", getAccessToken()) }),
    { ensureSignedIn: true, ...patient },
  );

export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const organization = form.get("organization_id");
  if (typeof organization === "string")
    return switchToOrganization(args.request, organization, { returnTo: "/account" });
  return authkitLoader(
    args,
    async ({ getAccessToken }) => {
      const body = JSON.stringify({ name: form.get("name") });
      await ask("/api/organizations", getAccessToken(), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      return redirect("/account");
    },
    { ensureSignedIn: true, ...patient },
  );
}

export default function Account() {
  const { user, organizationId, role, sessionId, organizations } = useLoaderData<typeof loader>();
  const failed = useActionData<{ error?: string }>();
  return (
    <>
      <h1>Your account</h1>
      <p>Only people who are signed in see this page.</p>
      <dl>
        <dt>Email</dt>
        <dd>{user.email}</dd>
        <dt>Role</dt>
        <dd>{role ?? "none"}</dd>
        <dt>Session</dt>
        <dd>
          <code>{sessionId}</code>
        </dd>
      </dl>
      <h2>Organizations</h2>
      {organizations.length === 0 && <p>You belong to none yet. Create one, and you are its admin.</p>}
      <ul className="rows">
        {organizations.map(({ id, name, role }) => (
          <li key={id}>
            <span>
              {name} <small>{role}</small>
            </span>
            {id === organizationId ? (
              <span className="here">You are here</span>
            ) : (
              <Form method="post">
                <input type="hidden" name="organization_id" value={id} />
                <button className="button quiet small">
                  Switch<span className="visually-hidden"> to {name}</span>
                </button>
              </Form>
            )}
          </li>
        ))}
      </ul>
      {failed?.error && <p role="alert">{failed.error}</p>}
      <Form method="post" className="line">
        <label htmlFor="name">New organization</label>
        <input id="name" name="name" required maxLength={80} autoComplete="organization" />
        <button className="button quiet">Create</button>
      </Form>
      <div className="actions">
        <Link className="button" to="/reports">
          Reports
        </Link>
        <Link className="button quiet" to="/">
          Home
        </Link>
        <Form method="post" action="/auth/sign-out">
          <button className="button quiet">Sign out</button>
        </Form>
      </div>
    </>
  );
}
