import { tanstackStart } from "@tanstack/react-start/plugin/vite";
import viteReact from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [tanstackStart(), viteReact()],
  server: {
    host: "localhost",
    port: Number(process.env.APP_PORT ?? 3000),
    strictPort: true,
    // One origin for both sides, as server.mjs has it in production.
    proxy: { "/api": process.env.API_URL ?? "http://localhost:8000" },
  },
});
