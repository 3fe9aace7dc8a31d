// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Client } from "../../src/index.js";
import { Server, somebody } from "./server.js";

let server: Server;
let client: Client;

beforeEach(() => {
  server = new Server();
  server.session = somebody();
  client = server.client();
});
afterEach(() => client.destroy());

const answered = () => vi.waitFor(() => expect(client.getSnapshot().loading).toBe(false));

describe("who is here", () => {
  test("P23 costs nothing and begins nothing before somebody asks", async () => {
    client.subscribe(() => undefined);
    await new Promise((done) => setTimeout(done, 20));
    expect([server.asked, server.went]).toEqual([[], []]);
    expect(client.getSnapshot()).toEqual({ loading: true, session: null, error: null, accessToken: undefined });
  });

  test("is told in the words of TypeScript, and the app's own data is left alone", async () => {
    const { session, ...answer } = await client.getSession();
    expect(answer).toEqual({ ...session, authenticated: true, success: true });
    expect(session).toEqual({
      user: { id: "user_ada", email: "ada@example.com", firstName: "Ada", metadata: { snake_case: 1 } },
      sessionId: "session_1",
      organizationId: "org_engines",
      role: "admin",
      roles: ["admin"],
      permissions: ["reports:read"],
      entitlements: [],
      featureFlags: ["beta"],
      impersonator: undefined,
      authenticationMethod: "Password",
      authenticatedAt: "2026-12-01T00:00:00.000Z",
    });
  });

  test("is the same object until something changes", async () => {
    let changes = 0;
    client.subscribe(() => (changes += 1));
    const { session } = await client.getSession();
    await client.getSession();
    expect(client.getSnapshot().session).toBe(session);
    expect(changes).toBe(1);
  });

  test("is asked again when somebody comes back to the page, but not by its first showing", async () => {
    client.subscribe(() => undefined);
    await client.getSession();
    server.session = null;
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: false }));
    await new Promise((done) => setTimeout(done, 20));
    expect(server.asked).toEqual(["GET session"]);
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    await vi.waitFor(() => expect(client.getSnapshot().session).toBeNull());
  });

  test("is not asked without end by somebody who hurries from window to window", async () => {
    client.subscribe(() => undefined);
    await client.getSession();
    for (let time = 0; time < 50; time += 1) {
      dispatchEvent(new Event("focus"));
      document.dispatchEvent(new Event("visibilitychange"));
      await new Promise((done) => setTimeout(done, 2));
    }
    expect(server.count("GET session")).toBeLessThanOrEqual(3);
  });

  test("is nobody in the same words, never null", async () => {
    server.session = null;
    const nobody = { session: null, user: null, authenticated: false, success: false, reason: "no_cookie" };
    expect(await client.getSession()).toEqual(nobody);
  });

  test("stays known through an outage", async () => {
    await client.getSession();
    server.away = true;
    await expect(client.getSession()).rejects.toMatchObject({ code: "unreachable" });
    expect(client.getSnapshot()).toMatchObject({ session: { sessionId: "session_1" }, error: { code: "unreachable" } });
  });

  test("is unreachable when the back end hangs, and nobody waits for it without end", async () => {
    vi.useFakeTimers();
    server.holds = "GET session";
    const answer = expect(client.getSession()).rejects.toMatchObject({ code: "unreachable" });
    await vi.advanceTimersByTimeAsync(20_000);
    await answer;
    vi.useRealTimers();
  });

  test("E1 a switch is not undone by an answer from before it", async () => {
    await client.getSession();
    server.holds = "GET session";
    const late = client.getSession();
    await vi.waitFor(() => expect(server.held).toHaveLength(1));
    await client.switchToOrganization("org_other");
    server.held[0]?.release();
    await late;
    expect(client.getSnapshot().session?.organizationId).toBe("org_other");
  });
});

