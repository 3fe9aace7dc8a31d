import { authLoader } from "@workos-inc/authkit-react-router";
import { redirect, type LoaderFunctionArgs } from "react-router";

const finish = authLoader({ returnPathname: "/" });

/** The package stumbles over a state that is none of its own: what did not begin here begins again. */
export const loader = async (args: LoaderFunctionArgs) =>
  isOurs(new URL(args.request.url).searchParams.get("state")) ? finish(args) : redirect("/auth/sign-in");

function isOurs(state: string | null): boolean {
  if (!state) return true;
  try {
    return typeof JSON.parse(atob(state)).returnPathname === "string";
  } catch {
    return false;
  }
}
