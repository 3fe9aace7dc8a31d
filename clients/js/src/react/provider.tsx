import { createContext, useContext, useEffect, useRef, useState, type ReactNode } from "react";

import { createClient } from "../client.js";
import type { Client } from "../types.js";
import { AuthStore } from "./store.js";
import type { InitialAuth } from "./types.js";

export interface AuthProviderProps {
  children?: ReactNode;
  /** One that you made with `createClient`, for use outside components too. */
  client?: Client;
  /** Where the auth routes of your back end are: `/auth` unless you say otherwise. */
  basePath?: string;
  /** What the server that rendered the page knows: nothing is asked then, and nothing flickers. */
  initialAuth?: InitialAuth;
  /** Called when a session ends that nobody signed out of here. Without it the page reloads; `false`: nothing. */
  onSessionExpired?: false | (() => void);
}

const Context = createContext<AuthStore | undefined>(undefined);

export function AuthProvider({ children, client, basePath, initialAuth, onSessionExpired }: AuthProviderProps) {
  const [store] = useState(() => new AuthStore(client ?? createClient({ basePath }), initialAuth));
  useFirstAnswer(store);
  useExpiry(store, onSessionExpired);
  return <Context.Provider value={store}>{children}</Context.Provider>;
}

/** Raises an error that says what to do when there is no provider. */
export function useStore(caller: string): AuthStore {
  const store = useContext(Context);
  if (store) return store;
  throw new Error(
    `${caller} must be used within an AuthProvider. Put <AuthProvider> around your app, imported from the same ` +
      `"@vestibule/client/react". If it is there, two copies of the package are installed: npm ls @vestibule/client`,
  );
}

function useFirstAnswer(store: AuthStore): void {
  useEffect(() => {
    if (!store.initialAuth) store.client.getSession().catch(() => undefined); // the snapshot has the error
  }, [store]);
}

function useExpiry(store: AuthStore, onSessionExpired: AuthProviderProps["onSessionExpired"]): void {
  const handler = useRef(onSessionExpired);
  useEffect(() => {
    handler.current = onSessionExpired;
  });
  useEffect(() => {
    let before = store.getSnapshot();
    const stop = store.subscribe(() => {
      const now = store.getSnapshot();
      const ended = before.user !== null && now.user === null && !store.isLeaving;
      if (now.user && !before.user) store.arrived();
      before = now;
      if (ended) expired(store, handler.current);
    });
    const shown = (event: PageTransitionEvent) => event.persisted && store.arrived();
    addEventListener("pageshow", shown);
    return () => {
      stop();
      removeEventListener("pageshow", shown);
    };
  }, [store]);
}

function expired(store: AuthStore, handler: AuthProviderProps["onSessionExpired"]): void {
  if (handler) handler();
  // Later, because a component that insists on a sign-in may be about to leave for it.
  else if (handler === undefined) setTimeout(() => store.isLeaving || location.reload());
}
