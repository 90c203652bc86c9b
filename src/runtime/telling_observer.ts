/**
 * What happens in a Central System, kept for the API: events for who watches, refusals for who asks.
 */
import type { CentralSystemEvent, ReceivedCall } from "../central_system/decision.ts";
import type { CentralSystemObserver, Refusal } from "./central_system_observer.ts";
import { EventRing } from "./event_ring.ts";
import { RefusalRing } from "./refusal_ring.ts";
import type { RowsRemoved } from "./retention.ts";
import type { Exchange } from "./server_connection.ts";

/**
 * An event of a Central System; whose and when it was stands beside it. Exchanges are in the frame log; one that
 * was spoilt on purpose is an event too.
 */
export type PublicServerEvent =
  & {
    readonly kind:
      | CentralSystemEvent["kind"]
      | "connected"
      | "disconnected"
      | "refused"
      | "misbehaved"
      | "fileReceived"
      | "storeFailed"
      | "storeResumed"
      | "rowsRemoved"
      | "mistaken";
  }
  & Readonly<Record<string, unknown>>;

/** Keeps everything in bounded rings and hands it on to another observer. */
export class TellingObserver implements CentralSystemObserver {
  readonly events: EventRing<PublicServerEvent>;
  readonly refusals = new RefusalRing();
  readonly #next: CentralSystemObserver;
  readonly #nowMs: () => number;
  readonly #listeners: ((event: CentralSystemEvent) => void)[] = [];

  /** `run` names this run of the program, as `EventRing` wants it. */
  constructor(next: CentralSystemObserver, { run, nowMs }: { run: string; nowMs: () => number }) {
    this.#next = next;
    this.#nowMs = nowMs;
    this.events = new EventRing({ run });
  }

  #tell(chargePoint: string, event: PublicServerEvent): void {
    this.events.add(chargePoint, event, this.#nowMs());
  }

  connected(event: { chargePoint: string; remoteAddress: string; replaced: boolean }): void {
    this.#tell(event.chargePoint, { kind: "connected", ...event });
    this.#next.connected(event);
  }

  disconnected(event: { chargePoint: string; code: number; reason: string }): void {
    this.#tell(event.chargePoint, { kind: "disconnected", ...event });
    this.#next.disconnected(event);
  }

  refused(refusal: Refusal): void {
    this.refusals.add(refusal);
    const { remoteAddress, identity, status, reason } = refusal;
    const optional = status === undefined ? {} : { status };
    this.#tell(identity ?? "", { kind: "refused", remoteAddress, ...optional, reason });
    this.#next.refused(refusal);
  }

  exchanged(exchange: Exchange): void {
    const { chargePoint, direction, action, uniqueId, deliberate } = exchange;
    if (deliberate !== undefined) {
      this.#tell(chargePoint, { kind: "misbehaved", direction, action, uniqueId, deliberate });
    }
    this.#next.exchanged(exchange);
  }

  /** Has the program itself hear of every event. */
  listen(listener: (event: CentralSystemEvent) => void): void {
    this.#listeners.push(listener);
  }

  decided(event: CentralSystemEvent): void {
    this.#tell(event.chargePoint, { ...event });
    for (const listener of this.#listeners) listener(event);
    this.#next.decided(event);
  }

  storeFailed(error: unknown): void {
    this.#tell("", { kind: "storeFailed" }); // the database's own words are for the log
    this.#next.storeFailed(error);
  }

  storeResumed(event: { downMs: number }): void {
    this.#tell("", { kind: "storeResumed", ...event });
    this.#next.storeResumed(event);
  }

  rowsRemoved(removed: RowsRemoved): void {
    this.#tell("", { kind: "rowsRemoved", ...removed });
    this.#next.rowsRemoved(removed);
  }

  mistaken(call: ReceivedCall, error: unknown): void {
    const { chargePoint, uniqueId, body } = call;
    this.#tell(chargePoint, { kind: "mistaken", action: body.action, uniqueId });
    this.#next.mistaken(call, error);
  }
}
