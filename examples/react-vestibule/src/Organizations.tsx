import { useAuth } from "@vestibule/client/react";
import { useState } from "react";

export interface Organization {
  id: string;
  name: string;
}

export function Organizations({ all }: { all: Organization[] }) {
  const { organizationId, switchToOrganization } = useAuth();
  const [refused, setRefused] = useState<string>();
  const others = all.filter(({ id }) => id !== organizationId);
  if (others.length === 0) return null;
  return (
    <section>
      <h2>Organizations</h2>
      <p>A switch changes what the page and Python know at once, without another sign-in.</p>
      {others.map(({ id, name }) => (
        <button
          key={id}
          className="button quiet"
          onClick={async () => setRefused((await switchToOrganization(id))?.error)}
        >
          Switch to {name}
        </button>
      ))}
      {refused ? <p role="alert">{refused}</p> : null}
    </section>
  );
}
