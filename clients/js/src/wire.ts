import { claimsOf } from "./claims.js";
import type { DescribedDirectSession, DescribedSession, DescribedToken, Reason } from "./described.js";
import type { Organization, Provider, Providers, Session, User } from "./types.js";

/** What the back end refuses, or does not answer (`unreachable`). The codes are those of the Python side. */
export class AuthError extends Error {
  override readonly name = "AuthError";

  constructor(
    message: string,
    readonly code: string,
    readonly status: number,
    /** Where the browser can put that right. */
    readonly url?: string,
  ) {
    super(message);
  }
}

export interface Token {
  text: string;
  /** Milliseconds it is good for, by the server's own clock. */
  left: number;
  lifetime: number;
}

export interface Answer {
  session?: Session | null;
  reason?: Reason | null;
  token?: Token;
  organization?: Organization | null;
  providers?: Providers;
  url?: string;
}

const PATIENCE = 20_000;

export type Ask = (method: "GET" | "POST", path: string, body?: Record<string, unknown>) => Promise<Answer>;

export function asker(basePath: string, given?: typeof globalThis.fetch): Ask {
  return async (method, path, body) => {
    const send = given ?? here();
    const question = send(`${basePath}/${path}`, {
      method,
      credentials: basePath.startsWith("/") ? "same-origin" : "include",
      cache: "no-store",
      headers: body ? { accept: "application/json", "content-type": "application/json" } : { accept: "application/json" },
      body: body ? JSON.stringify(body) : undefined,
    });
    const response = await inTime(question);
    const data = await inTime(response?.json());
    if (response?.ok && data !== undefined) return read(data);
    throw refusal(response?.status ?? 0, data?.error ?? {});
  };
}

/** Nothing for what fails, or hangs: a sign-out waits for what is under way, and other tabs for this one. */
function inTime<T>(answer: Promise<T> | undefined): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((done) => (timer = setTimeout(() => done(undefined), PATIENCE)));
  return Promise.race([answer, late])
    .catch(() => undefined)
    .finally(() => clearTimeout(timer));
}

function here(): typeof globalThis.fetch {
  if (typeof document !== "undefined") return fetch;
  throw new AuthError(
    "@vestibule/client asks the app that served the page, so it asks in browsers only. On a server give the page what " +
      "Python knows, as `initialAuth`, or ask in an effect.",
    "not_in_a_browser",
    0,
  );
}

function refusal(status: number, error: { code?: string; message?: string; url?: string; sign_in_url?: string }): AuthError {
  if (status === 0 || status >= 500) return new AuthError("The back end did not answer.", "unreachable", status);
  return new AuthError(error.message ?? `The back end answered ${status}.`, error.code ?? "refused", status, error.url ?? error.sign_in_url);
}

type Json = any;

function read(data: Json): Answer {
  const answer: Answer = { url: data?.url, organization: data?.name ? data : null };
  if (data?.session !== undefined) answer.session = data.session && sessionOf(data.session);
  if (data?.reason) answer.reason = data.reason;
  if (data?.access_token) answer.token = tokenOf(data);
  if (data?.providers) answer.providers = { ...data, providers: data.providers.map(camel) as Provider[] };
  return answer;
}

function tokenOf(data: DescribedToken): Token {
  const left = data.expires_in * 1000;
  const { exp, iat } = claimsOf(data.access_token);
  const lifetime = typeof exp === "number" && typeof iat === "number" ? (exp - iat) * 1000 : left;
  return { text: data.access_token, left, lifetime };
}

export function sessionOf(data: DescribedSession & Partial<DescribedDirectSession>): Session {
  const { metadata, ...user } = data.user;
  return {
    user: { ...camel(user), metadata } as unknown as User,
    sessionId: data.id,
    organizationId: data.organization_id ?? undefined,
    role: data.role ?? undefined,
    roles: data.roles,
    permissions: data.permissions,
    entitlements: data.entitlements,
    featureFlags: data.feature_flags,
    impersonator: data.impersonator ?? undefined,
    authenticationMethod: data.authentication_method ?? undefined,
    authenticatedAt: data.authenticated_at ?? undefined,
    provider: data.provider ?? undefined,
    accounts: data.accounts,
  };
}

function camel(data: object): Record<string, unknown> {
  const renamed = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [renamed(name), value]));
}
