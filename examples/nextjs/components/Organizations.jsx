"use client";

import { useAuth } from "@workos-inc/authkit-nextjs/components";
import { useRouter } from "next/navigation";
import { useState } from "react";

/** A switch changes the claims for the pages and for Python at once, without another sign-in. */
export function Organizations({ all }) {
  const { organizationId, switchToOrganization } = useAuth();
  const router = useRouter();
  const [refused, setRefused] = useState();

  async function go(id) {
    try {
      await switchToOrganization(id);
      setRefused(undefined);
    } catch {
      // Next.js tells the browser nothing of what a server action raised.
      setRefused("You could not be brought there.");
    }
    router.refresh();
  }

  /** The browser asks Python itself, with the cookie: that it comes from this site is looked at there. */
  async function create(event) {
    event.preventDefault();
    const form = event.currentTarget;
    const headers = { accept: "application/json", "content-type": "application/json" };
    const body = JSON.stringify({ name: new FormData(form).get("name") });
    const answer = await fetch("/api/organizations", { method: "POST", headers, body });
    const { error } = await answer.json();
    setRefused(error?.message);
    if (answer.ok) form.reset();
    router.refresh();
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
