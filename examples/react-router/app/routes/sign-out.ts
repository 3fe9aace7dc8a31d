import { authkitLoader, signOut } from "@workos-inc/authkit-react-router";
import { redirect, type ActionFunctionArgs } from "react-router";

import { forgotten } from "../session.server";

/**
 * Only by POST: a link or a picture on another page must sign nobody out. `signOut` by itself stumbles without a
 * session, and in a process that has not answered anybody yet.
 */
export const action = (args: ActionFunctionArgs) =>
  authkitLoader(
    args,
    async ({ auth, request }) => (auth.user ? signOut(request) : redirect("/", { headers: forgotten() })),
    {
      onSessionRefreshError() {
        throw redirect("/", { headers: forgotten() });
      },
    },
  );

export const loader = () => redirect("/");
