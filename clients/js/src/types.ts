import type { DescribedImpersonator, DescribedSession, DescribedUser } from "./described.js";

type CamelCase<Name> = Name extends `${infer First}_${infer Rest}` ? `${First}${Capitalize<CamelCase<Rest>>}` : Name;
/** The members of an answer in the words of TypeScript. */
type Camel<Answer> = { [Name in keyof Answer as CamelCase<Name> & string]: Answer[Name] };
/** What is null in an answer is left out. */
type Known<Answer> = { [Name in keyof Answer]?: NonNullable<Answer[Name]> };

/** A person, as the identity server knows them. `metadata` is the app's own, with the app's own names. */
export interface User extends Camel<DescribedUser> {}

/** Who is really at the keyboard. */
export interface Impersonator extends Camel<DescribedImpersonator> {}

type Optional = "organization_id" | "role" | "impersonator" | "authentication_method" | "authenticated_at";
type Lists = "roles" | "permissions" | "entitlements" | "feature_flags";

/** What the back end says of a session: everything but its tokens. */
export interface Session extends Known<Camel<Pick<DescribedSession, Optional>>>, Camel<Pick<DescribedSession, Lists>> {
  user: User;
  sessionId: string;
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

export interface ClientOptions {
  /** Where the auth routes of the back end are. */
  basePath?: string;
  fetch?: typeof globalThis.fetch;
  /** Leaves this page for another. */
  navigate?: (url: string) => void;
}

export interface Client {
  /** Asks the back end. Rejects when it does not answer; what was known stays. */
  getSession(): Promise<Session | null>;
  /** Leaves for the sign-in, and answers with its address. */
  signIn(options?: SignInOptions): Promise<string>;
  signUp(options?: SignInOptions): Promise<string>;
  /** Ends the session here, at the server and in every tab, then leaves. */
  signOut(options?: { returnTo?: string }): Promise<void>;
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
