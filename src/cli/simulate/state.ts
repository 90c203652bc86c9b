/**
 * `--state`: the file in which Charge Points keep what outlives a restart, and what is said of it.
 */
import type { Simulation } from "../../runtime/simulation.ts";
import { type StateStore, StateStoreError } from "../../runtime/state_store.ts";
import { CommandError } from "../exit_code.ts";
import { plainText } from "../plain_text.ts";
import { amountText } from "../table.ts";

/** An open file, and what had to be done to get it. */
export interface OpenState {
  readonly store: StateStore;
  /** What was at the path and will not do. */
  readonly warning: string | undefined;
}

/** Opens it. Errors: `CommandError` where the file is in use, or cannot be opened or written. */
export async function openState(path: string): Promise<OpenState> {
  const { SqliteStateStore } = await import("../../adapters/sqlite/state_store.ts");
  const store = ofState(() => new SqliteStateStore(path));
  const { putAside } = store;
  const warning = putAside === undefined
    ? undefined
    : `state ${path} cannot be used: ${putAside.reason}; it is kept as ${putAside.path}, and all begin as delivered`;
  return { store, warning };
}

/** Does what may fail for the state file. Errors: `CommandError`, one line. */
export function ofState<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof StateStoreError)) throw error;
    throw new CommandError(error.message, { cause: error.cause });
  }
}

/** One line for each Charge Point whose state cannot be understood. */
export function setAsideTexts({ setAside }: Simulation): readonly string[] {
  return setAside.map(({ identity, reason }) =>
    `the stored state of ${plainText(identity)} cannot be used: ${plainText(reason)}; ` +
    "it is kept aside in the file, and the Charge Point begins as delivered"
  );
}

/** What came back, for `restored`. */
export interface Restored {
  readonly chargePoints: number;
  /** Messages that wait for the Central System. */
  readonly messages: number;
}

/** Counts what came back; `undefined` where nothing was stored. */
export function restoredOf(simulation: Simulation): Restored | undefined {
  const { restored } = simulation;
  if (restored.length === 0) return undefined;
  let messages = 0;
  for (const { core } of simulation.chargePoints()) messages += core.queueLength;
  return { chargePoints: restored.length, messages };
}

/** `state of 3 Charge Points restored from state.db, 2 messages wait`. */
export function restoredText({ chargePoints, messages }: Restored, path: string): string {
  const who = amountText(chargePoints, "Charge Point");
  const what = messages === 0
    ? "no message waits"
    : `${amountText(messages, "message")} ${messages === 1 ? "waits" : "wait"}`;
  return `state of ${who} restored from ${path}, ${what}`;
}
