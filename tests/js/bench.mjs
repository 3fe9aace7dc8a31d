// Times the official packages for `make bench`: one JSON request a line on stdin, one JSON answer a line on stdout.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { WorkOS } from "@workos-inc/node";
import { AuthKitCore, sessionEncryption } from "@workos/authkit-session";
import { sealData, unsealData } from "iron-session";

const operations = {};

async function prepare({ password, payload, sealed, keys, clientId }) {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(keys));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  server.unref();
  const { port } = server.address();

  const getJwksUrl = () => `http://127.0.0.1:${port}/sso/jwks/${clientId}`;
  const core = new AuthKitCore({ clientId, cookiePassword: password }, { userManagement: { getJwksUrl } }, sessionEncryption);
  const workos = new WorkOS("sk_test_bench", { clientId, apiHostname: "127.0.0.1", port, https: false });

  operations["authkit-session"] = {
    seal: () => core.encryptSession(payload),
    unseal: () => core.decryptSession(sealed),
    load: async () => {
      const session = await core.decryptSession(sealed);
      if (!(await core.verifyToken(session.accessToken))) throw new Error("authkit-session refused the token");
      return core.parseTokenClaims(session.accessToken);
    },
  };
  operations["iron-session"] = {
    seal: () => sealData(payload, { password, ttl: 0 }),
    unseal: () => unsealData(sealed, { password, ttl: 0 }),
  };
  operations["workos-node"] = {
    load: async () => {
      const session = workos.userManagement.loadSealedSession({ sessionData: sealed, cookiePassword: password });
      const result = await session.authenticate();
      if (!result.authenticated) throw new Error(`workos-node refused the session: ${result.reason}`);
      return result;
    },
  };
  return { node: process.version };
}

async function time({ peer, operation, seconds }) {
  const run = operations[peer][operation];
  const started = performance.now();
  const until = started + seconds * 1000;
  let calls = 0;
  do {
    await run();
    calls += 1;
  } while (performance.now() < until);
  return { microseconds: ((performance.now() - started) * 1000) / calls };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const answer = request.prepare ? await prepare(request.prepare) : await time(request);
  process.stdout.write(JSON.stringify(answer) + "\n");
}
process.exit(0);
