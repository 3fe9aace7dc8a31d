import { useMemo } from "react";

import { claimsOf } from "../claims.js";
import { useAccessToken } from "./useAccessToken.js";

/** What an access token says; the names are those of the token. */
export interface JWTPayload {
  sid: string;
  iss: string;
  sub: string;
  aud?: string | string[];
  exp: number;
  iat: number;
  jti: string;
  org_id?: string;
  role?: string;
  roles?: string[];
  permissions?: string[];
  entitlements?: string[];
  feature_flags?: string[];
  auth_time?: number;
}

export type TokenClaims<T = Record<string, unknown>> = Partial<JWTPayload & T>;

/** The claims of the access token; an empty object while there is none. Only the server can verify them. */
export function useTokenClaims<T = Record<string, unknown>>(): TokenClaims<T> {
  const { accessToken } = useAccessToken();
  return useMemo(() => claimsOf(accessToken) as TokenClaims<T>, [accessToken]);
}
