/**
 * Reservations as the Central System remembers them: made by the answer to a ReserveNow, and ended by whatever says so
 * first.
 *
 * Rules:
 * - The Charge Point decides who may use what is reserved; we only note what it did and should not have done, and
 *   only where that is certain.
 * - Expiry needs no timer: a reservation that nothing else has ended is over when its time is.
 * - A StartTransaction that names a reservation has used it, however late it comes.
 * Spec: OCPP 1.6 §3.11, §5.2 CancelReservation, §5.13 ReserveNow, §6.45.
 */
import { atMsOf } from "../ocpp/date_time.ts";
import type { Conf, Req } from "../ocpp/registry.ts";
import { type ChargePointStatus, sameCiString } from "../ocpp/types.ts";
import type { CommandOutcome } from "./commands.ts";
import type { CentralSystemEvent, ReceivedCall } from "./decision.ts";
import { conductDeviation, type ConductRule, exchangeOf } from "./deviation.ts";
import type { OwnCallDecision } from "./own_call.ts";
import { fateOf, type OutcomeContext } from "./own_call_fate.ts";
import type { ChargePointRecord, Facts, Write } from "./store.ts";
import {
  isHeldAt,
  type ReservationEndedBy,
  type ReservationEndRecord,
  type ReservationRecord,
} from "./told_record.ts";

/** A StartTransaction that comes this soon after its timestamp was not queued: what was reserved then still is. */
export const LIVE_START_MS = 60_000;

/** Writes and events that belong to another decision. */
export interface ReservationEffects {
  readonly writes: readonly Write[];
  readonly events: readonly CentralSystemEvent[];
}

/** A ReserveNow is over. Without a clear answer the reservation may hold, and is kept as doubtful. */
export function decideReserved(
  { reservationId, connectorId, idTag, parentIdTag, expiryDate }: Req<"ReserveNow">,
  outcome: CommandOutcome,
  { chargePoint, atMs, facts }: OutcomeContext,
): OwnCallDecision {
  const fate = fateOf(outcome);
  if (fate === "notSent" || fate === "refused") return NOTHING;
  const isDoubtful = fate === "unknown";
  if (!isDoubtful && statusOf<"ReserveNow">(outcome) !== "Accepted") return NOTHING;
  // §5.13: the same id replaces; and a connector that had another reservation would have been Occupied.
  const replaced = held(facts, chargePoint, atMs).filter((one) =>
    one.reservationId === reservationId || (!isDoubtful && one.connectorId === connectorId)
  );
  const ends = replaced.map((one) => ended(one, { by: "replaced", atMs }));
  const record: ReservationRecord = {
    chargePoint,
    reservationId,
    connectorId,
    idTag,
    ...(parentIdTag === undefined ? {} : { parentIdTag }),
    expiryAtMs: atMsOf(expiryDate),
    madeAtMs: atMs,
    madeBoot: facts.chargePoints.get(chargePoint)?.bootCount ?? 0,
    isDoubtful,
  };
  return {
    writes: [...ends.flatMap(({ writes }) => writes), { kind: "addReservation", record }],
    events: [
      ...ends.flatMap(({ events }) => events),
      { kind: "reservationMade", chargePoint, connectorId, reservationId, idTag, isDoubtful },
    ],
  };
}

/** A CancelReservation is over. `Rejected`: there is none. */
export function decideCancelled(
  { reservationId }: Req<"CancelReservation">,
  outcome: CommandOutcome,
  { chargePoint, atMs, facts }: OutcomeContext,
): OwnCallDecision {
  if (outcome.kind !== "result") return NOTHING;
  const reservation = facts.reservations.get(chargePoint)?.get(reservationId);
  if (reservation === undefined) return NOTHING;
  if (statusOf<"CancelReservation">(outcome) === "Accepted") {
    return reservation.end === undefined ? ended(reservation, { by: "cancelled", atMs }) : NOTHING;
  }
  return isHeldAt(reservation, atMs) ? ended(reservation, { by: "forgotten", atMs }) : NOTHING;
}

function statusOf<A extends "ReserveNow" | "CancelReservation">(outcome: CommandOutcome): Conf<A>["status"] {
  return (outcome as { payload: Conf<A> }).payload.status;
}

/** The end of reservations that a connector's status means, if it means any. Spec: OCPP 1.6 §5.13. */
export function endOfReservations(status: ChargePointStatus): ReservationEndedBy | undefined {
  if (status === "Faulted") return "faulted";
  return status === "Unavailable" ? "unavailable" : undefined;
}

