import { getSignInUrl } from "@workos-inc/authkit-react-router";
import { redirect, type LoaderFunctionArgs } from "react-router";

/** The initiate-login URL: bookmarks, links in mails and impersonations begin here. */
export async function loader({ request }: LoaderFunctionArgs) {
  return redirect(await getSignInUrl(new URL(request.url).searchParams.get("return_to") ?? "/"));
}
