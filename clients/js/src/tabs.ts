/** What one tab tells the others; otherwise the id of the session that its page has just found. */
export type News = "changed" | "ended" | { found: string };

/** The other tabs of this app. Nothing is opened before somebody listens. */
export class Tabs {
  readonly #name: string;
  #channel: BroadcastChannel | undefined;

  constructor(basePath: string) {
    this.#name = `vestibule ${basePath}`;
  }

  listen(heard: (news: News) => void): void {
    if (typeof BroadcastChannel === "undefined") return;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => heard(data);
  }

  tell(news: News): void {
    if (typeof BroadcastChannel === "undefined") return;
    const channel = this.#channel ?? new BroadcastChannel(this.#name);
    channel.postMessage(news);
    if (channel !== this.#channel) channel.close();
  }

  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }

  /** One at a time over all tabs: a refresh that is under way must not outlive a sign-out. */
  alone<T>(act: () => Promise<T>): Promise<T> {
    const locks = typeof navigator === "undefined" ? undefined : navigator.locks;
    return locks ? (locks.request(this.#name, act) as Promise<T>) : act();
  }
}
