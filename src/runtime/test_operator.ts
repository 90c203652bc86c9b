/**
 * The port to whoever does to a system under test what a compliance case asks for: its operator, its users.
 */
import type { OperatorAction } from "../conformance/operator_action.ts";

/** Which case asks, and for how long it waits. */
export interface OperatorRequest {
  readonly caseId: string;
  /** The Charge Point that it is about. */
  readonly identity: string;
  readonly action: OperatorAction;
  readonly withinSeconds: number;
}

/** What came of it. `cannot` makes the case INCONCLUSIVE; the reason is one line for a person. */
export type OperatorOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "cannot"; readonly reason: string };

/** Does what cases ask for, one thing after the other. */
export interface TestOperator {
  /** `done` once it is begun: what follows from it is seen on the wire. Never rejects. */
  do(request: OperatorRequest, signal: AbortSignal): Promise<OperatorOutcome>;
  close(): Promise<void>;
}
