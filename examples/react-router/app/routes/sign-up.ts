import { getSignUpUrl } from "@workos-inc/authkit-react-router";
import { redirect } from "react-router";

export const loader = async () => redirect(await getSignUpUrl("/"));
