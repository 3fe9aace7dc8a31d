// An app that is nothing but a page: the official React package, unmodified, and as little around it as possible.
import { AuthKitProvider, useAuth } from "@workos-inc/authkit-react";
import { useState } from "react";
import { createRoot } from "react-dom/client";

const { server, clientId, devMode } = window.PAGE;
const { hostname, port } = new URL(server);

function Person() {
  const { isLoading, user, organizationId, signIn, signOut, getAccessToken, switchToOrganization } = useAuth();
  const [claims, setClaims] = useState("");
  async function ask() {
    const [, payload] = (await getAccessToken({ forceRefresh: true })).split(".");
    setClaims(atob(payload.replace(/-/g, "+").replace(/_/g, "/")));
  }
  if (isLoading) return <p>One moment</p>;
  if (!user) return <button onClick={() => signIn({ state: { from: "here" } })}>Sign in</button>;
  return (
    <main>
      <h1>{user.email}</h1>
      <p id="organization">{organizationId}</p>
      <button onClick={ask}>Refresh</button>
      <button onClick={() => switchToOrganization({ organizationId: "org_engines" })}>Switch</button>
      <button onClick={() => signOut()}>Sign out</button>
      <pre>{claims}</pre>
    </main>
  );
}

window.refreshes = 0;
createRoot(document.getElementById("root")).render(
  <AuthKitProvider
    clientId={clientId}
    apiHostname={hostname}
    port={Number(port)}
    https={false}
    devMode={devMode}
    redirectUri={window.location.origin + "/callback"}
    refreshBufferInterval={window.PAGE.refreshBufferInterval}
    onRefresh={() => (window.refreshes += 1)}
    onRedirectCallback={({ state }) => (window.returned = state)}
  >
    <Person />
  </AuthKitProvider>,
);
