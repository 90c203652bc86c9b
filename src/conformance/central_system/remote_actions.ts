/** Core: transactions that the operator starts and stops, resets, and connectors that are unlocked. */
import type { Conf, Req } from "../../ocpp/registry.ts";
import { type CaseDefinition, centralSystemCase } from "../case.ts";
import type { Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import {
  authorized,
  booted,
  charging,
  left,
  ordered,
  restarted,
  started,
  stoppedByDriver,
  stopTold,
  told,
} from "./states.ts";

function* remoteStart(t: Tester, status: Conf<"RemoteStartTransaction">["status"]): Steps {
  const { connectorId, idTag } = t.setup;
  yield* ordered(t, "RemoteStartTransaction", { connectorId, idTag }, { status });
}

function* unlocked(
  t: Tester,
  connectorId: number,
  status: Conf<"UnlockConnector">["status"],
): Steps {
  yield* ordered(t, "UnlockConnector", { connectorId }, { status });
}

/** A reset with nothing under way. */
function* reset(t: Tester, type: Req<"Reset">["type"]): Steps {
  yield* ordered(t, "Reset", { type }, { status: "Accepted" });
  yield* restarted(t);
}

export const REMOTE_ACTIONS: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_010_CSMS",
    title: "Remote start – cable plugged in first",
    profile: "Core",
    purpose: "The operator starts a transaction at a connector where a cable waits.",
    spec: ["OCPP 1.6 §5.11", "OCPP 1.6 §4.8"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      yield* told(t, connectorId, "Preparing");
      yield* remoteStart(t, "Accepted");
      yield* authorized(t);
      const transaction = yield* started(t);
      yield* told(t, connectorId, "Charging");
      yield* stoppedByDriver(t, transaction);
    },
  }),
  centralSystemCase({
    id: "TC_011_1_CSMS",
    title: "Remote start – remote start first",
    profile: "Core",
    purpose: "The operator starts a transaction at a connector to which the cable comes afterwards.",
    spec: ["OCPP 1.6 §5.11", "OCPP 1.6 §4.8"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      yield* remoteStart(t, "Accepted");
      yield* authorized(t);
      yield* told(t, connectorId, "Preparing");
      const transaction = yield* started(t);
      yield* told(t, connectorId, "Charging");
      yield* stoppedByDriver(t, transaction);
    },
  }),
  centralSystemCase({
    id: "TC_011_2_CSMS",
    title: "Remote start – time out",
    profile: "Core",
    purpose: "A remote start to which no cable comes leaves the connector Available.",
    spec: ["OCPP 1.6 §5.11", "OCPP 1.6 §4.9 B1"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      yield* remoteStart(t, "Accepted");
      yield* authorized(t);
      yield* told(t, connectorId, "Preparing");
      yield* told(t, connectorId, "Available");
    },
  }),
  centralSystemCase({
    id: "TC_012_CSMS",
    title: "Remote stop charging session",
    profile: "Core",
    purpose: "The operator stops a transaction by its transactionId.",
    spec: ["OCPP 1.6 §5.12", "OCPP 1.6 §4.10"],
    *run(t) {
      yield* t.prepare(booted(t));
      const transaction = yield* t.prepare(charging(t));
      const { transactionId } = transaction;
      yield* ordered(t, "RemoteStopTransaction", { transactionId }, { status: "Accepted" });
      yield* stopTold(t, transaction, { reason: "Remote" });
      yield* left(t, transaction);
    },
  }),
  centralSystemCase({
    id: "TC_013_CSMS",
    title: "Hard reset",
    profile: "Core",
    purpose: "The operator has the Charge Point reset at once; it is accepted again afterwards.",
    spec: ["OCPP 1.6 §5.14"],
    *run(t) {
      yield* t.prepare(booted(t));
      yield* reset(t, "Hard");
    },
  }),
  centralSystemCase({
    id: "TC_014_CSMS",
    title: "Soft reset",
    profile: "Core",
    purpose: "The operator has the Charge Point reset gracefully; it is accepted again afterwards.",
    spec: ["OCPP 1.6 §5.14"],
    *run(t) {
      yield* t.prepare(booted(t));
      yield* reset(t, "Soft");
    },
  }),
  centralSystemCase({
    id: "TC_017_1_CSMS",
    title: "Unlock – no session (not fixed cable)",
    profile: "Core",
    purpose: "The operator unlocks a connector in which a cable is kept.",
    spec: ["OCPP 1.6 §5.18"],
    *run(t) {
      yield* t.prepare(booted(t));
      yield* unlocked(t, t.setup.connectorId, "Unlocked");
    },
  }),
  centralSystemCase({
    id: "TC_017_2_CSMS",
    title: "Unlock – no session (fixed cable)",
    profile: "Core",
    purpose: "The operator is told that a connector with a fixed cable has no lock.",
    spec: ["OCPP 1.6 §5.18", "OCPP 1.6 §7.45"],
    *run(t) {
      yield* t.prepare(booted(t));
      yield* unlocked(t, t.setup.connectorId, "NotSupported");
    },
  }),
  centralSystemCase({
    id: "TC_018_1_CSMS",
    title: "Unlock – with session (not fixed cable)",
    profile: "Core",
    purpose: "Unlocking a connector that charges ends its transaction, which is stopped.",
    spec: ["OCPP 1.6 §5.18", "OCPP 1.6 §4.10"],
    *run(t) {
      yield* t.prepare(booted(t));
      const transaction = yield* t.prepare(charging(t));
      yield* unlocked(t, transaction.connectorId, "Unlocked");
      yield* stopTold(t, transaction, { reason: "UnlockCommand" });
      yield* left(t, transaction);
    },
  }),
];

/** Those in which the Charge Point says no. */
export const REMOTE_REFUSALS: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_026_CSMS",
    title: "Remote start – rejected",
    profile: "Core",
    purpose: "A remote start that the Charge Point rejects is taken note of.",
    spec: ["OCPP 1.6 §5.11"],
    *run(t) {
      yield* t.prepare(booted(t));
      yield* remoteStart(t, "Rejected");
    },
  }),
  centralSystemCase({
    id: "TC_028_CSMS",
    title: "Remote stop – rejected",
    profile: "Core",
    purpose: "A remote stop that the Charge Point rejects leaves the transaction running.",
    spec: ["OCPP 1.6 §5.12"],
    *run(t) {
      yield* t.prepare(booted(t));
      const transaction = yield* t.prepare(charging(t));
      const { transactionId } = transaction;
      yield* ordered(t, "RemoteStopTransaction", { transactionId }, { status: "Rejected" });
      yield* stoppedByDriver(t, transaction);
    },
  }),
  centralSystemCase({
    id: "TC_030_CSMS",
    title: "Unlock – unlock failure",
    profile: "Core",
    purpose: "A lock that fails is taken note of.",
    spec: ["OCPP 1.6 §5.18"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      yield* unlocked(t, connectorId, "UnlockFailed");
      yield* told(t, connectorId, "Faulted", "ConnectorLockFailure");
    },
  }),
  centralSystemCase({
    id: "TC_031_CSMS",
    title: "Unlock – unknown connector",
    profile: "Core",
    purpose: "The operator is told that there is no such connector to unlock.",
    spec: ["OCPP 1.6 §5.18", "OCPP 1.6 §7.45"],
    *run(t) {
      yield* t.prepare(booted(t));
      yield* unlocked(t, t.capabilities.connectors + 1, "NotSupported");
    },
  }),
];
