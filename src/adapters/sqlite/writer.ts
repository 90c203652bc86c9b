/**
 * Carries out the writes of one commit, each with a statement that was prepared once.
 */
import type { DatabaseSync } from "node:sqlite";
import type {
  ChargePointRecord,
  ConnectorRecord,
  FrameRecord,
  IdTagRecord,
  ReadingsRecord,
  ReportRecord,
  UnmatchedStopRecord,
  Write,
} from "../../central_system/store.ts";
import type { StopRecord, Suspicion, TransactionRecord } from "../../central_system/transaction_record.ts";
import { BulkInsert } from "./bulk_insert.ts";
import { Chains, NO_TRANSACTION } from "./chains.ts";
import type { Identities } from "./identities.ts";
import { LocalListRows } from "./local_list_rows.ts";
import { storedText } from "./peer_text.ts";
import { ReservationRows } from "./reservation_rows.ts";
import { BELONGS_TO_ACTIVE } from "./rows.ts";

/** Writes rows; the caller opens and ends the transaction around them. */
export class Writer {
  readonly #identities: Identities;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #localLists: LocalListRows;
  readonly #reservations: ReservationRows;
  readonly #readings: BulkInsert;
  readonly #frames: BulkInsert;
  /** Which readings belong to a transaction. */
  readonly readingChains: Chains;
  /** Which frames belong to a Charge Point. */
  readonly frameChains: Chains;

  constructor(database: DatabaseSync, identities: Identities) {
    this.#identities = identities;
    this.#statements = prepare(database);
    this.#localLists = new LocalListRows(database, identities);
    this.#reservations = new ReservationRows(database, identities);
    this.readingChains = new Chains(database, "meter_values");
    this.frameChains = new Chains(database, "frames");
    this.#readings = new BulkInsert(database, "meter_values", READING_COLUMNS);
    this.#frames = new BulkInsert(database, "frames", FRAME_COLUMNS);
  }

  /** Writes all that a transaction still holds back; to be called before its COMMIT. */
  flush(): void {
    this.#readings.flush();
    this.#frames.flush();
    this.readingChains.persistIfDue();
    this.frameChains.persistIfDue();
  }

  /** The transaction was rolled back: nothing of it may be remembered. */
  rolledBack(): void {
    this.#identities.forgetAll();
    this.#readings.clear();
    this.#frames.clear();
    this.readingChains.recover();
    this.frameChains.recover();
  }

  write(write: Write): void {
    switch (write.kind) {
      case "putChargePoint":
        return this.#putChargePoint(write.record);
      case "deleteChargePoint":
        return this.#deleteChargePoint(write.identity);
      case "putConnector":
        return this.#putConnector(write.chargePoint, write.connector);
      case "putIdTag":
        return this.#putIdTag(write.record);
      case "deleteIdTag":
        this.#statements.deleteIdTag.run(storedText(write.key));
        return;
      case "startTransaction":
        return this.#startTransaction(write.record);
      case "stopTransaction":
        return this.#stopTransaction(write.transactionId, write.stop);
      case "suspectTransaction":
        return this.#suspectTransaction(write.transactionId, write.suspicion);
      case "addReadings":
        return this.#addReadings(write.record);
      case "addUnmatchedStop":
        return this.#addUnmatchedStop(write.record);
      case "addReport":
        return this.#addReport(write.record);
      case "putLocalList":
        return this.#localLists.put(write.record, write.change);
      case "addReservation":
        return this.#reservations.add(write.record);
      case "endReservation":
        return this.#reservations.end(write.chargePoint, write.reservationId, write.end);
      case "seen":
        this.#statements.seen.run(write.lastSeenAtMs, this.#identities.give(write.chargePoint));
        return;
      case "removeRows":
        this.flush(); // what is about to be inserted may be meant
        this.#statements[write.table].run(write.after, write.upTo);
    }
  }

