/** Group 23: smart charging. */
import type { ChargingProfile, ChargingSchedule } from "../../ocpp/charging_profile.ts";
import { atMsOf } from "../../ocpp/date_time.ts";
import type { Conf } from "../../ocpp/registry.ts";
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { atMost, dateTimeBetween, optional } from "../matcher.ts";
import { call, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { askTheCentralSystem, charging, plugIn, type SeenTransaction, started } from "./states.ts";

const PROFILE = "SmartCharging";
const SPEC = ["OCPP 1.6 §3.13", "OCPP 1.6 §5.16"];

/** The unit in which limits are given, and how an amount of A per phase is written in it. */
interface Rate {
  readonly unit: "A" | "W";
  limit(amperes: number): number;
}

/** W in total for three phases of 230 V, where only W are taken. */
const WATTS_PER_AMPERE = 3 * 230;

/** Periods that follow each other, as `[from, limit]`. Units: seconds, A per phase. */
type Periods = readonly (readonly [number, number])[];

/** Three limits in five minutes; each differs from the others and from what the hardware may do. */
const PERIODS: Periods = [[0, 6], [100, 10], [200, 8]];
const DURATION_SECONDS = 300;

/** What does not matter. Units: seconds. */
const FEW_SECONDS = 4;

/** Near the beginning and the end of each of them: a few seconds do not matter. */
const PROBES: Periods = [
  ...[[5, 6], [95, 6]] as const,
  ...[[105, 10], [195, 10]] as const,
  ...[[205, 8], [290, 8]] as const,
];

const PROFILE_ID = 1;

/** The unit that this Charge Point takes, amperes if it can. Spec: OCPP 1.6 §9.5. */
function* rateOf(t: Tester): Steps<Rate> {
  const allowed = yield* t.configurationOf("ChargingScheduleAllowedChargingRateUnit");
  const isAmperes = /current|\bA\b/i.test(allowed ?? "");
  return {
    unit: isAmperes ? "A" : "W",
    limit: (amperes) => isAmperes ? amperes : amperes * WATTS_PER_AMPERE,
  };
}

/** What a case sets; times count from when the schedule starts. */
interface Wanted {
  readonly purpose: ChargingProfile["chargingProfilePurpose"];
  readonly periods?: Periods;
  readonly durationSeconds?: number;
  readonly chargingProfileId?: number;
  readonly stackLevel?: number;
  readonly transactionId?: number;
  /** Relative to the start of the transaction instead of now. */
  readonly isRelative?: boolean;
}

function profileOf(t: Tester, rate: Rate, wanted: Wanted): ChargingProfile {
  const { purpose, periods = PERIODS, durationSeconds = DURATION_SECONDS, isRelative = false } = wanted;
  const chargingSchedule: ChargingSchedule = {
    duration: durationSeconds,
    ...(isRelative ? {} : { startSchedule: t.dateTime() }),
    chargingRateUnit: rate.unit,
    chargingSchedulePeriod: periods.map(([startPeriod, amperes]) => ({
      startPeriod,
      limit: rate.limit(amperes),
    })),
  };
  return {
    chargingProfileId: wanted.chargingProfileId ?? PROFILE_ID,
    ...(wanted.transactionId === undefined ? {} : { transactionId: wanted.transactionId }),
    stackLevel: wanted.stackLevel ?? 0,
    chargingProfilePurpose: purpose,
    chargingProfileKind: isRelative ? "Relative" : "Absolute",
    chargingSchedule,
  };
}

/** Sets a profile; gives the instant at which its schedule starts. */
function* set(
  t: Tester,
  rate: Rate,
  wanted: Wanted,
  connectorId: number = t.setup.connectorId,
  expected: Conf<"SetChargingProfile">["status"] = "Accepted",
): Steps<number> {
  const startAtMs = t.nowMs;
  const csChargingProfiles = profileOf(t, rate, wanted);
  yield* t.send("SetChargingProfile", { connectorId, csChargingProfiles }, { status: expected });
  return startAtMs;
}

/**
 * The composite schedule has these limits at these instants, counted from `startAtMs`: those that are still ahead, since
 * it begins now (§6.22), and whoever plugs in and the EV take their time.
 */
function* limitsAre(t: Tester, rate: Rate, startAtMs: number, probes: Periods): Steps {
  const { connectorId } = t.setup;
  const duration = DURATION_SECONDS;
  const skewMs = 60_000;
  const scheduleStart = dateTimeBetween({ fromMs: t.nowMs - skewMs, toMs: t.nowMs + skewMs });
  const conf = yield* t.send(
    "GetCompositeSchedule",
    { connectorId, duration, chargingRateUnit: rate.unit },
    {
      ...{ status: "Accepted", connectorId: optional(connectorId), scheduleStart },
      chargingSchedule: {
        chargingRateUnit: rate.unit,
        duration: optional(atMost(duration)),
      },
    },
  );
  const first = conf.chargingSchedule?.chargingSchedulePeriod[0]?.startPeriod;
  yield* t.check("the first startPeriod is 0", first, first === 0); // §7.13, errata
  const goneSeconds = (t.nowMs - startAtMs) / 1_000;
  const ahead = probes.filter(([seconds]) => seconds >= goneSeconds + FEW_SECONDS);
  yield* t.prepare(t.check("a schedule that is not over", `it began ${goneSeconds} s ago`, ahead.length > 0));
  for (const [seconds, amperes] of ahead) {
    const limit = limitAt(conf, startAtMs + seconds * 1_000);
    const wanted = rate.limit(amperes);
    const isSo = limit !== undefined && Math.abs(limit - wanted) < 0.05 * wanted;
    yield* t.check(`the limit after ${seconds} s is ${wanted} ${rate.unit}`, conf, isSo);
  }
}

function limitAt({ scheduleStart, chargingSchedule }: Conf<"GetCompositeSchedule">, atMs: number) {
  if (scheduleStart === undefined || chargingSchedule === undefined) return undefined;
  const seconds = (atMs - atMsOf(scheduleStart)) / 1_000;
  return chargingSchedule.chargingSchedulePeriod.findLast(({ startPeriod }) => startPeriod <= seconds)?.limit;
}

function* ready(t: Tester): Steps<Rate> {
  yield* askTheCentralSystem(t);
  // What an earlier case may have left.
  yield* t.sendForAny("ClearChargingProfile", {});
  return yield* rateOf(t);
}

function* readyAndCharging(t: Tester): Steps<{ rate: Rate; transaction: SeenTransaction }> {
  const rate = yield* ready(t);
  return { rate, transaction: yield* charging(t) };
}

export const SMART_CHARGING: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_056_CS",
    title: "Central smart charging – TxDefaultProfile",
    profile: PROFILE,
    purpose: "A default profile that was set before holds for the transaction.",
    spec: SPEC,
    *run(t) {
      const rate = yield* t.prepare(ready(t));
      const startAtMs = yield* set(t, rate, { purpose: "TxDefaultProfile" });
      yield* charging(t);
      yield* limitsAre(t, rate, startAtMs, PROBES);
    },
  }),
  chargePointCase({
    id: "TC_057_CS",
    title: "Central smart charging – TxProfile",
    profile: PROFILE,
    purpose: "A profile of the running transaction holds for it.",
    spec: SPEC,
    *run(t) {
      const { rate, transaction } = yield* t.prepare(readyAndCharging(t));
      const { transactionId } = transaction;
      const startAtMs = yield* set(t, rate, { purpose: "TxProfile", transactionId });
      yield* limitsAre(t, rate, startAtMs, PROBES);
    },
  }),
  chargePointCase({
    id: "TC_058_1_CS",
    title: "Central smart charging – no ongoing transaction",
    profile: PROFILE,
    purpose: "A transaction's profile without a transaction is rejected.",
    spec: SPEC,
    *run(t) {
      const rate = yield* t.prepare(ready(t));
      yield* set(t, rate, { purpose: "TxProfile" }, t.setup.connectorId, "Rejected");
    },
  }),
  chargePointCase({
    id: "TC_058_2_CS",
    title: "Central smart charging – wrong transactionId",
    profile: PROFILE,
    purpose: "A profile of another transaction than the running one is rejected.",
    spec: SPEC,
    *run(t) {
      const { rate, transaction } = yield* t.prepare(readyAndCharging(t));
      const transactionId = transaction.transactionId + 1;
      yield* set(t, rate, { purpose: "TxProfile", transactionId }, t.setup.connectorId, "Rejected");
    },
  }),
  chargePointCase({
    id: "TC_059_CS",
    title: "Remote start transaction with charging profile",
    profile: PROFILE,
    purpose: "The profile that comes with a remote start holds for its transaction.",
    spec: [...SPEC, "OCPP 1.6 §5.11"],
    *run(t) {
      const { connectorId, idTag } = t.setup;
      const rate = yield* t.prepare(ready(t));
      yield* t.prepare(t.configure({ AuthorizeRemoteTxRequests: "true" }));
      yield* plugIn(t);
      const chargingProfile = profileOf(t, rate, { purpose: "TxProfile", isRelative: true });
      yield* t.send("RemoteStartTransaction", { connectorId, idTag, chargingProfile }, {
        status: "Accepted",
      });
      yield* t.expect(call("Authorize", { idTag }));
      const { startedAtMs } = yield* started(t);
      yield* limitsAre(t, rate, startedAtMs, PROBES);
    },
  }),
  chargePointCase({
    id: "TC_060_CS",
    title: "Remote start transaction with charging profile – Rejected",
    profile: PROFILE,
    purpose: "A remote start with a profile that is not one of a transaction is rejected.",
    spec: [...SPEC, "OCPP 1.6 §5.11"],
    *run(t) {
      const { connectorId, idTag } = t.setup;
      const rate = yield* t.prepare(ready(t));
      const chargingProfile = profileOf(t, rate, { purpose: "TxDefaultProfile" });
      yield* t.send("RemoteStartTransaction", { connectorId, idTag, chargingProfile }, {
        status: "Rejected",
      });
      yield* t.quiet({ for: 5 });
    },
  }),
  chargePointCase({
    id: "TC_066_CS",
    title: "Get composite schedule",
    profile: PROFILE,
    purpose: "The composite schedule is the transaction's profile, but never above the Charge Point's.",
    spec: [...SPEC, "OCPP 1.6 §5.7"],
    *run(t) {
      const { rate, transaction } = yield* t.prepare(readyAndCharging(t));
      const { transactionId } = transaction;
      const startAtMs = yield* set(
        t,
        rate,
        { purpose: "ChargePointMaxProfile", periods: [[0, 9]], durationSeconds: 600, chargingProfileId: 1 },
        0,
      );
      yield* set(t, rate, { purpose: "TxDefaultProfile", periods: [[0, 7]], chargingProfileId: 2 });
      yield* limitsAre(t, rate, startAtMs, [[5, 7], [150, 7], [290, 7]]);
      yield* set(t, rate, { purpose: "TxProfile", transactionId, chargingProfileId: 3 });
      yield* limitsAre(t, rate, startAtMs, PROBES.map(([seconds, limit]) => [seconds, Math.min(limit, 9)]));
    },
  }),
  chargePointCase({
    id: "TC_067_CS",
    title: "Clear charging profile",
    profile: PROFILE,
    purpose:
      "A profile is cleared by its id, others by purpose and stack level; what is not there is Unknown.",
    spec: ["OCPP 1.6 §5.6", ...SPEC],
    *run(t) {
      const rate = yield* t.prepare(ready(t));
      const purpose = "TxDefaultProfile";
      yield* t.prepare(set(t, rate, { purpose, chargingProfileId: 1, stackLevel: 0 }));
      yield* t.prepare(set(t, rate, { purpose, chargingProfileId: 2, stackLevel: 1 }));
      yield* t.send("ClearChargingProfile", { id: 1 }, { status: "Accepted" });
      yield* t.send("ClearChargingProfile", { id: 1 }, { status: "Unknown" });
      const others = { chargingProfilePurpose: purpose, stackLevel: 1 } as const;
      yield* t.send("ClearChargingProfile", others, { status: "Accepted" });
      yield* t.send("ClearChargingProfile", others, { status: "Unknown" });
    },
  }),
  chargePointCase({
    id: "TC_072_CS",
    title: "Stacking charging profiles",
    profile: PROFILE,
    purpose: "The higher stack level counts for as long as it lasts, then the lower one.",
    spec: [...SPEC, "OCPP 1.6 §3.13.2"],
    *run(t) {
      const rate = yield* t.prepare(ready(t));
      const purpose = "TxDefaultProfile";
      yield* set(t, rate, {
        purpose,
        chargingProfileId: 1,
        stackLevel: 0,
        periods: [[0, 7]],
        durationSeconds: 600,
      });
      const startAtMs = yield* set(t, rate, {
        ...{
          purpose,
          chargingProfileId: 2,
          stackLevel: 1,
          periods: [[0, 10], [60, 6]],
          durationSeconds: 150,
        },
      });
      yield* charging(t);
      yield* limitsAre(t, rate, startAtMs, [[5, 10], [55, 10], [65, 6], [145, 6], [155, 7], [290, 7]]);
    },
  }),
  chargePointCase({
    id: "TC_082_CS",
    title: "TxDefaultProfile with ongoing transaction",
    profile: PROFILE,
    purpose: "A default profile that is set during a transaction holds for it at once.",
    spec: [...SPEC, "OCPP 1.6 §3.13.1"],
    *run(t) {
      const { rate } = yield* t.prepare(readyAndCharging(t));
      const startAtMs = yield* set(t, rate, { purpose: "TxDefaultProfile" });
      yield* limitsAre(t, rate, startAtMs, PROBES);
    },
  }),
];
