import { Form, Links, Meta, Outlet, Scripts, ScrollRestoration, isRouteErrorResponse, useMatches } from "react-router";
import type { ReactNode } from "react";

import "./style.css";
import "./more.css";

/** The package says nothing about caches: the back button would show a page after its reader has signed out. */
export const headers = () => ({ "Cache-Control": "private, no-store", Vary: "Cookie" });

export function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <Meta />
        <Links />
      </head>
      <body>
        {children}
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  );
}

/** Without a loader of its own: the loaders of one page run side by side, and each would refresh the session. */
export default function Root() {
  return (
    <>
      <ImpersonationBanner />
      <main>
        <Outlet />
      </main>
    </>
  );
}

/** authkitLoader tells every page who is behind the session. */
function ImpersonationBanner() {
  const page = useMatches().at(-1)?.data as { user?: { email: string }; impersonator?: { email: string; reason: string | null } };
  if (!page?.user || !page.impersonator) return null;
  const { email, reason } = page.impersonator;
  return (
    <div className="impersonation" role="status">
      <p>
        <strong>{email}</strong> is signed in as <strong>{page.user.email}</strong>
        {reason && ` (${reason})`}.
      </p>
      <Form method="post" action="/auth/sign-out">
        <button>Stop</button>
      </Form>
    </div>
  );
}

export function ErrorBoundary({ error }: { error: unknown }) {
  const { status, statusText } = isRouteErrorResponse(error) ? error : { status: 500, statusText: "" };
  const away = status === 503;
  return (
    <main>
      <h1>{away ? "One moment, please." : status === 404 ? "There is nothing here." : "That went wrong."}</h1>
      <p>{away ? "The sign-in service does not answer. You are still signed in." : statusText || `Error ${status}`}</p>
      <p className="actions">
        <a className="button" href={away ? "" : "/"}>
          {away ? "Try again" : "Home"}
        </a>
      </p>
    </main>
  );
}