  #putChargePoint(record: ChargePointRecord): void {
    this.#statements.putChargePoint.run(
      this.#identities.give(record.identity),
      record.registration,
      record.validation ?? null,
      record.refusedRules === undefined ? null : JSON.stringify(record.refusedRules),
      record.allowedIdTags === undefined ? null : JSON.stringify(record.allowedIdTags),
      record.heartbeatIntervalSeconds ?? null,
      record.pingIntervalSeconds ?? null,
      record.securityProfile ?? null,
      record.pendingSecurityProfile ?? null,
      record.passwordHash ?? null,
      record.pendingPasswordHash ?? null,
      nullOr(record.certificateSerialNumber),
      record.bootStatus ?? null,
      record.bootCount,
      record.bootedAtMs ?? null,
      record.boot === undefined ? null : JSON.stringify(record.boot),
      record.firstSeenAtMs,
      record.lastSeenAtMs ?? null,
    );
  }

  /** The identity keeps its number: its history has it. */
  #deleteChargePoint(identity: string): void {
    const id = this.#identities.give(identity);
    this.#statements.deleteConnectors.run(id);
    this.#localLists.forget(id);
    this.#statements.deleteChargePoint.run(id);
  }

  #putConnector(chargePoint: string, connector: ConnectorRecord): void {
    this.#statements.putConnector.run(
      this.#identities.give(chargePoint),
      connector.connectorId,
      connector.status,
      connector.errorCode,
      nullOr(connector.info),
      nullOr(connector.vendorId),
      nullOr(connector.vendorErrorCode),
      connector.statusAtMs,
      connector.receivedAtMs,
    );
  }

  #putIdTag(record: IdTagRecord): void {
    this.#statements.putIdTag.run(
      storedText(record.key),
      storedText(record.idTag),
      nullOr(record.parentIdTag),
      record.expiryAtMs ?? null,
      record.blocked ? 1 : 0,
      record.maxActiveTransactions ?? null,
      record.source,
    );
  }

  #startTransaction(record: TransactionRecord): void {
    this.#statements.startTransaction.run(
      record.transactionId,
      this.#identities.give(record.chargePoint),
      record.connectorId,
      storedText(record.idTag),
      record.meterStart,
      record.startedAtMs,
      record.startTimestamp,
      storedText(record.startUniqueId),
      record.startReceivedAtMs,
      record.startBoot,
      JSON.stringify(record.startAnswer),
      record.reservationId ?? null,
    );
    this.#statements.takeTransactionId.run(record.transactionId + 1);
  }

  #stopTransaction(transactionId: number, stop: StopRecord): void {
    this.#statements.stopTransaction.run(
      stop.closedBy,
      stop.stoppedAtMs,
      stop.receivedAtMs,
      stop.meterStop ?? null,
      stop.reason ?? null,
      nullOr(stop.idTag),
      stop.timestamp ?? null,
      nullOr(stop.uniqueId),
      stop.answer === undefined ? null : JSON.stringify(stop.answer),
      nullOr(stop.operator),
      nullOr(stop.note),
      stop.overruled === undefined ? null : JSON.stringify(stop.overruled),
      transactionId,
    );
  }

  #suspectTransaction(transactionId: number, suspicion: Suspicion | undefined): void {
    this.#statements.suspectTransaction.run(
      suspicion?.by ?? null,
      suspicion?.atMs ?? null,
      suspicion?.chargePointAtMs ?? null,
      transactionId,
    );
  }

  #addReadings(record: ReadingsRecord): void {
    const chargePoint = this.#identities.give(record.chargePoint);
    const { transactionId, guessedTransactionId, connectorId, uniqueId, receivedAtMs } = record;
    for (const { timestamp, sampledValue } of record.readings) {
      const { id, previous } = this.readingChains.add(chargePoint, transactionId);
      this.#readings.add(
        id,
        previous,
        chargePoint,
        transactionId ?? null,
        connectorId,
        storedText(uniqueId),
        timestamp,
        receivedAtMs,
        sampledValue,
        guessedTransactionId ?? null,
      );
    }
  }

  #addUnmatchedStop({ chargePoint, uniqueId, payload, receivedAtMs }: UnmatchedStopRecord): void {
    const id = this.#identities.give(chargePoint);
    this.#statements.addUnmatchedStop.run(id, storedText(uniqueId), JSON.stringify(payload), receivedAtMs);
  }

  #addReport({ chargePoint, action, payload, receivedAtMs }: ReportRecord): void {
    const id = this.#identities.give(chargePoint);
    this.#statements.addReport.run(id, action, JSON.stringify(payload), receivedAtMs);
  }

  addFrame(frame: FrameRecord): void {
    const chargePoint = this.#identities.give(frame.chargePoint);
    const { id, previous } = this.frameChains.add(chargePoint, NO_TRANSACTION);
    this.#frames.add(
      id,
      previous,
      chargePoint,
      frame.receivedAtMs,
      frame.direction === "in" ? 0 : 1,
      storedText(frame.action),
      storedText(frame.uniqueId),
      storedText(frame.request),
      frame.answer ?? null,
      frame.outcome,
      frame.latencyMs ?? null,
      notesText(frame),
    );
  }
}

