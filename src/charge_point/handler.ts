/**
 * What handling a Call of the Central System gives.
 */
import type { PayloadFault } from "../ocpp/call_error.ts";
import type { Action } from "../ocpp/action.ts";
import type { Conf } from "../ocpp/registry.ts";
import type { Turn } from "./state.ts";

/**
 * The answer, and what it leads to once it has left: nothing of a Call may show before its answer.
 *
 * Errors: `faults` where the payload breaks a rule for which the answer has no word.
 */
export type Handled<A extends Action> =
  | { readonly conf: Conf<A>; readonly consequence?: (turn: Turn) => void }
  | { readonly faults: readonly PayloadFault[] };
