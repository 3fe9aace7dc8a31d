import { HeadContent, Outlet, Scripts, createRootRoute, type ErrorComponentProps } from "@tanstack/react-router";
import { getAuthAction } from "@workos/authkit-tanstack-react-start";
import { AuthKitProvider, Impersonation } from "@workos/authkit-tanstack-react-start/client";
import type { ReactNode } from "react";

import more from "../more.css?url";
import style from "../style.css?url";

export const Route = createRootRoute({
  head: () => ({
    meta: [
      { charSet: "utf-8" },
      { name: "viewport", content: "width=device-width, initial-scale=1" },
      { name: "color-scheme", content: "light dark" },
      { title: "TanStack Start and Python" },
    ],
    links: [
      { rel: "icon", href: "data:," },
      { rel: "stylesheet", href: style },
      { rel: "stylesheet", href: more },
    ],
  }),
  // Once, for the first page: from then on useAuth() knows.
  loader: () => getAuthAction(),
  staleTime: Infinity,
  shellComponent: Document,
  component: Root,
  errorComponent: Failed,
  notFoundComponent: Missing,
});

function Document({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <HeadContent />
      </head>
      <body>
        {children}
        <Scripts />
      </body>
    </html>
  );
}

function Root() {
  return (
    <AuthKitProvider initialAuth={Route.useLoaderData()}>
      <main>
        <Outlet />
      </main>
      <Impersonation />
    </AuthKitProvider>
  );
}

function Failed({ error }: ErrorComponentProps) {
  return (
    <main>
      <h1>That went wrong.</h1>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <p className="actions">
        <a className="button" href="">
          Try again
        </a>
      </p>
    </main>
  );
}

function Missing() {
  return (
    <>
      <h1>There is nothing here.</h1>
      <p className="actions">
        <a className="button" href="/">
          Home
        </a>
      </p>
    </>
  );
}
