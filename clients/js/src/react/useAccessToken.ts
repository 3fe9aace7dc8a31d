import { useMemo, useSyncExternalStore } from "react";

import { useStore } from "./provider.js";

export interface UseAccessTokenReturn {
  /** The newest one there is; in a tab that slept it may have ended. For showing; to call an API, ask for one. */
  accessToken: string | undefined;
  /** Until the first token is there. */
  loading: boolean;
  /** Of the last attempt. */
  error: Error | null;
  /** A new token, whatever the age of this one. */
  refresh: () => Promise<string | undefined>;
  /** One that is good for the next call; undefined for a stranger. Throws when none is to be had. */
  getAccessToken: () => Promise<string | undefined>;
}

/** The access token, for APIs of other origins; your own back end has the cookie. */
export function useAccessToken(): UseAccessTokenReturn {
  const { tokens } = useStore("useAccessToken");
  const state = useSyncExternalStore(tokens.subscribe, tokens.getSnapshot, tokens.getServerSnapshot);
  return useMemo(
    () => ({ ...state, refresh: tokens.refresh, getAccessToken: tokens.getAccessToken }),
    [state, tokens],
  );
}
