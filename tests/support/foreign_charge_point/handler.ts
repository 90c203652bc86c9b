/**
 * How the device answers a Call: with a payload, and possibly with something that it does once the answer has left.
 */
import type { Action } from "../../../src/ocpp/action.ts";
import type { Conf, Req } from "../../../src/ocpp/registry.ts";

/** An answer. `afterwards` begins when it is on the wire. */
export interface Answer<A extends Action> {
  readonly conf: Conf<A>;
  readonly afterwards?: () => void;
}

/** What answers Calls, by Action. A `Refusal` that is thrown becomes a CALLERROR. */
export type Handlers = {
  readonly [A in Action]?: (req: Req<A>) => Answer<A> | Promise<Answer<A>>;
};

/** A Call that is answered by a CALLERROR. */
export class Refusal extends Error {
  constructor(readonly errorCode: "NotImplemented" | "NotSupported" | "PropertyConstraintViolation") {
    super(errorCode);
  }
}
