/**
 * DataTransfer, both ways.
 *
 * What we understand is named by our own vendorId, which is the description's chargePointVendor:
 * `Echo` gives the data back; `GetConnectors` gives the connectors as JSON text, e.g.
 * `[{"connectorId":1,"status":"Charging","registerWh":1200,"transactionId":7}]`.
 * Spec: OCPP 1.6 §4.3, §5.6.
 */
import type { Conf, Req } from "../../ocpp/registry.ts";
import { DataTransferReq } from "../../ocpp/messages/core.ts";
import { sameCiString } from "../../ocpp/types.ts";
import type { Handled } from "../handler.ts";
import { registerOf } from "../energy/metering.ts";
import { enqueue } from "./outbox.ts";
import { type ChargePointState, connectorsOf, emit, isOnline, type Turn } from "../state.ts";

export function dataTransfer(
  { state }: Turn,
  { vendorId, messageId, data }: Req<"DataTransfer">,
): Handled<"DataTransfer"> {
  if (!sameCiString(vendorId, state.options.description.chargePointVendor)) {
    return { conf: { status: "UnknownVendorId" } };
  }
  switch (messageId) {
    case "Echo":
      return { conf: { status: "Accepted", ...(data === undefined ? {} : { data }) } };
    case "GetConnectors":
      return { conf: { status: "Accepted", data: connectorsText(state) } };
    default:
      return { conf: { status: "UnknownMessageId" } };
  }
}

function connectorsText(state: ChargePointState): string {
  return JSON.stringify(
    connectorsOf(state).map((connector) => ({
      connectorId: connector.connectorId,
      status: connector.status,
      registerWh: registerOf(connector),
      transactionId: connector.transaction?.transactionId,
    })),
  );
}

/** Somebody at the Charge Point sends something; what came of it is an event. */
export function sendDataTransfer(turn: Turn, payload: Req<"DataTransfer">): void {
  const { vendorId, messageId } = payload;
  const fail = (reason: string) =>
    dataTransferEnded(turn, { vendorId, messageId }, { kind: "failed", reason });
  if (!DataTransferReq.safeParse(payload).success) {
    return fail("a vendorId has at most 255 characters, a messageId 50");
  }
  if (!isOnline(turn.state)) return fail("the Charge Point is offline");
  const purpose = { kind: "dataTransfer", vendorId, messageId } as const;
  if (!enqueue(turn, { action: "DataTransfer", payload, purpose })) fail("too many Calls wait");
}

/** What came of a DataTransfer of ours. */
export type DataTransferOutcome =
  | { readonly kind: "answered"; readonly conf: Conf<"DataTransfer"> }
  | { readonly kind: "failed"; readonly reason: string };

/** Tells what came of it. */
export function dataTransferEnded(
  turn: Turn,
  { vendorId, messageId }: { vendorId: string; messageId: string | undefined },
  outcome: DataTransferOutcome,
): void {
  const about = {
    kind: "dataTransferEnded",
    vendorId,
    ...(messageId === undefined ? {} : { messageId }),
  } as const;
  if (outcome.kind === "failed") {
    return emit(turn, { ...about, status: "Failed", reason: outcome.reason });
  }
  const { status, data } = outcome.conf;
  emit(turn, { ...about, status, ...(data === undefined ? {} : { data }) });
}
