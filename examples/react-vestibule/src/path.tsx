import { useSyncExternalStore, type ComponentPropsWithoutRef } from "react";

const MOVED = "moved";

/** As much of a router as two pages need. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

export function Link({ href, ...rest }: ComponentPropsWithoutRef<"a"> & { href: string }) {
  return (
    <a
      href={href}
      {...rest}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        history.pushState(null, "", href);
        dispatchEvent(new Event(MOVED));
      }}
    />
  );
}

function subscribe(changed: () => void): () => void {
  for (const event of ["popstate", MOVED]) addEventListener(event, changed);
  return () => {
    for (const event of ["popstate", MOVED]) removeEventListener(event, changed);
  };
}
