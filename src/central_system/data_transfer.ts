/**
 * DataTransfer: no vendor's messages are known here.
 *
 * Spec: OCPP 1.6 §4.3, §6.16.
 */
import type { Req } from "../ocpp/registry.ts";
import { answerOnly, type Decision } from "./decision.ts";

/** §4.3: a vendor that is not known is told so, without data. */
export function decideDataTransfer(_payload: Req<"DataTransfer">): Decision {
  return answerOnly({ status: "UnknownVendorId" });
}
