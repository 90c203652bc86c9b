/** Valid payloads as the negative cases have them, at some moment. */
import { validReq } from "../../src/conformance/negative/valid_payload.ts";
import type { Action } from "../../src/ocpp/action.ts";
import type { Req } from "../../src/ocpp/registry.ts";

export function validPayload<A extends Action>(action: A): Req<A> {
  return validReq(action, {
    now: "2026-01-01T12:00:00Z",
    soon: "2026-01-01T12:10:00Z",
    connectorId: 1,
    idTag: "TAG001",
  });
}
