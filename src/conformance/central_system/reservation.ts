/** Reservation: of a connector and of the whole Charge Point, and how it ends. */
import type { Conf } from "../../ocpp/registry.ts";
import { type CaseDefinition, centralSystemCase } from "../case.ts";
import type { Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import {
  authorized,
  booted,
  left,
  ordered,
  type OwnTransaction,
  started,
  stoppedByDriver,
  stopTold,
  told,
} from "./states.ts";

const PROFILE = "Reservation";
const RESERVATION_ID = 17;

/** Longer than any case takes. Units: seconds. */
const EXPIRES_IN_SECONDS = 600;

/** ReserveNow is ordered for the case's idTag, and answered with this status. */
function* reserved(
  t: Tester,
  status: Conf<"ReserveNow">["status"],
  { connectorId = t.setup.connectorId, parentIdTag }: {
    readonly connectorId?: number;
    readonly parentIdTag?: string;
  } = {},
): Steps {
  yield* ordered(t, "ReserveNow", {
    connectorId,
    expiryDate: t.dateTime(EXPIRES_IN_SECONDS),
    idTag: t.setup.idTag,
    reservationId: RESERVATION_ID,
    ...(parentIdTag === undefined ? {} : { parentIdTag }),
  }, { status });
}

/** The transaction that a reservation was for, from the cable on. */
function* used(t: Tester): Steps<OwnTransaction> {
  const { connectorId } = t.setup;
  yield* told(t, connectorId, "Preparing");
  yield* authorized(t);
  const transaction = yield* started(t, { reservationId: RESERVATION_ID });
  yield* told(t, connectorId, "Charging");
  return transaction;
}

function* refused(t: Tester, status: Conf<"ReserveNow">["status"]): Steps {
  yield* t.prepare(booted(t));
  yield* reserved(t, status);
}

export const RESERVATION: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_046_CSMS",
    title: "Reservation of a connector – transaction",
    profile: PROFILE,
    purpose: "A connector is reserved, and the transaction that it was reserved for begins.",
    spec: ["OCPP 1.6 §5.13", "OCPP 1.6 §4.8"],
    *run(t) {
      yield* t.prepare(booted(t));
      yield* reserved(t, "Accepted");
      yield* told(t, t.setup.connectorId, "Reserved");
      yield* stoppedByDriver(t, yield* used(t));
    },
  }),
  centralSystemCase({
    id: "TC_047_CSMS",
    title: "Reservation of a connector – expire",
    profile: PROFILE,
    purpose: "A reservation whose time is over needs nothing from the Central System.",
    spec: ["OCPP 1.6 §5.13"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      yield* reserved(t, "Accepted");
      yield* told(t, connectorId, "Reserved");
      yield* told(t, connectorId, "Available");
    },
  }),
  centralSystemCase({
    id: "TC_048_1_CSMS",
    title: "Reservation of a connector – Faulted",
    profile: PROFILE,
    purpose: "A reservation that is refused because of a fault is taken note of.",
    spec: ["OCPP 1.6 §5.13"],
    run: (t) => refused(t, "Faulted"),
  }),
  centralSystemCase({
    id: "TC_048_2_CSMS",
    title: "Reservation of a connector – Occupied",
    profile: PROFILE,
    purpose: "A reservation that is refused because the connector is in use is taken note of.",
    spec: ["OCPP 1.6 §5.13"],
    run: (t) => refused(t, "Occupied"),
  }),
  centralSystemCase({
    id: "TC_048_3_CSMS",
    title: "Reservation of a connector – Unavailable",
    profile: PROFILE,
    purpose: "A reservation that is refused because the connector is out of operation is taken note of.",
    spec: ["OCPP 1.6 §5.13"],
    run: (t) => refused(t, "Unavailable"),
  }),
  centralSystemCase({
    id: "TC_048_4_CSMS",
    title: "Reservation of a connector – Rejected",
    profile: PROFILE,
    purpose: "A reservation that the Charge Point does not take is taken note of.",
    spec: ["OCPP 1.6 §5.13"],
    run: (t) => refused(t, "Rejected"),
  }),
  centralSystemCase({
    id: "TC_049_CSMS",
    title: "Reservation of a Charge Point – transaction",
    profile: PROFILE,
    purpose: "The whole Charge Point is reserved; its reservation is used at one of the connectors.",
    spec: ["OCPP 1.6 §5.13", "OCPP 1.6 §4.8"],
    *run(t) {
      yield* t.prepare(booted(t));
      yield* reserved(t, "Accepted", { connectorId: 0 });
      yield* stoppedByDriver(t, yield* used(t));
    },
  }),
  centralSystemCase({
    id: "TC_051_CSMS",
    title: "Cancel reservation",
    profile: PROFILE,
    purpose: "A reservation is cancelled by its reservationId.",
    spec: ["OCPP 1.6 §5.1"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      yield* reserved(t, "Accepted");
      yield* told(t, connectorId, "Reserved");
      yield* ordered(t, "CancelReservation", { reservationId: RESERVATION_ID }, { status: "Accepted" });
      yield* told(t, connectorId, "Available");
    },
  }),
  centralSystemCase({
    id: "TC_052_CSMS",
    title: "Cancel reservation – rejected",
    profile: PROFILE,
    purpose: "A reservation that the Charge Point does not know cannot be cancelled.",
    spec: ["OCPP 1.6 §5.1"],
    *run(t) {
      yield* t.prepare(booted(t));
      yield* ordered(t, "CancelReservation", { reservationId: RESERVATION_ID }, { status: "Rejected" });
    },
  }),
  centralSystemCase({
    id: "TC_053_CSMS",
    title: "Use a reserved connector with parentIdTag",
    profile: PROFILE,
    purpose: "A reservation names its group, and another idTag of the group is told to belong to it.",
    spec: ["OCPP 1.6 §5.13", "OCPP 1.6 §4.1", "OCPP 1.6 §3.1"],
    *run(t) {
      const { connectorId, idTag, otherIdTag, parentIdTag } = t.setup;
      yield* t.prepare(booted(t));
      for (const one of [idTag, otherIdTag]) {
        yield* t.prepare(t.operator({ kind: "setIdTag", idTag: one, status: "Accepted", parentIdTag }));
      }
      yield* reserved(t, "Accepted", { parentIdTag });
      yield* told(t, connectorId, "Reserved");
      const ofTheGroup = { idTagInfo: { status: "Accepted", parentIdTag } } as const;
      yield* authorized(t, otherIdTag, ofTheGroup);
      yield* told(t, connectorId, "Preparing");
      const who = { idTag: otherIdTag, reservationId: RESERVATION_ID };
      const transaction = yield* started(t, who, ofTheGroup);
      yield* told(t, connectorId, "Charging");
      yield* stopTold(t, transaction, { reason: "Local", byDriver: true }, ofTheGroup.idTagInfo);
      yield* left(t, transaction);
    },
  }),
];
