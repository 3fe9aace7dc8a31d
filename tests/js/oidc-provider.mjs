// npm's oidc-provider as somebody would run it, with its own pages. Says its address on a line, and turns to a new
// key for each line it is told; ends with its input.
import { generateKeyPairSync } from "node:crypto";
import http from "node:http";
import readline from "node:readline";
import Provider from "oidc-provider";

const client = JSON.parse(process.argv[2]);
const keys = [];
let answer;

const server = http.createServer((request, response) => answer(request, response));
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  turn(issuer);
  const lines = readline.createInterface({ input: process.stdin });
  lines.on("line", () => turn(issuer));
  lines.on("close", () => process.exit());
});

// The newest key signs, the one before is still published: as the manual says to rotate.
function turn(issuer) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  keys.unshift({ ...privateKey.export({ format: "jwk" }), kid: `key-${keys.length + 1}`, use: "sig", alg: "RS256" });
  answer = new Provider(issuer, {
    clients: [{ ...client, grant_types: ["authorization_code", "refresh_token"] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    cookies: { keys: ["of these tests"] },
    features: { revocation: { enabled: true } },
    findAccount: (_, id) => ({ accountId: id, claims: () => about(id) }),
    jwks: { keys: keys.slice(0, 2) },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 60, RefreshToken: 600, Session: 600 },
  }).callback();
  console.log(JSON.stringify({ issuer }));
}

function about(id) {
  return { sub: id, email: `${id}@example.com`, email_verified: true, name: `${id[0].toUpperCase()}${id.slice(1)}` };
}
