import type { DescribedDirectSession, DescribedImpersonator, DescribedUser, Reason } from "./described.js";
import type { AuthError } from "./wire.js";

type CamelCase<Name> = Name extends `${infer First}_${infer Rest}` ? `${First}${Capitalize<CamelCase<Rest>>}` : Name;
/** The members of an answer in the words of TypeScript. */
type Camel<Answer> = { [Name in keyof Answer as CamelCase<Name> & string]: Answer[Name] };
/** What is null in an answer is left out. */
type Known<Answer> = { [Name in keyof Answer]?: NonNullable<Answer[Name]> };

/** A person, as the identity server knows them. `metadata` is the app's own, with the app's own names. */
export interface User extends Camel<DescribedUser> {}

/** Who is really at the keyboard. */
export interface Impersonator extends Camel<DescribedImpersonator> {}

type Optional =
  | "organization_id"
  | "role"
  | "impersonator"
  | "authentication_method"
  | "authenticated_at"
  | "provider"
  | "accounts";
type Lists = "roles" | "permissions" | "entitlements" | "feature_flags";

/**
 * What the back end says of a session: everything but its tokens. Without an identity server it has `accounts`, all
 * providers that are connected, and `provider`, where the person signed in.
 */
export interface Session
  extends Known<Camel<Pick<DescribedDirectSession, Optional>>>,
    Camel<Pick<DescribedDirectSession, Lists>> {
  user: User;
  sessionId: string;
}

/** A session and what else it is called elsewhere, or a stranger: never null, so its members can be asked for. */
export type SessionAnswer = SomebodyAnswer | StrangerAnswer;

export interface SomebodyAnswer extends Session {
  session: Session;
  authenticated: true;
  success: true;
}

export interface StrangerAnswer extends Partial<Record<Exclude<keyof Session, "user">, undefined>> {
  session: null;
  user: null;
  authenticated: false;
  success: false;
  reason: Reason | null;
}

export interface UserInfo extends Partial<Session> {
  user: User;
  sessionId: string;
  accessToken: string;
}

export interface NoUserInfo {
  user: null;
}

export interface Organization {
  id: string;
  name: string;
}

export interface Snapshot {
  /** True until the first answer. */
  readonly loading: boolean;
  readonly session: Session | null;
  /** Of the last question that was not answered. What was known before stays. */
  readonly error: Error | null;
  /** The newest one that somebody asked for. */
  readonly accessToken: string | undefined;
}

export interface SignInOptions {
  /** A path of the app to come back to: this page, unless you say otherwise. */
  returnTo?: string;
  organizationId?: string;
  loginHint?: string;
  invitationToken?: string;
  prompt?: "login" | "none" | "consent" | "select_account";
  /** In seconds: asks again whoever proved who they are longer ago. */
  maxAge?: number;
  /** Where there is no identity server: `github`, `google`, … */
  provider?: string;
  /** The same as `returnTo`. */
  redirectTo?: string;
  /** `false` goes nowhere: the address is in the answer. */
  redirect?: boolean;
}

export interface SignInAnswer {
  success: true;
  /** Of our own back end, which makes the cookie of this sign-in when it is opened. */
  signInURL: string;
}

/** Where to go afterwards. */
export type Leaving = Pick<SignInOptions, "returnTo" | "redirectTo" | "redirect">;

export interface Credentials extends Leaving {
  username: string;
  password: string;
}

export type CredentialsAnswer =
  | { success: true; session: Session; redirectURL: string }
  /** `error.code`: `credentials_wrong`, `credentials_missing`, `rate_limited`. */
  | { success: false; session: null; error: AuthError };

export interface SignOutAnswer {
  success: true;
  redirectURL: string;
}

export interface LinkAnswer {
  success: true;
  /** Of the provider. */
  linkURL: string;
}

/** `id` is the name that `signIn` takes, `name` the one people know. */
export interface Provider {
  id: string;
  name: string;
  signInUrl: string;
}

export interface Providers {
  providers: Provider[];
  /** Whether the app takes names and passwords. */
  password: boolean;
}

export interface SignIn {
  /** Leaves for the sign-in, or for this provider. Rejects with `provider_unknown`, and the names there are. */
  (options?: SignInOptions): Promise<SignInAnswer>;
  (provider: string, options?: SignInOptions): Promise<SignInAnswer>;
  (credentials: Credentials): Promise<CredentialsAnswer>;
}

export interface ClientOptions {
  /** Where the auth routes of the back end are. */
  basePath?: string;
  /** Of the back end, `https://api.example.com`, when pages come from elsewhere. */
  baseURL?: string;
  fetch?: typeof globalThis.fetch;
  /** Leaves this page for another. */
  navigate?: (url: string) => void;
}

export interface Client {
  /** Asks the back end. Rejects when it does not answer; what was known stays. */
  getSession(): Promise<SessionAnswer>;
  signIn: SignIn;
  signUp(options?: SignInOptions): Promise<SignInAnswer>;
  /** Stays here unless it is told where to go. What is refused is in the answer. */
  signInCredentials(credentials: Credentials): Promise<CredentialsAnswer>;
  /** Ends the session here, at the server and in every tab, then leaves. */
  signOut(options?: Leaving): Promise<SignOutAnswer>;
  /** The ways of signing in of a back end without an identity server, for buttons of your own. */
  providers(): Promise<Providers>;
  /** Leaves for the provider, and comes back with one account more. */
  linkAccount(provider: string, options?: Leaving): Promise<LinkAnswer>;
  /** Stays here unless it is told where to go. */
  unlinkAccount(provider: string, options?: Leaving): Promise<SessionAnswer>;
  /** Leaves for a sign-in where a switch is not enough. */
  switchToOrganization(organizationId: string, options?: { returnTo?: string }): Promise<Session>;
  /** New claims, whatever the age of the ones there are. */
  refresh(options?: { organizationId?: string; ensureSignedIn?: boolean }): Promise<Session | null>;
  /** A token that is good for the next call; undefined for a stranger. */
  getAccessToken(): Promise<string | undefined>;
  /** The session's own organization, by its id; null for every other. */
  getOrganization(id: string): Promise<Organization | null>;
  /** Keeps the session up to date while somebody listens: no request, timer or listener before. */
  subscribe(listener: () => void): () => void;
  /** The same object until something changes. */
  getSnapshot(): Snapshot;
  destroy(): void;
}
