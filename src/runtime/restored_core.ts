/**
 * A core from what was stored of it.
 *
 * What cannot be understood is set aside in the store, and the Charge Point is as it was delivered: neither is it
 * overwritten nor does it end the program.
 */
import { ChargePoint } from "../charge_point/charge_point.ts";
import type { ChargePointOptions } from "../charge_point/contract.ts";
import type { StoredState } from "../charge_point/storage/durable.ts";
import { StoredStateError } from "../charge_point/storage/stored_value.ts";
import type { StateStore } from "./state_store.ts";

/** The core, what it was made from if it was stored, and why not from what was stored, if so. */
export interface RestoredCore {
  readonly core: ChargePoint;
  readonly stored: StoredState | undefined;
  readonly reason: string | undefined;
}

/** Makes a Charge Point, as it was if it was stored. Errors: `StateStoreError`. */
export function restoredFrom(store: StateStore, options: ChargePointOptions): RestoredCore {
  const stored = store.load(options.identity);
  try {
    return { core: new ChargePoint(options, stored), stored, reason: undefined };
  } catch (error) {
    if (!(error instanceof StoredStateError)) throw error;
    store.setAside(options.identity, error.message);
    return { core: new ChargePoint(options), stored: undefined, reason: error.message };
  }
}
