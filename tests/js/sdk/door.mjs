// One official Node SDK behind a door: a JSON request per line in, a JSON answer per line out. A request is a chain of
// calls, so that what a call returns (a page, a session) can be asked for more.

import { createInterface } from 'node:readline';

const [, , name, url, apiKey, clientId, options] = process.argv;
const { WorkOS } = await import(name);
const { hostname, port } = new URL(url);
const place = { clientId, apiHostname: hostname, port: Number(port), https: false };
const workos = new WorkOS(apiKey, { ...place, ...JSON.parse(options) });

// The runtime client decides by itself, from a document that it polls.
async function decided(context) {
  const client = workos.featureFlags.createRuntimeClient();
  try {
    await client.waitUntilReady({ timeoutMs: 10_000 });
    return client.getAllFlags(context);
  } finally {
    client.close();
  }
}

async function run(chain) {
  if (chain[0].path === 'decidedFlags') return decided(...chain[0].args);
  let found = workos;
  for (const { path, args } of chain) {
    const names = path.split('.');
    const method = names.pop();
    const owner = names.reduce((object, each) => object[each], found);
    found = args ? await owner[method](...args) : owner[method];
  }
  // What a page holds, it holds behind getters.
  return found?.autoPagination ? { data: found.data, listMetadata: found.listMetadata } : (found ?? null);
}

function told(error) {
  const { name, status, code, error: reason, message, rawData, errors, retryAfter, requestID } = error;
  return { name, status, code, reason, message, rawData, errors, retryAfter, requestId: requestID };
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { result: await run(JSON.parse(line)) };
  } catch (error) {
    answer = { error: told(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
