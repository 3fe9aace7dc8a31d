"use client";

import { useTokenClaims } from "@workos-inc/authkit-nextjs/components";
import { useState } from "react";

import { deleteReport } from "@/app/reports/actions";

import { useHydrated } from "./useHydrated";

const ONE_MINUTE = 60;

export function Reports({ all }) {
  // Not useRecentAuth: with `eagerAuth` it goes on loading for ever.
  const { auth_time } = useTokenClaims();
  const isStale = useHydrated() && Date.now() / 1000 - (auth_time ?? 0) > ONE_MINUTE;
  const [said, setSaid] = useState();

  async function remove(id) {
    const { again, said } = await deleteReport(id);
    if (again) location.assign(again);
    else setSaid(said);
  }

  return (
    <>
      <p>
        From Python, which asks for the permission itself. <a href="/reports.csv">Download them</a>, or delete one:{" "}
        {isStale ? "you will be asked who you are." : "whoever has just signed in may."}
      </p>
      {said && <p role="status">{said}</p>}
      <ul className="rows">
        {all.map(({ id, title }) => (
          <li key={id}>
            <span>{title}</span>
            <button className="button quiet small" onClick={() => remove(id)}>
              Delete<span className="visually-hidden"> {title}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
