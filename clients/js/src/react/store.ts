import type { Client, NoUserInfo, Session } from "../types.js";
import { TokenStore } from "./tokens.js";
import type { AuthActions, AuthState, InitialAuth, Refused } from "./types.js";

const NOBODY: AuthState = {
  user: null,
  sessionId: undefined,
  organizationId: undefined,
  role: undefined,
  roles: undefined,
  permissions: undefined,
  entitlements: undefined,
  featureFlags: undefined,
  impersonator: undefined,
  loading: false,
  isLoading: false,
};
const LOADING: AuthState = { ...NOBODY, loading: true, isLoading: true };

/** One client as the components see it. Making one does nothing: no request, no timer, no listener. */
export class AuthStore {
  readonly actions: AuthActions;
  readonly tokens: TokenStore;
  readonly #start: AuthState;
  #session: Session | null | undefined;
  #state: AuthState;
  #going: "in" | "out" | undefined;

  constructor(
    readonly client: Client,
    readonly initialAuth?: InitialAuth,
  ) {
    this.#start = initialAuth ? stateOf(initialAuth) : LOADING;
    this.#state = this.#start;
    this.tokens = new TokenStore(client, this.#whose);
    this.actions = {
      getAuth: this.#getAuth,
      refreshAuth: this.#refreshAuth,
      signIn: client.signIn,
      signUp: client.signUp,
      signOut: this.#signOut,
      switchToOrganization: this.#switchToOrganization,
    };
  }

  subscribe = (listener: () => void): (() => void) => this.client.subscribe(listener);

  getSnapshot = (): AuthState => {
    const { loading, session } = this.client.getSnapshot();
    if (loading && session === null) return this.#state;
    if (session !== this.#session) {
      this.#session = session;
      this.#state = session ? stateOf(session) : NOBODY;
    }
    return this.#state;
  };

  getServerSnapshot = (): AuthState => this.#start;

  /** In milliseconds; undefined when nobody has said, null when the session does not say. */
  get authenticatedAt(): number | null | undefined {
    const { session } = this.client.getSnapshot();
    if (session) return session.authenticatedAt ? Date.parse(session.authenticatedAt) : null;
    const told = this.initialAuth?.user ? this.initialAuth.authenticatedAt : undefined;
    return told ? Date.parse(told) : undefined;
  }

  /** This page is on its way to another, so what it learns on the way is no news. */
  get isLeaving(): boolean {
    return this.#going !== undefined;
  }

  /** Back from the history with everything it knew: nothing is under way any more. */
  arrived = (): void => {
    this.#going = undefined;
  };

  /** Once, however many components ask. */
  ensureSignedIn = (): void => {
    if (this.#going) return;
    this.#going = "in";
    this.client.signIn({ returnTo: here() }).catch(this.arrived);
  };

  #whose = (): string | null | undefined => {
    const { user, loading, sessionId, organizationId } = this.getSnapshot();
    if (loading) return undefined;
    return user ? `${sessionId} ${organizationId}` : null;
  };

  #getAuth: AuthActions["getAuth"] = async ({ ensureSignedIn = false } = {}) => {
    const { user } = await this.client.getSession();
    if (ensureSignedIn && !user) this.ensureSignedIn();
  };

  #refreshAuth: AuthActions["refreshAuth"] = async ({ ensureSignedIn = false, organizationId } = {}) => {
    const refused = await told(() => this.client.refresh(organizationId ? { organizationId } : {}));
    if (ensureSignedIn && !this.getSnapshot().user) return this.ensureSignedIn();
    return refused;
  };

  #switchToOrganization: AuthActions["switchToOrganization"] = (organizationId) =>
    told(() => this.client.switchToOrganization(organizationId));

  #signOut: AuthActions["signOut"] = async (options) => {
    this.#going = "out";
    try {
      const answer = await this.client.signOut(options);
      if (options?.redirect === false) this.arrived();
      return answer;
    } catch (error) {
      this.arrived();
      throw error;
    }
  };
}

function stateOf(auth: InitialAuth | Session | NoUserInfo): AuthState {
  if (!auth.user) return NOBODY;
  return {
    user: auth.user,
    sessionId: auth.sessionId,
    organizationId: auth.organizationId ?? undefined,
    role: auth.role ?? undefined,
    roles: auth.roles,
    permissions: auth.permissions,
    entitlements: auth.entitlements,
    featureFlags: auth.featureFlags,
    impersonator: auth.impersonator ?? undefined,
    loading: false,
    isLoading: false,
  };
}

async function told(act: () => Promise<unknown>): Promise<void | Refused> {
  try {
    await act();
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function here(): string {
  return location.pathname + location.search + location.hash;
}
