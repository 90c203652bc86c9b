/**
 * A Central System of a few lines, for one Charge Point whose life is full of trouble: it answers by its mood,
 * keeps a ledger of transactions, and fails as soon as what it sees cannot be.
 *
 * It is no second implementation: it knows repeats by uniqueId and counts transactions, nothing else.
 * Errors: `AssertionError` at the first message that breaks a rule.
 */
import assert from "node:assert/strict";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import { callErrorText, callResultText, parseFrame } from "../../src/ocpp/frame.ts";
import type { Req } from "../../src/ocpp/registry.ts";

/** How it answers from here on. */
export type Mood =
  | "well"
  | "silent"
  | "refusing"
  | "pending"
  | "callError"
  | "forgetful"
  | "invalid"
  | "twice";

/** A transaction as the Central System knows it. Units: Wh. */
interface KnownTransaction {
  readonly connectorId: number;
  readonly meterStart: number;
  isStopped: boolean;
  latestAtMs: number;
  latestWh: number;
}

/** One Call as it came. */
interface KnownCall {
  readonly text: string;
  readonly answer: unknown;
}

/** The other end of one Charge Point. */
export class LifeCentralSystem {
  mood: Mood = "well";
  /** StartTransactions and StopTransactions that were acknowledged, repeats not counted. */
  starts = 0;
  stops = 0;
  readonly #transactions = new Map<number, KnownTransaction>();
  /** By uniqueId; a Charge Point never uses one for two Calls. */
  readonly #calls = new Map<string, KnownCall>();
  readonly #unstopped = new Set<number>();
  #isBooted = false;

  /** The transactions that run as far as it knows, oldest first. */
  get running(): readonly number[] {
    return [...this.#transactions].filter(([, { isStopped }]) => !isStopped).map(([id]) => id);
  }

  /** The link is new: whoever was never accepted has to boot. */
  forgetRegistration(): void {
    this.#isBooted = false;
  }

  /** Takes a text of the Charge Point; gives what it says to it. */
  receive(text: string, nowMs: number): readonly string[] {
    const parsed = parseFrame(text);
    assert.ok(parsed.ok, `no frame: ${text}`);
    if (parsed.frame.kind !== "call") return [];
    const { uniqueId, action } = parsed.frame;
    const { mood } = this;
    if (mood === "silent") return [];
    if (mood === "callError") {
      return [callErrorText({ uniqueId, errorCode: "InternalError", errorDescription: "" })];
    }
    if (mood === "invalid") return [callResultText({ uniqueId, payload: { status: 1 } })];
    if (action === "BootNotification") {
      this.#isBooted = mood !== "pending" && mood !== "refusing";
      if (mood === "forgetful") this.mood = "well";
    } else if (mood === "forgetful" || !this.#isBooted) {
      return [callErrorText({ uniqueId, errorCode: "SecurityError", errorDescription: "boot first" })];
    }
    const payload = this.#answerOnce({ uniqueId, action, payload: parsed.frame.payload, text }, nowMs);
    const answer = callResultText({ uniqueId, payload });
    return mood === "twice" ? [answer, answer] : [answer];
  }

  #answerOnce(
    call: { uniqueId: string; action: string; payload: unknown; text: string },
    nowMs: number,
  ): unknown {
    const { uniqueId, text } = call;
    const known = this.#calls.get(uniqueId);
    if (known !== undefined) {
      assert.equal(text, known.text, "a repeat differs from the first transmission");
      return known.answer;
    }
    const answer = this.#answer(call, nowMs);
    this.#calls.set(uniqueId, { text, answer });
    return answer;
  }

