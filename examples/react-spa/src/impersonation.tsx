import { useAuth } from "@workos-inc/authkit-react";

export function ImpersonationBanner() {
  const { user, impersonator, signOut } = useAuth();
  if (!user || !impersonator) return null;
  return (
    <div className="impersonation" role="status">
      <p>
        <strong>{impersonator.email}</strong> is signed in as <strong>{user.email}</strong>
        {impersonator.reason && ` (${impersonator.reason})`}.
      </p>
      <button onClick={() => signOut()}>Stop</button>
    </div>
  );
}
