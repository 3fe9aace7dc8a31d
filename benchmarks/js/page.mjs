// The same two pages with express or h3 and the official session package; one line of JSON when ready.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import express from "express";
import { H3, toNodeHandler } from "h3";
import { AuthKitCore, sessionEncryption } from "@workos/authkit-session";

const [line] = await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next().then(({ value }) => [value]);
const { framework, keys, clientId, password } = JSON.parse(line);

const issuer = createServer((_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(keys));
});
await new Promise((ready) => issuer.listen(0, "127.0.0.1", ready));
const getJwksUrl = () => `http://127.0.0.1:${issuer.address().port}/sso/jwks/${clientId}`;
const core = new AuthKitCore({ clientId, cookiePassword: password }, { userManagement: { getJwksUrl } }, sessionEncryption);

async function isSignedIn(cookies) {
  const cookie = cookies?.split("; ").find((each) => each.startsWith("wos-session="));
  const session = cookie && (await core.decryptSession(decodeURIComponent(cookie.slice("wos-session=".length))));
  if (!session || !(await core.verifyToken(session.accessToken))) return false;
  core.parseTokenClaims(session.accessToken);
  return true;
}

function withExpress() {
  const app = express();
  app.disable("x-powered-by");
  app.get("/hello", (_request, response) => response.type("text").send("hello"));
  app.get("/private", async (request, response) => {
    if (!(await isSignedIn(request.headers.cookie))) return response.sendStatus(401);
    response.set("cache-control", "private, no-store").type("text").send("hello");
  });
  return app;
}

function withH3() {
  const app = new H3();
  app.get("/hello", () => "hello");
  app.get("/private", async (event) => {
    if (!(await isSignedIn(event.req.headers.get("cookie")))) return new Response("", { status: 401 });
    event.res.headers.set("cache-control", "private, no-store");
    return "hello";
  });
  return toNodeHandler(app);
}

const server = createServer({ express: withExpress, h3: withH3 }[framework]());
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
