// @vitest-environment jsdom
import { act, cleanup, render, renderHook, screen, waitFor } from "@testing-library/react";
import { Profiler, StrictMode, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { AuthProvider, Guard, SignedIn, SignedOut, useAuth, type GuardProps } from "../../src/react/index.js";
import { Backend } from "./backend.js";
import { clientOf } from "./client.js";

let backend: Backend;

beforeEach(async () => {
  backend = await new Backend().start();
});
afterEach(async () => {
  cleanup();
  await backend.stop();
});

function wrapper(more: Partial<Parameters<typeof AuthProvider>[0]> = {}) {
  const { client } = clientOf(backend);
  return ({ children }: { children: ReactNode }) => (
    <StrictMode>
      <AuthProvider client={client} {...more}>
        {children}
      </AuthProvider>
    </StrictMode>
  );
}

const pause = (ms: number) => act(() => new Promise((done) => setTimeout(done, ms)));

describe("useAuth", () => {
  test("a stranger costs one request and two renders in five seconds, and is sent to the sign-in once", async () => {
    const { client, went } = clientOf(backend);
    const commits: string[] = [];
    function Page() {
      const { loading } = useAuth({ ensureSignedIn: true });
      return <p>{loading ? "one moment" : "somebody"}</p>;
    }
    render(
      <StrictMode>
        <AuthProvider client={client}>
          <Profiler id="page" onRender={(_, phase) => commits.push(phase)}>
            <Page />
          </Profiler>
        </AuthProvider>
      </StrictMode>,
    );
    await pause(5000);
    expect(backend.requests).toEqual(["GET session"]);
    expect(commits).toEqual(["mount", "update"]);
    expect(went).toEqual(["/auth/sign-in?return_to=%2F"]);
    expect(screen.getByText("one moment")).toBeDefined();
  }, 10_000);

  test("a stranger elsewhere is told so", async () => {
    const { result } = renderHook(() => useAuth(), { wrapper: wrapper() });
    await waitFor(() => expect(result.current.loading).toBe(false));
    expect(result.current).toMatchObject({ user: null, isLoading: false, sessionId: undefined, roles: undefined });
  });

  test("somebody is known by everything their session says", async () => {
    backend.signIn({ impersonator: { email: "grace@example.com", reason: "a call" } });
    const { result } = renderHook(() => useAuth(), { wrapper: wrapper() });
    expect(result.current).toMatchObject({ user: null, loading: true, isLoading: true });
    await waitFor(() => expect(result.current.loading).toBe(false));
    expect(result.current).toMatchObject({
      user: { email: "ada@example.com", firstName: "Ada", emailVerified: true },
      sessionId: "session_1",
      organizationId: "org_engines",
      role: "admin",
      roles: ["admin"],
      permissions: ["reports:read"],
      entitlements: ["audit-logs"],
      featureFlags: ["beta"],
      impersonator: { email: "grace@example.com", reason: "a call" },
    });
  });

  test("a switch changes everything; a refused one says why and changes nothing", async () => {
    backend.signIn();
    const { result } = renderHook(() => useAuth(), { wrapper: wrapper() });
    await waitFor(() => expect(result.current.user).not.toBeNull());
    await act(async () => expect(await result.current.switchToOrganization("org_looms")).toBeUndefined());
    expect(result.current.organizationId).toBe("org_looms");
    await act(async () => expect(await result.current.refreshAuth({ organizationId: "org_engines" })).toBeUndefined());
    expect(result.current.organizationId).toBe("org_engines");

    backend.refuses = { status: 403, code: "organization_refused", message: "You are no member of it." };
    await act(async () => {
      expect(await result.current.switchToOrganization("org_other")).toEqual({ error: "You are no member of it." });
      expect(await result.current.refreshAuth()).toEqual({ error: "You are no member of it." });
    });
    expect(result.current).toMatchObject({ organizationId: "org_engines", loading: false });
  });

  test("its functions stay the same, so effects may depend on them", async () => {
    backend.signIn();
    const { result } = renderHook(() => useAuth(), { wrapper: wrapper() });
    const before = result.current;
    await waitFor(() => expect(result.current.user).not.toBeNull());
    for (const name of ["getAuth", "refreshAuth", "signOut", "switchToOrganization"] as const) {
      expect(result.current[name]).toBe(before[name]);
    }
  });

  test("outside a provider the error says what to do", () => {
    function Page() {
      return <p>{useAuth().user?.email}</p>;
    }
    expect(() => renderToString(<Page />)).toThrow(/useAuth must be used within an AuthProvider. Put <AuthProvider>/);
  });
});

describe("what the server already knows", () => {
  test("is shown at once, and nothing is asked", async () => {
    const initialAuth = { user: { id: "user_ada", email: "ada@example.com" } as never, sessionId: "session_1" };
    const { result } = renderHook(() => useAuth(), { wrapper: wrapper({ initialAuth }) });
    expect(result.current).toMatchObject({ loading: false, user: { email: "ada@example.com" } });
    await pause(50);
    expect(backend.requests).toEqual([]);
  });

  test("also that it is a stranger", async () => {
    const { result } = renderHook(() => useAuth(), { wrapper: wrapper({ initialAuth: { user: null } }) });
    expect(result.current).toMatchObject({ loading: false, user: null });
    await pause(50);
    expect(backend.requests).toEqual([]);
  });
});

describe("onSessionExpired", () => {
  test("is called when the session has ended elsewhere, and only then", async () => {
    backend.signIn();
    let expired = 0;
    const onSessionExpired = () => (expired += 1);
    const { client } = clientOf(backend);
    const { result } = renderHook(() => useAuth(), { wrapper: wrapper({ client, onSessionExpired }) });
    await waitFor(() => expect(result.current.user).not.toBeNull());

    backend.down = true;
    await act(() => result.current.getAuth().catch(() => undefined));
    expect(result.current.user).not.toBeNull();
    expect(expired).toBe(0);

    backend.down = false;
    backend.session = null;
    await pause(20);
    act(() => void window.dispatchEvent(new Event("focus")));
    await waitFor(() => expect(expired).toBe(1));
    expect(result.current.user).toBeNull();
  });

  test("is not called for a sign-out of this page", async () => {
    backend.signIn();
    let expired = 0;
    const onSessionExpired = () => (expired += 1);
    const { client, went } = clientOf(backend);
    const { result } = renderHook(() => useAuth({ ensureSignedIn: true }), {
      wrapper: wrapper({ client, onSessionExpired }),
    });
    await waitFor(() => expect(result.current.loading).toBe(false));
    await act(() => result.current.signOut({ returnTo: "/bye" }));
    await pause(20);
    expect(went).toEqual(["/bye"]);
    expect(expired).toBe(0);
  });
});

describe("what is shown to whom", () => {
  const shown = (gate: ReactNode) => render(gate, { wrapper: wrapper() });

  test("SignedIn and SignedOut say nothing until it is known", async () => {
    shown(
      <>
        <SignedIn>somebody</SignedIn>
        <SignedOut>stranger</SignedOut>
      </>,
    );
    expect(document.body.textContent).toBe("");
    await waitFor(() => expect(document.body.textContent).toBe("stranger"));
  });

  test.each<[Partial<GuardProps>, string]>([
    [{}, "yes"],
    [{ permission: "reports:read" }, "yes"],
    [{ permission: ["reports:read", "reports:write"] }, "no"],
    [{ role: "admin", entitlement: "audit-logs", flag: "beta", organization: "org_engines" }, "yes"],
    [{ role: "owner" }, "no"],
    [{ entitlement: "sso" }, "no"],
    [{ flag: "gamma" }, "no"],
    [{ organization: true }, "yes"],
    [{ organization: ["org_looms", "org_engines"] }, "yes"],
    [{ organization: "org_looms" }, "no"],
  ])("Guard %o: %s", async (wanted, expected) => {
    backend.signIn();
    shown(
      <Guard {...wanted} fallback="no" pending="wait">
        yes
      </Guard>,
    );
    expect(document.body.textContent).toBe("wait");
    await waitFor(() => expect(document.body.textContent).toBe(expected));
  });
});