  #answer(
    { action, payload, text }: { action: string; payload: unknown; text: string },
    nowMs: number,
  ): unknown {
    const currentTime = dateTimeOf(nowMs);
    const { mood } = this;
    const idTagInfo = { status: mood === "refusing" ? "Invalid" : "Accepted", parentIdTag: "GROUP" };
    switch (action) {
      case "BootNotification": {
        const status = mood === "refusing" ? "Rejected" : mood === "pending" ? "Pending" : "Accepted";
        return { status, currentTime, interval: status === "Accepted" ? 600 : 20 };
      }
      case "Heartbeat":
        return { currentTime };
      case "Authorize":
        return { idTagInfo };
      case "StartTransaction":
        return { idTagInfo, transactionId: this.#start(payload as Req<"StartTransaction">) };
      case "StopTransaction":
        this.#stop(payload as Req<"StopTransaction">, text);
        return {};
      case "MeterValues":
        this.#meter(payload as Req<"MeterValues">, text);
        return {};
      case "StatusNotification":
        assertStatus(payload as Req<"StatusNotification">, text);
        return {};
      case "DataTransfer":
      case "SignCertificate":
        return { status: "Accepted" };
      default:
        return {};
    }
  }

  #start({ connectorId, meterStart, timestamp }: Req<"StartTransaction">): number {
    for (const [transactionId, { connectorId: other, isStopped }] of this.#transactions) {
      // One that was given up may never be stopped; whoever gave it up says so.
      if (other === connectorId && !isStopped) this.#unstopped.add(transactionId);
    }
    const transactionId = this.#transactions.size + 1;
    const latestAtMs = Date.parse(timestamp);
    this.#transactions.set(transactionId, {
      ...{ connectorId, meterStart, isStopped: false, latestAtMs, latestWh: meterStart },
    });
    this.starts += 1;
    return transactionId;
  }

  /** Transactions whose connector began another one before they were stopped. */
  get unstopped(): number {
    return this.#unstopped.size;
  }

  #stop({ transactionId, meterStop, timestamp }: Req<"StopTransaction">, text: string): void {
    this.stops += 1;
    if (transactionId === -1) return;
    const transaction = this.#known(transactionId, text);
    assert.ok(!transaction.isStopped, `transaction ${transactionId} is stopped twice: ${text}`);
    this.#advance(transaction, { atMs: Date.parse(timestamp), wh: meterStop }, text);
    transaction.isStopped = true;
  }

  #meter({ transactionId, meterValue }: Req<"MeterValues">, text: string): void {
    const [first] = meterValue;
    const [reading] = first?.sampledValue ?? [];
    // Triggered ones answer a question and keep no order; -1 is nobody's.
    if (transactionId === undefined || transactionId === -1 || reading?.context === "Trigger") return;
    const transaction = this.#known(transactionId, text);
    assert.ok(!transaction.isStopped, `a reading after the stop: ${text}`);
    const register = first!.sampledValue.find(({ measurand, phase }) =>
      (measurand === undefined || measurand === "Energy.Active.Import.Register") && phase === undefined
    );
    if (register === undefined) return;
    this.#advance(transaction, { atMs: Date.parse(first!.timestamp), wh: Number(register.value) }, text);
  }

  #known(transactionId: number, text: string): KnownTransaction {
    const transaction = this.#transactions.get(transactionId);
    assert.ok(transaction !== undefined, `nobody gave this transactionId: ${text}`);
    return transaction;
  }

  /** Neither time nor energy of a transaction runs backwards. */
  #advance(transaction: KnownTransaction, { atMs, wh }: { atMs: number; wh: number }, text: string): void {
    assert.ok(atMs >= transaction.latestAtMs, `earlier than what came before it: ${text}`);
    assert.ok(wh >= transaction.latestWh, `less energy than before (${transaction.latestWh} Wh): ${text}`);
    transaction.latestAtMs = atMs;
    transaction.latestWh = wh;
  }
}

/** Spec: OCPP 1.6 §4.9. */
function assertStatus({ connectorId, status }: Req<"StatusNotification">, text: string): void {
  if (connectorId === 0) assert.ok(["Available", "Unavailable", "Faulted"].includes(status), text);
}
