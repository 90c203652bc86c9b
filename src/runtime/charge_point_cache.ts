/**
 * The small record of each Charge Point that is connected, or was not long ago: what makes a Heartbeat read
 * nothing. The database stays the truth; any record may be forgotten at any time.
 */
import type { ChargePointRecord } from "../central_system/store.ts";

/** Records kept of Charge Points that are not connected; beyond this the oldest go. */
export const DISCONNECTED_RECORDS_MAX = 10_000;

/** Committed records by identity. */
export class ChargePointCache {
  readonly #records = new Map<string, ChargePointRecord>();
  readonly #disconnected = new Set<string>();

  get records(): ReadonlyMap<string, ChargePointRecord> {
    return this.#records;
  }

  /** Takes a record as the last commit left it. */
  put(record: ChargePointRecord): void {
    if (this.#records.get(record.identity) !== record) this.#records.set(record.identity, record);
  }

  /** Drops what is no longer certain. */
  forget(identity: string): void {
    this.#records.delete(identity);
    this.#disconnected.delete(identity);
  }

  /** The record may not be evicted while its Charge Point is connected. */
  connected(identity: string): void {
    this.#disconnected.delete(identity);
  }

  /** Keeps the record for a while: most Charge Points come back at once, some with a repeated Call. */
  disconnected(identity: string): void {
    this.#disconnected.add(identity);
    if (this.#disconnected.size <= DISCONNECTED_RECORDS_MAX) return;
    const oldest = this.#disconnected.values().next().value;
    if (oldest !== undefined) this.forget(oldest);
  }
}
