import Link from "next/link";

import { signedIn } from "@/auth";
import { AccessToken } from "@/components/AccessToken";
import { Organizations } from "@/components/Organizations";
import { SignOut } from "@/components/SignOut";
import { TwoGuards } from "@/components/TwoGuards";
import { ask } from "@/python";

/** A page that guards itself. It protects no data: that is what Django is for. */
export default async function Account() {
  const { user, role, permissions, sessionId } = await signedIn();
  const { body: organizations } = await ask("/api/organizations");
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
      <Organizations all={organizations ?? []} />
      <TwoGuards />
      <div className="actions">
        <Link className="button" href="/reports">
          Reports
        </Link>
        <Link className="button quiet" href="/">
          Home
        </Link>
        <SignOut />
      </div>
    </>
  );
}
