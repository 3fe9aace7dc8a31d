import { useAuth } from "@workos/authkit-tanstack-react-start/client";

export function SignOut() {
  const { signOut } = useAuth();
  return (
    <button className="button quiet" onClick={() => signOut()}>
      Sign out
    </button>
  );
}
