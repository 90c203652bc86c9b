/** Smart Charging: profiles that the operator sets, clears and asks about. */
import type { ChargingProfile } from "../../ocpp/charging_profile.ts";
import { type CaseDefinition, centralSystemCase } from "../case.ts";
import type { Tester } from "../tester.ts";
import { authorized, booted, charging, ordered, started, stoppedByDriver, told } from "./states.ts";

const PROFILE = "SmartCharging";
const PROFILE_ID = 23;
const DURATION_SECONDS = 300;

/** Units: A per phase. */
const PERIODS = [{ startPeriod: 0, limit: 6 }, { startPeriod: 100, limit: 10 }, {
  startPeriod: 200,
  limit: 8.1,
}];

function profileOf(
  t: Tester,
  chargingProfilePurpose: ChargingProfile["chargingProfilePurpose"],
  transactionId?: number,
): ChargingProfile {
  return {
    chargingProfileId: PROFILE_ID,
    ...(transactionId === undefined ? {} : { transactionId }),
    stackLevel: 0,
    chargingProfilePurpose,
    chargingProfileKind: "Absolute",
    chargingSchedule: {
      duration: DURATION_SECONDS,
      startSchedule: t.dateTime(),
      chargingRateUnit: "A",
      chargingSchedulePeriod: PERIODS,
    },
  };
}

export const SMART_CHARGING: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_056_CSMS",
    title: "Central smart charging – TxDefaultProfile",
    profile: PROFILE,
    purpose: "A profile for transactions to come is set.",
    spec: ["OCPP 1.6 §3.13", "OCPP 1.6 §5.16"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      const csChargingProfiles = profileOf(t, "TxDefaultProfile");
      yield* ordered(t, "SetChargingProfile", { connectorId, csChargingProfiles }, { status: "Accepted" });
    },
  }),
  centralSystemCase({
    id: "TC_057_CSMS",
    title: "Central smart charging – TxProfile",
    profile: PROFILE,
    purpose: "A profile for a transaction that runs is set, and names it.",
    spec: ["OCPP 1.6 §3.13", "OCPP 1.6 §5.16"],
    *run(t) {
      yield* t.prepare(booted(t));
      const transaction = yield* t.prepare(charging(t));
      const { connectorId, transactionId } = transaction;
      const csChargingProfiles = profileOf(t, "TxProfile", transactionId);
      yield* ordered(t, "SetChargingProfile", { connectorId, csChargingProfiles }, { status: "Accepted" });
      yield* stoppedByDriver(t, transaction);
    },
  }),
  centralSystemCase({
    id: "TC_059_CSMS",
    title: "Remote start with charging profile",
    profile: PROFILE,
    purpose: "A transaction is started with a profile of its own.",
    spec: ["OCPP 1.6 §5.11", "OCPP 1.6 §5.16"],
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(booted(t));
      const chargingProfile = profileOf(t, "TxProfile");
      yield* ordered(t, "RemoteStartTransaction", { connectorId, idTag, chargingProfile }, {
        status: "Accepted",
      });
      yield* authorized(t);
      yield* told(t, connectorId, "Preparing");
      const transaction = yield* started(t);
      yield* told(t, connectorId, "Charging");
      yield* stoppedByDriver(t, transaction);
    },
  }),
  centralSystemCase({
    id: "TC_066_CSMS",
    title: "Get Composite Schedule",
    profile: PROFILE,
    purpose: "The operator gets the schedule that comes of all profiles.",
    spec: ["OCPP 1.6 §5.7"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      const csChargingProfiles = profileOf(t, "TxDefaultProfile");
      const { chargingSchedule } = csChargingProfiles;
      yield* ordered(t, "SetChargingProfile", { connectorId, csChargingProfiles }, { status: "Accepted" });
      yield* ordered(t, "GetCompositeSchedule", {
        connectorId,
        duration: DURATION_SECONDS,
        chargingRateUnit: "A",
      }, { status: "Accepted", connectorId, scheduleStart: t.dateTime(), chargingSchedule });
    },
  }),
  centralSystemCase({
    id: "TC_067_CSMS",
    title: "Clear Charging Profile",
    profile: PROFILE,
    purpose: "A profile is cleared by its id.",
    spec: ["OCPP 1.6 §5.5"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      const csChargingProfiles = profileOf(t, "TxDefaultProfile");
      yield* ordered(t, "SetChargingProfile", { connectorId, csChargingProfiles }, { status: "Accepted" });
      yield* ordered(t, "ClearChargingProfile", { id: PROFILE_ID }, { status: "Accepted" });
    },
  }),
];
