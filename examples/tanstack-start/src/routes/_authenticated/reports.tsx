import { Link, createFileRoute, useRouter } from "@tanstack/react-router";
import { useRecentAuth } from "@workos/authkit-tanstack-react-start/client";
import { useState } from "react";

import { listReports } from "../../python";

export const Route = createFileRoute("/_authenticated/reports")({
  loader: () => listReports(),
  component: Reports,
});

const ONE_MINUTE = 60;

function Reports() {
  const { body: reports, refused } = Route.useLoaderData();
  const { isStale } = useRecentAuth({ maxAge: ONE_MINUTE });
  const router = useRouter();
  const [said, setSaid] = useState<string>();

  async function remove(id: number) {
    const answer = await fetch(`/api/reports/${id}`, { method: "DELETE", headers: { accept: "application/json" } });
    const { error } = await answer.json();
    if (error?.code === "reauthentication_required")
      location.assign(`/auth/sign-in?return_to=/reports&max_age=${error.missing.recent}`);
    else setSaid(error?.message ?? "Deleted, until the API starts again.");
    if (answer.ok) await router.invalidate();
  }

  return (
    <>
      <h1>Reports</h1>
      <p>
        {refused ?? "From Python, which asks for the permission itself. "}
        {!refused && (isStale ? "To delete one, you will be asked who you are." : "You may delete one: you have just signed in.")}
      </p>
      {said && <p role="status">{said}</p>}
      <ul className="rows">
        {reports?.map(({ id, title }) => (
          <li key={id}>
            <span>{title}</span>
            <button className="button quiet small" onClick={() => remove(id)}>
              Delete<span className="visually-hidden"> {title}</span>
            </button>
          </li>
        ))}
      </ul>
      <div className="actions">
        <Link className="button quiet" to="/account">
          Your account
        </Link>
      </div>
    </>
  );
}
