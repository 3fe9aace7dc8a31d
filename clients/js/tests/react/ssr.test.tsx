// @vitest-environment jsdom
import { act, cleanup, waitFor } from "@testing-library/react";
import { StrictMode } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, expect, test } from "vitest";

import {
  AuthProvider,
  ImpersonationBanner,
  SignedIn,
  SignedOut,
  useAccessToken,
  useAuth,
  useRecentAuth,
  useTokenClaims,
  type InitialAuth,
} from "../../src/react/index.js";
import { Backend } from "./backend.js";
import { clientOf } from "./client.js";

const ADA: InitialAuth = {
  user: {
    id: "user_ada",
    email: "ada@example.com",
    firstName: "Ada",
    lastName: "Lovelace",
    emailVerified: true,
    profilePictureUrl: null,
  } as never,
  sessionId: "session_1",
};

let backend: Backend;

beforeEach(async () => {
  backend = await new Backend().start();
});
afterEach(async () => {
  cleanup();
  document.body.innerHTML = "";
  await backend.stop();
});

function Page() {
  const { user, loading } = useAuth();
  const { sid } = useTokenClaims();
  const { accessToken } = useAccessToken();
  const recent = useRecentAuth({ maxAge: 600 });
  return (
    <>
      <p>{loading ? "one moment" : (user?.email ?? "stranger")}</p>
      <i>{`${sid} ${accessToken === undefined} ${recent.loading}`}</i>
      <SignedIn>in</SignedIn>
      <SignedOut>out</SignedOut>
      <ImpersonationBanner />
    </>
  );
}

function app(initialAuth?: InitialAuth) {
  const { client } = clientOf(backend);
  return (
    <StrictMode>
      <AuthProvider client={client} initialAuth={initialAuth}>
        <Page />
      </AuthProvider>
    </StrictMode>
  );
}

test.each<[string, InitialAuth | undefined, string]>([
  ["nothing", undefined, "one moment"],
  ["somebody", ADA, "ada@example.com"],
  ["a stranger", { user: null }, "stranger"],
])("a server that knows of %s renders it, asks nothing and starts no timer", async (_, initialAuth, text) => {
  const before = timers();
  expect(renderToString(app(initialAuth))).toContain(`<p>${text}</p>`);
  expect(timers()).toBe(before);
  expect(backend.requests).toEqual([]);
});

test("the page takes over what the server rendered, and then learns the rest", async () => {
  for (const [initialAuth, text] of [
    [undefined, "one moment"],
    [ADA, "ada@example.com"],
  ] as const) {
    backend.signIn();
    const page = document.createElement("div");
    document.body.append(page);
    page.innerHTML = renderToString(app(initialAuth));
    expect(page.querySelector("p")?.textContent).toBe(text);
    const complaints: unknown[] = [];
    const root = await act(() =>
      hydrateRoot(page, app(initialAuth), { onRecoverableError: (error) => complaints.push(error) }),
    );
    await waitFor(() => expect(page.querySelector("i")?.textContent).toBe("session_1 false false"));
    expect(page.textContent).toContain("ada@example.com");
    expect(page.textContent).toContain("in");
    expect(complaints).toEqual([]);
    await act(() => root.unmount());
  }
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}
