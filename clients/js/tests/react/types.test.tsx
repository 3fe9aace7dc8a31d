import type { ReactNode } from "react";
import { expectTypeOf, test } from "vitest";

import {
  AuthKitProvider,
  AuthProvider,
  Impersonation,
  ImpersonationBanner,
  useAccessToken,
  useAuth,
  useRecentAuth,
  useTokenClaims,
} from "../../src/react/index.js";
import type { Impersonator, NoUserInfo, User, UserInfo } from "../../src/index.js";

// The compiler reads these; they are never called.
export function Narrowed(): ReactNode {
  const anybody = useAuth();
  expectTypeOf(anybody.user).toEqualTypeOf<User | null>();
  const somebody = useAuth({ ensureSignedIn: true });
  if (somebody.loading) return null;
  expectTypeOf(somebody.user).toEqualTypeOf<User>();
  const spa = useAuth({ ensureSignedIn: true });
  return spa.isLoading ? null : spa.user.email;
}

export function Recent(): ReactNode {
  const { loading, authenticatedAt, isStale } = useRecentAuth({ maxAge: 600 });
  if (loading) return null;
  expectTypeOf(authenticatedAt).toEqualTypeOf<Date | null>();
  expectTypeOf(isStale).toEqualTypeOf<boolean>();
  return null;
}

test("moving is an import change: the names and fields of the seed", () => {
  type Auth = ReturnType<typeof useAuth>;
  expectTypeOf<Auth["sessionId"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Auth["organizationId"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Auth["role"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Auth["roles" | "permissions" | "entitlements" | "featureFlags"]>().toEqualTypeOf<string[] | undefined>();
  expectTypeOf<Auth["impersonator"]>().toEqualTypeOf<Impersonator | undefined>();
  expectTypeOf<Auth["loading" | "isLoading"]>().toEqualTypeOf<boolean>();
  expectTypeOf<Auth["refreshAuth"]>().returns.resolves.toEqualTypeOf<void | { error: string }>();
  expectTypeOf<Auth["switchToOrganization"]>().returns.resolves.toEqualTypeOf<void | { error: string }>();
  expectTypeOf<{ returnTo?: string } | undefined>().toExtend<Parameters<Auth["signOut"]>[0]>();

  type Token = ReturnType<typeof useAccessToken>;
  expectTypeOf<Token["accessToken"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Token["error"]>().toEqualTypeOf<Error | null>();
  expectTypeOf<Token["getAccessToken" | "refresh"]>().toEqualTypeOf<() => Promise<string | undefined>>();

  expectTypeOf<ReturnType<typeof useTokenClaims<{ plan: string }>>["plan"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<ReturnType<typeof useTokenClaims>["sid"]>().toEqualTypeOf<string | undefined>();

  type Props = Parameters<typeof AuthProvider>[0];
  expectTypeOf<NonNullable<Props["initialAuth"]>>().toEqualTypeOf<Omit<UserInfo, "accessToken"> | NoUserInfo>();
  expectTypeOf<Props["onSessionExpired"]>().toEqualTypeOf<false | (() => void) | undefined>();
  expectTypeOf(AuthKitProvider).toEqualTypeOf(AuthProvider);
  expectTypeOf(Impersonation).toEqualTypeOf(ImpersonationBanner);
  expectTypeOf<Parameters<typeof ImpersonationBanner>[0]["side"]>().toEqualTypeOf<"top" | "bottom" | undefined>();
});
