import { useEffect, useState } from "react";

export interface Answer<T> {
  status: number;
  body?: T;
  /** What Python calls the refusal. */
  code?: string;
}

export async function ask<T>(path: string, init?: RequestInit): Promise<Answer<T>> {
  const response = await fetch(path, init);
  const body = await response.json();
  if (response.ok) return { status: response.status, body };
  return { status: response.status, code: body.error?.code };
}

/** Asks again when `of` changes: another organization means other answers. Nothing is asked for nobody. */
export function useAnswer<T>(path: string, of: string | undefined): Answer<T> | undefined {
  const [answer, setAnswer] = useState<Answer<T>>();
  useEffect(() => {
    if (of === undefined) return;
    let wanted = true;
    ask<T>(path).then((found) => wanted && setAnswer(found));
    return () => {
      wanted = false;
    };
  }, [path, of]);
  return answer;
}
