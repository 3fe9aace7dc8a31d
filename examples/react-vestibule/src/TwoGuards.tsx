import { Guard, useAuth } from "@vestibule/client/react";
import { useState } from "react";

import { ask, useAnswer, type Answer } from "./api";

export function TwoGuards() {
  const { sessionId, organizationId } = useAuth();
  const reports = useAnswer<string[]>("/api/reports", `${sessionId} ${organizationId}`);
  const [stranger, setStranger] = useState<Answer<unknown>>();
  return (
    <section>
      <h2>Two guards</h2>
      <p>The page hides what somebody may not see. Python does not hand it out, whatever a page shows.</p>
      <dl>
        <dt>The page</dt>
        <dd>
          <Guard permission="reports:read" fallback="hides the reports: no reports:read">
            shows {reports?.body?.join(" and ") ?? "…"}
          </Guard>
        </dd>
        <dt>Python</dt>
        <dd>{said(reports)}</dd>
        <dt>Without a cookie</dt>
        <dd>
          {stranger ? said(stranger) : (
            <button
              className="link"
              onClick={async () => setStranger(await ask("/api/reports", { credentials: "omit" }))}
            >
              Ask as a stranger
            </button>
          )}
        </dd>
      </dl>
    </section>
  );
}

function said(answer: Answer<unknown> | undefined) {
  if (!answer) return "…";
  return <><code>{answer.status}</code> {answer.code ?? "and the data"}</>;
}
