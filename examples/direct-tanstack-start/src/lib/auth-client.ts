import { createAuthClient } from "@vestibule/client";

export const authClient = createAuthClient({
  basePath: "/api/auth",
});
