/**
 * Records as the API shows them: instants as ISO 8601 UTC, energy in Wh, absent values left out.
 */
import { z } from "@hono/zod-openapi";
import {
  type ChargePointRecord,
  type FrameRecord,
  ID_TAG_SOURCES,
  type IdTagRecord,
  REPORT_ACTIONS,
  type ReportRecord,
  type StoredMeterValue,
} from "../../central_system/store.ts";
import {
  CLOSED_BY,
  type OverruledStop,
  SUSPECTED_BY,
  type TransactionRecord,
} from "../../central_system/transaction_record.ts";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { SecurityProfile } from "../../central_system/security_profile.ts";
import { parseJson, writableJson } from "../../ocpp/json.ts";
import { BootNotificationReq } from "../../ocpp/messages/core.ts";
import { SampledValue } from "../../ocpp/meter_value.ts";
import { ChargePointErrorCode, ChargePointStatus, Reason, RegistrationStatus } from "../../ocpp/types.ts";

import { given } from "../shared/paging.ts";

const Instant = z.string().openapi({ format: "date-time" });

export const ConnectorView = z.object({
  connectorId: z.int(),
  status: ChargePointStatus,
  errorCode: ChargePointErrorCode,
  info: z.string().optional(),
  vendorId: z.string().optional(),
  vendorErrorCode: z.string().optional(),
  statusAt: Instant,
  receivedAt: Instant,
}).openapi("Connector");

const SecurityProfileNumber = z.literal([0, 1, 2, 3]);

const SecurityView = z.object({
  connectedProfile: SecurityProfileNumber.optional().openapi({ description: "of the link that is open" }),
  profile: SecurityProfileNumber.optional().openapi({
    description: "the one that it has to use; absent: any that is not below the least",
  }),
  pendingProfile: SecurityProfileNumber.optional().openapi({
    description: "it has accepted this one; until it first uses it, both are good",
  }),
  hasPassword: z.boolean(),
  isPasswordPending: z.boolean().openapi({
    description: "it was told another password; until it accepts or uses it, both are good",
  }),
  certificateSerialNumber: z.string().optional().openapi({
    description: "CN of its client certificate; absent: its identity",
  }),
}).openapi("ChargePointSecurity");

export const ChargePointView = z.object({
  identity: z.string(),
  connected: z.boolean(),
  connectedAt: Instant.optional(),
  lastSeenAt: Instant.optional().openapi({ description: "absent while it never sent anything" }),
  firstSeenAt: Instant.openapi({ description: "heard of for the first time: it called, or it was entered" }),
  validation: z.enum(["strict", "tolerant"]).optional().openapi({
    description: "instead of the default of this Central System",
  }),
  refusedRules: z.array(z.string()).optional().openapi({
    description: "repairs that are refused of it although it is tolerated otherwise",
  }),
  allowedIdTags: z.array(z.string()).optional().openapi({
    description: "the only idTags, or groups (parentIdTag), that may charge here",
  }),
  heartbeatIntervalSeconds: z.int().optional().openapi({
    description: "instead of the default of this Central System",
  }),
  pingIntervalSeconds: z.int().optional().openapi({
    description: "instead of the default of this Central System",
  }),
  security: SecurityView,
  registration: RegistrationStatus.meta({ description: "what it is told at its next boot" }),
  bootStatus: RegistrationStatus.optional().meta({ description: "what it was told at its last boot" }),
  bootedAt: Instant.optional(),
  boot: BootNotificationReq.optional(),
  connectors: z.array(ConnectorView),
  deviations: z.record(z.string(), z.int()).openapi({ description: "rule to count, since the start" }),
}).openapi("ChargePoint");

/** What only a running Central System knows of a Charge Point. */
export interface LiveFacts {
  readonly connectedAtMs?: number;
  readonly lastSeenAtMs?: number;
  readonly securityProfile?: SecurityProfile;
  readonly deviations: Readonly<Record<string, number>>;
}

