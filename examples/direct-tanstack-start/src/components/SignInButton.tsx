import type { ReactNode } from "react";

import { authClient } from "@/lib/auth-client";

export const SignInButton = ({ provider, children }: { provider: string; children: ReactNode }) => {
  const handleSignIn = async () => {
    await authClient.signIn(provider, {
      redirectTo: "/dashboard",
    });
  };

  return (
    <button className="button" onClick={handleSignIn}>
      {children}
    </button>
  );
};
