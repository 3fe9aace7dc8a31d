import Link from "next/link";

import { Reports } from "@/components/Reports";
import { ask } from "@/python";

/** Guarded in front of the app: this page asks nobody who they are. Python does, and for the permission as well. */
export default async function Page() {
  const { body: reports, error } = await ask("/api/reports");
  return (
    <>
      <h1>Reports</h1>
      {error ? <p>{error.message}</p> : <Reports all={reports} />}
      <div className="actions">
        <Link className="button quiet" href="/account">
          Your account
        </Link>
      </div>
    </>
  );
}