export function chargePointView(record: ChargePointRecord, live: LiveFacts): z.infer<typeof ChargePointView> {
  const { connectedAtMs } = live;
  const lastSeenAtMs = live.lastSeenAtMs ?? record.lastSeenAtMs;
  return {
    identity: record.identity,
    connected: connectedAtMs !== undefined,
    ...(connectedAtMs === undefined ? {} : { connectedAt: dateTimeOf(connectedAtMs) }),
    ...(lastSeenAtMs === undefined ? {} : { lastSeenAt: dateTimeOf(lastSeenAtMs) }),
    firstSeenAt: dateTimeOf(record.firstSeenAtMs),
    ...(record.validation === undefined ? {} : { validation: record.validation }),
    ...(record.refusedRules === undefined ? {} : { refusedRules: [...record.refusedRules] }),
    ...(record.allowedIdTags === undefined ? {} : { allowedIdTags: [...record.allowedIdTags] }),
    ...(record.heartbeatIntervalSeconds === undefined
      ? {}
      : { heartbeatIntervalSeconds: record.heartbeatIntervalSeconds }),
    ...(record.pingIntervalSeconds === undefined ? {} : { pingIntervalSeconds: record.pingIntervalSeconds }),
    security: securityView(record, live),
    registration: record.registration,
    ...(record.bootStatus === undefined ? {} : { bootStatus: record.bootStatus }),
    ...(record.bootedAtMs === undefined ? {} : { bootedAt: dateTimeOf(record.bootedAtMs) }),
    ...(record.boot === undefined ? {} : { boot: record.boot }),
    connectors: [...record.connectors.values()].sort((a, b) => a.connectorId - b.connectorId).map(
      ({ statusAtMs, receivedAtMs, ...connector }) => ({
        ...connector,
        statusAt: dateTimeOf(statusAtMs),
        receivedAt: dateTimeOf(receivedAtMs),
      }),
    ),
    deviations: live.deviations,
  };
}

function securityView(
  record: ChargePointRecord,
  { securityProfile: connectedProfile }: LiveFacts,
): z.infer<typeof SecurityView> {
  const { securityProfile: profile, pendingSecurityProfile: pendingProfile, certificateSerialNumber } =
    record;
  return {
    ...given({ connectedProfile, profile, pendingProfile }),
    hasPassword: record.passwordHash !== undefined,
    isPasswordPending: record.pendingPasswordHash !== undefined,
    ...given({ certificateSerialNumber }),
  };
}

export const IdTagView = z.object({
  idTag: z.string(),
  parentIdTag: z.string().optional(),
  expiryDate: Instant.optional(),
  blocked: z.boolean(),
  maxActiveTransactions: z.int().optional().openapi({ description: "absent: any number" }),
  source: z.enum(ID_TAG_SOURCES).openapi({
    description: "`learned` under open authorization; not valid under closed until entered",
  }),
}).openapi("IdTag");

export function idTagView(
  { key: _, expiryAtMs, ...record }: IdTagRecord,
): z.infer<typeof IdTagView> {
  return { ...record, ...(expiryAtMs === undefined ? {} : { expiryDate: dateTimeOf(expiryAtMs) }) };
}

const OverruledView = z.object({
  closedBy: z.enum(CLOSED_BY),
  stoppedAt: Instant,
  closedAt: Instant,
  operator: z.string().optional(),
  note: z.string().optional(),
}).openapi("OverruledStop");

const SuspicionView = z.object({
  by: z.enum(SUSPECTED_BY),
  at: Instant.openapi({ description: "when the first sign came, by the clock of this Central System" }),
}).openapi("Suspicion");

export const TransactionView = z.object({
  transactionId: z.int(),
  chargePoint: z.string(),
  connectorId: z.int(),
  idTag: z.string(),
  idTagStatus: z.string().openapi({ description: "what StartTransaction was told of the idTag" }),
  active: z.boolean(),
  meterStart: z.int(),
  meterStop: z.int().optional(),
  energyWh: z.int().optional(),
  startedAt: Instant.openapi({ description: "by the Charge Point's clock, as it said" }),
  stoppedAt: Instant.optional().openapi({
    description: "by the Charge Point's clock; of an operator's stop by that of this Central System",
  }),
  startReceivedAt: Instant.openapi({ description: "by the clock of this Central System" }),
  stopReceivedAt: Instant.optional().openapi({ description: "when it was closed here" }),
  stopReason: Reason.optional(),
  stopIdTag: z.string().optional(),
  closedBy: z.enum(CLOSED_BY).optional().openapi({
    description:
      "its StopTransaction, a later start on its connector, evidence that it was over, or an operator",
  }),
  operator: z.string().optional().openapi({
    description: "who says that it is over, where an operator does",
  }),
  note: z.string().optional(),
  overruled: OverruledView.optional().openapi({
    description: "how it had been closed before its StopTransaction came after all",
  }),
  suspected: SuspicionView.optional().openapi({
    description: "why it is perhaps over, or was taken for over; absent while nothing says so",
  }),
  reservationId: z.int().optional(),
}).openapi("Transaction");

