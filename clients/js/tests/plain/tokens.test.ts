// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { claimsOf } from "../../src/claims.js";
import type { Client } from "../../src/index.js";
import { Server, somebody } from "./server.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let server: Server;
let client: Client;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 11, 1) });
  server = new Server();
  server.session = somebody();
  client = server.client();
});
afterEach(() => {
  client.destroy();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const left = (token: string | undefined): number => (claimsOf(token).exp as number) * SECOND - Date.now() - server.ahead;

/** As a page does that shows something of the token. */
async function watched(): Promise<void> {
  client.subscribe(() => undefined);
  await client.getSession();
  await client.getAccessToken();
  server.asked.length = 0;
}

describe("a token", () => {
  test.each([10, 40, 60, 300, 3600])("J43 of %i seconds is replaced in time, and never without pause", async (seconds) => {
    server.lives = seconds;
    await watched();
    for (let passed = 0; passed < 10 * seconds; passed += seconds / 10) {
      await vi.advanceTimersByTimeAsync((seconds / 10) * SECOND);
      expect(left(client.getSnapshot().accessToken)).toBeGreaterThan(0);
    }
    expect(server.count("GET access-token")).toBeLessThanOrEqual(24);
  });

  test("J40 that is about to end is not handed out", async () => {
    await client.getAccessToken();
    await vi.advanceTimersByTimeAsync(280 * SECOND);
    expect(left(await client.getAccessToken())).toBe(300 * SECOND);
    expect(server.count("GET access-token")).toBe(2);
  });

  test.each([-HOUR, HOUR])("J41 is as good on a page whose clock is off by %i ms", async (ahead) => {
    server.ahead = ahead;
    await watched();
    await vi.advanceTimersByTimeAsync(20 * MINUTE);
    expect(left(client.getSnapshot().accessToken)).toBeGreaterThan(0);
    expect(server.count("GET access-token")).toBeGreaterThanOrEqual(4);
    expect(server.count("GET access-token")).toBeLessThanOrEqual(5);
  });

  test("that is dead on arrival does not set off a storm", async () => {
    server.lives = 0;
    await watched();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(server.count("GET access-token")).toBeLessThanOrEqual(12);
  });

  test("E4 is asked for once by all who want one at its end", async () => {
    await client.getAccessToken();
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    server.asked.length = 0;
    const tokens = await Promise.all(Array.from({ length: 20 }, () => client.getAccessToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(server.asked).toEqual(["GET access-token"]);
  });

  test("E4 is asked for by one tab at a time", async () => {
    let tail = Promise.resolve();
    const request = (_: string, act: () => Promise<void>) => (tail = tail.then(act, act));
    vi.stubGlobal("navigator", Object.assign(Object.create(navigator), { locks: { request } }));
    const other = server.client();
    server.holds = "GET access-token";
    const both = [client.getAccessToken(), other.getAccessToken()];
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(server.held).toHaveLength(1);
    server.holds = undefined;
    server.held.pop()?.release();
    const [one, two] = await Promise.all(both);
    expect(one).toBe(two);
  });

  test("after a night's sleep is asked for before anybody gets one", async () => {
    await watched();
    vi.setSystemTime(Date.now() + 10 * HOUR);
    expect(left(await client.getAccessToken())).toBeGreaterThan(0);
    expect(server.asked).toEqual(["GET access-token"]);
  });

  test("is kept while the back end is away, as long as it lives, and asked for again soon", async () => {
    await watched();
    server.away = true;
    await vi.advanceTimersByTimeAsync(280 * SECOND);
    expect(left(await client.getAccessToken())).toBeGreaterThan(0);
    expect(client.getSnapshot().session?.user.email).toBe("ada@example.com");
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    await expect(client.getAccessToken()).rejects.toMatchObject({ name: "AuthError", code: "unreachable", status: 0 });
    expect(client.getSnapshot().error?.message).toBe("The back end did not answer.");
    expect(server.count("GET access-token")).toBeLessThan(30);
    server.away = false;
    dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(0);
    expect(left(client.getSnapshot().accessToken)).toBeGreaterThan(0);
    expect(client.getSnapshot().error).toBeNull();
  });

  test("is nowhere but in the memory of the page", async () => {
    await watched();
    expect([localStorage.length, sessionStorage.length, document.cookie]).toEqual([0, 0, ""]);
  });

  test("is nothing that a stranger has", async () => {
    server.session = null;
    expect(await client.getAccessToken()).toBeUndefined();
    expect(client.getSnapshot()).toMatchObject({ loading: false, session: null, accessToken: undefined });
  });

  test("of another organization takes the place of the old one", async () => {
    const before = await client.getAccessToken();
    await client.refresh({ organizationId: "org_other" });
    expect(client.getSnapshot().session?.organizationId).toBe("org_other");
    expect(await client.getAccessToken()).not.toBe(before);
  });

  test("that nobody watches wakes nobody", async () => {
    await client.getAccessToken();
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(server.asked).toEqual(["GET access-token"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
