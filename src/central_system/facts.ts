/**
 * Which rows the Calls of a turn need. Heartbeats, statuses and MeterValues of active transactions need none but
 * their Charge Point's; only a status that ends a reservation needs those.
 */
import type { ReceivedCall } from "./decision.ts";
import type { OwnCall } from "./own_call.ts";
import type { RecordChange } from "./record_change.ts";
import { endOfReservations } from "./reservation.ts";
import type { ChargePointRecord, Facts, FactsNeeded, StartNeeded, StopNeeded } from "./store.ts";
import type { ReservationsNeeded } from "./told_record.ts";

/** Collects what a turn needs, Call by Call. */
export class FactsCollector {
  readonly #chargePoints = new Set<string>();
  readonly #idTags = new Set<string>();
  readonly #counted = new Set<string>();
  readonly #starts: StartNeeded[] = [];
  readonly #stops: StopNeeded[] = [];
  readonly #localLists = new Set<string>();
  readonly #reservations: ReservationsNeeded[] = [];

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
        const { connectorId, timestamp, idTag, reservationId } = body.payload;
        this.#idTags.add(idTagKey(idTag));
        this.#starts.push({ chargePoint, connectorId, timestamp });
        this.#addReservations(chargePoint, call.receivedAtMs, reservationId);
        break;
      }
      case "StatusNotification":
        if (endOfReservations(body.payload.status) === undefined) break;
        this.#addReservations(chargePoint, call.receivedAtMs);
        break;
      case "StopTransaction": {
        const { transactionId, idTag } = body.payload;
        if (idTag !== undefined) this.#idTags.add(idTagKey(idTag));
        this.#stops.push({ chargePoint, transactionId });
        break;
      }
      case "MeterValues": {
        const { transactionId } = body.payload;
        if (transactionId === undefined || transactionId <= 0) break;
        // One that is not active is closed or none of ours: a device that sends in order gets by without reading.
        const active = known.get(chargePoint)?.activeTransactions;
        if (active?.some((one) => one.transactionId === transactionId)) break;
        this.#stops.push({ chargePoint, transactionId });
      }
    }
  }

  /** Notes the rows that one of our own Calls needs. */
  addOwnCall(call: OwnCall, known: ReadonlyMap<string, ChargePointRecord>): void {
    const { chargePoint, request } = call;
    this.addChargePoint(chargePoint, known);
    switch (request.action) {
      case "GetLocalListVersion":
      case "SendLocalList":
        this.#localLists.add(chargePoint);
        break;
      case "CancelReservation":
      case "ReserveNow":
        if (request.payload === undefined) break;
        this.#addReservations(chargePoint, call.atMs, request.payload.reservationId);
    }
  }

  #addReservations(chargePoint: string, heldAtMs: number, reservationId?: number): void {
    const one = reservationId === undefined ? {} : { reservationId };
    this.#reservations.push({ chargePoint, heldAtMs, ...one });
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
        return;
      case "stopTransaction":
      case "closeSuspected":
        this.addChargePoint(change.chargePoint, known);
        this.#stops.push(change);
    }
  }

  /** Notes a Charge Point's record, where it is not known yet. */
  addChargePoint(identity: string, known: ReadonlyMap<string, ChargePointRecord>): void {
    if (!known.has(identity)) this.#chargePoints.add(identity);
  }

  /** What has to be loaded, or `undefined` where nothing is missing. */
  needed(): FactsNeeded | undefined {
    const nothing = this.#chargePoints.size === 0 && this.#idTags.size === 0 && this.#starts.length === 0 &&
      this.#stops.length === 0 && this.#localLists.size === 0 && this.#reservations.length === 0;
    if (nothing) return undefined;
    return {
      chargePoints: this.#chargePoints,
      idTags: this.#idTags,
      counted: this.#counted,
      starts: this.#starts,
      stops: this.#stops,
      localLists: this.#localLists,
      reservations: this.#reservations,
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
    localLists: new Map(),
    reservations: new Map(),
    leftActive: new Map(),
    nextTransactionId: 0,
  };
}

/** The form in which an idTag is looked up. Spec: OCPP 1.6 §7.28, a CiString. */
export function idTagKey(idTag: string): string {
  return idTag.toLowerCase();
}
