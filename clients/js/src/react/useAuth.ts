import { useEffect, useMemo, useSyncExternalStore } from "react";

import { useStore } from "./provider.js";
import type { AuthContextType, SignedInAuth } from "./types.js";

/** Who is here, and what they can do about it. `ensureSignedIn` sends a stranger to the sign-in. */
export function useAuth(options: { ensureSignedIn: true }): SignedInAuth;
export function useAuth(options?: { ensureSignedIn?: boolean }): AuthContextType;
export function useAuth({ ensureSignedIn = false }: { ensureSignedIn?: boolean } = {}): AuthContextType {
  const store = useStore("useAuth");
  const state = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
  const leaves = ensureSignedIn && !state.loading && !state.user;

  useEffect(() => {
    if (leaves) store.ensureSignedIn();
  }, [leaves, store]);

  return useMemo(() => {
    const auth = { ...state, ...store.actions };
    return leaves ? { ...auth, loading: true, isLoading: true } : auth;
  }, [state, store, leaves]);
}
