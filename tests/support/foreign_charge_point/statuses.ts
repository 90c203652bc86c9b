/**
 * What is told of the statuses of connectors: each change, and what changed while offline afterwards.
 *
 * Spec: OCPP 1.6 §4.9, with the errata for what follows a boot.
 */
import type { Req } from "../../../src/ocpp/registry.ts";
import type { ChargePointErrorCode, ChargePointStatus } from "../../../src/ocpp/types.ts";
import type { Life } from "./life.ts";

export interface ConnectorStatus {
  readonly status: ChargePointStatus;
  readonly errorCode: ChargePointErrorCode;
}

/** How it is told. Rejects where it does not arrive. */
type Tell = (payload: Req<"StatusNotification">) => Promise<unknown>;

/** One device's. */
export class Statuses {
  readonly #told = new Map<number, string>();
  readonly #count: number;
  readonly #statusOf: (connectorId: number) => ConnectorStatus;
  readonly #mayTell: () => boolean;
  readonly #life: () => Life;
  readonly #tellsMore: boolean;
  readonly #delayMs: number;
  readonly #waiting = new Set<number>();
  readonly #tell: Tell;

  constructor(
    options: {
      readonly connectors: number;
      readonly statusOf: (connectorId: number) => ConnectorStatus;
      readonly mayTell: () => boolean;
      readonly life: () => Life;
      /** More fields, and another order after a boot. */
      readonly tellsMore: boolean;
      /** How long a status lasts before it is told. */
      readonly delayMs: number;
      readonly tell: Tell;
    },
  ) {
    this.#count = options.connectors;
    this.#statusOf = options.statusOf;
    this.#mayTell = options.mayTell;
    this.#life = options.life;
    this.#tellsMore = options.tellsMore;
    this.#delayMs = options.delayMs;
    this.#tell = options.tell;
  }

  /** After a boot all of them are told. */
  forget(): void {
    this.#told.clear();
    this.#waiting.clear();
  }

  /** Tells what is not known yet. */
  refresh(): void {
    const ids = Array.from({ length: this.#count + 1 }, (_, id) => this.#tellsMore ? this.#count - id : id);
    for (const connectorId of ids) {
      const { status, errorCode } = this.#statusOf(connectorId);
      const text = `${status} ${errorCode}`;
      const told = this.#told.get(connectorId);
      if (told === text || !this.#mayTell()) continue;
      if (told === undefined || this.#delayMs === 0) this.#tellNow(connectorId, text);
      else this.#tellLater(connectorId);
    }
  }

  /** What does not last is not told. */
  #tellLater(connectorId: number): void {
    if (this.#waiting.has(connectorId)) return;
    this.#waiting.add(connectorId);
    this.#life().after(this.#delayMs, () => {
      this.#waiting.delete(connectorId);
      const { status, errorCode } = this.#statusOf(connectorId);
      const text = `${status} ${errorCode}`;
      if (this.#told.get(connectorId) !== text && this.#mayTell()) this.#tellNow(connectorId, text);
    });
  }

  #tellNow(connectorId: number, text: string): void {
    this.#told.set(connectorId, text);
    this.tell(connectorId).catch(() => {
      if (this.#told.get(connectorId) === text) this.#told.delete(connectorId);
    });
  }

  /** Tells one, known or not. */
  async tell(connectorId: number): Promise<void> {
    const { status, errorCode } = this.#statusOf(connectorId);
    const more = this.#tellsMore
      ? { info: `since ${status}`, vendorId: "org.example.foreign", vendorErrorCode: "0" }
      : { timestamp: new Date().toISOString() };
    await this.#tell({ connectorId, status, errorCode, ...more });
  }
}
