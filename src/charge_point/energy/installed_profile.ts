/**
 * A charging profile as the Charge Point keeps it, and what its schedule allows at a moment.
 *
 * Units: instants are simulated time in milliseconds; limits in A per phase or W in total.
 * Spec: OCPP 1.6 §3.13, §7.8–7.14.
 */
import type { ChargingProfile } from "../../ocpp/charging_profile.ts";
import { atMsOf } from "../../ocpp/date_time.ts";

/** Plain data, never changed. The instants are those of the profile, read once. */
export interface InstalledProfile {
  /** 0: of the Charge Point as a whole. */
  readonly connectorId: number;
  readonly chargingProfile: ChargingProfile;
  readonly installedAtMs: number;
  readonly validFromMs?: number;
  readonly validToMs?: number;
  readonly startScheduleMs?: number;
}

/** Keeps a profile that came now. */
export function installedProfile(
  connectorId: number,
  chargingProfile: ChargingProfile,
  nowMs: number,
): InstalledProfile {
  const { validFrom, validTo, chargingSchedule: { startSchedule } } = chargingProfile;
  return {
    connectorId,
    chargingProfile,
    installedAtMs: nowMs,
    ...(validFrom === undefined ? {} : { validFromMs: atMsOf(validFrom) }),
    ...(validTo === undefined ? {} : { validToMs: atMsOf(validTo) }),
    ...(startSchedule === undefined ? {} : { startScheduleMs: atMsOf(startSchedule) }),
  };
}

/** What a schedule allows. */
export interface ScheduledLimit {
  readonly limit: number;
  readonly unit: "A" | "W";
  /** The phases that it was meant for. */
  readonly numberPhases: number;
  /** The least that is worth charging with, in the same unit; 0: anything. */
  readonly minChargingRate: number;
}

/** What holds at a moment, and when that may change. No limit: this profile allows anything, or does not apply. */
export interface LimitAtMoment {
  readonly limit: ScheduledLimit | undefined;
  readonly untilMs: number;
}

/** No limit, for ever. */
export const NO_LIMIT: LimitAtMoment = { limit: undefined, untilMs: Infinity };

const DAY_MS = 86_400_000;

/** The phases of a period that names none. Spec: OCPP 1.6 §7.14. */
const NUMBER_PHASES = 3;

/** `chargingStartMs` is where schedules begin that have no start of their own. */
export function limitAt(
  { chargingProfile, installedAtMs, validFromMs = -Infinity, validToMs = Infinity, startScheduleMs }:
    InstalledProfile,
  moment: { readonly atMs: number; readonly chargingStartMs: number },
): LimitAtMoment {
  const { atMs, chargingStartMs } = moment;
  const { chargingProfileKind: kind, chargingProfilePurpose: purpose, chargingSchedule } = chargingProfile;
  if (atMs >= validToMs) return NO_LIMIT;
  if (atMs < validFromMs) return { limit: undefined, untilMs: validFromMs };
  // §7.13: without startSchedule a schedule is relative to the start of charging, which all connectors together lack.
  const relativeToMs = purpose === "ChargePointMaxProfile" ? installedAtMs : chargingStartMs;
  const startMs = kind === "Relative" ? relativeToMs : startScheduleMs ?? relativeToMs;
  if (atMs < startMs) return { limit: undefined, untilMs: Math.min(startMs, validToMs) };

  const recurrenceMs = kind !== "Recurring"
    ? Infinity
    : chargingProfile.recurrencyKind === "Weekly"
    ? 7 * DAY_MS
    : DAY_MS;
  const occurrenceMs = recurrenceMs === Infinity
    ? startMs
    : startMs + Math.floor((atMs - startMs) / recurrenceMs) * recurrenceMs;
  const nextOccurrenceMs = occurrenceMs + recurrenceMs;
  const { duration, chargingSchedulePeriod, chargingRateUnit, minChargingRate = 0 } = chargingSchedule;
  const endMs = Math.min(
    nextOccurrenceMs,
    duration === undefined ? Infinity : occurrenceMs + duration * 1_000,
  );
  if (atMs >= endMs) return { limit: undefined, untilMs: Math.min(nextOccurrenceMs, validToMs) };

  const begun = chargingSchedulePeriod.filter(({ startPeriod }) =>
    occurrenceMs + startPeriod * 1_000 <= atMs
  );
  const period = begun.at(-1);
  const nextPeriod = chargingSchedulePeriod[begun.length];
  const nextPeriodMs = nextPeriod === undefined ? Infinity : occurrenceMs + nextPeriod.startPeriod * 1_000;
  return {
    limit: period === undefined ? undefined : {
      limit: period.limit,
      unit: chargingRateUnit,
      numberPhases: period.numberPhases ?? NUMBER_PHASES,
      minChargingRate,
    },
    untilMs: Math.min(nextPeriodMs, endMs, validToMs),
  };
}
