import type { Token } from "./wire.js";

const LONG_LIFE = 300_000;
const LONG_BUFFER = 60_000;
const SHORT_BUFFER = 30_000;
const SOON = 15_000;
const ONE_DAY = 86_400_000;
const RETRY = 30_000;

/** When a token must be replaced. Everything is counted from its arrival, so a wrong clock does no harm. */
export class Clock {
  #renewAt = 0;
  #endsAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  arrived({ left, lifetime }: Token): void {
    const now = Date.now();
    // As the back end counts, which then has a new one: never more than half a life.
    const buffer = Math.min(lifetime > LONG_LIFE ? LONG_BUFFER : SHORT_BUFFER, lifetime / 2);
    this.#endsAt = now + left;
    // A back end that gave an old one once more, or one that has ended, is not asked without pause.
    this.#renewAt = now + Math.max(left - buffer, left > 0 ? Math.min(SOON, left / 2) : SOON);
  }

  failed(): void {
    this.#renewAt = Date.now() + RETRY;
  }

  get isGood(): boolean {
    return Date.now() < Math.min(this.#renewAt, this.#endsAt);
  }

  get isAlive(): boolean {
    return Date.now() < this.#endsAt;
  }

  /** A computer that slept wakes later than it wanted; whoever calls then asks `isGood` again. */
  schedule(due: () => void): void {
    this.stop();
    this.#timer = setTimeout(due, Math.min(Math.max(this.#renewAt - Date.now(), 0), ONE_DAY));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  forget(): void {
    this.stop();
    this.#renewAt = this.#endsAt = 0;
  }
}
