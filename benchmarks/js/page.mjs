// The same two pages with express and the official session package; one line of JSON when ready.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import express from "express";
import { AuthKitCore, sessionEncryption } from "@workos/authkit-session";

const [line] = await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next().then(({ value }) => [value]);
const { keys, clientId, password } = JSON.parse(line);

const issuer = createServer((_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(keys));
});
await new Promise((ready) => issuer.listen(0, "127.0.0.1", ready));
const getJwksUrl = () => `http://127.0.0.1:${issuer.address().port}/sso/jwks/${clientId}`;
const core = new AuthKitCore({ clientId, cookiePassword: password }, { userManagement: { getJwksUrl } }, sessionEncryption);

const app = express();
app.disable("x-powered-by");
app.get("/hello", (_request, response) => response.type("text").send("hello"));
app.get("/private", async (request, response) => {
  const cookie = request.headers.cookie?.split("; ").find((each) => each.startsWith("wos-session="));
  const session = cookie && (await core.decryptSession(decodeURIComponent(cookie.slice("wos-session=".length))));
  if (!session || !(await core.verifyToken(session.accessToken))) return response.sendStatus(401);
  core.parseTokenClaims(session.accessToken);
  response.set("cache-control", "private, no-store").type("text").send("hello");
});
const server = app.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