export function transactionView(record: TransactionRecord): z.infer<typeof TransactionView> {
  const { stop, suspicion } = record;
  return {
    transactionId: record.transactionId,
    chargePoint: record.chargePoint,
    connectorId: record.connectorId,
    idTag: record.idTag,
    idTagStatus: record.startAnswer.idTagInfo.status,
    active: stop === undefined,
    meterStart: record.meterStart,
    ...(stop?.meterStop === undefined
      ? {}
      : { meterStop: stop.meterStop, energyWh: stop.meterStop - record.meterStart }),
    startedAt: dateTimeOf(record.startedAtMs),
    startReceivedAt: dateTimeOf(record.startReceivedAtMs),
    ...(stop === undefined ? {} : {
      stoppedAt: dateTimeOf(stop.stoppedAtMs),
      stopReceivedAt: dateTimeOf(stop.receivedAtMs),
      closedBy: stop.closedBy,
    }),
    ...(suspicion === undefined ? {} : { suspected: { by: suspicion.by, at: dateTimeOf(suspicion.atMs) } }),
    ...(stop?.operator === undefined ? {} : { operator: stop.operator }),
    ...(stop?.note === undefined ? {} : { note: stop.note }),
    ...(stop?.overruled === undefined ? {} : { overruled: overruledView(stop.overruled) }),
    ...(stop?.reason === undefined ? {} : { stopReason: stop.reason }),
    ...(stop?.idTag === undefined ? {} : { stopIdTag: stop.idTag }),
    ...(record.reservationId === undefined ? {} : { reservationId: record.reservationId }),
  };
}

function overruledView(
  { stoppedAtMs, receivedAtMs, ...stop }: OverruledStop,
): z.infer<typeof OverruledView> {
  return { ...stop, stoppedAt: dateTimeOf(stoppedAtMs), closedAt: dateTimeOf(receivedAtMs) };
}

export const MeterValueView = z.object({
  timestamp: Instant,
  receivedAt: Instant,
  connectorId: z.int(),
  transactionId: z.int().optional().openapi({ description: "as the Charge Point sent it" }),
  sampledValue: z.array(SampledValue),
}).openapi("MeterValue");

export function meterValueView(
  { receivedAtMs, ...reading }: StoredMeterValue,
): z.infer<typeof MeterValueView> {
  return { ...reading, receivedAt: dateTimeOf(receivedAtMs) };
}

export const ReportView = z.object({
  action: z.enum(REPORT_ACTIONS),
  receivedAt: Instant,
  payload: z.unknown(),
}).openapi("Report");

export function reportView({ action, receivedAtMs, payload }: ReportRecord): z.infer<typeof ReportView> {
  return { action, receivedAt: dateTimeOf(receivedAtMs), payload };
}

export const DeviationView = z.object({
  rule: z.string(),
  path: z.string().openapi({ description: "where in the payload; empty for all of it" }),
  detail: z.string(),
}).openapi("Deviation");

export const MessageView = z.object({
  direction: z.enum(["fromChargePoint", "toChargePoint"]),
  action: z.string().openapi({ description: "empty for a text that was no frame" }),
  uniqueId: z.string(),
  receivedAt: Instant,
  outcome: z.enum(["result", "error", "timeout", "lost", "ignored"]),
  latencyMs: z.int().optional(),
  payload: z.unknown().optional(),
  answerPayload: z.unknown().optional(),
  request: z.string().openapi({ description: "the text as it was on the wire, secrets taken out" }),
  answer: z.string().optional(),
  deviations: z.array(DeviationView).optional(),
  deliberate: z.string().optional().openapi({
    description: "what this Central System did wrong in it, on purpose: see behaviour",
  }),
}).openapi("Message");

export function messageView(frame: FrameRecord): z.infer<typeof MessageView> {
  const payload = elementOf(frame.request, 3);
  const answerPayload = frame.outcome === "result" ? elementOf(frame.answer, 2) : undefined;
  return {
    direction: frame.direction === "in" ? "fromChargePoint" : "toChargePoint",
    action: frame.action,
    uniqueId: frame.uniqueId,
    receivedAt: dateTimeOf(frame.receivedAtMs),
    outcome: frame.outcome,
    ...(frame.latencyMs === undefined ? {} : { latencyMs: Math.round(frame.latencyMs) }),
    ...(payload === undefined ? {} : { payload }),
    ...(answerPayload === undefined ? {} : { answerPayload }),
    request: frame.request,
    ...(frame.answer === undefined ? {} : { answer: frame.answer }),
    ...(frame.deviations === undefined ? {} : { deviations: [...frame.deviations] }),
    ...(frame.deliberate === undefined ? {} : { deliberate: frame.deliberate }),
  };
}

/** An element of a frame's array; nothing where the text is no array, cut or malformed. */
function elementOf(text: string | undefined, index: number): unknown {
  const parsed = parseJson(text ?? "");
  return parsed.ok && Array.isArray(parsed.value) ? writableJson(parsed.value[index]) : undefined;
}
