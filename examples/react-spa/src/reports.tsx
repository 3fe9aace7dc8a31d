import { useAuth } from "@workos-inc/authkit-react";
import { useState } from "react";
import { Link } from "react-router";

import { Refused, useApi, useData } from "./api";

type Report = { id: number; title: string };

export function Reports() {
  const { getSignInUrl } = useAuth();
  const { data: reports = [], refused, again } = useData<Report[]>("/api/reports");
  const [said, setSaid] = useState("");
  const ask = useApi();

  async function remove(id: number) {
    try {
      await ask(`/api/reports/${id}`, { method: "DELETE" });
      setSaid("Deleted, until the API starts again.");
      await again();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.error.code !== "reauthentication_required") return setSaid(error.message);
      // The package knows no `max_age`, the server does: the password is asked for again.
      const url = await getSignInUrl({ state: { returnTo: "/reports" } });
      window.location.assign(`${url}&max_age=${error.error.missing?.recent}`);
    }
  }

  return (
    <>
      <h1>Reports</h1>
      <p>
        {refused ??
          "Kept by the Python side, which asks for the permission itself. To delete one, prove that it is you: within a minute before."}
      </p>
      {said && <p role="status">{said}</p>}
      <ul className="rows">
        {reports.map(({ id, title }) => (
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
