import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// From the checkout. In an app of your own: npm install @vestibule/client, and no `resolve` at all.
const client = fileURLToPath(new URL("../../clients/js/src", import.meta.url));

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: [{ find: /^@vestibule\/client(\/react)?$/, replacement: `${client}$1/index.ts` }],
    dedupe: ["react", "react-dom"],
  },
});
