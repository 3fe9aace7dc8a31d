import { Link, createFileRoute, redirect } from "@tanstack/react-router";

import { getSession, listNotes } from "@/lib/ssr-functions";

/** The first guard, of the page. It protects no data: that is what notes.py is for. */
export const Route = createFileRoute("/dashboard")({
  loader: async () => {
    const session = await getSession();
    if (!session) {
      throw redirect({ to: "/login" });
    }
    return { session, notes: await listNotes() };
  },
  component: DashboardPage,
});

function DashboardPage() {
  const { session, notes } = Route.useLoaderData();
  return (
    <>
      <h1>Welcome, {session.user.name}!</h1>
      <dl>
        <dt>Email</dt>
        <dd>{session.user.email}</dd>
        <dt>Signed in with</dt>
        <dd>{session.provider}</dd>
        <dt>Notes</dt>
        <dd>
          {notes.map((note) => (
            <div key={note}>{note}</div>
          ))}
        </dd>
      </dl>
      <div className="actions">
        <Link className="button quiet" to="/">
          Home
        </Link>
        <Link className="button quiet" to="/sign-out">
          Sign out
        </Link>
      </div>
    </>
  );
}
