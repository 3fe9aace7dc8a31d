const API = process.env.API_URL ?? "http://localhost:8000";

/** Asks the Python side in the name of whoever is signed in: it cannot read the cookie, so it gets the token. */
export async function ask<T>(path: string, accessToken: string, init: RequestInit = {}): Promise<T> {
  const headers = { accept: "application/json", authorization: `Bearer ${accessToken}` };
  const answer = await fetch(API + path, { ...init, headers: { ...headers, ...init.headers } });
  const body = await answer.json();
  if (!answer.ok) throw new Refused(answer.status, body.error);
  return body;
}

/** What the guards of the Python side say. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly error: { code: string; message: string; missing?: { recent?: number } },
  ) {
    super(error.message);
  }
}
