import type { ReactNode } from "react";

import { useAuth } from "./useAuth.js";
import type { AuthState } from "./types.js";

/** For people who are signed in; nothing until it is known. */
export function SignedIn({ children }: { children?: ReactNode }) {
  return useAuth().user ? <>{children}</> : null;
}

/** For strangers; nothing until it is known. */
export function SignedOut({ children }: { children?: ReactNode }) {
  const { user, loading } = useAuth();
  return user || loading ? null : <>{children}</>;
}

type Wanted = string | readonly string[];

export interface GuardProps {
  children?: ReactNode;
  /** All of them, when several are named; the same words as `requires` of the back end. */
  permission?: Wanted;
  role?: Wanted;
  entitlement?: Wanted;
  flag?: Wanted;
  /** One of them, or any at all: `organization`. */
  organization?: true | Wanted;
  /** For everybody else. */
  fallback?: ReactNode;
  /** Until it is known. */
  pending?: ReactNode;
}

/** Shows what somebody may see. It hides, it does not protect: the back end guards the data. */
export function Guard({ children, fallback = null, pending = null, ...wanted }: GuardProps) {
  const auth = useAuth();
  if (auth.loading) return <>{pending}</>;
  return <>{hasAll(auth, wanted) ? children : fallback}</>;
}

function hasAll(auth: AuthState, wanted: Omit<GuardProps, "children" | "fallback" | "pending">): boolean {
  if (!auth.user) return false;
  const roles = auth.roles?.length ? auth.roles : auth.role ? [auth.role] : [];
  return (
    has(auth.permissions, wanted.permission) &&
    has(roles, wanted.role) &&
    has(auth.entitlements, wanted.entitlement) &&
    has(auth.featureFlags, wanted.flag) &&
    isIn(auth.organizationId, wanted.organization)
  );
}

function has(granted: readonly string[] = [], wanted: Wanted | undefined): boolean {
  return list(wanted).every((each) => granted.includes(each));
}

function isIn(current: string | undefined, wanted: GuardProps["organization"]): boolean {
  if (wanted === undefined) return true;
  return current !== undefined && (wanted === true || list(wanted).includes(current));
}

function list(wanted: Wanted | undefined): readonly string[] {
  return typeof wanted === "string" ? [wanted] : (wanted ?? []);
}