describe("the way in and out", () => {
  test("P35 is a navigation, and comes back to where one was", async () => {
    history.replaceState(null, "", "/reports?page=2#top");
    await client.signIn();
    await client.signUp({ returnTo: "/welcome", organizationId: "org_1", loginHint: "ada@example.com", maxAge: 0 });
    history.replaceState(null, "", "/");
    expect(server.went).toEqual([
      "/auth/sign-in?return_to=%2Freports%3Fpage%3D2%23top",
      "/auth/sign-up?return_to=%2Fwelcome&organization_id=org_1&login_hint=ada%40example.com&max_age=0",
    ]);
    expect(server.asked).toEqual([]);
  });

  test("names a provider, and goes nowhere when told so", async () => {
    const answer = await client.signIn({ provider: "github", redirectTo: "/me", redirect: false });
    expect(answer).toEqual({ success: true, signInURL: "/auth/sign-in?return_to=%2Fme&provider=github" });
    expect(server.went).toEqual([]);
  });

  test("J44 a sign-out waits for the refresh under way, and nothing brings the session back", async () => {
    await client.getSession();
    server.holds = "POST refresh";
    const refresh = client.refresh();
    await vi.waitFor(() => expect(server.held).toHaveLength(1));
    const out = client.signOut({ returnTo: "/bye" });
    expect(server.count("POST sign-out")).toBe(0);
    server.held[0]?.release();
    await Promise.all([refresh, out]);
    expect(server.asked.at(-1)).toBe("POST sign-out");
    expect(server.went).toEqual(["/bye"]);
    expect(client.getSnapshot()).toMatchObject({ session: null, accessToken: undefined });
  });

  test("a page that insists on a sign-in does not keep anybody from where a sign-out leads", async () => {
    await client.getSession();
    client.subscribe(() => client.getSnapshot().session ?? client.signIn({ returnTo: "/account" }));
    await client.signOut({ returnTo: "/bye" });
    await new Promise((done) => setTimeout(done, 20));
    expect(server.went.at(-1)).toBe("/bye");
  });

  test("J44 nor does an answer that comes after the sign-out", async () => {
    await client.getSession();
    const other = server.client();
    client.subscribe(() => undefined);
    server.holds = "GET session";
    const late = client.getSession();
    await vi.waitFor(() => expect(server.held).toHaveLength(1));
    await other.signOut();
    await vi.waitFor(() => expect(client.getSnapshot().session).toBeNull());
    server.held[0]?.release();
    await late;
    expect(client.getSnapshot().session).toBeNull();
  });

  test("a sign-out and a switch reach the other tabs", async () => {
    const other = server.client();
    other.subscribe(() => undefined);
    client.subscribe(() => undefined);
    await Promise.all([client.getSession(), other.getSession()]);
    await client.switchToOrganization("org_other");
    await vi.waitFor(() => expect(other.getSnapshot().session?.organizationId).toBe("org_other"));
    await client.signOut();
    await vi.waitFor(() => expect(other.getSnapshot().session).toBeNull());
    other.destroy();
  });

  test("a sign-in reaches the other tabs, and a page more of the same session asks nobody anything", async () => {
    server.session = null;
    client.subscribe(() => undefined);
    await client.getSession();
    server.session = somebody();
    await server.client().getSession();
    await vi.waitFor(() => expect(client.getSnapshot().session?.sessionId).toBe("session_1"));
    server.asked.length = 0;
    await server.client().getSession();
    await new Promise((done) => setTimeout(done, 50));
    expect(server.asked).toEqual(["GET session"]);
  });

  test("an organization that wants its own sign-in gets the browser", async () => {
    await client.getSession();
    const error = { code: "sso_required", message: "Sign in there.", sign_in_url: "/auth/sign-in?organization_id=org_2" };
    server.refuses = { status: 403, error };
    await expect(client.switchToOrganization("org_2")).rejects.toMatchObject({
      code: "sso_required",
      status: 403,
      url: "/auth/sign-in?organization_id=org_2",
    });
    expect(server.went).toEqual(["/auth/sign-in?organization_id=org_2"]);
    expect(client.getSnapshot().session?.organizationId).toBe("org_engines");
  });

  test("a refresh that a stranger asks for is refused, or leads to the sign-in", async () => {
    server.session = null;
    await expect(client.refresh()).rejects.toMatchObject({ code: "signed_out", status: 401 });
    expect(await client.refresh({ ensureSignedIn: true })).toBeNull();
    expect(server.went).toEqual(["/auth/sign-in?return_to=%2F"]);
  });

  test("the name of an organization is that of one's own", async () => {
    expect(await client.getOrganization("org_engines")).toEqual({ id: "org_engines", name: "Engines" });
    expect(await client.getOrganization("org_other")).toBeNull();
  });

  test("nothing is left behind", async () => {
    client.subscribe(() => undefined);
    await client.getSession();
    client.destroy();
    dispatchEvent(new Event("focus"));
    await new Promise((done) => setTimeout(done, 20));
    expect(server.asked).toEqual(["GET session"]);
    await answered();
  });
});
