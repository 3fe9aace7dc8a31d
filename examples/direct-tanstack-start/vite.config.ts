import { fileURLToPath } from "node:url";

import { tanstackStart } from "@tanstack/react-start/plugin/vite";
import viteReact from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [tanstackStart(), viteReact()],
  resolve: {
    alias: [
      { find: /^@\//, replacement: here("src/") },
      // From the checkout. In an app of your own: npm install @vestibule/client.
      { find: /^@vestibule\/client$/, replacement: here("../../clients/js/src/index.ts") },
    ],
  },
  server: {
    host: "localhost",
    port: Number(process.env.APP_PORT ?? 3000),
    strictPort: true,
    // One origin for both sides, as server.mjs has it in production.
    proxy: { "/api": process.env.API_URL ?? "http://localhost:8000" },
  },
});
