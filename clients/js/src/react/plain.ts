/** What the components ask of the plain client. */

export interface User {
  readonly id: string;
  readonly email: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
}

export interface Impersonator {
  readonly email: string;
  readonly reason: string | null;
}

export interface UserInfo {
  readonly user: User;
  readonly sessionId: string;
  readonly organizationId?: string | null;
  readonly role?: string | null;
  readonly roles?: string[];
  readonly permissions?: string[];
  readonly entitlements?: string[];
  readonly featureFlags?: string[];
  readonly impersonator?: Impersonator | null;
  readonly authenticatedAt?: string | null;
}

export interface NoUserInfo {
  readonly user: null;
}

export interface Snapshot {
  /** No answer yet. */
  readonly loading: boolean;
  readonly session: UserInfo | null;
  readonly accessToken?: string;
  readonly error: Error | null;
}

export interface Client {
  getSession(): Promise<UserInfo | null>;
  signIn(options?: { returnTo?: string }): Promise<void>;
  signUp(options?: { returnTo?: string }): Promise<void>;
  signOut(options?: { returnTo?: string }): Promise<void>;
  switchToOrganization(organizationId: string): Promise<UserInfo>;
  refresh(options?: { organizationId?: string }): Promise<UserInfo>;
  getAccessToken(): Promise<string | undefined>;
  getOrganization(id: string): Promise<{ id: string; name: string } | null>;
  /** Watches the session while somebody listens: no request, timer or listener before. */
  subscribe(listener: () => void): () => void;
  /** The same object until something changed. */
  getSnapshot(): Snapshot;
  destroy(): void;
}
