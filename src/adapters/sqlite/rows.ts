/**
 * Rows to records and back: the only place that knows the columns' names and the records' fields together.
 */
import type {
  ChargePointRecord,
  ConnectorRecord,
  FrameRecord,
  IdTagRecord,
} from "../../central_system/store.ts";
import type {
  ActiveTransaction,
  StopRecord,
  Suspicion,
  TransactionRecord,
} from "../../central_system/transaction_record.ts";
import { peerText } from "./peer_text.ts";

type SecurityProfile = NonNullable<ChargePointRecord["securityProfile"]>;

/** A row as SQLite gives it. */
export type Row = Record<string, unknown>;

/** Whether a row of meter_values belongs, or perhaps belongs, to a transaction that is active. */
export const BELONGS_TO_ACTIVE = `EXISTS (
  SELECT 1 FROM transactions AS t
  WHERE t.transaction_id IN (meter_values.transaction_id, meter_values.guessed_transaction_id)
    AND t.charge_point = meter_values.charge_point AND t.closed_by IS NULL
)`;

/** Fields that are null in a row are absent in a record. */
function present<K extends string, T>(key: K, value: unknown, read: (value: never) => T): { [P in K]?: T } {
  return value === null || value === undefined ? {} : { [key]: read(value as never) } as { [P in K]: T };
}

const asIs = <T>(value: T): T => value;
const fromJson = <T>(text: string): T => JSON.parse(text) as T;

/** A Charge Point; its connectors and active transactions are rows of their own. */
export function chargePointOf(
  row: Row,
  connectors: readonly Row[],
  active: readonly ActiveTransaction[],
): ChargePointRecord {
  return {
    identity: row["identity"] as string,
    registration: row["registration"] as ChargePointRecord["registration"],
    ...present("bootStatus", row["boot_status"], asIs<ChargePointRecord["registration"]>),
    ...present("validation", row["validation"], asIs<NonNullable<ChargePointRecord["validation"]>>),
    ...present(
      "refusedRules",
      row["refused_rules"],
      fromJson<NonNullable<ChargePointRecord["refusedRules"]>>,
    ),
    ...present(
      "allowedIdTags",
      row["allowed_id_tags"],
      fromJson<NonNullable<ChargePointRecord["allowedIdTags"]>>,
    ),
    ...present("heartbeatIntervalSeconds", row["heartbeat_interval"], asIs<number>),
    ...present("pingIntervalSeconds", row["ping_interval"], asIs<number>),
    ...present("securityProfile", row["security_profile"], asIs<SecurityProfile>),
    ...present("pendingSecurityProfile", row["pending_security_profile"], asIs<SecurityProfile>),
    ...present("passwordHash", row["password_hash"], asIs<string>),
    ...present("pendingPasswordHash", row["pending_password_hash"], asIs<string>),
    ...present("certificateSerialNumber", row["certificate_serial_number"], peerText),
    bootCount: row["boot_count"] as number,
    ...present("bootedAtMs", row["booted_at"], asIs<number>),
    ...present("boot", row["boot"], fromJson<NonNullable<ChargePointRecord["boot"]>>),
    firstSeenAtMs: row["first_seen_at"] as number,
    ...present("lastSeenAtMs", row["last_seen_at"], asIs<number>),
    connectors: new Map(connectors.map((one) => [one["connector_id"] as number, connectorOf(one)])),
    recentReadings: [],
    activeTransactions: active,
  };
}

function connectorOf(row: Row): ConnectorRecord {
  return {
    connectorId: row["connector_id"] as number,
    status: row["status"] as ConnectorRecord["status"],
    errorCode: row["error_code"] as ConnectorRecord["errorCode"],
    ...present("info", row["info"], peerText),
    ...present("vendorId", row["vendor_id"], peerText),
    ...present("vendorErrorCode", row["vendor_error_code"], peerText),
    statusAtMs: row["status_at"] as number,
    receivedAtMs: row["received_at"] as number,
  };
}

