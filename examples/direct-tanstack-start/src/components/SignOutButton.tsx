import { authClient } from "@/lib/auth-client";

export const SignOutButton = () => {
  const handleSignOut = async () => {
    await authClient.signOut({
      redirect: true,
      redirectTo: "/",
    });
  };

  return (
    <button className="button quiet" onClick={handleSignOut}>
      Sign out
    </button>
  );
};
