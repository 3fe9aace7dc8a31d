import type { Client } from "../types.js";

export interface TokenState {
  readonly accessToken: string | undefined;
  readonly loading: boolean;
  readonly error: Error | null;
}

const WAITING: TokenState = { accessToken: undefined, loading: true, error: null };
const NONE: TokenState = { accessToken: undefined, loading: false, error: null };

/** The access token of whoever is there now, asked for as soon as a component wants to see it. */
export class TokenStore {
  #state = WAITING;
  #whose: string | null | undefined;
  #stop: (() => void) | undefined;
  readonly #listeners = new Set<() => void>();

  /** `whose` names the session; null is a stranger, undefined is not known yet. */
  constructor(
    readonly client: Client,
    readonly whose: () => string | null | undefined,
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#stop ??= this.client.subscribe(this.#look);
    this.#look();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  };

  getSnapshot = (): TokenState => this.#state;

  getServerSnapshot = (): TokenState => WAITING;

  getAccessToken = (): Promise<string | undefined> => this.#keep(() => this.client.getAccessToken());

  refresh = (): Promise<string | undefined> =>
    this.#keep(async () => {
      await this.client.refresh();
      return this.client.getAccessToken();
    });

  #look = (): void => {
    const whose = this.whose();
    if (whose === undefined) return;
    const another = whose !== this.#whose;
    this.#whose = whose;
    if (whose === null) return another ? this.#set(NONE) : undefined;
    if (another) {
      this.#set(WAITING);
      this.getAccessToken().catch(() => undefined); // the state has the error
      return;
    }
    const { accessToken } = this.client.getSnapshot();
    if (accessToken && accessToken !== this.#state.accessToken) this.#set({ ...NONE, accessToken });
  };

  async #keep(ask: () => Promise<string | undefined>): Promise<string | undefined> {
    if (this.whose() === null) return undefined;
    try {
      const accessToken = await ask();
      if (accessToken !== this.#state.accessToken || this.#state.error || this.#state.loading) {
        this.#set({ ...NONE, accessToken });
      }
      return accessToken;
    } catch (error) {
      const known = error instanceof Error ? error : new Error(String(error));
      this.#set({ accessToken: this.#state.accessToken, loading: false, error: known });
      throw known;
    }
  }

  #set(state: TokenState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}
