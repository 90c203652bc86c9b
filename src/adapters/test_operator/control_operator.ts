/**
 * Does to a simulated Charge Point what cases ask for, by the API of `ocpp simulate --control-port`.
 *
 * Its inputs have the names and fields that cases use: what users, EVs and technicians do goes out as it is.
 */
import type { OperatorOutcome, OperatorRequest, TestOperator } from "../../runtime/test_operator.ts";
import type { ControlApi, ControlOutcome } from "../control_api.ts";

/** Operates the Charge Points of one API. */
export class ControlOperator implements TestOperator {
  readonly #api: ControlApi;

  constructor(api: ControlApi) {
    this.#api = api;
  }

  async do(request: OperatorRequest, signal: AbortSignal): Promise<OperatorOutcome> {
    const outcome = await this.#ask(request, signal);
    return outcome.ok ? { kind: "done" } : { kind: "cannot", reason: outcome.why };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #ask({ identity, action }: OperatorRequest, signal: AbortSignal): Promise<ControlOutcome> {
    switch (action.kind) {
      case "powerOff":
        return this.#api.power(identity, "off", signal);
      case "powerOn":
        return this.#api.power(identity, "on", signal);
      case "sendCall":
      case "setIdTag":
        return Promise.resolve({ ok: false, why: `${action.kind} is for a Central System under test` });
      default:
        return this.#api.input(identity, action, signal);
    }
  }
}
