// The official JavaScript packages behind one door: a JSON request per line in, a JSON answer per line out.

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import {
  AuthService,
  CookieSessionStorage,
  getPKCECookieNameForState,
  sessionEncryption,
} from '@workos/authkit-session';
import { WorkOS } from '@workos-inc/node';
import { sealData, unsealData } from 'iron-session';

// Not exported by the package, so taken from its file.
import { sanitizeReturnPathname } from './node_modules/@workos/authkit-session/dist/utils.js';

const workos = new WorkOS('sk_test_x', { clientId: 'client_test' });

class Storage extends CookieSessionStorage {
  async getCookie(request, name) {
    return request.cookies[name] ?? null;
  }
}

// What the network would answer: a fixed session for any code, and the keys the test published.
function service({ password, jwksUrl, answer, config }) {
  const settings = {
    clientId: 'client_test',
    apiKey: 'sk_test_x',
    redirectUri: 'https://app.example.com/callback',
    cookiePassword: password,
    cookieName: 'wos-session',
    ...config,
  };
  const client = {
    userManagement: {
      authenticateWithCode: async exchange => ({ ...answer, exchange }),
      getJwksUrl: () => jwksUrl,
      getAuthorizationUrl: options => workos.userManagement.getAuthorizationUrl(options),
    },
    pkce: workos.pkce,
  };
  return new AuthService(settings, new Storage(settings), client, sessionEncryption);
}

async function published(jwks, use) {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(jwks));
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${server.address().port}/jwks`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const operations = {
  'authkit-session': {
    seal: ({ payload, password, ttl }) => sessionEncryption.sealData(payload, { password, ttl }),
    unseal: ({ sealed, password }) => sessionEncryption.unsealData(sealed, { password }),
    cookieName: ({ state }) => getPKCECookieNameForState(state),
    returnPath: ({ candidate, fallback }) => sanitizeReturnPathname(candidate, fallback),
    begin: async ({ password, options }) => {
      const begun = await service({ password }).createSignIn(undefined, options);
      return { url: begun.url, cookieName: begun.cookieName, setCookie: begun.headers['Set-Cookie'] };
    },
    finish: async ({ password, cookies, state, answer }) => {
      const done = await service({ password, answer }).handleCallback({ cookies }, undefined, {
        code: 'CODE',
        state,
      });
      return {
        returnPathname: done.returnPathname,
        state: done.state,
        setCookie: done.headers['Set-Cookie'],
        codeVerifier: done.authResponse.exchange.codeVerifier,
      };
    },
    withAuth: ({ password, cookies, jwks }) =>
      published(jwks, jwksUrl => service({ password, jwksUrl }).withAuth({ cookies })),
  },
  // The URL parser itself, which is also the browser's.
  url: {
    resolve: ({ path }) => new URL(path, 'https://app.example.com/callback').href,
  },
  'iron-session': {
    seal: ({ payload, password, ttl }) => sealData(payload, { password, ttl }),
    unseal: ({ sealed, password }) => unsealData(sealed, { password }),
  },
  'workos-node': {
    // It seals only what the API answered, so the payload is a session.
    seal: ({ payload, password }) =>
      workos.userManagement.sealSessionDataFromAuthenticationResponse({
        authenticationResponse: payload,
        cookiePassword: password,
      }),
    unseal: ({ sealed, password }) =>
      workos.userManagement.getSessionFromCookie({ sessionData: sealed, cookiePassword: password }),
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { peer, operation, ...rest } = JSON.parse(line);
  let answer;
  try {
    answer = { result: (await operations[peer][operation](rest)) ?? null };
  } catch (error) {
    answer = { error: `${error.name}: ${error.message}` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
