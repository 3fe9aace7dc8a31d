import type { Provider, Providers } from "./types.js";
import { AuthError, type Ask } from "./wire.js";

/** The ways of signing in of a back end without an identity server. They stay while the page is open. */
export class Ways {
  #known: Promise<Providers> | undefined;

  constructor(
    readonly base: string,
    readonly ask: Ask,
  ) {}

  list = (): Promise<Providers> => {
    this.#known ??= this.ask("GET", "providers").then(
      ({ providers }) => providers ?? { providers: [], password: false },
      (error) => {
        this.#known = undefined;
        throw error;
      },
    );
    return this.#known;
  };

  /** The page that leads to this provider. Raises AuthError with the names there are. */
  async page(provider: string): Promise<{ page: string; query: Record<string, string> }> {
    // A server keeps its list to itself, and a back end that does not answer now says later what it thinks.
    const { providers }: { providers: Provider[] } = await this.list().catch(() => ({ providers: [] }));
    if (providers.length === 0) return { page: "sign-in", query: { provider } };
    if (providers.some(({ id }) => id === provider)) return { page: `sign-in/${encodeURIComponent(provider)}`, query: {} };
    const names = providers.map(({ id }) => id).join(", ");
    throw new AuthError(`There is no provider "${provider}" here: this app has ${names}.`, "provider_unknown", 400);
  }
}
