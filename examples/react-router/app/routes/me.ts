import { authkitLoader } from "@workos-inc/authkit-react-router";
import { data, type LoaderFunctionArgs } from "react-router";

import { ask } from "../api.server";
import { patient } from "../session.server";

/** For scripts: no page, so whoever is signed out gets a 401 and is not sent anywhere. */
export const loader = (args: LoaderFunctionArgs) =>
  authkitLoader(
    args,
    async ({ getAccessToken }) => {
      const accessToken = getAccessToken();
      if (!accessToken) throw data({ error: { code: "signed_out", message: "Sign in first." } }, { status: 401 });
      return { api: await ask("/api/me", accessToken) };
    },
    patient,
  );
