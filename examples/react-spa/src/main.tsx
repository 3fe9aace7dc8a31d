import { AuthKitProvider } from "@workos-inc/authkit-react";
import { StrictMode, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter, Route, Routes, useNavigate } from "react-router";

import { Account } from "./account";
import { Home } from "./home";
import { ImpersonationBanner } from "./impersonation";
import { Reports } from "./reports";
import { Protected, SignIn } from "./sign-in";
import "./style.css";
import "./more.css";

declare const __SERVER__: { clientId: string; apiHostname: string; port?: number; https: boolean };

function SignedInOrOut({ children }: { children: ReactNode }) {
  const navigate = useNavigate();
  return (
    <AuthKitProvider
      {...__SERVER__}
      // As in production: the refresh token is in a cookie that no script can read, not in localStorage.
      devMode={false}
      redirectUri={`${window.location.origin}/callback`}
      onRedirectCallback={({ state }) => navigate(pathOf(state?.returnTo), { replace: true })}
      // The session was ended elsewhere. The package keeps showing its user; a new page does not.
      onRefreshFailure={() => window.location.assign("/")}
    >
      {children}
    </AuthKitProvider>
  );
}

/** `state` comes back by the address, where anybody can write: only a path of this page will do. */
function pathOf(returnTo: unknown): string {
  if (typeof returnTo !== "string") return "/";
  const url = new URL(returnTo, window.location.origin);
  return url.origin === window.location.origin ? url.pathname + url.search : "/";
}

// The back button may bring a page back from memory, with whoever was signed in when it was left.
window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <BrowserRouter>
      <SignedInOrOut>
        <ImpersonationBanner />
        <main>
          <Routes>
            <Route path="/" element={<Home />} />
            <Route path="/account" element={<Protected><Account /></Protected>} />
            <Route path="/reports" element={<Protected><Reports /></Protected>} />
            <Route path="/auth/sign-in" element={<SignIn />} />
            <Route path="/callback" element={<p>One moment…</p>} />
            <Route path="*" element={<h1>There is nothing here.</h1>} />
          </Routes>
        </main>
      </SignedInOrOut>
    </BrowserRouter>
  </StrictMode>,
);
