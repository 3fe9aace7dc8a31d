import { reactRouter } from "@react-router/dev/vite";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [reactRouter()],
  server: { host: "localhost", port: Number(process.env.APP_PORT ?? 3000), strictPort: true },
});
