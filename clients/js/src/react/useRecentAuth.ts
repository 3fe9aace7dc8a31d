import { useEffect, useState } from "react";

import { useStore } from "./provider.js";
import { useAuth } from "./useAuth.js";

export type RecentAuth =
  | { readonly loading: true; readonly authenticatedAt: undefined; readonly isStale: undefined }
  | { readonly loading: false; readonly authenticatedAt: Date | null; readonly isStale: boolean };

const LOADING: RecentAuth = { loading: true, authenticatedAt: undefined, isStale: undefined };
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** How long ago somebody proved who they are; `maxAge` is in seconds. For what a page shows: the server guards. */
export function useRecentAuth({ maxAge }: { maxAge: number }): RecentAuth {
  const store = useStore("useRecentAuth");
  const { user, loading, impersonator } = useAuth();
  const at = store.authenticatedAt;
  const isKnown = at !== undefined || user === null;
  const [now, setNow] = useState(Date.now);

  useEffect(() => {
    // What the page was rendered with may not say it.
    if (!loading && !isKnown) store.client.getSession().catch(() => undefined);
  }, [loading, isKnown, store]);

  useEffect(() => {
    if (!at || now - at > maxAge * 1000) return;
    const left = at + maxAge * 1000 + 1 - Date.now();
    const timer = setTimeout(() => setNow(Date.now()), Math.min(Math.max(left, 0), LONGEST_TIMEOUT));
    return () => clearTimeout(timer);
  }, [at, maxAge, now]);

  if (loading || !isKnown) return LOADING;
  const authenticatedAt = user && at ? new Date(at) : null;
  // Who impersonates somebody has not proved to be them.
  const isStale = !authenticatedAt || impersonator !== undefined || now - authenticatedAt.getTime() > maxAge * 1000;
  return { loading: false, authenticatedAt, isStale };
}
