/**
 * An operator's stop of a transaction: the Charge Point is asked to stop it, or, where that will never come back,
 * the record is closed and marked.
 *
 * Rules:
 * - A record is only closed on an explicit wish, and never while the Charge Point is connected: that can be asked.
 * - A transaction has one stop. What is wished twice at once is one RemoteStopTransaction with one outcome; what is
 *   stopped already is told as such.
 */
import type { Command, CommandOutcome } from "../central_system/commands.ts";
import type { RecordChange, RecordChangeOutcome } from "../central_system/record_change.ts";
import type { Store } from "../central_system/store.ts";

/** What an operator wishes. */
export type StopWish =
  | { readonly mode: "remote"; readonly timeoutMs: number }
  | { readonly mode: "record"; readonly operator?: string; readonly note?: string };

/** What came of it. */
export type StopOutcome =
  | CommandOutcome
  | { readonly kind: "unknownTransaction" | "closed" | "closedBefore" | "connected" };

/** The part of a Central System that it needs. */
export interface StopHost {
  connectionOf(identity: string): unknown;
  call(identity: string, command: Command): Promise<CommandOutcome>;
  change(change: RecordChange): Promise<RecordChangeOutcome | "storeFailed">;
}

/** Carries out operators' stops. */
export class OperatorStops {
  readonly #host: StopHost;
  readonly #store: Store;
  readonly #underway = new Map<number, Promise<CommandOutcome>>();

  constructor({ host, store }: { host: StopHost; store: Store }) {
    this.#host = host;
    this.#store = store;
  }

  /** Errors: `StoreError` where the database cannot be read. */
  async stop(transactionId: number, wish: StopWish): Promise<StopOutcome> {
    const transaction = await this.#store.query("transaction", { transactionId });
    if (transaction === undefined) return { kind: "unknownTransaction" };
    const { chargePoint, stop } = transaction;
    if (wish.mode === "remote") {
      // What was closed without its StopTransaction may go on in truth.
      if (stop?.closedBy === "chargePoint") return { kind: "closedBefore" };
      return await this.#stopRemotely(chargePoint, transactionId, wish);
    }
    if (stop !== undefined) return { kind: "closedBefore" };
    if (this.#host.connectionOf(chargePoint) !== undefined) return { kind: "connected" };
    const { mode: _, ...said } = wish;
    const outcome = await this.#host.change({
      kind: "stopTransaction",
      chargePoint,
      transactionId,
      ...said,
    });
    return { kind: outcome === "closed" || outcome === "closedBefore" ? outcome : "storeFailed" };
  }

  #stopRemotely(
    chargePoint: string,
    transactionId: number,
    { timeoutMs }: Extract<StopWish, { mode: "remote" }>,
  ): Promise<CommandOutcome> {
    const underway = this.#underway.get(transactionId);
    if (underway !== undefined) return underway;
    const called = this.#host.call(chargePoint, {
      action: "RemoteStopTransaction",
      payload: { transactionId },
      timeoutMs,
      validate: true,
    }).finally(() => this.#underway.delete(transactionId));
    this.#underway.set(transactionId, called);
    return called;
  }
}
