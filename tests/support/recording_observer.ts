/**
 * An observer of a Central System that says nothing and remembers everything.
 */
import type { CentralSystemEvent, ReceivedCall } from "../../src/central_system/decision.ts";
import type { CentralSystemObserver, Refusal } from "../../src/runtime/central_system_observer.ts";
import type { RowsRemoved } from "../../src/runtime/retention.ts";
import type { Exchange } from "../../src/runtime/server_connection.ts";
import { Happenings } from "./within.ts";

/** What happened, in order. */
export type ServerEvent =
  | { readonly kind: "connected"; chargePoint: string; remoteAddress: string; replaced: boolean }
  | { readonly kind: "disconnected"; chargePoint: string; code: number; reason: string }
  | { readonly kind: "refused" } & Refusal
  | { readonly kind: "exchanged"; exchange: Exchange }
  | { readonly kind: "storeFailed"; error: unknown }
  | { readonly kind: "storeResumed"; downMs: number }
  | { readonly kind: "rowsRemoved" } & RowsRemoved
  | { readonly kind: "mistaken"; call: ReceivedCall; error: unknown }
  | CentralSystemEvent;

/** Remembers every event; `until` waits for what depends on them. */
export class RecordingObserver extends Happenings implements CentralSystemObserver {
  readonly events: ServerEvent[] = [];

  /** Events of one kind. */
  of<K extends ServerEvent["kind"]>(kind: K): Extract<ServerEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<ServerEvent, { kind: K }> => event.kind === kind);
  }

  /** The rules of all deviations so far, in order. */
  get deviations(): string[] {
    return this.of("deviation").map(({ rule }) => rule);
  }

  #add(event: ServerEvent): void {
    this.events.push(event);
    this.happened();
  }

  connected(event: { chargePoint: string; remoteAddress: string; replaced: boolean }): void {
    this.#add({ kind: "connected", ...event });
  }

  disconnected(event: { chargePoint: string; code: number; reason: string }): void {
    this.#add({ kind: "disconnected", ...event });
  }

  refused(refusal: Refusal): void {
    this.#add({ kind: "refused", ...refusal });
  }

  exchanged(exchange: Exchange): void {
    this.#add({ kind: "exchanged", exchange });
  }

  decided(event: CentralSystemEvent): void {
    this.#add(event);
  }

  storeFailed(error: unknown): void {
    this.#add({ kind: "storeFailed", error });
  }

  storeResumed(event: { downMs: number }): void {
    this.#add({ kind: "storeResumed", ...event });
  }

  rowsRemoved(removed: RowsRemoved): void {
    this.#add({ kind: "rowsRemoved", ...removed });
  }

  mistaken(call: ReceivedCall, error: unknown): void {
    this.#add({ kind: "mistaken", call, error });
  }
}
