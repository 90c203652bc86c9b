/**
 * The port to where Charge Points keep what outlives power.
 *
 * It is synchronous, as the core is: what a turn changed is stored before anything of the turn is seen.
 * Errors: `StateStoreError` of every method; what was stored before a failed `save` is still there.
 */
import type { StoredState } from "../charge_point/storage/durable.ts";

/** What one turn has changed, section by section; all of it or nothing is stored. */
export interface StateChanges {
  readonly version: number;
  /** JSON by the section's name. */
  readonly changed: ReadonlyMap<string, string>;
  readonly removed: readonly string[];
}

/** Keeps the state of many Charge Points. */
export interface StateStore {
  /** `undefined` for a Charge Point that was never stored. */
  load(identity: string): StoredState | undefined;
  save(identity: string, changes: StateChanges): void;
  /** Puts aside what cannot be understood; the Charge Point is one that was never stored, from here on. */
  setAside(identity: string, reason: string): void;
  close(): void;
}

/** The store does not work. The message is a line for a person. */
export class StateStoreError extends Error {
  override readonly name = "StateStoreError";
}
