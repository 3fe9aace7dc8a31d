import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const { APP_PORT, API_URL, VESTIBULE_CLIENT_ID, VESTIBULE_URL } = process.env;
const server = new URL(VESTIBULE_URL ?? "https://api.workos.com");
const listening = { host: "localhost", port: Number(APP_PORT ?? 5173), strictPort: true };

export default defineConfig({
  plugins: [react()],
  // One by one: what stands here is in the page, for everybody to read. The API key must not.
  define: {
    __SERVER__: JSON.stringify({
      clientId: VESTIBULE_CLIENT_ID,
      apiHostname: server.hostname,
      port: server.port ? Number(server.port) : undefined,
      https: server.protocol === "https:",
    }),
    __API_URL__: JSON.stringify(API_URL ?? "http://localhost:8000"),
  },
  server: listening,
  preview: listening,
});
