import { useAuth, useRecentAuth } from "@vestibule/client/react";
import { useState } from "react";

import { ask, type Answer } from "./api";

const TEN_MINUTES = 600;

/** Something that nobody should do who finds the laptop open. Python decides; the page only knows beforehand. */
export function StepUp() {
  const { loading, authenticatedAt, isStale } = useRecentAuth({ maxAge: TEN_MINUTES });
  const { signIn } = useAuth();
  const [answer, setAnswer] = useState<Answer<{ deleted: string }>>();
  if (loading) return null;
  return (
    <section>
      <h2>A fresh proof</h2>
      <p>
        {authenticatedAt ? `You proved who you are at ${authenticatedAt.toLocaleTimeString("en-GB")}. ` : null}
        {isStale ? "That is too long ago to delete a report." : "That is recent enough to delete a report."}
      </p>
      <button
        className="button quiet"
        onClick={async () => {
          const found = await ask<{ deleted: string }>("/api/reports/March", { method: "DELETE" });
          if (found.code === "reauthentication_required") await signIn({ maxAge: TEN_MINUTES });
          else setAnswer(found);
        }}
      >
        Delete March
      </button>
      {answer ? (
        <p role="status">{answer.body ? `Deleted ${answer.body.deleted}, in this answer only.` : answer.code}</p>
      ) : null}
    </section>
  );
}
