import { authkitLoader, getSignInUrl } from "@workos-inc/authkit-react-router";
import {
  Form,
  Link,
  data,
  redirect,
  useActionData,
  useLoaderData,
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
} from "react-router";

import { ask, Refused } from "../api.server";
import { patient } from "../session.server";

type Report = { id: number; title: string };

export const meta = () => [{ title: "Reports" }];

export const loader = (args: LoaderFunctionArgs) =>
  authkitLoader(args, async ({ getAccessToken }) => listed(getAccessToken()), { ensureSignedIn: true, ...patient });

/** Being signed in opens the page; what is on it, the guards of the Python side decide. */
async function listed(accessToken: string): Promise<{ reports: Report[]; refused: string | null }> {
  try {
    return { reports: await ask<Report[]>("/api/reports", accessToken), refused: null };
  } catch (error) {
    if (error instanceof Refused && error.status === 403) return { reports: [], refused: error.message };
    throw error;
  }
}

export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  return authkitLoader(
    args,
    async ({ getAccessToken }) => {
      try {
        await ask(`/api/reports/${Number(form.get("id"))}`, getAccessToken(), { method: "DELETE" });
        return { done: "Deleted, until the API starts again." };
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        const age = error.error.missing?.recent;
        if (error.error.code !== "reauthentication_required") throw data(null, { status: error.status, statusText: error.message });
        // The package knows no `max_age`, the server does: the password is asked for again.
        throw redirect(`${await getSignInUrl("/reports")}&max_age=${age}`);
      }
    },
    { ensureSignedIn: true, ...patient },
  );
}

export default function Reports() {
  const { reports, refused } = useLoaderData<typeof loader>();
  const acted = useActionData<{ done?: string }>();
  return (
    <>
      <h1>Reports</h1>
      <p>
        {refused ??
          "Kept by the Python side, which asks for the permission itself. To delete one, prove that it is you: within a minute before."}
      </p>
      {acted?.done && <p role="status">{acted.done}</p>}
      <ul className="rows">
        {reports.map(({ id, title }) => (
          <li key={id}>
            <span>{title}</span>
            <Form method="post">
              <input type="hidden" name="id" value={id} />
              <button className="button quiet small">
                Delete<span className="visually-hidden"> {title}</span>
              </button>
            </Form>
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
