import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A back end with one visitor, as the Python adapters answer; the tests say who the visitor is. */
export class Backend {
  readonly requests: string[] = [];
  session: Record<string, unknown> | null = null;
  refuses: { status: number; code: string; message: string } | undefined;
  down = false;
  /** How many seconds a token lives that is given out from now on. */
  seconds = 300;
  #tokens = 0;
  #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** The page's own `fetch`, whose paths are this server's. */
  fetch = (path: RequestInfo | URL, init?: RequestInit): Promise<Response> =>
    fetch(new URL(String(path), `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`), init);

  signIn(more: Record<string, unknown> = {}): void {
    this.session = sessionOf(more);
  }

  asked(what: string): number {
    return this.requests.filter((request) => request === what).length;
  }

  token(): { access_token: string; expires_at: string; expires_in: number } {
    this.#tokens += 1;
    const now = Math.floor(Date.now() / 1000);
    const session = this.session as Record<string, unknown>;
    const claims = {
      sid: session.id,
      sub: (session.user as { id: string }).id,
      org_id: session.organization_id,
      iat: now,
      exp: now + this.seconds,
      jti: String(this.#tokens),
      name: "Zoë 🚀",
    };
    const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
    return {
      access_token: `${encoded({ alg: "RS256", typ: "at+jwt" })}.${encoded(claims)}.signature`,
      expires_at: new Date(claims.exp * 1000).toISOString(),
      expires_in: this.seconds,
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: Record<string, string> = JSON.parse((await text(request)) || "{}");
    const url = new URL(request.url ?? "/", "http://localhost");
    const what = `${request.method} ${url.pathname.replace("/auth/", "")}`;
    this.requests.push(what);
    if (this.down) return void response.destroy();
    const [status, answer] = this.#reply(what, body, url);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  }

  #reply(what: string, body: Record<string, string>, url: URL): [number, unknown] {
    if (what === "GET session") return [200, { session: this.session, reason: this.session ? null : "no_cookie" }];
    if (!this.session) return [401, { error: { code: "signed_out", message: "Nobody is signed in." } }];
    if (what === "GET organization") return [200, { id: url.searchParams.get("id"), name: "Analytical Engines" }];
    if (what === "POST sign-out") {
      this.session = null;
      return [200, { url: body.return_to ?? "/" }];
    }
    if (what === "GET access-token") return [200, this.token()];
    if (this.refuses) return [this.refuses.status, { error: this.refuses }];
    if (body.organization_id) this.session = { ...this.session, organization_id: body.organization_id };
    if (what === "POST organization") return [200, { session: this.session }];
    return [200, { session: this.session, ...this.token() }];
  }
}

export function sessionOf(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: "session_1",
    user: {
      id: "user_ada",
      email: "ada@example.com",
      email_verified: true,
      first_name: "Ada",
      last_name: "Lovelace",
      profile_picture_url: null,
    },
    organization_id: "org_engines",
    role: "admin",
    roles: ["admin"],
    permissions: ["reports:read"],
    entitlements: ["audit-logs"],
    feature_flags: ["beta"],
    impersonator: null,
    authentication_method: "Password",
    authenticated_at: new Date().toISOString(),
    expires_at: new Date(Date.now() + 300_000).toISOString(),
    ...more,
  };
}

async function text(request: IncomingMessage): Promise<string> {
  let all = "";
  for await (const chunk of request) all += String(chunk);
  return all;
}
