import { AuthProvider, ImpersonationBanner } from "@vestibule/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "./page.css";
import { Account } from "./Account";
import { Home } from "./Home";
import { usePath } from "./path";

function App() {
  return (
    <>
      <ImpersonationBanner />
      <main>{usePath() === "/account" ? <Account /> : <Home />}</main>
    </>
  );
}

createRoot(document.getElementById("app")!).render(
  <StrictMode>
    <AuthProvider>
      <App />
    </AuthProvider>
  </StrictMode>,
);
