/**
 * Action to its decision: the whole of what a Central System answers, as a pure function of the Call, the
 * facts and the time.
 */
import {
  type CallErrorContent,
  callErrorFor,
  type CallFault,
  pathText,
  type PayloadFault,
} from "../ocpp/call_error.ts";
import { fieldFaults } from "../ocpp/field_rule.ts";
import { decideAuthorize } from "./authorization.ts";
import {
  bootGate,
  decideBootNotification,
  decideHeartbeat,
  type GateOutcome,
  newChargePoint,
} from "./boot.ts";
import { decideDataTransfer } from "./data_transfer.ts";
import type { CallBody, Decision, DecisionContext, ReceivedCall } from "./decision.ts";
import { conductDeviation, type Deviation, exchangeOf, repairDeviation } from "./deviation.ts";
import { decideMeterValues } from "./metering.ts";
import { decideStatusNotification } from "./status.ts";
import { decideReport } from "./report.ts";
import type { Write } from "./store.ts";
import { decideStartTransaction, decideStopTransaction } from "./transaction.ts";

/** Decides one Call of a Charge Point. */
export function decide(call: ReceivedCall, context: DecisionContext): Decision {
  const { body } = call;
  const record = context.facts.chargePoints.get(call.chargePoint);
  const gate = bootGate(call, record, context.settings);
  if (gate.kind === "refused") return refusal(gate.fault);
  if (!body.ok) return refusal(body.fault);

  const broken = fieldFaults(body.action, body.payload as never);
  if (broken.length > 0 && call.validation === "strict") {
    return refusal({ kind: "badPayload", faults: broken });
  }

  // A Charge Point that is new here gets its record with its first Call, whatever that is.
  const known = record ?? newChargePoint(call.chargePoint, context);
  const before: Write[] = [];
  if (record === undefined && body.action !== "BootNotification") {
    before.push({ kind: "putChargePoint", record: known });
  }
  const decision = decideBody(body, call, known, context);
  const deviations = deviationsOf(call, body, broken, gate);
  if (before.length === 0 && deviations.length === 0) return decision;
  return {
    answer: decision.answer,
    writes: [...before, ...decision.writes],
    events: [...deviations, ...decision.events],
  };
}

function deviationsOf(
  call: ReceivedCall,
  { repairs = NONE }: Extract<CallBody, { ok: true }>,
  broken: readonly PayloadFault[],
  { deviation }: Extract<GateOutcome, { kind: "open" }>,
): readonly Deviation[] {
  if (repairs.length === 0 && broken.length === 0 && deviation === undefined) return NONE;
  const about = { chargePoint: call.chargePoint, exchange: exchangeOf(call) };
  return [
    ...repairs.map((repair) => repairDeviation(repair, about)),
    ...broken.map(({ path, message }) =>
      conductDeviation("fieldRule", message, { ...about, path: pathText(path) })
    ),
    ...(deviation === undefined ? NONE : [deviation]),
  ];
}

const NONE: readonly never[] = [];

function decideBody(
  body: Extract<CallBody, { ok: true }>,
  call: ReceivedCall,
  record: ReturnType<typeof newChargePoint>,
  context: DecisionContext,
): Decision {
  switch (body.action) {
    case "Authorize":
      return decideAuthorize(body.payload, record, context);
    case "BootNotification":
      return decideBootNotification(body.payload, record, context);
    case "DataTransfer":
      return decideDataTransfer(body.payload);
    case "DiagnosticsStatusNotification":
    case "FirmwareStatusNotification":
    case "LogStatusNotification":
    case "SecurityEventNotification":
    case "SignCertificate":
    case "SignedFirmwareStatusNotification":
      return decideReport(body.action, body.payload, call, context);
    case "Heartbeat":
      return decideHeartbeat(context);
    case "MeterValues":
      return decideMeterValues(body.payload, call, record, context);
    case "StartTransaction":
      return decideStartTransaction(body.payload, call, record, context);
    case "StatusNotification":
      return decideStatusNotification(body.payload, call, record, context.facts);
    case "StopTransaction":
      return decideStopTransaction(body.payload, call, record, context);
    default:
      // An Action that only a Central System sends: known, but nothing to ask of us.
      return refusal({ kind: "unsupportedAction", action: body.action });
  }
}

function refusal(fault: CallFault): Decision {
  const content: CallErrorContent = callErrorFor(fault);
  return { answer: { kind: "error", ...content }, writes: [], events: [] };
}
