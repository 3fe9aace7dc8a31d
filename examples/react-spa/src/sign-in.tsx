import { useAuth } from "@workos-inc/authkit-react";
import { useEffect, useRef, type ReactNode } from "react";
import { useLocation, useSearchParams } from "react-router";

/** Keeps strangers off a page. The data is not guarded by this, but by the API. */
export function Protected({ children }: { children: ReactNode }) {
  const { isLoading, user } = useAuth();
  const { pathname, search } = useLocation();
  if (user) return children;
  return isLoading ? <p>One moment…</p> : <Away returnTo={pathname + search} />;
}

/** The initiate-login URL: bookmarks, links in mails and impersonations begin here. */
export function SignIn() {
  const { isLoading } = useAuth();
  const [query] = useSearchParams();
  return isLoading ? <p>One moment…</p> : <Away returnTo={query.get("return_to") ?? "/"} />;
}

function Away({ returnTo }: { returnTo: string }) {
  const { signIn } = useAuth();
  const begun = useRef(false);
  useEffect(() => {
    // React runs effects twice in development, and a second sign-in would spoil the first.
    if (begun.current) return;
    begun.current = true;
    void signIn({ state: { returnTo } });
  }, [signIn, returnTo]);
  return <p>One moment…</p>;
}
