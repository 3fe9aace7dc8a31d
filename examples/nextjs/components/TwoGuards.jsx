"use client";

import { useAuth } from "@workos-inc/authkit-nextjs/components";
import { useEffect, useState } from "react";

/** The page hides what somebody may not see; Python does not hand it out. Only the second protects. */
export function TwoGuards() {
  const { organizationId, permissions } = useAuth();
  const [python, setPython] = useState("…");
  const [stranger, setStranger] = useState();
  useEffect(() => {
    let isCurrent = true;
    said("/api/reports").then((text) => isCurrent && setPython(text));
    return () => {
      isCurrent = false;
    };
  }, [organizationId]);
  return (
    <section>
      <h2>Two guards</h2>
      <dl>
        <dt>The page</dt>
        <dd>{permissions?.includes("reports:read") ? "shows the reports" : "hides the reports"}</dd>
        <dt>Python</dt>
        <dd>{python}</dd>
        <dt>Without a cookie</dt>
        <dd>
          {stranger ?? (
            <button className="link" onClick={async () => setStranger(await said("/api/reports", { credentials: "omit" }))}>
              Ask as a stranger
            </button>
          )}
        </dd>
      </dl>
    </section>
  );
}

/** Straight from the browser to Python, which reads the same cookie. */
async function said(path, init = {}) {
  const answer = await fetch(path, { headers: { accept: "application/json" }, ...init });
  const { error } = await answer.json();
  return error ? `${answer.status} ${error.code}` : `${answer.status} and the data`;
}
