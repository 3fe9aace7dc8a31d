import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const OLDEST = fileURLToPath(new URL("tests/react18/node_modules/", import.meta.url));
const reacts = { find: /^(react|react-dom|@testing-library\/react)($|\/)/, replacement: `${OLDEST}$1$2` };

export default defineConfig({
  test: { include: ["tests/**/*.test.{ts,tsx}"], isolate: false },
  resolve: { alias: process.env.REACT === "18" ? [reacts] : [] },
});
