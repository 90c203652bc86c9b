/**
 * Which rows the Calls of a turn need. Heartbeats, statuses and MeterValues need none but their Charge Point's.
 */
import type { ReceivedCall } from "./decision.ts";
import type { RecordChange } from "./record_change.ts";
import type { ChargePointRecord, Facts, FactsNeeded, StartNeeded, StopNeeded } from "./store.ts";

/** Collects what a turn needs, Call by Call. */
export class FactsCollector {
  readonly #chargePoints = new Set<string>();
  readonly #idTags = new Set<string>();
  readonly #counted = new Set<string>();
  readonly #starts: StartNeeded[] = [];
  readonly #stops: StopNeeded[] = [];

  /** Notes the rows that one Call needs; its Charge Point's only where that is not known yet. */
  add(call: ReceivedCall, known: ReadonlyMap<string, ChargePointRecord>): void {
    const { chargePoint, body } = call;
    this.addChargePoint(chargePoint, known);
    if (!body.ok) return;
    switch (body.action) {
      case "Authorize":
        this.#idTags.add(idTagKey(body.payload.idTag));
        break;
      case "StartTransaction": {
        const { connectorId, timestamp, idTag } = body.payload;
        this.#idTags.add(idTagKey(idTag));
        this.#starts.push({ chargePoint, connectorId, timestamp });
        break;
      }
      case "StopTransaction": {
        const { transactionId, idTag } = body.payload;
        if (idTag !== undefined) this.#idTags.add(idTagKey(idTag));
        this.#stops.push({ chargePoint, transactionId });
        break;
      }
    }
  }

  /** Notes the rows that an operator's change of records needs. */
  addChange(change: RecordChange, known: ReadonlyMap<string, ChargePointRecord>): void {
    switch (change.kind) {
      case "putChargePoint":
      case "changeSecurity":
      case "deleteChargePoint":
        return this.addChargePoint(change.identity, known);
      case "putIdTag":
      case "deleteIdTag":
        this.#idTags.add(idTagKey(change.idTag));
        // A maximum that is given now holds for a StartTransaction later in the turn.
        this.#counted.add(idTagKey(change.idTag));
    }
  }

  /** Notes a Charge Point's record, where it is not known yet. */
  addChargePoint(identity: string, known: ReadonlyMap<string, ChargePointRecord>): void {
    if (!known.has(identity)) this.#chargePoints.add(identity);
  }

  /** What has to be loaded, or `undefined` where nothing is missing. */
  needed(): FactsNeeded | undefined {
    const nothing = this.#chargePoints.size === 0 && this.#idTags.size === 0 && this.#starts.length === 0 &&
      this.#stops.length === 0;
    if (nothing) return undefined;
    return {
      chargePoints: this.#chargePoints,
      idTags: this.#idTags,
      counted: this.#counted,
      starts: this.#starts,
      stops: this.#stops,
    };
  }
}

/** No facts at all: what a turn of Heartbeats starts from. */
export function noFacts(): Facts {
  return {
    chargePoints: new Map(),
    idTags: new Map(),
    activeOf: new Map(),
    transactions: new Map(),
    nextTransactionId: 0,
  };
}

/** The form in which an idTag is looked up. Spec: OCPP 1.6 §7.28, a CiString. */
export function idTagKey(idTag: string): string {
  return idTag.toLowerCase();
}
