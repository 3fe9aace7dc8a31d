import { Clock } from "./clock.js";
import { Ways } from "./direct.js";
import { Tabs, type News } from "./tabs.js";
import type {
  Client,
  ClientOptions,
  Credentials,
  CredentialsAnswer,
  Leaving,
  Session,
  SessionAnswer,
  SignIn,
  SignInAnswer,
  SignInOptions,
  Snapshot,
} from "./types.js";
import { AuthError, asker, type Answer } from "./wire.js";

const WAKES = ["focus", "online", "pageshow"] as const;
/** Coming back to a window is told by two events, and some people hurry from one window to the next. */
const PAUSE = 2_000;
const START: Snapshot = { loading: true, session: null, error: null, accessToken: undefined };

/** Making one does nothing yet: no request, no timer, no listener. */
export function createClient({ basePath = "/auth", baseURL = "", fetch, navigate }: ClientOptions = {}): Client {
  const base = `${baseURL.replace(/\/+$/, "")}${basePath}`.replace(/\/+$/, "");
  const ask = asker(base, fetch);
  const ways = new Ways(base, ask);
  const go = navigate ?? ((url: string) => location.assign(url));
  const tabs = new Tabs(base);
  const clock = new Clock();
  const listeners = new Set<() => void>();
  const flights = new Map<string, Promise<unknown>>();
  let snapshot = START;
  /** Counts sign-outs and switches: what was asked before one says nothing about after it. */
  let era = 0;
  let wokenAt = -PAUSE;
  /** Said once by the back end, whose scripts get none, and not asked again. */
  let noTokens: AuthError | undefined;

  function set(change: Partial<Snapshot>): void {
    const next = { ...snapshot, ...change };
    if (same(next.session, snapshot.session)) next.session = snapshot.session;
    if ((Object.keys(next) as (keyof Snapshot)[]).every((key) => next[key] === snapshot[key])) return;
    snapshot = next;
    for (const listener of [...listeners]) listener();
  }

  /** One at a time of each kind. */
  function once<T>(kind: string, act: () => Promise<T>): Promise<T> {
    const flight = (flights.get(kind) as Promise<T> | undefined) ?? act().finally(() => flights.delete(kind));
    flights.set(kind, flight);
    return flight;
  }

  function learn({ session, token }: Answer, asked: number): void {
    if (asked !== era) return;
    const change: { -readonly [Name in keyof Snapshot]?: Snapshot[Name] } = { error: null };
    if (session?.accounts) noTokens ??= new AuthError("This app gives its scripts no tokens.", "browser_tokens_off", 404);
    if (session !== undefined) Object.assign(change, { session, loading: false });
    if (session === null || (session && isAnother(session))) {
      clock.forget();
      change.accessToken = undefined;
    }
    if (token) {
      change.accessToken = token.text;
      clock.arrived(token);
      if (listeners.size > 0) clock.schedule(wake);
    }
    set(change);
  }

  function isAnother({ sessionId, organizationId }: Session): boolean {
    const before = snapshot.session;
    return before !== null && (before.sessionId !== sessionId || before.organizationId !== organizationId);
  }

  async function asked(...question: Parameters<typeof ask>): Promise<Answer> {
    const asked = era;
    try {
      const answer = await ask(...question);
      learn(answer, asked);
      return answer;
    } catch (error) {
      if (asked !== era) throw error;
      if (error instanceof AuthError && error.status === 401) learn({ session: null }, asked);
      else if (error instanceof AuthError && error.code === "unreachable") set({ error });
      throw error;
    }
  }

  const getSession = (): Promise<SessionAnswer> =>
    once(`session ${era}`, async () => {
      const isFirst = snapshot.loading;
      const { reason = null } = await asked("GET", "session");
      const { session } = snapshot;
      // A sign-in comes back to a new page; tabs that know somebody else, or nobody, then ask.
      if (isFirst && session) tabs.tell({ found: session.sessionId });
      return session
        ? { ...session, session, authenticated: true, success: true }
        : { session, user: null, authenticated: false, success: false, reason };
    });

  async function getAccessToken(): Promise<string | undefined> {
    if (snapshot.accessToken && clock.isGood) return snapshot.accessToken;
    if (noTokens) throw noTokens;
    try {
      return await once(`token ${era}`, () =>
        tabs.alone(async () => (await asked("GET", "access-token")).token?.text),
      );
    } catch (error) {
      if (error instanceof AuthError && error.status === 401) return undefined;
      if (error instanceof AuthError && error.code === "browser_tokens_off") noTokens = error;
      clock.failed();
      if (listeners.size > 0 && snapshot.accessToken) clock.schedule(wake);
      if (snapshot.accessToken && clock.isAlive) return snapshot.accessToken;
      throw error;
    }
  }

  async function change(path: string, body: Record<string, unknown>): Promise<Session | null> {
    try {
      const { session } = await tabs.alone(() => asked("POST", path, body));
      tabs.tell("changed");
      return session ?? null;
    } catch (error) {
      // What was asked before does not count any more, so if nothing else is known, ask again.
      if (snapshot.loading) getSession().catch(() => undefined);
      // An organization may want a sign-in of its own.
      if (error instanceof AuthError && error.url && error.status !== 401) go(error.url);
      throw error;
    }
  }

  /** Somebody looks at this page again, or it is time. */
  function wake(): void {
    getSession().catch(() => undefined);
    if (snapshot.accessToken) getAccessToken().catch(() => undefined);
  }

  /** A page's first `pageshow` is no news; one out of the history comes with what it knew long ago. */
  function shown(event: Event): void {
    if (event.type === "pageshow") return (event as PageTransitionEvent).persisted ? wake() : undefined;
    if (document.visibilityState !== "visible") return;
    if (event.type !== "online" && Date.now() - wokenAt < PAUSE) return;
    wokenAt = Date.now();
    wake();
  }

  function heard(news: News): void {
    if (news === "ended") return ended();
    if (typeof news === "object" && (snapshot.loading || news.found === snapshot.session?.sessionId)) return;
    getSession().catch(() => undefined);
  }

  function ended(): void {
    era += 1;
    learn({ session: null }, era);
  }

  function watch(): void {
    tabs.listen(heard);
    if (typeof document === "undefined") return;
    document.addEventListener("visibilitychange", shown);
    for (const event of WAKES) addEventListener(event, shown);
  }

  function rest(): void {
    clock.stop();
    tabs.close();
    if (typeof document === "undefined") return;
    document.removeEventListener("visibilitychange", shown);
    for (const event of WAKES) removeEventListener(event, shown);
  }

  async function leave(page: string, options: SignInOptions): Promise<SignInAnswer> {
    const { returnTo, redirectTo, redirect = true, ...more } = options;
    const query = new URLSearchParams({ return_to: returnTo ?? redirectTo ?? here() });
    for (const [name, value] of Object.entries(more)) {
      if (value !== undefined) query.set(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), String(value));
    }
    const signInURL = `${base}/${page}?${query}`;
    if (redirect) go(signInURL);
    return { success: true, signInURL };
  }

  async function signInAt(provider: string, options: SignInOptions): Promise<SignInAnswer> {
    const { page, query } = await ways.page(provider);
    return leave(page, { ...options, ...query });
  }

  async function signInCredentials({ redirect, ...given }: Credentials): Promise<CredentialsAnswer> {
    const { returnTo, redirectTo = returnTo, ...credentials } = given;
    try {
      const body = { ...credentials, return_to: redirectTo ?? here() };
      const { url = "/" } = await tabs.alone(() => ask("POST", "sign-in/credentials", body));
      const { session } = await another();
      if (!session) throw new AuthError("The browser did not keep the cookie of this sign-in.", "no_cookie", 401);
      arrive(url, { redirectTo, redirect });
      return { success: true, session, redirectURL: url };
    } catch (error) {
      if (error instanceof AuthError && error.code !== "unreachable") return { success: false, session: null, error };
      throw error;
    }
  }

  /** What was asked before this says nothing about now. */
  async function another(): Promise<SessionAnswer> {
    era += 1;
    const answer = await getSession();
    tabs.tell("changed");
    return answer;
  }

  /** Only where one is told to go, for the page knows already. */
  function arrive(url: string, { returnTo, redirectTo = returnTo, redirect = redirectTo !== undefined }: Leaving): void {
    if (redirect) go(url);
  }

  async function connect(what: "link" | "unlink", provider: string, { returnTo, redirectTo }: Leaving): Promise<string> {
    await ways.page(provider);
    const body = { return_to: returnTo ?? redirectTo ?? here() };
    return (await tabs.alone(() => ask("POST", `${what}/${encodeURIComponent(provider)}`, body))).url ?? "/";
  }

  return {
    getSession,
    getAccessToken,
    signInCredentials,
    signIn: ((who: string | SignInOptions | Credentials = {}, options: SignInOptions = {}) => {
      if (typeof who === "string") return signInAt(who, options);
      if ("password" in who) return signInCredentials(who);
      const { provider, ...more } = who;
      // At once, for a page that insists on a sign-in does not hold up a sign-out, which goes somewhere next.
      return provider === undefined ? leave("sign-in", more) : signInAt(provider, more);
    }) as SignIn,
    signUp: (options = {}) => leave("sign-up", options),
    async signOut({ returnTo, redirectTo = returnTo, redirect = true } = {}) {
      await Promise.allSettled(flights.values());
      const body = { return_to: redirectTo };
      const { url = "/" } = await tabs.alone(() => ask("POST", "sign-out", body));
      ended();
      tabs.tell("ended");
      if (redirect) go(url);
      return { success: true, redirectURL: url };
    },
    providers: ways.list,
    async linkAccount(provider, options = {}) {
      const linkURL = await connect("link", provider, options);
      if (options.redirect !== false) go(linkURL);
      return { success: true, linkURL };
    },
    async unlinkAccount(provider, options = {}) {
      const url = await connect("unlink", provider, options);
      const answer = await another();
      arrive(url, options);
      return answer;
    },
    async switchToOrganization(organizationId, { returnTo = here() } = {}) {
      era += 1;
      const session = await change("organization", { organization_id: organizationId, return_to: returnTo });
      if (session) return session;
      throw new AuthError("The back end named no session.", "refused", 200);
    },
    async refresh({ organizationId, ensureSignedIn = false } = {}) {
      if (organizationId) era += 1;
      const body = organizationId ? { organization_id: organizationId } : {};
      try {
        return await once(`refresh ${organizationId}`, () => change("refresh", body));
      } catch (error) {
        if (!ensureSignedIn || !(error instanceof AuthError) || error.status !== 401) throw error;
        await leave("sign-in", { organizationId });
        return null;
      }
    },
    async getOrganization(id) {
      return (await ask("GET", `organization?${new URLSearchParams({ id })}`)).organization ?? null;
    },
    subscribe(listener) {
      listeners.add(listener);
      if (listeners.size === 1) watch();
      if (snapshot.accessToken) clock.schedule(wake);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) rest();
      };
    },
    getSnapshot: () => snapshot,
    destroy() {
      listeners.clear();
      rest();
    },
  };
}

function same(one: Session | null, other: Session | null): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function here(): string {
  return typeof location === "undefined" ? "/" : location.pathname + location.search + location.hash;
}
