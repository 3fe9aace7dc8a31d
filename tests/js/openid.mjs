// openid-client, unmodified, as an app's server would use it. One request in JSON a line, one answer a line.
import readline from "node:readline";
import * as oidc from "openid-client";

let config;
let pending = {};

const operations = {
  async discover({ server, clientId, clientSecret }) {
    const authentication = clientSecret ? oidc.ClientSecretBasic(clientSecret) : oidc.None();
    const execute = [oidc.allowInsecureRequests];
    config = await oidc.discovery(new URL(server), clientId, {}, authentication, { execute });
    return config.serverMetadata();
  },
  async begin(parameters) {
    pending = {
      pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
      expectedState: oidc.randomState(),
      expectedNonce: oidc.randomNonce(),
    };
    return oidc.buildAuthorizationUrl(config, {
      code_challenge: await oidc.calculatePKCECodeChallenge(pending.pkceCodeVerifier),
      code_challenge_method: "S256",
      state: pending.expectedState,
      nonce: pending.expectedNonce,
      ...parameters,
    });
  },
  async finish({ url, form, maxAge }) {
    const method = { method: "POST", body: new URLSearchParams(form ?? {}) };
    const answer = form ? new Request(url, method) : new URL(url);
    const checks = maxAge === undefined ? pending : { ...pending, maxAge };
    const tokens = await oidc.authorizationCodeGrant(config, answer, checks);
    return { ...tokens, claims: tokens.claims() };
  },
  async userinfo({ token, subject }) {
    return oidc.fetchUserInfo(config, token, subject);
  },
  async refresh({ token }) {
    const tokens = await oidc.refreshTokenGrant(config, token);
    return { ...tokens, claims: tokens.claims() };
  },
  async introspect({ token }) {
    return oidc.tokenIntrospection(config, token);
  },
  async revoke({ token }) {
    await oidc.tokenRevocation(config, token);
  },
  async end(parameters) {
    return oidc.buildEndSessionUrl(config, parameters);
  },
  async device() {
    pending = await oidc.initiateDeviceAuthorization(config, { scope: "openid email" });
    return pending;
  },
  async poll() {
    // Its first question comes after `interval` seconds; a test need not wait as long as a person takes.
    const tokens = await oidc.pollDeviceAuthorizationGrant(config, { ...pending, interval: 0.05 });
    return { ...tokens, claims: tokens.claims() };
  },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { operation, ...parameters } = JSON.parse(line);
  try {
    const result = await operations[operation](parameters);
    console.log(JSON.stringify({ result: result ?? null }));
  } catch (error) {
    const { name, message, code } = error;
    console.log(JSON.stringify({ error: { name, message, code, error: error.error ?? error.cause?.error } }));
  }
}
