import { useAuth } from "@workos-inc/authkit-react";
import { useCallback, useEffect, useState } from "react";

declare const __API_URL__: string;

/** What the guards of the Python side say. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly error: { code: string; message: string; missing?: { recent?: number } },
  ) {
    super(error.message);
  }
}

type Ask = <T>(path: string, init?: RequestInit) => Promise<T>;

/** Asks the API with the access token of whoever is signed in, a fresh one when it is about to end. */
export function useApi(): Ask {
  const { getAccessToken } = useAuth();
  return useCallback<Ask>(
    async (path, init = {}) => {
      async function send(accessToken: string) {
        const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
        return fetch(__API_URL__ + path, { ...init, headers });
      }
      let answer = await send(await getAccessToken());
      // The session may have been ended elsewhere: then there is no other token, and onRefreshFailure goes on.
      if (answer.status === 401) answer = await send(await getAccessToken({ forceRefresh: true }));
      const body = await answer.json();
      if (!answer.ok) throw new Refused(answer.status, body.error);
      return body;
    },
    [getAccessToken],
  );
}

/** What an address answers, asked again when `again` is called or the organization changes. */
export function useData<T>(path: string) {
  const ask = useApi();
  const { organizationId } = useAuth();
  const [known, setKnown] = useState<{ data?: T; refused?: string }>({});
  const again = useCallback(async () => {
    try {
      setKnown({ data: await ask<T>(path) });
    } catch (error) {
      setKnown({ refused: error instanceof Error ? error.message : String(error) });
    }
  }, [ask, path]);
  useEffect(() => void again(), [again, organizationId]);
  return { ...known, again };
}
