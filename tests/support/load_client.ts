/**
 * Charge Points under load, each with a ledger of what the Central System acknowledged.
 *
 * Every client plays transactions one after the other (StartTransaction, MeterValues, StopTransaction), one Call
 * at a time. When the connection breaks, the Call without an answer is kept and sent again, unchanged and with
 * its uniqueId, once it is connected again: as a device does that has it in its queue.
 */
import type { SeededRandom } from "./seeded_random.ts";
import { SocketClient } from "./socket_client.ts";

/** A transaction as this Charge Point knows it; what is here has been acknowledged, except an open Call. */
export interface LedgerTransaction {
  readonly startUniqueId: string;
  readonly start: { connectorId: number; idTag: string; meterStart: number; timestamp: string };
  transactionId?: number;
  /** `value` of each acknowledged reading, in order. */
  readonly readings: string[];
  stop?: { transactionId: number; meterStop: number; timestamp: string; idTag: string };
}

/** How often a client hangs up after sending a Call: it has then been committed, and its answer is lost. */
const HANG_UP_SHARE = 0.03;

interface Call {
  readonly uniqueId: string;
  readonly action: string;
  readonly payload: unknown;
  /** Enters the answer into the ledger. */
  // deno-lint-ignore no-explicit-any -- the answer of any Action
  readonly acknowledge: (answer: any) => void;
}

/** One Charge Point. */
export class LoadClient {
  readonly identity: string;
  readonly transactions: LedgerTransaction[] = [];
  /** Mistakes of the Central System: CALLERRORs, another transactionId for a repeat. */
  readonly mistakes: string[] = [];
  readonly #random: SeededRandom;
  readonly #onAcknowledged: () => void;
  #pending: Call | undefined;
  #clockMs: number;
  #meterWh = 0;
  #readingsLeft = 0;

  constructor(
    identity: string,
    { random, onAcknowledged }: { random: SeededRandom; onAcknowledged: () => void },
  ) {
    this.identity = identity;
    this.#random = random;
    this.#onAcknowledged = onAcknowledged;
    this.#clockMs = Date.now();
  }

  /** Whether a Call is without its answer. */
  get isInterrupted(): boolean {
    return this.#pending !== undefined;
  }

  /**
   * Connects and works until `isOver` or until the server is gone, which is no error. The last transaction is
   * brought to its end when `isOver` says so. Now and then it hangs up before an answer, and connects again.
   */
  async run(url: string, isOver: () => boolean): Promise<void> {
    while (await this.#connection(url, isOver) === "hungUp");
  }

  async #connection(url: string, isOver: () => boolean): Promise<"done" | "lost" | "hungUp"> {
    let socket: SocketClient;
    try {
      socket = await SocketClient.open(`${url}/${this.identity}`);
    } catch {
      return "lost"; // killed before this one was connected
    }
    const send = async (call: Call): Promise<"lost" | "hungUp" | undefined> => {
      const answering = socket.call(call.action, call.payload, { uniqueId: call.uniqueId }).catch(() =>
        undefined
      );
      if (this.#random.chance(HANG_UP_SHARE)) {
        await socket.close();
        return "hungUp";
      }
      const answer = await answering;
      if (answer === undefined) return "lost";
      if (answer[0] === 3) call.acknowledge(answer[2]);
      else this.mistakes.push(`${call.action} got ${JSON.stringify(answer)}`);
      this.#onAcknowledged();
    };
    for (const repeat of this.#afterConnecting()) {
      const end = await send(repeat);
      if (end !== undefined) return end;
    }
    for (;;) {
      this.#pending ??= this.#nextCall(isOver());
      if (this.#pending === undefined) break;
      const end = await send(this.#pending);
      if (end !== undefined) return end;
      this.#pending = undefined;
    }
    await socket.close();
    return "done";
  }

  /** A boot now and then, and the last acknowledged start once more: its answer may not change. */
  *#afterConnecting(): Generator<Call> {
    if (this.transactions.length === 0 || this.#random.chance(0.3)) {
      yield {
        uniqueId: crypto.randomUUID(),
        action: "BootNotification",
        payload: { chargePointVendor: "Test", chargePointModel: "Load" },
        acknowledge: () => {},
      };
    }
    const last = this.transactions.findLast(({ transactionId }) => transactionId !== undefined);
    if (last === undefined) return;
    yield {
      uniqueId: this.#random.chance(0.5) ? last.startUniqueId : crypto.randomUUID(),
      action: "StartTransaction",
      payload: last.start,
      acknowledge: ({ transactionId }) => {
        if (transactionId === last.transactionId) return;
        this.mistakes.push(`start ${last.startUniqueId}: first ${last.transactionId}, then ${transactionId}`);
      },
    };
  }

  #nextCall(isOver: boolean): Call | undefined {
    const current = this.transactions.at(-1);
    if (current === undefined || current.stop !== undefined) return isOver ? undefined : this.#start();
    return this.#readingsLeft > 0 ? this.#meterValues(current) : this.#stop(current);
  }

  #start(): Call {
    const uniqueId = crypto.randomUUID();
    const transaction: LedgerTransaction = {
      startUniqueId: uniqueId,
      start: {
        connectorId: this.#random.between(1, 2),
        idTag: `TAG${this.#random.between(1, 9)}`,
        meterStart: this.#meterWh,
        timestamp: this.#tick(),
      },
      readings: [],
    };
    this.transactions.push(transaction);
    this.#readingsLeft = this.#random.between(0, 3);
    return {
      uniqueId,
      action: "StartTransaction",
      payload: transaction.start,
      acknowledge: ({ transactionId }) => transaction.transactionId = transactionId,
    };
  }

  #meterValues(transaction: LedgerTransaction): Call {
    this.#readingsLeft -= 1;
    const value = String(this.#meterWh += this.#random.between(1, 500));
    return {
      uniqueId: crypto.randomUUID(),
      action: "MeterValues",
      payload: {
        connectorId: transaction.start.connectorId,
        transactionId: transaction.transactionId,
        meterValue: [{ timestamp: this.#tick(), sampledValue: [{ value }] }],
      },
      acknowledge: () => transaction.readings.push(value),
    };
  }

  #stop(transaction: LedgerTransaction): Call {
    const stop = {
      transactionId: transaction.transactionId!,
      idTag: transaction.start.idTag,
      meterStop: this.#meterWh += this.#random.between(1, 500),
      timestamp: this.#tick(),
    };
    return {
      uniqueId: crypto.randomUUID(),
      action: "StopTransaction",
      payload: stop,
      acknowledge: () => transaction.stop = stop,
    };
  }

  /** A clock of its own, so that no two messages have the same timestamp. */
  #tick(): string {
    return new Date(this.#clockMs += 1_000).toISOString();
  }
}
