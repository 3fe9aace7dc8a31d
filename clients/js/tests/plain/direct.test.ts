// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { createAuthClient, type Client } from "../../src/index.js";
import { Server, somebody } from "./server.js";

let server: Server;
let client: Client;

beforeEach(() => {
  server = new Server();
  server.direct = { passwords: { ada: "lantern" }, providers: { github: "GitHub", google: "Google" } };
  client = server.client();
});
afterEach(() => client.destroy());

const signedIn = () => (server.session = somebody({ provider: "github", accounts: ["github"] }));

describe("a provider", () => {
  test("is where the guide's words and ours lead, through our own route", async () => {
    await client.signIn("github", { redirectTo: "/dashboard" });
    await client.signIn({ provider: "google", returnTo: "/me?tab=1" });
    expect(server.went).toEqual([
      "/auth/sign-in/github?return_to=%2Fdashboard",
      "/auth/sign-in/google?return_to=%2Fme%3Ftab%3D1",
    ]);
    expect(server.asked).toEqual(["GET providers"]);
  });

  test("is an address where the caller wants to go by itself", async () => {
    const { signInURL } = await client.signIn("github", { redirectTo: "/me", redirect: false });
    expect(signInURL).toBe("/auth/sign-in/github?return_to=%2Fme");
    expect(server.went).toEqual([]);
  });

  test.each(["githb", "", "credentials"])("that is called %o is refused with the names there are", async (name) => {
    const error = { code: "provider_unknown", status: 400, message: expect.stringContaining("this app has github, google.") };
    await expect(client.signIn(name)).rejects.toMatchObject(error);
    await expect(client.linkAccount(name)).rejects.toMatchObject(error);
    expect(server.went).toEqual([]);
  });

  test("is listed for buttons of one's own, and asked for again after an outage", async () => {
    server.away = true;
    await expect(client.providers()).rejects.toMatchObject({ code: "unreachable" });
    server.away = false;
    expect(await client.providers()).toEqual({
      providers: [
        { id: "github", name: "GitHub", signInUrl: "/auth/sign-in/github" },
        { id: "google", name: "Google", signInUrl: "/auth/sign-in/google" },
      ],
      password: true,
    });
  });

  test("that does not answer the list is left to the back end", async () => {
    server.away = true;
    await client.signIn("github", { redirectTo: "/" });
    expect(server.went).toEqual(["/auth/sign-in?return_to=%2F&provider=github"]);
  });
});

describe("a name and a password", () => {
  test("sign in without leaving the page, in all tabs", async () => {
    const other = server.client();
    other.subscribe(() => undefined);
    await Promise.all([client.getSession(), other.getSession()]);
    const answer = await client.signIn({ username: "ada", password: "lantern" });
    expect(answer).toMatchObject({ success: true, session: { user: { email: "ada@example.com" } }, redirectURL: "/" });
    expect(client.getSnapshot().session?.accounts).toEqual([]);
    await vi.waitFor(() => expect(other.getSnapshot().session?.sessionId).toBe("session_1"));
    expect(server.went).toEqual([]);
    other.destroy();
  });

  test("lead where they are told to", async () => {
    await client.signInCredentials({ username: "ada", password: "lantern", redirectTo: "/dashboard" });
    await client.signInCredentials({ username: "ada", password: "lantern", returnTo: "/me", redirect: false });
    expect(server.went).toEqual(["/dashboard"]);
  });

  test("that are wrong are an answer, and an outage is an error", async () => {
    signedIn();
    await client.getSession();
    const answer = await client.signInCredentials({ username: "ada", password: "wrong" });
    expect(answer).toMatchObject({ success: false, session: null, error: { code: "credentials_wrong", status: 401 } });
    expect(client.getSnapshot().session).not.toBeNull();
    server.away = true;
    await expect(client.signIn({ username: "ada", password: "lantern" })).rejects.toMatchObject({ code: "unreachable" });
  });
});

describe("without an identity server", () => {
  test("the guide's own calls give what it reads", async () => {
    const authClient = createAuthClient({
      basePath: "/auth",
      baseURL: "http://localhost:3000/",
      fetch: server.fetch,
      navigate: (url) => void server.went.push(url),
    });
    expect((await authClient.getSession()).session ?? null).toBeNull();
    signedIn();
    const result = await authClient.getSession();
    expect([result.session?.user?.email, result.user?.email]).toEqual(["ada@example.com", "ada@example.com"]);
    await authClient.signOut({ redirect: true, redirectTo: "/bye" });
    expect(server.went).toEqual(["/bye"]);
    signedIn();
    expect(await authClient.signOut({ redirect: false })).toEqual({ success: true, redirectURL: "/" });
    expect([server.went, server.session]).toEqual([["/bye"], null]);
  });

  test("a session says where it is from, and no script asks for a token", async () => {
    signedIn();
    client.subscribe(() => undefined);
    expect(await client.getSession()).toMatchObject({ provider: "github", accounts: ["github"] });
    for (let time = 0; time < 3; time += 1) {
      await expect(client.getAccessToken()).rejects.toMatchObject({ code: "browser_tokens_off", status: 404 });
    }
    expect(await client.refresh()).toMatchObject({ provider: "github" });
    dispatchEvent(new Event("focus"));
    await vi.waitFor(() => expect(server.asked).toEqual(["GET session", "POST refresh", "GET session"]));
  });

  test("a script that asks before it knows is told once", async () => {
    for (let time = 0; time < 3; time += 1) {
      await expect(client.getAccessToken()).rejects.toMatchObject({ code: "browser_tokens_off" });
    }
    expect(server.asked).toEqual(["GET access-token"]);
  });

  test("accounts come by a visit to their provider, and go without one", async () => {
    signedIn();
    expect(await client.linkAccount("google", { returnTo: "/me" })).toMatchObject({ success: true });
    expect(server.went).toEqual(["https://google.example/authorize"]);
    expect((await client.unlinkAccount("github")).accounts).toEqual([]);
    expect(client.getSnapshot().session?.accounts).toEqual([]);
    await client.unlinkAccount("google", { redirectTo: "/me" });
    expect(server.went).toEqual(["https://google.example/authorize", "/me"]);
  });
});
