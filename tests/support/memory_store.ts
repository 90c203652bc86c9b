/**
 * The test store: `applyWrites` over facts in memory, and nothing else.
 *
 * It keeps what a database keeps: all of a commit or nothing, and everything committed beyond the end of the
 * Central System that wrote it. What no decision looks at is merely gathered.
 */
import { applyWrites } from "../../src/central_system/apply_writes.ts";
import { idTagKey } from "../../src/central_system/facts.ts";
import {
  type ChargePointRecord,
  type Facts,
  type FactsNeeded,
  type FrameRecord,
  type IdTagRecord,
  type Page,
  type PageWanted,
  type Queries,
  type QueryKind,
  type ReadingsRecord,
  type ReportRecord,
  type Store,
  type StoredMeterValue,
  StoreError,
  type UnmatchedStopRecord,
  type Write,
} from "../../src/central_system/store.ts";
import type { ActiveTransaction, TransactionRecord } from "../../src/central_system/transaction_record.ts";

import {
  isHeldAt,
  type ListedReservation,
  type LocalListChange,
  type LocalListEntry,
  type ReservationsNeeded,
} from "../../src/central_system/told_record.ts";

/** Everything that was ever committed. Synchronous; its lists are for tests to look at. */
export class MemoryStore implements Store {
  readonly readings: ReadingsRecord[] = [];
  readonly unmatchedStops: UnmatchedStopRecord[] = [];
  readonly frames: FrameRecord[] = [];
  readonly #facts: Facts;
  /** By Charge Point, then by lower-case idTag. */
  readonly #localListEntries = new Map<string, Map<string, LocalListEntry>>();
  /** In the order in which they were made, which is their number too. */
  readonly #reservations: ListedReservation[] = [];

