/**
 * What always holds between Charge Points and their Central System, whatever happens between them.
 *
 * It sees what arrives, what is committed, what is answered and what a Charge Point takes for acknowledged, each
 * at its moment. `ChargePointChecker` looks at the Charge Point's own side.
 * Errors: `AssertionError` at the first thing that breaks a rule.
 */
import assert from "node:assert/strict";
import type { ChargePointEvent } from "../../src/charge_point/contract.ts";
import type { ReadingsRecord, UnmatchedStopRecord, Write } from "../../src/central_system/store.ts";
import { type CallResult, type Frame, parseFrame } from "../../src/ocpp/frame.ts";
import type { Conf, Req } from "../../src/ocpp/registry.ts";
import type { MemoryStore } from "./memory_store.ts";
import type { TransactionRecord } from "../../src/central_system/transaction_record.ts";
import type { Wire, WireWatcher } from "./pair_wire.ts";

/** What the Central System has not answered yet on a wire, and its own Call in flight. */
interface Traffic {
  readonly unanswered: Exchange[];
  own: { uniqueId: string; sentAtMs: number } | undefined;
}

/** A Call, or a transaction as a Charge Point knows it. */
interface Exchange {
  readonly uniqueId: string;
  readonly action: string;
  readonly payload: unknown;
  readonly text: string;
}

/** A transaction as its Charge Point has it. Units: Wh. */
interface EndedTransaction {
  readonly connectorId: number;
  readonly meterStartWh: number;
  readonly meterStopWh: number;
}

/** What is kept of one Charge Point. */
class Ledger {
  /** Transaction-related messages by uniqueId, numbered in the order in which they left first. */
  readonly left = new Map<string, number>();
  /** The number of the last one that arrived. */
  arrived = 0;
  /** Calls that the Charge Point sent, until their answer. */
  readonly sent = new Map<string, { action: string; payload: unknown }>();
  /** Transaction-related messages that were acknowledged. */
  readonly acknowledged: (Omit<Exchange, "text"> & { readonly answer: unknown })[] = [];
  /** By connectorId: the highest register that is stored. */
  readonly registersWh = new Map<number, number>();
  readonly ended: EndedTransaction[] = [];
  /** Messages that the Charge Point gave up: they leave a gap where they had left before. */
  lost = 0;
  /** Starts and stops among them; nothing is promised about their transactions. */
  lostEnds = 0;
}

/** Looks on. */
export class PairChecker implements WireWatcher {
  readonly #store: MemoryStore;
  readonly #nowMs: () => number;
  readonly #callTimeoutMs: number;
  readonly #ledgers = new Map<string, Ledger>();
  readonly #traffic = new WeakMap<Wire, Traffic>();
  /** Charge Point and text to the first answer. */
  readonly #firstAnswers = new Map<string, string>();
  readonly #startsStored = new Set<string>();
  readonly #stopsStored = new Set<number>();
  readonly #readingsStored = new Set<string>();
  /** Charge Point and connectorId to what the last commit with any status of it held. */
  readonly #statusesStored = new Map<string, Set<string>>();
  #lastTransactionId = 0;

  constructor(options: { store: MemoryStore; nowMs: () => number; callTimeoutMs: number }) {
    this.#store = options.store;
    this.#nowMs = options.nowMs;
    this.#callTimeoutMs = options.callTimeoutMs;
  }

  // --- on the wire -----------------------------------------------------------------------------------------

  arrived(wire: Wire, text: string): void {
    const frame = frameOf(text);
    const traffic = this.#trafficOf(wire);
    if (frame.kind !== "call") {
      if (traffic.own?.uniqueId === frame.uniqueId) traffic.own = undefined;
      return;
    }
    const { uniqueId, action, payload } = frame;
    traffic.unanswered.push({ uniqueId, action, payload, text });
    if (!isTransactionRelated(frame)) return;
    const ledger = this.#ledgerOf(wire.chargePoint);
    const number = ledger.left.get(uniqueId);
    assert.ok(number !== undefined, `${uniqueId} arrived and never left`);
    const isNext = number === ledger.arrived || number === ledger.arrived + 1;
    assert.ok(
      isNext || (ledger.lost > 0 && number > ledger.arrived),
      `${action} ${uniqueId} is message ${number} of ${wire.chargePoint}, the last that arrived was ${ledger.arrived}`,
    );
    ledger.arrived = number;
  }

