// The built app in production: its files, /api for Python, and everything else for TanStack Start.
import { createServer, request } from "node:http";
import { toNodeHandler } from "srvx/node";
import { staticMiddleware } from "srvx/static";

import app from "./dist/server/server.js";

const { APP_PORT = "3000", API_URL = "http://localhost:8000" } = process.env;
const files = staticMiddleware({ dir: new URL("./dist/client", import.meta.url).pathname });
const pages = toNodeHandler((asked) => files(asked, () => app.fetch(asked)));

/** Sign-in and data: what decides is Python, and no page stands before it. */
function python(asked, answer) {
  const onward = request(API_URL, { path: asked.url, method: asked.method, headers: asked.headers }, (found) => {
    answer.writeHead(found.statusCode, found.headers);
    found.pipe(answer);
  });
  onward.on("error", () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
  answer.on("close", () => onward.destroy());
  asked.pipe(onward);
}

createServer((asked, answer) => (asked.url.startsWith("/api/") ? python : pages)(asked, answer)).listen(
  Number(APP_PORT),
  "localhost",
);