  constructor({ firstTransactionId = 1 }: { firstTransactionId?: number } = {}) {
    this.#facts = {
      chargePoints: new Map(),
      idTags: new Map(),
      activeOf: new Map(),
      transactions: new Map(),
      localLists: new Map(),
      reservations: new Map(),
      leftActive: new Map(),
      nextTransactionId: firstTransactionId,
    };
  }

  get nextTransactionId(): number {
    return this.#facts.nextTransactionId;
  }

  /** Every transaction in the order in which the transactionIds were given. */
  get transactions(): readonly TransactionRecord[] {
    return [...this.#facts.transactions.values()].flatMap((own) => [...own.values()])
      .sort((one, other) => one.transactionId - other.transactionId);
  }

  /** The transactions of one Charge Point, by transactionId. */
  transactionsOf(chargePoint: string): ReadonlyMap<number, TransactionRecord> {
    return this.#facts.transactions.get(chargePoint) ?? new Map();
  }

  chargePoint(identity: string): ChargePointRecord | undefined {
    return this.#facts.chargePoints.get(identity);
  }

  idTag(idTag: string): IdTagRecord | undefined {
    return this.#facts.idTags.get(idTagKey(idTag));
  }

  load(needed: FactsNeeded): Facts {
    return this.#part(needed);
  }

  #part(needed: FactsNeeded): Facts {
    const { chargePoints, idTags, counted, starts, stops, localLists, reservations } = needed;
    const facts: Facts = {
      chargePoints: picked(this.#facts.chargePoints, chargePoints),
      idTags: picked(this.#facts.idTags, idTags),
      activeOf: new Map(),
      transactions: new Map(),
      localLists: picked(this.#facts.localLists, localLists),
      reservations: new Map(),
      leftActive: new Map(),
      nextTransactionId: starts.length === 0 ? 0 : this.#facts.nextTransactionId,
    };
    for (const identity of chargePoints) {
      if (facts.chargePoints.has(identity)) continue;
      const active = [...this.transactionsOf(identity).values()].filter(({ stop }) => stop === undefined);
      if (active.length > 0) facts.leftActive.set(identity, active.map(activeTransactionOf));
    }
    const add = (record: TransactionRecord) => {
      const own = facts.transactions.get(record.chargePoint) ?? new Map();
      facts.transactions.set(record.chargePoint, own.set(record.transactionId, record));
    };
    for (const key of idTags) {
      const isCounted = counted.has(key) ||
        this.#facts.idTags.get(key)?.maxActiveTransactions !== undefined;
      if (!isCounted) continue;
      const active = this.transactions.filter(({ idTag, stop }) =>
        stop === undefined && idTagKey(idTag) === key
      );
      facts.activeOf.set(key, active.length);
    }
    for (const { chargePoint, connectorId, timestamp } of starts) {
      for (const record of this.transactionsOf(chargePoint).values()) {
        const isOpenThere = record.connectorId === connectorId && record.stop === undefined;
        if (isOpenThere || record.startTimestamp === timestamp) add(record);
      }
    }
    for (const { chargePoint, transactionId } of stops) {
      const record = this.transactionsOf(chargePoint).get(transactionId);
      if (record !== undefined) add(record);
    }
    for (const { chargePoint, reservationId, heldAtMs } of reservations) {
      for (const [id, record] of this.#facts.reservations.get(chargePoint) ?? []) {
        if (id !== reservationId && !isHeldAt(record, heldAtMs)) continue;
        const own = facts.reservations.get(chargePoint) ?? new Map();
        facts.reservations.set(chargePoint, own.set(id, record));
      }
    }
    return facts;
  }

  /** Errors: `StoreError` for what a database would refuse; then nothing of it is kept. */
  commit(writes: readonly Write[]): void {
    const draft = this.#part(touched(writes));
    draft.nextTransactionId = this.#facts.nextTransactionId;
    for (const write of writes) {
      if (write.kind === "startTransaction" && this.#hasTransaction(write.record.transactionId)) {
        throw new StoreError(`transactionId ${write.record.transactionId} is taken`);
      }
    }
    try {
      applyWrites(draft, writes);
    } catch (cause) {
      throw new StoreError("cannot write to the test store", { cause });
    }
    this.#keep(draft);
    for (const write of writes) {
      if (write.kind === "deleteChargePoint" && !draft.chargePoints.has(write.identity)) {
        this.#facts.chargePoints.delete(write.identity);
      }
      if (write.kind === "deleteChargePoint") {
        if (!draft.localLists.has(write.identity)) this.#facts.localLists.delete(write.identity);
        this.#localListEntries.delete(write.identity);
      }
      if (write.kind === "putLocalList") this.#changeEntries(write.record.chargePoint, write.change);
      if (write.kind === "addReservation") {
        this.#reservations.push({ id: this.#reservations.length + 1, ...write.record });
      }
      if (write.kind === "endReservation") {
        const at = this.#reservations.findLastIndex((one) =>
          one.chargePoint === write.chargePoint && one.reservationId === write.reservationId
        );
        this.#reservations[at] = { ...this.#reservations[at]!, end: write.end };
      }
      if (write.kind === "deleteIdTag" && !draft.idTags.has(write.key)) this.#facts.idTags.delete(write.key);
      if (write.kind === "addReadings") this.#append(this.readings, write.record);
      if (write.kind === "removeRows") this.#removeRows(write);
      if (write.kind === "addUnmatchedStop") this.#addUnmatchedStop(write.record);
      if (write.kind === "addReport") this.reports.push(write.record);
    }
  }

  #changeEntries(chargePoint: string, change: LocalListChange | undefined): void {
    if (change === undefined) return;
    const entries = change.isFull ? new Map() : this.#localListEntries.get(chargePoint) ?? new Map();
    this.#localListEntries.set(chargePoint, entries);
    for (const { idTagInfo, ...entry } of change.entries) {
      if (idTagInfo === undefined) entries.delete(entry.key);
      else entries.set(entry.key, { ...entry, idTagInfo });
    }
  }

  #hasTransaction(transactionId: number): boolean {
    return [...this.#facts.transactions.values()].some((own) => own.has(transactionId));
  }

  #keep(draft: Facts): void {
    for (const [identity, record] of draft.chargePoints) this.#facts.chargePoints.set(identity, record);
    for (const [key, record] of draft.idTags) this.#facts.idTags.set(key, record);
    for (const [identity, changed] of draft.transactions) {
      const own = this.#facts.transactions.get(identity) ?? new Map();
      for (const [transactionId, record] of changed) own.set(transactionId, record);
      this.#facts.transactions.set(identity, own);
    }
    for (const [identity, record] of draft.localLists) this.#facts.localLists.set(identity, record);
    for (const [identity, changed] of draft.reservations) {
      const own = this.#facts.reservations.get(identity) ?? new Map();
      for (const [reservationId, record] of changed) own.set(reservationId, record);
      this.#facts.reservations.set(identity, own);
    }
    this.#facts.nextTransactionId = draft.nextTransactionId;
  }

  #addUnmatchedStop(record: UnmatchedStopRecord): void {
    const key = ({ chargePoint, uniqueId, payload }: UnmatchedStopRecord) =>
      JSON.stringify([chargePoint, uniqueId, payload]);
    if (this.unmatchedStops.some((one) => key(one) === key(record))) return; // sent again
    this.unmatchedStops.push(record);
  }

  /** What Charge Points reported of themselves, in the order in which it was committed. */
  readonly reports: ReportRecord[] = [];

  commitFrames(frames: readonly FrameRecord[]): void {
    for (const frame of frames) this.#append(this.frames, frame);
  }

  /** Rows have ids in the order in which they came; nobody but `removeRows` and `oldRows` looks at them. */
  readonly #ids = new WeakMap<object, number>();
  #lastId = 0;

  #append<T extends object>(rows: T[], row: T): void {
    const own = { ...row }; // the same object may be added twice
    this.#ids.set(own, ++this.#lastId);
    rows.push(own);
  }

  #removeRows({ table, after, upTo }: Extract<Write, { kind: "removeRows" }>): void {
    const rows: (FrameRecord | ReadingsRecord)[] = table === "frames" ? this.frames : this.readings;
    const kept = rows.filter((row) => {
      const id = this.#ids.get(row)!;
      return id <= after || id > upTo || this.#mustStay(row);
    });
    rows.splice(0, rows.length, ...kept);
  }

  #mustStay(row: FrameRecord | ReadingsRecord): boolean {
    if (!("readings" in row)) return false;
    const own = this.transactionsOf(row.chargePoint);
    return [row.transactionId, row.guessedTransactionId].some((id) => {
      const transaction = id === undefined ? undefined : own.get(id);
      return transaction !== undefined && transaction.stop === undefined;
    });
  }

  query<Q extends QueryKind>(kind: Q, parameters: Queries[Q]["parameters"]): Queries[Q]["result"] {
    return this.#query(kind, parameters) as Queries[Q]["result"];
  }

  #query(kind: QueryKind, parameters: unknown): Queries[QueryKind]["result"] {
    switch (kind) {
      case "chargePoint":
        return this.chargePoint((parameters as Queries["chargePoint"]["parameters"]).identity);
      case "idTag":
        return this.#facts.idTags.get((parameters as Queries["idTag"]["parameters"]).key);
      case "idTags": {
        const wanted = parameters as Queries["idTags"]["parameters"];
        const found = [...this.#facts.idTags.values()].filter(({ source }) =>
          wanted.source === undefined || source === wanted.source
        );
        return page(found.sort((one, other) => one.key < other.key ? -1 : 1), wanted);
      }
      case "chargePoints":
        return page([...this.#facts.chargePoints.values()], parameters as PageWanted);
      case "transaction": {
        const { transactionId } = parameters as Queries["transaction"]["parameters"];
        return this.transactions.find((record) => record.transactionId === transactionId);
      }
      case "transactions": {
        const wanted = parameters as Queries["transactions"]["parameters"];
        const { chargePoint, idTag, active, sinceMs } = wanted;
        const found = this.transactions.toReversed().filter((record) =>
          (chargePoint === undefined || record.chargePoint === chargePoint) &&
          (idTag === undefined || idTagKey(record.idTag) === idTagKey(idTag)) &&
          (active === undefined || (record.stop === undefined) === active) &&
          (sinceMs === undefined || record.startedAtMs >= sinceMs)
        );
        return page(found, wanted);
      }
      case "meterValues": {
        const wanted = parameters as Queries["meterValues"]["parameters"];
        const found = this.readings.filter(({ chargePoint, transactionId, guessedTransactionId }) =>
          chargePoint === wanted.chargePoint &&
          (wanted.guessed ? guessedTransactionId : transactionId) === wanted.transactionId
        );
        return page(found.flatMap(meterValuesOf), wanted);
      }
      case "frames": {
        const wanted = parameters as Queries["frames"]["parameters"];
        const { chargePoint, action, outcome, sinceMs } = wanted;
        const found = this.frames.toReversed().filter((frame) =>
          frame.chargePoint === chargePoint &&
          (action === undefined || frame.action === action) &&
          (outcome === undefined || frame.outcome === outcome) &&
          (sinceMs === undefined || frame.receivedAtMs >= sinceMs)
        );
        return page(found, wanted);
      }
      case "localList":
        return this.#facts.localLists.get((parameters as Queries["localList"]["parameters"]).chargePoint);
      case "localListEntries": {
        const wanted = parameters as Queries["localListEntries"]["parameters"];
        const found = [...this.#localListEntries.get(wanted.chargePoint)?.values() ?? []];
        return page(found.sort((one, other) => one.key < other.key ? -1 : 1), wanted);
      }
      case "reservation": {
        const { id } = parameters as Queries["reservation"]["parameters"];
        return this.#reservations.find((one) => one.id === id);
      }
      case "reservations": {
        const wanted = parameters as Queries["reservations"]["parameters"];
        const { chargePoint, heldAtMs, overAtMs } = wanted;
        const found = this.#reservations.toReversed().filter((one) =>
          (chargePoint === undefined || one.chargePoint === chargePoint) &&
          (heldAtMs === undefined || isHeldAt(one, heldAtMs)) &&
          (overAtMs === undefined || !isHeldAt(one, overAtMs))
        );
        return page(found, wanted);
      }
      case "reports": {
        const wanted = parameters as Queries["reports"]["parameters"];
        const found = this.reports.toReversed().filter((report) =>
          report.chargePoint === wanted.chargePoint &&
          (wanted.action === undefined || report.action === wanted.action)
        );
        return page(found, wanted);
      }
      case "activeTransactions":
        return this.transactions.filter(({ stop }) => stop === undefined).length;
      case "suspectedTransactions": {
        const { limit } = parameters as Queries["suspectedTransactions"]["parameters"];
        return this.transactions.filter(({ stop, suspicion }) =>
          stop === undefined && suspicion !== undefined
        )
          .toSorted((one, other) => one.suspicion!.atMs - other.suspicion!.atMs).slice(0, limit);
      }
      case "oldestRows": {
        const { table, after, limit } = parameters as Queries["oldestRows"]["parameters"];
        return (table === "frames" ? this.frames : this.readings)
          .map((row) => ({
            id: this.#ids.get(row)!,
            receivedAtMs: row.receivedAtMs,
            mustStay: this.#mustStay(row),
          }))
          .filter(({ id }) => id > after).slice(0, limit);
      }
      case "health":
        return true;
    }
  }

  close(): void {}
}

