/**
 * What handling a Call of the Central System gives.
 */
import type { CallFault, PayloadFault } from "../ocpp/call_error.ts";
import type { Action } from "../ocpp/action.ts";
import type { Conf } from "../ocpp/registry.ts";
import type { Job } from "./job.ts";
import type { AnsweringPurpose } from "./maintenance/maintenance_state.ts";
import type { Turn } from "./state.ts";

/**
 * The answer, and what it leads to once it has left: nothing of a Call may show before its answer. Or the job that the
 * answer depends on: the Call waits for its result, and is forgotten should the link go down meanwhile.
 *
 * Errors: `faults` where the payload breaks a rule for which the answer has no word; `fault` for other reasons.
 */
export type Handled<A extends Action> =
  | { readonly conf: Conf<A>; readonly consequence?: (turn: Turn) => void }
  | { readonly job: Job; readonly purpose: AnsweringPurpose }
  | { readonly faults: readonly PayloadFault[] }
  | { readonly fault: CallFault };
