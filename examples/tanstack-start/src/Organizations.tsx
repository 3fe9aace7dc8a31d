import { useRouter } from "@tanstack/react-router";
import { useAuth } from "@workos/authkit-tanstack-react-start/client";
import { useState, type FormEvent } from "react";

import { createOrganization, type Organization } from "./python";

/** A switch changes the claims for the pages and for Python at once, without another sign-in. */
export function Organizations({ all }: { all: Organization[] }) {
  const { organizationId, switchToOrganization } = useAuth();
  const router = useRouter();
  const [refused, setRefused] = useState<string>();

  async function go(id: string) {
    const failed = await switchToOrganization(id);
    setRefused(failed?.error);
    await router.invalidate();
  }

  async function create(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const { refused } = await createOrganization({ data: String(new FormData(form).get("name")) });
    setRefused(refused ?? undefined);
    form.reset();
    await router.invalidate();
  }

  return (
    <section>
      <h2>Organizations</h2>
      <ul className="rows">
        {all.map(({ id, name, role }) => (
          <li key={id}>
            <span>
              {name} <small>{role}</small>
            </span>
            {id === organizationId ? (
              <span className="here">You are here</span>
            ) : (
              <button className="button quiet small" onClick={() => go(id)}>
                Switch<span className="visually-hidden"> to {name}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {refused && <p role="alert">{refused}</p>}
      <form className="line" onSubmit={create}>
        <label htmlFor="name">New organization</label>
        <input id="name" name="name" required maxLength={80} autoComplete="organization" />
        <button className="button quiet">Create</button>
      </form>
    </section>
  );
}
