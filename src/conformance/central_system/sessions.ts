/** Core: booting, and charging sessions that drivers begin and end. */
import { type CaseDefinition, centralSystemCase } from "../case.ts";
import {
  aboutNow,
  accepted,
  allTold,
  authorized,
  booted,
  charging,
  connected,
  left,
  ordered,
  started,
  stoppedByDriver,
  stopTold,
  told,
} from "./states.ts";

/** The longest that a case waits for its Heartbeat. Units: seconds. */
const HEARTBEAT_SECONDS_MAX = 60;

export const SESSIONS: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_001_CSMS",
    title: "Cold boot Charge Point",
    profile: "Core",
    purpose: "A Charge Point that starts is accepted, its statuses and Heartbeats are answered.",
    spec: ["OCPP 1.6 §4.2", "OCPP 1.6 §4.6", "OCPP 1.6 §4.9"],
    *run(t) {
      yield* connected(t);
      const { interval } = yield* accepted(t);
      yield* allTold(t);
      yield* t.wait(Math.min(interval, HEARTBEAT_SECONDS_MAX));
      yield* t.send("Heartbeat", {}, { currentTime: aboutNow(t) });
    },
  }),
  centralSystemCase({
    id: "TC_003_CSMS",
    title: "Regular charging session – plugin first",
    profile: "Core",
    purpose: "A session that begins with the cable is authorized, started and stopped.",
    spec: ["OCPP 1.6 §3.4", "OCPP 1.6 §4.1", "OCPP 1.6 §4.8", "OCPP 1.6 §4.10"],
    *run(t) {
      yield* t.prepare(booted(t));
      const transaction = yield* charging(t);
      yield* stoppedByDriver(t, transaction);
    },
  }),
  centralSystemCase({
    id: "TC_004_1_CSMS",
    title: "Regular charging session – identification first",
    profile: "Core",
    purpose: "A session that begins with the idTag is authorized, started and stopped.",
    spec: ["OCPP 1.6 §3.4", "OCPP 1.6 §4.1", "OCPP 1.6 §4.8", "OCPP 1.6 §4.10"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      yield* authorized(t);
      yield* told(t, connectorId, "Preparing");
      const transaction = yield* started(t);
      yield* told(t, connectorId, "Charging");
      yield* stoppedByDriver(t, transaction);
    },
  }),
  centralSystemCase({
    id: "TC_004_2_CSMS",
    title: "Regular charging session – identification first – ConnectionTimeOut",
    profile: "Core",
    purpose: "A connector that becomes Available again, because no cable came, is taken note of.",
    spec: ["OCPP 1.6 §4.9 B1"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      yield* authorized(t);
      yield* told(t, connectorId, "Preparing");
      yield* told(t, connectorId, "Available");
    },
  }),
  centralSystemCase({
    id: "TC_005_1_CSMS",
    title: "EV side disconnected – StopTransactionOnEVSideDisconnect = true",
    profile: "Core",
    purpose: "A transaction that ends because the EV was disconnected is stopped.",
    spec: ["OCPP 1.6 §4.10", "OCPP 1.6 §9.1.36"],
    *run(t) {
      yield* t.prepare(booted(t));
      const transaction = yield* t.prepare(charging(t));
      yield* told(t, transaction.connectorId, "SuspendedEV");
      yield* stopTold(t, transaction, { reason: "EVDisconnected" });
      yield* left(t, transaction);
    },
  }),
  centralSystemCase({
    id: "TC_007_CSMS",
    title: "Regular start charging session – cached id",
    profile: "Core",
    purpose: "A transaction that begins without Authorize is accepted and told about its idTag.",
    spec: ["OCPP 1.6 §3.5.1", "OCPP 1.6 §4.8"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      yield* told(t, connectorId, "Preparing");
      const transaction = yield* started(t);
      yield* told(t, connectorId, "Charging");
      yield* stoppedByDriver(t, transaction);
    },
  }),
  centralSystemCase({
    id: "TC_061_CSMS",
    title: "Clear authorization data in Authorization Cache",
    profile: "Core",
    purpose: "ClearCache is sent when somebody asks for it.",
    spec: ["OCPP 1.6 §5.4"],
    *run(t) {
      yield* t.prepare(booted(t));
      yield* ordered(t, "ClearCache", {}, { status: "Accepted" });
    },
  }),
];
