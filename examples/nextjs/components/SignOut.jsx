"use client";

import { useAuth } from "@workos-inc/authkit-nextjs/components";

export function SignOut() {
  const { signOut } = useAuth();
  return (
    <button className="button quiet" onClick={() => signOut()}>
      Sign out
    </button>
  );
}