  sentBack(wire: Wire, text: string): void {
    const frame = frameOf(text);
    const traffic = this.#trafficOf(wire);
    if (frame.kind === "call") {
      const { own } = traffic;
      const isFree = own === undefined || this.#nowMs() - own.sentAtMs >= this.#callTimeoutMs;
      assert.ok(isFree, `${frame.uniqueId} would be a second Call in flight beside ${own?.uniqueId}`);
      traffic.own = { uniqueId: frame.uniqueId, sentAtMs: this.#nowMs() };
      return;
    }
    const call = traffic.unanswered.shift();
    assert.equal(frame.uniqueId, call?.uniqueId, `answered out of order or unasked: ${text}`);
    assert.equal(frame.kind, "callResult", `${call!.text} was answered ${text}`);
    this.#answered(wire.chargePoint, call!, (frame as CallResult).payload);
  }

  /** No answer before its commit, and a repeat gets the first one. */
  #answered(chargePoint: string, { uniqueId, action, payload, text }: Exchange, answer: unknown): void {
    this.#assertStored(chargePoint, { uniqueId, action, payload, answer });
    if (action !== "StartTransaction" && action !== "StopTransaction") return;
    const key = `${chargePoint} ${text}`;
    const first = this.#firstAnswers.get(key);
    if (first === undefined) this.#firstAnswers.set(key, JSON.stringify(answer));
    else assert.equal(JSON.stringify(answer), first, `the repeat ${text} did not get the first answer`);
  }

