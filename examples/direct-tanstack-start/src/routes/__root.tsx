import { HeadContent, Outlet, Scripts, createRootRoute, type ErrorComponentProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

import style from "@/style.css?url";

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
    ],
  }),
  shellComponent: Document,
  component: Outlet,
  errorComponent: Failed,
  notFoundComponent: () => <h1>There is nothing here.</h1>,
});

function Document({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <HeadContent />
      </head>
      <body>
        <main>{children}</main>
        <Scripts />
      </body>
    </html>
  );
}

function Failed({ error }: ErrorComponentProps) {
  return (
    <>
      <h1>That went wrong.</h1>
      <p role="alert">{error instanceof Error ? error.message : String(error)}</p>
      <p className="actions">
        <a className="button" href="">
          Try again
        </a>
      </p>
    </>
  );
}
