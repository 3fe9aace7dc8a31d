import { useAccessToken, useAuth, useTokenClaims } from "@vestibule/client/react";

import { Organizations, type Organization } from "./Organizations";
import { StepUp } from "./StepUp";
import { TwoGuards } from "./TwoGuards";
import { useAnswer } from "./api";
import { Link } from "./path";

export function Account() {
  const { user, loading, role, permissions, organizationId, signOut } = useAuth({ ensureSignedIn: true });
  const organizations = useAnswer<Organization[]>("/api/organizations", user?.id)?.body ?? [];
  if (loading) return <p role="status">One moment …</p>;
  return (
    <>
      <h1>Your account</h1>
      <p>Only people who are signed in see this page.</p>
      <dl>
        <dt>Email</dt><dd>{user.email}</dd>
        <dt>Organization</dt><dd>{organizations.find(({ id }) => id === organizationId)?.name ?? organizationId ?? "none"}</dd>
        <dt>Role</dt><dd>{role ?? "none"}</dd>
        <dt>Permissions</dt><dd>{permissions?.join(", ") || "none"}</dd>
        <AccessToken />
      </dl>
      <Organizations all={organizations} />
      <TwoGuards />
      <StepUp />
      <div className="actions">
        <Link className="button quiet" href="/">Home</Link>
        <button className="button quiet" onClick={() => signOut()}>Sign out</button>
      </div>
    </>
  );
}

function AccessToken() {
  const { refresh } = useAccessToken();
  const { exp } = useTokenClaims();
  return (
    <>
      <dt>Access token</dt>
      <dd>
        {exp ? <>until <time>{new Date(exp * 1000).toLocaleTimeString("en-GB")}</time></> : "…"}{" "}
        <button className="link" onClick={() => refresh()}>Refresh</button>
      </dd>
    </>
  );
}
