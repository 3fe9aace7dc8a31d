import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { createClient } from "../../src/index.js";

const { exports } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf-8"));

test("a client on a server does nothing, and says what to do when it is asked", async () => {
  const client = createClient();
  client.subscribe(() => undefined)();
  expect(client.getSnapshot().loading).toBe(true);
  await expect(client.getSession()).rejects.toMatchObject({ code: "not_in_a_browser", message: /initialAuth/ });
});

test("a server component that imports the client is told so, and so is whoever looks for a part for servers", async () => {
  expect(exports["."]["react-server"]).toBe(exports["./server"].default);
  await expect(import("../../src/server.js")).rejects.toThrow("has no part for servers");
});
