"use client";

import { useAccessToken, useTokenClaims } from "@workos-inc/authkit-nextjs/components";

import { useHydrated } from "./useHydrated";

/** With `eagerAuth` the token is there on the first render, and nothing has to be asked for it. */
export function AccessToken() {
  // Its `loading` is of no use then: where the token is there at once it stays true.
  const { refresh } = useAccessToken();
  const { exp } = useTokenClaims();
  const isHydrated = useHydrated();
  return (
    <>
      <dt>Access token</dt>
      <dd>
        {isHydrated && exp ? `until ${new Date(exp * 1000).toLocaleTimeString("en-GB")} ` : "… "}
        <button className="link" onClick={() => refresh()}>
          Refresh
        </button>
      </dd>
    </>
  );
}
