/**
 * What drivers of `ocpp test` are asked for in tests.
 */
import type { OperatorAction } from "../../src/conformance/operator_action.ts";
import type { OperatorRequest } from "../../src/runtime/test_operator.ts";

/** Nobody calls it off. */
export const WANTED = new AbortController().signal;

/** A request with plenty of time. */
export function request(
  action: OperatorAction = { kind: "plugIn", connectorId: 1 },
  options: Partial<OperatorRequest> = {},
): OperatorRequest {
  return { caseId: "TC_003_CS", identity: "CP001", withinSeconds: 60, action, ...options };
}
