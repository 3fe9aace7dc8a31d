// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, expect, test } from "vitest";

import { AuthProvider, Impersonation, ImpersonationBanner } from "../../src/react/index.js";
import { Backend } from "./backend.js";
import { clientOf } from "./client.js";

const GRACE = { email: "grace@example.com", reason: "a call" };

let backend: Backend;

beforeEach(async () => {
  backend = await new Backend().start();
});
afterEach(async () => {
  cleanup();
  await backend.stop();
});

function show(banner = <ImpersonationBanner side="top" returnTo="/bye" className="ours" />) {
  const { client, went } = clientOf(backend);
  render(
    <StrictMode>
      <AuthProvider client={client}>{banner}</AuthProvider>
    </StrictMode>,
  );
  return went;
}

test("it says whose session this is and in which organization, can be put aside, and ends it", async () => {
  backend.signIn({ impersonator: GRACE });
  const went = show();
  const banner = await screen.findByRole("region", { name: "Impersonation" });
  await waitFor(() =>
    expect(banner.textContent).toContain(
      "You are impersonating ada@example.com within the Analytical Engines organization",
    ),
  );
  expect(backend.asked("GET organization")).toBe(1);
  expect(banner.dataset).toMatchObject({ side: "top", vestibuleImpersonationRoot: "", workosImpersonationRoot: "" });
  expect(banner.className).toBe("ours");

  fireEvent.click(screen.getByRole("button", { name: "Hide" }));
  expect(banner.dataset.minimized).toBe("");
  fireEvent.click(screen.getByRole("button", { name: "Impersonating ada@example.com: show" }));
  expect(banner.dataset.minimized).toBeUndefined();

  await act(async () => fireEvent.click(screen.getByRole("button", { name: "Stop" })));
  await waitFor(() => expect(went).toEqual(["/bye"]));
  expect(backend.asked("POST sign-out")).toBe(1);
});

test("a content security policy has nothing against it: no style attribute and, without a nonce, no style element", async () => {
  backend.signIn({ impersonator: GRACE });
  show(<Impersonation />);
  await screen.findByRole("region", { name: "Impersonation" });
  expect(document.querySelectorAll("[style], style")).toHaveLength(0);
});

test("with a nonce the style is in what a server renders", () => {
  const { client } = clientOf(backend);
  const initialAuth = { user: { id: "user_ada", email: "ada@example.com" } as never, sessionId: "s", impersonator: GRACE };
  const html = renderToString(
    <AuthProvider client={client} initialAuth={initialAuth}>
      <ImpersonationBanner nonce="n0nce" />
    </AuthProvider>,
  );
  expect(html).toContain('<style nonce="n0nce">');
  expect(html).toContain('data-side="bottom"');
  expect(html).not.toContain("style=");
});

test("nobody else sees it", async () => {
  backend.signIn();
  show();
  await waitFor(() => expect(backend.asked("GET session")).toBe(1));
  await act(() => new Promise((done) => setTimeout(done, 50)));
  expect(screen.queryByRole("region")).toBeNull();
  expect(backend.asked("GET organization")).toBe(0);
});
