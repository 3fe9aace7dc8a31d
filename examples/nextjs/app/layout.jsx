import { withAuth } from "@workos-inc/authkit-nextjs";
import { AuthKitProvider, Impersonation } from "@workos-inc/authkit-nextjs/components";

import "./style.css";
import "./more.css";

export const metadata = { title: "Next.js and Python", icons: { icon: "data:," } };
export const viewport = { width: "device-width", initialScale: 1, colorScheme: "light dark" };

export default async function Layout({ children }) {
  // The browser begins with what the server knows; the token stays here.
  const { accessToken, ...initialAuth } = await withAuth();
  return (
    <html lang="en">
      <body>
        <AuthKitProvider initialAuth={initialAuth}>
          <main>{children}</main>
          <Impersonation />
        </AuthKitProvider>
      </body>
    </html>
  );
}
