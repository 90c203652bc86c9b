/** Group 21: reservations. */
import type { Conf, Req } from "../../ocpp/registry.ts";
import type { ChargePointNeeds } from "../capabilities.ts";
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { not } from "../matcher.ts";
import { call, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import {
  allStatuses,
  askTheCentralSystem,
  charging,
  everyConnector,
  identifyFirst,
  plugIn,
  started,
  status,
} from "./states.ts";

const PROFILE = "Reservation";
const SPEC = ["OCPP 1.6 §5.13", "OCPP 1.6 §4.9 A7, G1, G2"];

const RESERVATION_ID = 4_711;

/** Units: seconds. */
const RESERVED_SECONDS = 600;
const SHORT_SECONDS = 15;
const WATCH_SECONDS = 5;

/** A ReserveNow of the case's connector for its idTag, changed by what a case names. */
function reservation(t: Tester, changes: Partial<Req<"ReserveNow">> = {}): Req<"ReserveNow"> {
  return {
    connectorId: t.setup.connectorId,
    expiryDate: t.dateTime(RESERVED_SECONDS),
    idTag: t.setup.idTag,
    reservationId: RESERVATION_ID,
    ...changes,
  };
}

/** It is recommended, not demanded, to ask at once whether the idTag is worth anything (§5.13). */
function* reserve(t: Tester, changes: Partial<Req<"ReserveNow">> = {}): Steps {
  yield* t.tolerate(call("Authorize", { idTag: t.setup.idTag }));
  yield* t.send("ReserveNow", reservation(t, changes), { status: "Accepted" });
  if (changes.connectorId !== 0) yield* t.expect(status(t.setup.connectorId, "Reserved"));
}

/** A reservation is refused. */
function* refused(
  t: Tester,
  connectorId: number,
  expected: Conf<"ReserveNow">["status"],
): Steps {
  yield* t.send("ReserveNow", reservation(t, { connectorId }), { status: expected });
}

/** Somebody else tries to use what is reserved; he may be asked for, and gets nothing. */
function* otherIsRefused(t: Tester): Steps {
  const { connectorId, otherIdTag } = t.setup;
  yield* t.operator({ kind: "presentIdTag", connectorId, idTag: otherIdTag });
  yield* t.absent([call("StartTransaction"), call("StatusNotification", { connectorId })], {
    for: WATCH_SECONDS,
  });
}

/** What is to be seen of the start of a transaction by remote start: as AuthorizeRemoteTxRequests says. */
function* remoteStart(t: Tester, idTag: string, parentIdTag?: string): Steps {
  const { connectorId } = t.setup;
  const parent = parentIdTag === undefined ? {} : { parentIdTag };
  yield* t.send("RemoteStartTransaction", { connectorId, idTag }, { status: "Accepted" });
  yield* t.expectInAnyOrder([
    call("Authorize", { idTag }, { idTagInfo: { status: "Accepted", ...parent } }),
    status(connectorId, "Preparing"),
  ]);
  yield* t.operator({ kind: "plugIn", connectorId });
}

/** The four ways to refuse a reservation, of one connector or of the whole Charge Point. */
function refusals(group: "048" | "050"): readonly CaseDefinition[] {
  const isWhole = group === "050";
  const what = isWhole ? "a Charge Point" : "a connector";
  const needs: ChargePointNeeds = isWhole ? { reservesConnectorZero: true } : {};
  const idOf = (t: Tester) => isWhole ? 0 : t.setup.connectorId;
  const shared = { profile: PROFILE, spec: SPEC, needs } as const;
  return [
    chargePointCase({
      ...shared,
      id: `TC_${group}_1_CS`,
      title: `Reservation of ${what} – Faulted`,
      purpose: "What is faulted cannot be reserved.",
      *run(t) {
        const connectorId = idOf(t);
        yield* t.operator({ kind: "fault", connectorId, errorCode: "GroundFailure" });
        yield* t.until([
          call("StatusNotification", { connectorId, status: "Faulted", errorCode: not("NoError") }),
        ]);
        yield* t.wait(1);
        yield* refused(t, connectorId, "Faulted");
      },
    }),
    chargePointCase({
      ...shared,
      id: `TC_${group}_2_CS`,
      title: `Reservation of ${what} – Occupied`,
      purpose: "What is in use cannot be reserved.",
      *run(t) {
        yield* t.prepare(askTheCentralSystem(t));
        yield* t.prepare(charging(t));
        for (let connectorId = 1; isWhole && connectorId <= t.capabilities.connectors; connectorId++) {
          if (connectorId !== t.setup.connectorId) yield* t.prepare(plugIn(t, { connectorId }));
        }
        yield* refused(t, idOf(t), "Occupied");
      },
    }),
    chargePointCase({
      ...shared,
      id: `TC_${group}_3_CS`,
      title: `Reservation of ${what} – Unavailable`,
      purpose: "What is out of operation cannot be reserved.",
      *run(t) {
        const connectorId = idOf(t);
        yield* t.send("ChangeAvailability", { connectorId, type: "Inoperative" }, { status: "Accepted" });
        // §5.2: connector 0 stands for the Charge Point and all connectors.
        yield* t.expectInAnyOrder(
          isWhole ? allStatuses(t, everyConnector(t, "Unavailable")) : [status(connectorId, "Unavailable")],
        );
        yield* refused(t, connectorId, "Unavailable");
      },
    }),
    chargePointCase({
      ...shared,
      id: `TC_${group}_4_CS`,
      title: `Reservation of ${what} – Rejected`,
      purpose: "A Charge Point that is not set up for such reservations rejects them.",
      needs: isWhole ? { reservesConnectorZero: false } : { acceptsReservations: false },
      *run(t) {
        yield* refused(t, idOf(t), "Rejected");
        yield* t.quiet({ for: WATCH_SECONDS });
      },
    }),
  ];
}

export const RESERVATION: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_046_1_CS",
    title: "Reservation of a connector – local start transaction",
    profile: PROFILE,
    purpose:
      "Only the idTag that it is reserved for may use the connector; StartTransaction names the reservation.",
    spec: [...SPEC, "OCPP 1.6 §4.8"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      yield* reserve(t);
      yield* otherIsRefused(t);
      yield* identifyFirst(t);
      yield* t.operator({ kind: "plugIn", connectorId });
      yield* started(t, { reservationId: RESERVATION_ID });
    },
  }),
  chargePointCase({
    id: "TC_046_2_CS",
    title: "Reservation of a connector – remote start transaction",
    profile: PROFILE,
    purpose: "A remote start for the idTag that it is reserved for ends the reservation in a transaction.",
    spec: [...SPEC, "OCPP 1.6 §5.11"],
    *run(t) {
      yield* t.prepare(askTheCentralSystem(t));
      yield* t.prepare(t.configure({ AuthorizeRemoteTxRequests: "true" }));
      yield* reserve(t);
      yield* remoteStart(t, t.setup.idTag);
      yield* started(t, { reservationId: RESERVATION_ID });
    },
  }),
  chargePointCase({
    id: "TC_047_CS",
    title: "Reservation of a connector – expire",
    profile: PROFILE,
    purpose: "When expiryDate has come the connector is free again, and not before.",
    spec: SPEC,
    *run(t) {
      yield* reserve(t, { expiryDate: t.dateTime(SHORT_SECONDS) });
      yield* t.quiet({ for: SHORT_SECONDS - 3 });
      yield* t.expect(status(t.setup.connectorId, "Available"));
    },
  }),
  ...refusals("048"),
  chargePointCase({
    id: "TC_049_CS",
    title: "Reservation of a Charge Point – transaction",
    profile: PROFILE,
    purpose: "The idTag that any connector is reserved for starts a transaction that names the reservation.",
    spec: [...SPEC, "OCPP 1.6 §9.4 ReserveConnectorZeroSupported"],
    needs: { reservesConnectorZero: true },
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      // With as many connectors left as reservations some show it by their status.
      yield* t.tolerate(call("StatusNotification", { status: "Reserved" }));
      yield* reserve(t, { connectorId: 0 });
      yield* t.wait(2);
      yield* identifyFirst(t);
      yield* t.operator({ kind: "plugIn", connectorId });
      yield* started(t, { reservationId: RESERVATION_ID });
    },
  }),
  ...refusals("050"),
  chargePointCase({
    id: "TC_051_CS",
    title: "Cancel reservation",
    profile: PROFILE,
    purpose: "A reservation that is cancelled leaves the connector free.",
    spec: ["OCPP 1.6 §5.1", ...SPEC],
    *run(t) {
      yield* reserve(t);
      yield* t.send("CancelReservation", { reservationId: RESERVATION_ID }, { status: "Accepted" });
      yield* t.expect(status(t.setup.connectorId, "Available"));
    },
  }),
  chargePointCase({
    id: "TC_052_CS",
    title: "Cancel reservation – Rejected",
    profile: PROFILE,
    purpose: "A reservation that is not there cannot be cancelled, and the one that is there stays.",
    spec: ["OCPP 1.6 §5.1", ...SPEC],
    *run(t) {
      yield* reserve(t);
      yield* t.send("CancelReservation", { reservationId: RESERVATION_ID + 1 }, { status: "Rejected" });
      yield* t.quiet({ for: WATCH_SECONDS });
    },
  }),
  chargePointCase({
    id: "TC_053_1_CS",
    title: "Use a reserved connector with parentIdTag – local",
    profile: PROFILE,
    purpose: "An idTag of the group that it is reserved for may use the connector.",
    spec: [...SPEC, "OCPP 1.6 §3.10"],
    *run(t) {
      const { connectorId, otherIdTag, parentIdTag } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      yield* reserve(t, { parentIdTag });
      yield* t.operator({ kind: "presentIdTag", connectorId, idTag: otherIdTag });
      yield* t.expectInAnyOrder([
        call("Authorize", { idTag: otherIdTag }, { idTagInfo: { status: "Accepted", parentIdTag } }),
        status(connectorId, "Preparing"),
      ]);
      yield* t.operator({ kind: "plugIn", connectorId });
      yield* started(t, { idTag: otherIdTag, reservationId: RESERVATION_ID });
    },
  }),
  chargePointCase({
    id: "TC_053_2_CS",
    title: "Use a reserved connector with parentIdTag – remote",
    profile: PROFILE,
    purpose: "A remote start for an idTag of the group that it is reserved for may use the connector.",
    spec: [...SPEC, "OCPP 1.6 §3.10", "OCPP 1.6 §5.11"],
    *run(t) {
      const { otherIdTag, parentIdTag } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      yield* t.prepare(t.configure({ AuthorizeRemoteTxRequests: "true" }));
      yield* reserve(t, { parentIdTag });
      yield* remoteStart(t, otherIdTag, parentIdTag);
      yield* started(t, { idTag: otherIdTag, reservationId: RESERVATION_ID });
    },
  }),
];