  #assertStored(
    chargePoint: string,
    { uniqueId, action, payload, answer }: {
      uniqueId: string;
      action: string;
      payload: unknown;
      answer: unknown;
    },
  ): void {
    const what = `${action} ${uniqueId} of ${chargePoint}, which was answered`;
    switch (action) {
      case "BootNotification": {
        const { status } = answer as Conf<"BootNotification">;
        assert.equal(this.#store.chargePoint(chargePoint)?.bootStatus, status, what);
        return;
      }
      case "StatusNotification": {
        const { connectorId, status } = payload as Req<"StatusNotification">;
        // Others may have come in the same turn, from a wire before and from this one.
        assert.ok(this.#statusesStored.get(`${chargePoint} ${connectorId}`)?.has(status), what);
        return;
      }
      case "StartTransaction": {
        const { transactionId } = answer as Conf<"StartTransaction">;
        const record = this.#store.transactionsOf(chargePoint).get(transactionId);
        assert.ok(record !== undefined, what);
        assert.deepEqual(contentOfStart(record), contentOfStartReq(payload as Req<"StartTransaction">), what);
        return;
      }
      case "StopTransaction":
        return this.#assertStopStored(chargePoint, payload as Req<"StopTransaction">, what);
      case "MeterValues": {
        const { connectorId, transactionId, meterValue } = payload as Req<"MeterValues">;
        const readings = meterValue.map(({ timestamp, sampledValue }) => (
          { timestamp, sampledValue: JSON.stringify(sampledValue) }
        ));
        const key = readingsKey({ chargePoint, uniqueId, connectorId, transactionId, readings });
        assert.ok(this.#readingsStored.has(key), what);
      }
    }
  }

  #assertStopStored(chargePoint: string, payload: Req<"StopTransaction">, what: string): void {
    const stop = this.#store.transactionsOf(chargePoint).get(payload.transactionId)?.stop;
    if (stop?.closedBy !== "chargePoint") {
      const isKept = this.#store.unmatchedStops.some((kept) =>
        kept.chargePoint === chargePoint && kept.payload.transactionId === payload.transactionId &&
        kept.payload.timestamp === payload.timestamp
      );
      assert.ok(isKept && this.#ledgerOf(chargePoint).lostEnds > 0, what);
      return;
    }
    const { meterStop, timestamp, reason, idTag } = stop;
    const expected = { reason: "Local", idTag: undefined, ...payload };
    assert.deepEqual(
      { meterStop, timestamp, reason, idTag },
      {
        meterStop: expected.meterStop,
        timestamp: expected.timestamp,
        reason: expected.reason,
        idTag: expected.idTag,
      },
      what,
    );
  }

  // --- in the store ----------------------------------------------------------------------------------------

  /** The writes of one commit, in the store already. */
  committed(writes: readonly Write[]): void {
    const statuses = new Map<string, Set<string>>();
    for (const write of writes) {
      if (write.kind === "putConnector") {
        const { chargePoint, connector: { connectorId, status } } = write;
        const key = `${chargePoint} ${connectorId}`;
        statuses.set(key, (statuses.get(key) ?? new Set()).add(status));
      }
      if (write.kind === "startTransaction") this.#startStored(write.record);
      if (write.kind === "stopTransaction") this.#stopStored(write);
      if (write.kind === "addReadings") this.#readingStored(write.record);
      if (write.kind === "addUnmatchedStop") this.#unmatchedStopStored(write.record);
    }
    for (const [key, stored] of statuses) this.#statusesStored.set(key, stored);
  }

  #startStored(record: TransactionRecord): void {
    const { transactionId, chargePoint, connectorId, meterStart } = record;
    assert.ok(transactionId > this.#lastTransactionId, `transactionId ${transactionId} was given before`);
    this.#lastTransactionId = transactionId;
    const key = JSON.stringify([chargePoint, contentOfStart(record)]);
    assert.ok(!this.#startsStored.has(key), `stored twice: the start ${key}`);
    this.#startsStored.add(key);
    this.#registerStored(chargePoint, connectorId, meterStart);
  }

  #stopStored({ chargePoint, transactionId, stop }: Extract<Write, { kind: "stopTransaction" }>): void {
    const what = `the stop of transaction ${transactionId} of ${chargePoint}`;
    const { lostEnds } = this.#ledgerOf(chargePoint);
    assert.ok(stop.closedBy === "chargePoint" || lostEnds > 0, `${what} came by ${stop.closedBy}`);
    if (stop.closedBy !== "chargePoint") return;
    assert.ok(!this.#stopsStored.has(transactionId), `${what} is stored twice`);
    this.#stopsStored.add(transactionId);
    const record = this.#store.transactionsOf(chargePoint).get(transactionId);
    assert.ok(record !== undefined && stop.meterStop !== undefined, what);
    this.#registerStored(chargePoint, record.connectorId, stop.meterStop);
  }

  /** Only what a Charge Point gave up before can leave a stop without its start. */
  #unmatchedStopStored({ chargePoint, payload }: UnmatchedStopRecord): void {
    const what = `a stop of ${chargePoint} that matches nothing: ${JSON.stringify(payload)}`;
    assert.ok(this.#ledgerOf(chargePoint).lostEnds > 0, what);
  }

  #readingStored(record: ReadingsRecord): void {
    const key = readingsKey(record);
    assert.ok(!this.#readingsStored.has(key), `stored twice: the readings ${key}`);
    this.#readingsStored.add(key);
    const read = record.readings.flatMap(({ sampledValue }) => registersIn(sampledValue));
    if (read.some(({ context }) => context === "Transaction.End")) {
      // transactionData: the transaction once more, in its order.
      const registers = read.map(({ registerWh }) => registerWh);
      assert.deepEqual(registers, registers.toSorted((one, other) => one - other), `energy in ${key}`);
      return;
    }
    for (const { context, registerWh } of read) {
      if (context !== "Sample.Periodic") continue; // others may overtake
      this.#registerStored(record.chargePoint, record.connectorId, registerWh);
    }
  }

  #registerStored(chargePoint: string, connectorId: number, registerWh: number): void {
    const { registersWh } = this.#ledgerOf(chargePoint);
    const before = registersWh.get(connectorId) ?? 0;
    assert.ok(
      registerWh >= before,
      `connector ${connectorId} of ${chargePoint}: ${before} Wh, then ${registerWh}`,
    );
    registersWh.set(connectorId, registerWh);
  }

  // --- at the Charge Point ---------------------------------------------------------------------------------

  /** What a Charge Point tells of itself. */
  happened(chargePoint: string, event: ChargePointEvent): void {
    const ledger = this.#ledgerOf(chargePoint);
    switch (event.kind) {
      case "callSent": {
        const { uniqueId, action, payload } = event;
        ledger.sent.set(uniqueId, { action, payload });
        const isNew = isTransactionRelated(event) && !ledger.left.has(uniqueId);
        if (isNew) ledger.left.set(uniqueId, ledger.left.size + 1);
        return;
      }
      case "callAnswered": {
        const { uniqueId, payload: answer } = event;
        const call = ledger.sent.get(uniqueId);
        assert.ok(call !== undefined, `an answer to ${uniqueId}, which ${chargePoint} never sent`);
        ledger.sent.delete(uniqueId);
        if (isTransactionRelated(call)) ledger.acknowledged.push({ uniqueId, ...call, answer });
        return;
      }
      case "transactionStopped": {
        const { connectorId, meterStartWh, meterStopWh } = event;
        ledger.ended.push({ connectorId, meterStartWh, meterStopWh });
        return;
      }
      case "messageLost":
        ledger.lost += 1;
        if (event.action !== "MeterValues") ledger.lostEnds += 1;
    }
  }

  // --- after a restart, and in the end ----------------------------------------------------------------------

  /** Every start and stop that a Charge Point takes for acknowledged is in the store as it was sent. */
  assertTransactionsAreStored(): void {
    for (const [chargePoint, { acknowledged }] of this.#ledgers) {
      for (const one of acknowledged) {
        if (one.action !== "MeterValues") this.#assertStored(chargePoint, one);
      }
    }
  }

  /** So are the readings, and each of them once. */
  assertReadingsAreStored(): void {
    const stored = new Set(this.#store.readings.map(readingsKey));
    assert.equal(stored.size, this.#store.readings.length);
    assert.deepEqual(stored, this.#readingsStored);
    for (const [chargePoint, { acknowledged }] of this.#ledgers) {
      for (const one of acknowledged) {
        if (one.action === "MeterValues") this.#assertStored(chargePoint, one);
      }
    }
  }

  /** Every session that ended is finished in the store, with its energy, and nothing else is there. */
  assertAllFinished(): void {
    this.assertTransactionsAreStored();
    this.assertReadingsAreStored();
    for (const [chargePoint, { ended, lostEnds }] of this.#ledgers) {
      assert.equal(lostEnds, 0, `${chargePoint} gave starts or stops up`);
      const stored = [...this.#store.transactionsOf(chargePoint).values()].map((record) => ({
        connectorId: record.connectorId,
        meterStartWh: record.meterStart,
        meterStopWh: record.stop?.meterStop,
      }));
      assert.deepEqual(byConnector(stored), byConnector(ended), `the transactions of ${chargePoint}`);
    }
  }

  #ledgerOf(chargePoint: string): Ledger {
    let ledger = this.#ledgers.get(chargePoint);
    if (ledger === undefined) this.#ledgers.set(chargePoint, ledger = new Ledger());
    return ledger;
  }

  #trafficOf(wire: Wire): Traffic {
    let traffic = this.#traffic.get(wire);
    if (traffic === undefined) this.#traffic.set(wire, traffic = { unanswered: [], own: undefined });
    return traffic;
  }
}

