import { authkitLoader, getConfig, signOut } from "@workos-inc/authkit-react-router";
import { redirect, type ActionFunctionArgs } from "react-router";

/** signOut stumbles without a session, and over one that was ended elsewhere: then there is only a cookie to forget. */
function forgotten() {
  const cookie = `${getConfig("cookieName")}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`;
  return redirect("/", { headers: { "Set-Cookie": cookie } });
}

/** Only by POST: a link or a picture on another page must sign nobody out. */
export const action = (args: ActionFunctionArgs) =>
  authkitLoader(args, async ({ auth, request }) => (auth.user ? signOut(request) : forgotten()), {
    onSessionRefreshError: () => {
      throw forgotten();
    },
  });

export const loader = () => redirect("/");
