/**
 * Charging Profile: a limit on power or current over time.
 *
 * Units: `limit` and `minChargingRate` in A per phase or W in total, by `chargingRateUnit`, at most one decimal;
 * `duration` and `startPeriod` in seconds.
 * Spec: OCPP 1.6 §7.8–7.14.
 */
import * as z from "zod";
import { DateTime } from "./types.ts";

/** A number with at most one decimal. Binary fractions make a naive `multipleOf(0.1)` refuse 8.1. */
const tenths = z.number().refine((value) => Math.abs(value * 10 - Math.round(value * 10)) < 1e-6, {
  error: "has more than one decimal",
  params: { fault: "outOfRange" },
});

export const ChargingRateUnit = z.enum(["A", "W"]);

export const ChargingProfilePurpose = z.enum(["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"]);
export type ChargingProfilePurpose = z.infer<typeof ChargingProfilePurpose>;

export const ChargingSchedulePeriod = z.strictObject({
  startPeriod: z.int(),
  limit: tenths,
  numberPhases: z.int().optional(),
});

export const ChargingSchedule = z.strictObject({
  duration: z.int().optional(),
  startSchedule: DateTime.optional(),
  chargingRateUnit: ChargingRateUnit,
  chargingSchedulePeriod: z.array(ChargingSchedulePeriod),
  minChargingRate: tenths.optional(),
});
export type ChargingSchedule = z.infer<typeof ChargingSchedule>;

/**
 * What is wrong with a schedule that fits its schema, by rules that only the text states: `undefined` where nothing
 * is. Spec: OCPP 1.6 §7.13, §7.14.
 */
export function scheduleFault({ chargingSchedulePeriod }: ChargingSchedule): string | undefined {
  const isInOrder = chargingSchedulePeriod.length > 0 &&
    chargingSchedulePeriod.every(({ startPeriod }, index) =>
      index === 0 ? startPeriod === 0 : startPeriod > chargingSchedulePeriod[index - 1]!.startPeriod
    );
  if (!isInOrder) return "does not begin with startPeriod 0 or does not go on in order of time";
  const hasSense = chargingSchedulePeriod.every(({ limit, numberPhases = 3 }) =>
    limit >= 0 && numberPhases >= 1 && numberPhases <= 3
  );
  return hasSense ? undefined : "has a limit below 0, or not one to three phases";
}

export const ChargingProfile = z.strictObject({
  chargingProfileId: z.int(),
  transactionId: z.int().optional(),
  stackLevel: z.int(),
  chargingProfilePurpose: ChargingProfilePurpose,
  chargingProfileKind: z.enum(["Absolute", "Recurring", "Relative"]),
  recurrencyKind: z.enum(["Daily", "Weekly"]).optional(),
  validFrom: DateTime.optional(),
  validTo: DateTime.optional(),
  chargingSchedule: ChargingSchedule,
});
export type ChargingProfile = z.infer<typeof ChargingProfile>;
