import { Outlet, createFileRoute, redirect } from "@tanstack/react-router";
import { getAuth } from "@workos/authkit-tanstack-react-start";

/** The first guard, of the pages. It protects no data: that is what backend.py is for. */
export const Route = createFileRoute("/_authenticated")({
  beforeLoad: async ({ location }) => {
    const { user } = await getAuth();
    if (user) return { user };
    const back = encodeURIComponent(location.href);
    throw redirect({ href: `/auth/sign-in?return_to=${back}`, reloadDocument: true });
  },
  component: Outlet,
});