/** The deviations, and after them what was deliberate, as `rows.ts` takes them apart. */
function notesText({ deviations, deliberate }: FrameRecord): string | null {
  if (deliberate === undefined) return deviations === undefined ? null : JSON.stringify(deviations);
  return JSON.stringify(deviations === undefined ? { deliberate } : [...deviations, { deliberate }]);
}

function nullOr(text: string | undefined): string | null {
  return text === undefined ? null : storedText(text);
}

const READING_COLUMNS = [
  "id",
  "previous",
  "charge_point",
  "transaction_id",
  "connector_id",
  "unique_id",
  "timestamp",
  "received_at",
  "sampled_value",
  "guessed_transaction_id",
] as const;

const FRAME_COLUMNS = [
  "id",
  "previous",
  "charge_point",
  "received_at",
  "direction",
  "action",
  "unique_id",
  "request",
  "answer",
  "outcome",
  "latency_ms",
  "deviations",
] as const;

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    // An UPDATE on conflict, not a REPLACE: other rows refer to this one.
    putChargePoint: sql(`
      INSERT INTO charge_points
        (id, registration, validation, refused_rules, allowed_id_tags, heartbeat_interval, ping_interval,
          security_profile, pending_security_profile, password_hash, pending_password_hash,
          certificate_serial_number, boot_status, boot_count, booted_at, boot, first_seen_at, last_seen_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET registration = excluded.registration,
        validation = excluded.validation, refused_rules = excluded.refused_rules,
        allowed_id_tags = excluded.allowed_id_tags, heartbeat_interval = excluded.heartbeat_interval,
        ping_interval = excluded.ping_interval, security_profile = excluded.security_profile,
        pending_security_profile = excluded.pending_security_profile, password_hash = excluded.password_hash,
        pending_password_hash = excluded.pending_password_hash,
        certificate_serial_number = excluded.certificate_serial_number, boot_status = excluded.boot_status,
        boot_count = excluded.boot_count, booted_at = excluded.booted_at, boot = excluded.boot,
        last_seen_at = excluded.last_seen_at`),
    deleteConnectors: sql("DELETE FROM connectors WHERE charge_point = ?"),
    deleteChargePoint: sql("DELETE FROM charge_points WHERE id = ?"),
    putConnector: sql(`
      INSERT OR REPLACE INTO connectors
        (charge_point, connector_id, status, error_code, info, vendor_id, vendor_error_code, status_at, received_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    putIdTag: sql(`
      INSERT OR REPLACE INTO id_tags (key, id_tag, parent_id_tag, expiry_at, blocked, max_active_transactions,
        source)
      VALUES (?, ?, ?, ?, ?, ?, ?)`),
    deleteIdTag: sql("DELETE FROM id_tags WHERE key = ?"),
    startTransaction: sql(`
      INSERT INTO transactions (transaction_id, charge_point, connector_id, id_tag, meter_start, started_at,
        start_timestamp, start_unique_id, start_received_at, start_boot, start_answer, reservation_id)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    takeTransactionId: sql("UPDATE sequences SET next = max(next, ?) WHERE name = 'transactionId'"),
    stopTransaction: sql(`
      UPDATE transactions SET closed_by = ?, stopped_at = ?, stop_received_at = ?, meter_stop = ?, reason = ?,
        stop_id_tag = ?, stop_timestamp = ?, stop_unique_id = ?, stop_answer = ?, operator = ?, note = ?,
        overruled = ?
      WHERE transaction_id = ?`),
    suspectTransaction: sql(`
      UPDATE transactions SET suspected_by = ?, suspected_at = ?, suspected_at_charge_point = ?
      WHERE transaction_id = ?`),
    frames: sql("DELETE FROM frames WHERE id > ? AND id <= ?"),
    meterValues: sql(`DELETE FROM meter_values WHERE id > ? AND id <= ? AND NOT ${BELONGS_TO_ACTIVE}`),
    addUnmatchedStop: sql(`
      INSERT OR IGNORE INTO unmatched_stops (charge_point, unique_id, payload, received_at)
      VALUES (?, ?, ?, ?)`),
    addReport: sql("INSERT INTO reports (charge_point, action, payload, received_at) VALUES (?, ?, ?, ?)"),
    seen: sql("UPDATE charge_points SET last_seen_at = ? WHERE id = ?"),
  };
}
