import { Link, createFileRoute } from "@tanstack/react-router";
import { useAccessToken, useAuth, useTokenClaims } from "@workos/authkit-tanstack-react-start/client";

import { Organizations } from "../../Organizations";
import { SignOut } from "../../SignOut";
import { TwoGuards } from "../../TwoGuards";
import { listOrganizations } from "../../python";

export const Route = createFileRoute("/_authenticated/account")({
  loader: async () => ({ organizations: await listOrganizations() }),
  component: Account,
});

function Account() {
  const { user } = Route.useRouteContext();
  const { organizations } = Route.useLoaderData();
  const { role, permissions, sessionId } = useAuth();
  return (
    <>
      <h1>Your account</h1>
      <p>Only people who are signed in see this page.</p>
      <dl>
        <dt>Email</dt>
        <dd>{user.email}</dd>
        <dt>Role</dt>
        <dd>{role ?? "none"}</dd>
        <dt>Permissions</dt>
        <dd>{permissions?.join(", ") || "none"}</dd>
        <dt>Session</dt>
        <dd>
          <code>{sessionId}</code>
        </dd>
        <AccessToken />
      </dl>
      <Organizations all={organizations} />
      <TwoGuards />
      <div className="actions">
        <Link className="button" to="/reports">
          Reports
        </Link>
        <Link className="button quiet" to="/">
          Home
        </Link>
        <SignOut />
      </div>
    </>
  );
}

function AccessToken() {
  const { loading, refresh } = useAccessToken();
  const { exp } = useTokenClaims();
  return (
    <>
      <dt>Access token</dt>
      <dd>
        {exp ? `until ${new Date(exp * 1000).toLocaleTimeString("en-GB")} ` : "… "}
        <button className="link" disabled={loading} onClick={() => refresh()}>
          Refresh
        </button>
      </dd>
    </>
  );
}
