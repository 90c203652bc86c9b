/**
 * How often one address may ask to become one Charge Point. It is asked before anything else is looked at, so that
 * nobody can guess passwords, or make us compute hashes, faster than this.
 *
 * Rules:
 * - Address and identity are one key: whoever hammers an identity uses up its own allowance, not that of the device
 *   at another address.
 * - The device that is connected right now is never refused and uses up nothing: what it is known by before it has
 *   authenticated is the address of its connection.
 * - An attempt that is refused here does not count: after the wait that it was told, the next one passes.
 */

import type { Clock } from "./clock.ts";

/** Upgrades of one address and identity within a minute; the next is refused with 429. */
export const UPGRADES_A_MINUTE_MAX = 30;

/** Addresses and identities that are counted at once; beyond this the one that began first starts anew. */
export const UPGRADE_KEYS_MAX = 20_000;

const MINUTE_MS = 60_000;

/** Who asks. */
export interface UpgradeAttempt {
  readonly remoteAddress: string;
  readonly identity: string;
}

/** What the limit needs to know. */
export interface UpgradeLimitDependencies {
  readonly clock: Clock;
  /** The address from which the Charge Point of an identity is connected, if it is. */
  readonly connectedFrom: (identity: string) => string | undefined;
  readonly keysMax?: number;
}

/** Why an attempt is refused, and when to come again. */
export interface TooManyUpgrades {
  readonly reason: string;
  readonly headers: { readonly "retry-after": string };
}

interface Count {
  readonly sinceMs: number;
  attempts: number;
}

/** Counts upgrades, each key for a minute from its first one on. */
export class UpgradeLimit {
  /** In the order in which their minutes began: those that are over stand first. */
  readonly #counts = new Map<string, Count>();
  readonly #dependencies: UpgradeLimitDependencies;

  constructor(dependencies: UpgradeLimitDependencies) {
    this.#dependencies = dependencies;
  }

  /** Keys that are counted now. */
  get size(): number {
    return this.#counts.size;
  }

  /** Counts an attempt; `undefined`: it may go on. */
  refusal(attempt: UpgradeAttempt): TooManyUpgrades | undefined {
    const seconds = this.#secondsToWait(attempt);
    if (seconds === undefined) return undefined;
    const reason =
      `more than ${UPGRADES_A_MINUTE_MAX} upgrades in a minute from this address with this identity`;
    return { reason, headers: { "retry-after": String(seconds) } };
  }

  #secondsToWait({ remoteAddress, identity }: UpgradeAttempt): number | undefined {
    const { clock, connectedFrom, keysMax = UPGRADE_KEYS_MAX } = this.#dependencies;
    if (connectedFrom(identity) === remoteAddress) return undefined;
    const nowMs = clock.nowMs();
    this.#forgetOver(nowMs);
    const key = `${remoteAddress} ${identity}`; // an address has no space
    const count = this.#counts.get(key);
    if (count === undefined) {
      if (this.#counts.size >= keysMax) this.#forgetFirst();
      this.#counts.set(key, { sinceMs: nowMs, attempts: 1 });
      return undefined;
    }
    if (count.attempts >= UPGRADES_A_MINUTE_MAX) {
      return Math.max(1, Math.ceil((count.sinceMs + MINUTE_MS - nowMs) / 1_000));
    }
    count.attempts += 1;
    return undefined;
  }

  /** Each key is looked at once when it is over, so an attempt costs the same however many there are. */
  #forgetOver(nowMs: number): void {
    for (const [key, { sinceMs }] of this.#counts) {
      // A minute that begins later than now was counted before somebody set the clock back.
      if (nowMs - sinceMs < MINUTE_MS && sinceMs <= nowMs) return;
      this.#counts.delete(key);
    }
  }

  #forgetFirst(): void {
    const first = this.#counts.keys().next();
    if (!first.done) this.#counts.delete(first.value);
  }
}