function frameOf(text: string): Frame {
  const parsed = parseFrame(text);
  assert.ok(parsed.ok, `no frame: ${text}`);
  return parsed.frame;
}

/** Starts, stops, and samples of a transaction: what is delivered in order. */
function isTransactionRelated({ action, payload }: { action: string; payload: unknown }): boolean {
  if (action === "StartTransaction" || action === "StopTransaction") return true;
  if (action !== "MeterValues") return false;
  return (payload as Req<"MeterValues">).meterValue[0]?.sampledValue[0]?.context === "Sample.Periodic";
}

function contentOfStart({ connectorId, idTag, meterStart, startTimestamp }: TransactionRecord): unknown {
  return { connectorId, idTag, meterStart, timestamp: startTimestamp };
}

function contentOfStartReq({ connectorId, idTag, meterStart, timestamp }: Req<"StartTransaction">): unknown {
  return { connectorId, idTag, meterStart, timestamp };
}

function readingsKey(
  { chargePoint, uniqueId, connectorId, transactionId, readings }:
    & Pick<
      ReadingsRecord,
      "chargePoint" | "uniqueId" | "connectorId" | "readings"
    >
    & { transactionId?: number | undefined },
): string {
  return JSON.stringify([chargePoint, uniqueId, connectorId, transactionId, readings]);
}

/** Transactions of one connector are in order by themselves; those of different ones have none. */
function byConnector<T extends { connectorId: number }>(transactions: readonly T[]): T[] {
  return transactions.toSorted((one, other) => one.connectorId - other.connectorId);
}

/** The registers that a stored MeterValue tells. */
function registersIn(sampledValue: string): { context: string; registerWh: number }[] {
  const values: { value: string; context: string; measurand: string }[] = JSON.parse(sampledValue);
  return values
    .filter(({ measurand }) => measurand === "Energy.Active.Import.Register")
    .map(({ context, value }) => ({ context, registerWh: Number(value) }));
}