/** An idTag. */
export function idTagOf(row: Row): IdTagRecord {
  return {
    key: peerText(row["key"] as string),
    idTag: peerText(row["id_tag"] as string),
    ...present("parentIdTag", row["parent_id_tag"], peerText),
    ...present("expiryAtMs", row["expiry_at"], asIs<number>),
    blocked: row["blocked"] !== 0,
    ...present("maxActiveTransactions", row["max_active_transactions"], asIs<number>),
    source: row["source"] as IdTagRecord["source"],
  };
}

/** What is remembered of an active transaction. */
export function activeTransactionOf(row: Row): ActiveTransaction {
  return {
    transactionId: row["transaction_id"] as number,
    connectorId: row["connector_id"] as number,
    startedAtMs: row["started_at"] as number,
    ...suspicionOf(row),
  };
}

function suspicionOf(row: Row): { suspicion?: Suspicion } {
  if (row["suspected_by"] === null) return {};
  return {
    suspicion: {
      by: row["suspected_by"] as Suspicion["by"],
      atMs: row["suspected_at"] as number,
      chargePointAtMs: row["suspected_at_charge_point"] as number,
    },
  };
}

/** A transaction, with the identity joined in. */
export function transactionOf(row: Row): TransactionRecord {
  const stop = row["closed_by"] === null ? {} : { stop: stopOf(row) };
  return {
    transactionId: row["transaction_id"] as number,
    chargePoint: row["identity"] as string,
    connectorId: row["connector_id"] as number,
    idTag: peerText(row["id_tag"] as string),
    meterStart: row["meter_start"] as number,
    startedAtMs: row["started_at"] as number,
    startTimestamp: row["start_timestamp"] as string,
    startUniqueId: peerText(row["start_unique_id"] as string),
    startReceivedAtMs: row["start_received_at"] as number,
    startBoot: row["start_boot"] as number,
    startAnswer: fromJson(row["start_answer"] as string),
    ...present("reservationId", row["reservation_id"], asIs<number>),
    ...suspicionOf(row),
    ...stop,
  };
}

function stopOf(row: Row): StopRecord {
  return {
    closedBy: row["closed_by"] as StopRecord["closedBy"],
    stoppedAtMs: row["stopped_at"] as number,
    receivedAtMs: row["stop_received_at"] as number,
    ...present("meterStop", row["meter_stop"], asIs<number>),
    ...present("reason", row["reason"], asIs<NonNullable<StopRecord["reason"]>>),
    ...present("idTag", row["stop_id_tag"], peerText),
    ...present("timestamp", row["stop_timestamp"], asIs<string>),
    ...present("uniqueId", row["stop_unique_id"], peerText),
    ...present("answer", row["stop_answer"], fromJson<NonNullable<StopRecord["answer"]>>),
    ...present("operator", row["operator"], peerText),
    ...present("note", row["note"], peerText),
    ...present("overruled", row["overruled"], fromJson<NonNullable<StopRecord["overruled"]>>),
  };
}

/** A frame of a known Charge Point. */
export function frameOf(row: Row, chargePoint: string): FrameRecord {
  return {
    chargePoint,
    receivedAtMs: row["received_at"] as number,
    direction: row["direction"] === 0 ? "in" : "out",
    action: peerText(row["action"] as string),
    uniqueId: peerText(row["unique_id"] as string),
    request: peerText(row["request"] as string),
    answer: (row["answer"] as string | null) ?? undefined,
    outcome: row["outcome"] as FrameRecord["outcome"],
    latencyMs: (row["latency_ms"] as number | null) ?? undefined,
    ...notesOf(row["deviations"] as string | null),
  };
}

type Deviations = NonNullable<FrameRecord["deviations"]>;
type Ours = { readonly deliberate: string };

/** What a frame's column holds besides deviations of the Charge Point is the one thing that was deliberate. */
function notesOf(text: string | null): Pick<FrameRecord, "deviations" | "deliberate"> {
  if (text === null) return {};
  const notes = fromJson<Ours | (Deviations[number] | Ours)[]>(text);
  if (!Array.isArray(notes)) return notes;
  const isOurs = (note: Deviations[number] | Ours): note is Ours => "deliberate" in note;
  const deviations = notes.filter((note): note is Deviations[number] => !isOurs(note));
  return { deviations, ...notes.find(isOurs) };
}
