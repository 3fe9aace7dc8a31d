import { createClient } from "../../src/index.js";
import type { Backend } from "./backend.js";

/** A client of that back end, and where it would have led the browser: jsdom goes nowhere. */
export function clientOf(backend: Backend) {
  const went: string[] = [];
  const client = createClient({ fetch: backend.fetch, navigate: (url: string) => void went.push(url) });
  return { client, went };
}
