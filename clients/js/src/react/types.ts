import type { Client, Impersonator, NoUserInfo, SignIn, User, UserInfo } from "../types.js";

/** What is known of the visitor. The members of an organization's session are undefined outside one. */
export interface AuthState {
  readonly user: User | null;
  readonly sessionId: string | undefined;
  readonly organizationId: string | undefined;
  readonly role: string | undefined;
  readonly roles: string[] | undefined;
  readonly permissions: string[] | undefined;
  readonly entitlements: string[] | undefined;
  readonly featureFlags: string[] | undefined;
  readonly impersonator: Impersonator | undefined;
  /** True until the first answer, and while the browser leaves for a sign-in; a refresh does not raise it. */
  readonly loading: boolean;
  /** The same, as authkit-react calls it. */
  readonly isLoading: boolean;
}

export interface Refused {
  error: string;
}

export interface AuthActions {
  /** Asks the server anew. */
  getAuth: (options?: { ensureSignedIn?: boolean }) => Promise<void>;
  /** New claims, from another organization when one is named. Does not throw. */
  refreshAuth: (options?: { ensureSignedIn?: boolean; organizationId?: string }) => Promise<void | Refused>;
  signIn: SignIn;
  signUp: Client["signUp"];
  signOut: Client["signOut"];
  /** Does not throw. */
  switchToOrganization: (organizationId: string) => Promise<void | Refused>;
}

export interface AuthContextType extends AuthState, AuthActions {}

/** With `ensureSignedIn`: whoever is not loading is signed in. */
export type SignedInAuth = AuthContextType &
  ({ loading: true; isLoading: true; user: User | null } | { loading: false; isLoading: false; user: User });

/** What a server has already found out about this visitor. */
export type InitialAuth = Omit<UserInfo, "accessToken"> | NoUserInfo;
