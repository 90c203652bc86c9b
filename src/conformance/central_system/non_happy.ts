/** Core: idTags that are refused, locks and power that fail, and what happened while there was no connection. */
import type { OperatorAction } from "../operator_action.ts";
import { type CaseDefinition, centralSystemCase } from "../case.ts";
import type { Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import {
  accepted,
  allTold,
  authorized,
  booted,
  charging,
  connected,
  left,
  started,
  stopTold,
  told,
} from "./states.ts";

type RefusedStatus = Exclude<Extract<OperatorAction, { kind: "setIdTag" }>["status"], "Accepted">;

/** Makes the idTag what it is to be. */
function* refusedIdTag(t: Tester, status: RefusedStatus): Steps<string> {
  const { refusedIdTag: idTag } = t.setup;
  yield* t.operator({ kind: "setIdTag", idTag, status });
  return idTag;
}

/** An idTag that is refused starts nothing. */
function* refusedAtStart(t: Tester, status: RefusedStatus): Steps {
  const { connectorId } = t.setup;
  yield* t.prepare(booted(t));
  const idTag = yield* t.prepare(refusedIdTag(t, status));
  yield* told(t, connectorId, "Preparing");
  yield* authorized(t, idTag, { idTagInfo: { status } });
  yield* told(t, connectorId, "Available");
}

const SPEC = ["OCPP 1.6 §4.1", "OCPP 1.6 §7.2"];

export const NON_HAPPY: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_023_1_CSMS",
    title: "Start session – Authorize invalid",
    profile: "Core",
    purpose: "An idTag that nobody knows is Invalid.",
    spec: SPEC,
    run: (t) => refusedAtStart(t, "Invalid"),
  }),
  centralSystemCase({
    id: "TC_023_2_CSMS",
    title: "Start session – Authorize expired",
    profile: "Core",
    purpose: "An idTag whose time is over is Expired.",
    spec: SPEC,
    run: (t) => refusedAtStart(t, "Expired"),
  }),
  centralSystemCase({
    id: "TC_023_3_CSMS",
    title: "Start session – Authorize blocked",
    profile: "Core",
    purpose: "An idTag that the operator has blocked is Blocked.",
    spec: SPEC,
    run: (t) => refusedAtStart(t, "Blocked"),
  }),
  centralSystemCase({
    id: "TC_024_CSMS",
    title: "Start session – lock failure",
    profile: "Core",
    purpose: "A session that ends before it begins, because the cable cannot be locked, is taken note of.",
    spec: ["OCPP 1.6 §4.9", "OCPP 1.6 §7.6"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      yield* told(t, connectorId, "Preparing");
      yield* authorized(t);
      yield* told(t, connectorId, "Faulted", "ConnectorLockFailure");
    },
  }),
];

/** How long the transactions lasted, and how long ago they began. Units: seconds. */
const AGO_SECONDS = 120;
const STOPPED_AGO_SECONDS = 60;

export const OFFLINE: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_032_1_CSMS",
    title: "Power failure boot, configured to stop transactions",
    profile: "Core",
    purpose: "After a power failure boot and statuses are answered before the late StopTransaction.",
    spec: ["OCPP 1.6 §4.2", "OCPP 1.6 §4.10", "OCPP 1.6 §7.36 PowerLoss"],
    *run(t) {
      yield* t.prepare(booted(t));
      const transaction = yield* t.prepare(charging(t));
      yield* t.disconnect("the power is gone");
      yield* connected(t);
      yield* accepted(t);
      yield* allTold(t, { [transaction.connectorId]: "Finishing" });
      yield* stopTold(t, transaction, { reason: "PowerLoss" });
      yield* told(t, transaction.connectorId, "Available");
    },
  }),
  centralSystemCase({
    id: "TC_037_1_CSMS",
    title: "Offline start transaction – valid idTag",
    profile: "Core",
    purpose: "A transaction that began without a connection gets its transactionId afterwards.",
    spec: ["OCPP 1.6 §3.5.2", "OCPP 1.6 §3.7", "OCPP 1.6 §4.8"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      yield* t.disconnect("the network is gone");
      yield* connected(t);
      const transaction = yield* started(t, { secondsAgo: AGO_SECONDS });
      yield* told(t, connectorId, "Charging");
      yield* stopTold(t, transaction, { reason: "Local", byDriver: true });
      yield* left(t, transaction);
    },
  }),
  centralSystemCase({
    id: "TC_037_3_CSMS",
    title: "Offline start – invalid idTag – StopTransactionOnInvalidId = true",
    profile: "Core",
    purpose: "A transaction of an idTag that nobody knows is told so, has a transactionId, and is stopped.",
    spec: ["OCPP 1.6 §4.8", "OCPP 1.6 §9.1.37"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      const idTag = yield* t.prepare(refusedIdTag(t, "Invalid"));
      yield* t.disconnect("the network is gone");
      yield* connected(t);
      const late = { idTag, secondsAgo: AGO_SECONDS };
      const transaction = yield* started(t, late, { idTagInfo: { status: "Invalid" } });
      yield* told(t, connectorId, "Charging");
      yield* stopTold(t, transaction, { reason: "DeAuthorized" });
      yield* left(t, transaction);
    },
  }),
  centralSystemCase({
    id: "TC_039_CSMS",
    title: "Offline transaction",
    profile: "Core",
    purpose: "A transaction that began and ended without a connection is taken note of afterwards.",
    spec: ["OCPP 1.6 §3.7", "OCPP 1.6 §4.8", "OCPP 1.6 §4.10"],
    *run(t) {
      yield* t.prepare(booted(t));
      yield* t.disconnect("the network is gone");
      yield* connected(t);
      const transaction = yield* started(t, { secondsAgo: AGO_SECONDS });
      yield* stopTold(t, transaction, {
        reason: "Local",
        byDriver: true,
        secondsAgo: STOPPED_AGO_SECONDS,
      });
    },
  }),
];
