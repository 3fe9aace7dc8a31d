"use client";

import { useAccessToken, useTokenClaims } from "@workos-inc/authkit-nextjs/components";

/** With `eagerAuth` the token is there on the first render, and nothing has to be asked for it. */
export function AccessToken() {
  const { loading, refresh } = useAccessToken();
  const { exp } = useTokenClaims();
  return (
    <>
      <dt>Access token</dt>
      <dd>
        <span suppressHydrationWarning>{exp ? `until ${new Date(exp * 1000).toLocaleTimeString("en-GB")} ` : "… "}</span>
        <button className="link" disabled={loading} onClick={() => refresh()} suppressHydrationWarning>
          Refresh
        </button>
      </dd>
    </>
  );
}