/** What a connector's status does to its reservations; connector 0's to all of them. */
export function reservationsAfterStatus(
  { connectorId, status }: Req<"StatusNotification">,
  { chargePoint, receivedAtMs }: ReceivedCall,
  facts: Facts,
): ReservationEffects {
  const by = endOfReservations(status);
  if (by === undefined) return NOTHING;
  const concerned = held(facts, chargePoint, receivedAtMs).filter((one) =>
    connectorId === 0 || one.connectorId === connectorId
  );
  return joined(concerned.map((one) => ended(one, { by, atMs: receivedAtMs })));
}

/** What a new transaction does to reservations, and what it says of the Charge Point's conduct. */
export function reservationsAtStart(
  payload: Req<"StartTransaction">,
  call: ReceivedCall,
  { chargePoint, facts, transactionId }: {
    readonly chargePoint: ChargePointRecord;
    readonly facts: Facts;
    readonly transactionId: number;
  },
): ReservationEffects {
  const { reservationId, connectorId, idTag, timestamp } = payload;
  const known = facts.reservations.get(call.chargePoint);
  const named = reservationId === undefined ? undefined : known?.get(reservationId);
  if (known === undefined && reservationId === undefined) return NOTHING;

  const startedAtMs = atMsOf(timestamp);
  const parentIdTag = facts.idTags.get(idTag.toLowerCase())?.parentIdTag;
  const actsFor = (holder: ReservationRecord) =>
    sameCiString(holder.idTag, idTag) ||
    (parentIdTag !== undefined && holder.parentIdTag !== undefined &&
      sameCiString(holder.parentIdTag, parentIdTag));
  const here = held(facts, call.chargePoint, Math.max(startedAtMs, call.receivedAtMs))
    .filter((one) => one.connectorId === connectorId && one.madeAtMs <= startedAtMs);

  // §6.45 wants the id; who has reserved the connector has used that reservation all the same.
  const used = reservationId === undefined ? here.find(actsFor) : named;
  const effects: ReservationEffects[] = [];
  if (used !== undefined && used.end?.by !== "used") {
    effects.push(ended(used, { by: "used", atMs: startedAtMs, transactionId }));
  }
  if (reservationId !== undefined && named === undefined) {
    effects.push(deviating(call, "unknownReservation", `reservationId ${reservationId}`));
  }
  const isLive = Math.abs(call.receivedAtMs - startedAtMs) <= LIVE_START_MS;
  const others = here.filter((one) =>
    isLive && !one.isDoubtful && isOfThisBoot(one, chargePoint) && !actsFor(one)
  );
  for (const one of others) {
    const detail =
      `connector ${connectorId} is reserved for ${one.idTag} (reservationId ${one.reservationId})`;
    effects.push(deviating(call, "reservedForAnother", detail));
  }
  return joined(effects);
}

/** A boot may have lost it, and so has who comes by the name of a Charge Point whose record was deleted. */
function isOfThisBoot({ madeBoot, madeAtMs }: ReservationRecord, chargePoint: ChargePointRecord): boolean {
  return madeBoot === chargePoint.bootCount && madeAtMs >= chargePoint.firstSeenAtMs;
}

function held(facts: Facts, chargePoint: string, atMs: number): readonly ReservationRecord[] {
  return [...facts.reservations.get(chargePoint)?.values() ?? []].filter((one) => isHeldAt(one, atMs));
}

function ended(
  { chargePoint, connectorId, reservationId }: ReservationRecord,
  end: ReservationEndRecord,
): ReservationEffects {
  return {
    writes: [{ kind: "endReservation", chargePoint, reservationId, end }],
    events: [{ kind: "reservationEnded", chargePoint, connectorId, reservationId, endedBy: end.by }],
  };
}

function deviating(call: ReceivedCall, rule: ConductRule, detail: string): ReservationEffects {
  const about = { chargePoint: call.chargePoint, exchange: exchangeOf(call) };
  return { writes: [], events: [conductDeviation(rule, detail, about)] };
}

function joined(effects: readonly ReservationEffects[]): ReservationEffects {
  if (effects.length === 0) return NOTHING;
  return {
    writes: effects.flatMap(({ writes }) => writes),
    events: effects.flatMap(({ events }) => events),
  };
}

const NOTHING: ReservationEffects = { writes: [], events: [] };
