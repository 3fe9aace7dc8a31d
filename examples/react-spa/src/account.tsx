import { useAuth } from "@workos-inc/authkit-react";
import type { FormEvent } from "react";
import { Link } from "react-router";

import { useApi, useData } from "./api";

type Organization = { id: string; name: string; role: string };

export function Account() {
  const { user, role, organizationId, signOut, switchToOrganization } = useAuth();
  const { data: organizations, refused, again } = useData<Organization[]>("/api/organizations");
  const ask = useApi();

  async function create(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const body = JSON.stringify({ name: new FormData(form).get("name") });
    await ask("/api/organizations", { method: "POST", body });
    form.reset();
    await again();
  }

  return (
    <>
      <h1>Your account</h1>
      <p>Only people who are signed in see this page.</p>
      <dl>
        <dt>Email</dt>
        <dd>{user?.email}</dd>
        <dt>Role</dt>
        <dd>{role ?? "none"}</dd>
      </dl>
      <h2>Organizations</h2>
      {refused && <p role="alert">{refused}</p>}
      {organizations?.length === 0 && <p>You belong to none yet. Create one, and you are its admin.</p>}
      <ul className="rows">
        {organizations?.map(({ id, name, role }) => (
          <li key={id}>
            <span>
              {name} <small>{role}</small>
            </span>
            {id === organizationId ? (
              <span className="here">You are here</span>
            ) : (
              <button className="button quiet small" onClick={() => switchToOrganization({ organizationId: id })}>
                Switch<span className="visually-hidden"> to {name}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      <form className="line" onSubmit={create}>
        <label htmlFor="name">New organization</label>
        <input id="name" name="name" required maxLength={80} autoComplete="organization" />
        <button className="button quiet">Create</button>
      </form>
      <div className="actions">
        <Link className="button" to="/reports">
          Reports
        </Link>
        <Link className="button quiet" to="/">
          Home
        </Link>
        <button className="button quiet" onClick={() => signOut()}>
          Sign out
        </button>
      </div>
    </>
  );
}
