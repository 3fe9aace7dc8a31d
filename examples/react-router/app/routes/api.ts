import { authkitLoader } from "@workos-inc/authkit-react-router";
import { data, type LoaderFunctionArgs } from "react-router";

import { ask, Refused } from "../api.server";
import { forgotten, patient } from "../session.server";

/** What scripts of the pages ask. It is no page: whoever is signed out gets a 401 and is not sent anywhere. */
export const loader = (args: LoaderFunctionArgs) =>
  authkitLoader(
    args,
    async ({ getAccessToken, request }) => {
      const accessToken = getAccessToken();
      if (!accessToken) throw signedOut();
      try {
        return { answer: await ask(new URL(request.url).pathname, accessToken) };
      } catch (error) {
        if (error instanceof Refused) throw data({ error: error.error }, { status: error.status });
        throw error;
      }
    },
    {
      onSessionRefreshError(failure) {
        patient.onSessionRefreshError(failure);
        throw signedOut({ headers: forgotten() });
      },
    },
  );

function signedOut(init: ResponseInit = {}) {
  return Response.json({ error: { code: "signed_out", message: "Sign in first." } }, { status: 401, ...init });
}