function picked<T>(from: ReadonlyMap<string, T>, keys: ReadonlySet<string>): Map<string, T> {
  const found = new Map<string, T>();
  for (const key of keys) {
    const value = from.get(key);
    if (value !== undefined) found.set(key, value);
  }
  return found;
}

/** The rows that writes change, as something that can be loaded. */
function touched(writes: readonly Write[]): FactsNeeded {
  const chargePoints = new Set<string>();
  const stops: { chargePoint: string; transactionId: number }[] = [];
  const reservations: ReservationsNeeded[] = [];
  for (const write of writes) {
    if (write.kind === "putConnector" || write.kind === "seen") chargePoints.add(write.chargePoint);
    if (write.kind === "addReadings") chargePoints.add(write.record.chargePoint);
    if (write.kind === "startTransaction") chargePoints.add(write.record.chargePoint);
    if (write.kind === "stopTransaction" || write.kind === "suspectTransaction") {
      chargePoints.add(write.chargePoint);
      stops.push(write);
    }
    if (write.kind !== "endReservation") continue;
    const { chargePoint, reservationId } = write;
    reservations.push({ chargePoint, reservationId, heldAtMs: Infinity });
  }
  const none = new Set<string>();
  return { chargePoints, idTags: none, counted: none, starts: [], stops, localLists: none, reservations };
}

function meterValuesOf(
  { connectorId, transactionId, receivedAtMs, readings }: ReadingsRecord,
): StoredMeterValue[] {
  return readings.map(({ timestamp, sampledValue }) => ({
    ...(transactionId === undefined ? {} : { transactionId }),
    ...{ timestamp, sampledValue: JSON.parse(sampledValue), connectorId, receivedAtMs },
  }));
}

function activeTransactionOf(
  { transactionId, connectorId, startedAtMs, suspicion }: TransactionRecord,
): ActiveTransaction {
  return { transactionId, connectorId, startedAtMs, ...(suspicion === undefined ? {} : { suspicion }) };
}

/** A cursor is how many items stood before: nothing changes between two pages of a test. */
function page<T>(items: readonly T[], { limit, cursor }: PageWanted): Page<T> {
  const from = Number(cursor ?? 0);
  const upTo = from + limit;
  const part = items.slice(from, upTo);
  return upTo < items.length ? { items: part, nextCursor: String(upTo) } : { items: part };
}
