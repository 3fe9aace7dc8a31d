// @vitest-environment jsdom
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { StrictMode, type ReactNode } from "react";
import { afterEach, beforeEach, expect, test } from "vitest";

import { AuthProvider, useAccessToken, useAuth, useRecentAuth, useTokenClaims } from "../../src/react/index.js";
import { Backend } from "./backend.js";
import { clientOf } from "./client.js";

const SECOND = 1000;

let backend: Backend;

beforeEach(async () => {
  backend = await new Backend().start();
});
afterEach(async () => {
  cleanup();
  await backend.stop();
});

function shown<T>(hook: () => T) {
  const { client } = clientOf(backend);
  const wrapper = ({ children }: { children: ReactNode }) => (
    <StrictMode>
      <AuthProvider client={client} onSessionExpired={false}>
        {children}
      </AuthProvider>
    </StrictMode>
  );
  return renderHook(hook, { wrapper });
}

test("a token is there when it is shown; a switch and a refresh bring others, and a sign-out none", async () => {
  backend.signIn();
  const { result } = shown(() => ({ ...useAccessToken(), auth: useAuth(), claims: useTokenClaims<{ name: string }>() }));
  expect(result.current).toMatchObject({ accessToken: undefined, loading: true, error: null, claims: {} });
  await waitFor(() => expect(result.current.loading).toBe(false));
  expect(result.current.claims).toMatchObject({ sid: "session_1", org_id: "org_engines", name: "Zoë 🚀" });
  expect(backend.asked("GET access-token")).toBe(1);

  const first = result.current.accessToken;
  let second: string | undefined;
  await act(async () => (second = await result.current.refresh()));
  expect(second).not.toBe(first);
  expect(result.current.accessToken).toBe(second);

  await act(async () => void (await result.current.auth.switchToOrganization("org_looms")));
  await waitFor(() => expect(result.current.claims.org_id).toBe("org_looms"));
  expect(await result.current.getAccessToken()).toBe(result.current.accessToken);

  backend.session = null;
  await act(async () => void (await result.current.auth.getAuth()));
  await waitFor(() => expect(result.current).toMatchObject({ accessToken: undefined, loading: false, claims: {} }));
  expect(await result.current.getAccessToken()).toBeUndefined();
  expect(await result.current.refresh()).toBeUndefined();
});

test("an app without an identity server has none, and is not asked for any", async () => {
  backend.signIn({ provider: "github", accounts: ["github"] });
  const { result } = shown(() => ({ ...useAccessToken(), user: useAuth().user }));
  await waitFor(() => expect(result.current.error).toMatchObject({ code: "browser_tokens_off" }));
  await expect(act(() => result.current.getAccessToken())).rejects.toMatchObject({ code: "browser_tokens_off" });
  expect(result.current).toMatchObject({ accessToken: undefined, loading: false, user: { email: "ada@example.com" } });
  expect(backend.asked("GET access-token")).toBe(0);
});

test("a back end that does not answer is an error, and the token stays", async () => {
  backend.signIn();
  const { result } = shown(() => useAccessToken());
  await waitFor(() => expect(result.current.loading).toBe(false));
  const before = result.current.accessToken;
  backend.down = true;
  await act(async () => {
    await expect(result.current.refresh()).rejects.toBeInstanceOf(Error);
  });
  expect(result.current.error).toBeInstanceOf(Error);
  expect(result.current.accessToken).toBe(before);
  backend.down = false;
  await act(async () => void (await result.current.refresh()));
  expect(result.current.error).toBeNull();
});

test("a proof grows old while the page is open", async () => {
  const at = new Date(Date.now() - 9 * SECOND);
  backend.signIn({ authenticated_at: at.toISOString() });
  const { result } = shown(() => useRecentAuth({ maxAge: 10 }));
  expect(result.current).toEqual({ loading: true, authenticatedAt: undefined, isStale: undefined });
  await waitFor(() => expect(result.current).toEqual({ loading: false, authenticatedAt: at, isStale: false }));
  await waitFor(() => expect(result.current.isStale).toBe(true), { timeout: 3 * SECOND });
});

test.each([
  ["nobody", null],
  ["somebody of whom the token does not say when", { authenticated_at: null }],
  ["somebody who impersonates them", { impersonator: { email: "grace@example.com", reason: null } }],
])("the proof of %s is stale", async (_, session) => {
  if (session) backend.signIn(session);
  const { result } = shown(() => useRecentAuth({ maxAge: 600 }));
  await waitFor(() => expect(result.current).toMatchObject({ loading: false, isStale: true }));
});
