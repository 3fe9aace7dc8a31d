import { createClient } from "../../src/index.js";

type Held = { method: string; path: string; release: () => void };

/** What a back end of direct mode says besides the session. */
export interface Direct {
  passwords: Record<string, string>;
  providers: Record<string, string>;
}

/** A back end by hand: its clock is its own, it can be away, and it can keep an answer until a test wants it. */
export class Server {
  readonly asked: string[] = [];
  readonly went: string[] = [];
  session: Record<string, unknown> | null = null;
  /** How far its clock is ahead of the page's, in milliseconds. */
  ahead = 0;
  /** The life of a token, in seconds, and how long before its end it is replaced. */
  lives = 300;
  away = false;
  holds: string | undefined;
  /** Set where there is no identity server. */
  direct: Direct | undefined;
  refuses: { status: number; error: Record<string, unknown> } | undefined;
  readonly held: Held[] = [];
  #token = { text: "", endsAt: 0 };
  #count = 0;

  client(basePath = "/auth") {
    return createClient({ basePath, fetch: this.fetch, navigate: (url) => void this.went.push(url) });
  }

  count(what: string): number {
    return this.asked.filter((each) => each === what).length;
  }

  fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const url = new URL(String(input), "http://localhost");
    const what = `${init.method} ${url.pathname.replace("/auth/", "")}`;
    this.asked.push(what);
    if (this.away) throw new TypeError("Failed to fetch");
    const answer = this.#answer(what, JSON.parse(String(init.body ?? "{}")), url);
    if (this.holds === what) {
      await new Promise<void>((release) => this.held.push({ method: init.method ?? "GET", path: url.pathname, release }));
    }
    return answer;
  };

  #answer(what: string, body: Record<string, string>, url: URL): Response {
    if (what === "GET session") return this.#reply(200, { session: this.session, reason: this.session ? null : "no_cookie" });
    if (what === "POST sign-out") {
      this.session = null;
      return this.#reply(200, { url: body.return_to ?? "/" });
    }
    if (what === "GET providers" && !this.direct) return this.#reply(404, {});
    if (this.direct) {
      const told = this.#without(this.direct, what, body);
      if (told) return this.#reply(...told);
    }
    if (!this.session) return this.#reply(401, { error: { code: "signed_out", message: "Sign in first." } });
    if (this.refuses) return this.#reply(this.refuses.status, { error: this.refuses.error });
    if (what === "GET organization") {
      const own = url.searchParams.get("id") === this.session.organization_id;
      return this.#reply(200, own ? { id: this.session.organization_id, name: "Engines" } : null);
    }
    if (what === "GET access-token") return this.#reply(200, this.#tokens(false));
    if (body.organization_id) this.session = { ...this.session, organization_id: body.organization_id };
    return this.#reply(200, { session: this.session, ...(what === "POST refresh" ? this.#tokens(true) : {}) });
  }

  #without({ passwords, providers }: Direct, what: string, body: Record<string, string>): [number, unknown] | undefined {
    const named = Object.entries(providers);
    if (what === "GET providers") {
      const listed = named.map(([id, name]) => ({ id, name, sign_in_url: `/auth/sign-in/${id}` }));
      return [200, { providers: listed, password: true }];
    }
    if (what === "GET access-token") return [404, { error: { code: "browser_tokens_off", message: "None." } }];
    if (what === "POST sign-in/credentials") {
      const { username = "", password } = body;
      if (passwords[username] !== password) return [401, { error: { code: "credentials_wrong", message: "No." } }];
      this.session = somebody({ provider: null, accounts: [] });
      return [200, { url: body.return_to }];
    }
    const [act, provider] = what.replace("POST ", "").split("/");
    if (!this.session || !provider) return undefined;
    const accounts = (this.session.accounts as string[]).filter((each) => each !== provider);
    if (act === "link") return [200, { url: `https://${provider}.example/authorize` }];
    this.session = { ...this.session, accounts };
    return [200, { url: body.return_to }];
  }

  #tokens(anew: boolean): Record<string, unknown> {
    const now = this.#now();
    const buffer = Math.min(this.lives > 300 ? 60 : 30, this.lives / 2) * 1000;
    if (anew || this.#token.endsAt - now <= buffer) {
      const seconds = Math.floor(now / 1000);
      const claims = { iat: seconds, exp: seconds + this.lives, jti: ++this.#count };
      const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
      this.#token = { text: `${encoded({ alg: "RS256" })}.${encoded(claims)}.signature`, endsAt: claims.exp * 1000 };
    }
    const expires_in = Math.max(0, Math.floor((this.#token.endsAt - now) / 1000));
    return { access_token: this.#token.text, expires_at: new Date(this.#token.endsAt).toISOString(), expires_in };
  }

  #reply(status: number, body: unknown): Response {
    return Response.json(body, { status });
  }

  #now(): number {
    return Date.now() + this.ahead;
  }
}

export function somebody(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: "session_1",
    user: { id: "user_ada", email: "ada@example.com", first_name: "Ada", metadata: { snake_case: 1 } },
    organization_id: "org_engines",
    role: "admin",
    roles: ["admin"],
    permissions: ["reports:read"],
    entitlements: [],
    feature_flags: ["beta"],
    impersonator: null,
    authentication_method: "Password",
    authenticated_at: "2026-12-01T00:00:00.000Z",
    ...more,
  };
}
