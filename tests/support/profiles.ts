/**
 * Charging profiles for tests, in few words.
 */
import type { ChargingProfile } from "../../src/ocpp/charging_profile.ts";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import { BEGIN_AT_MS } from "./scripted_central_system.ts";

/** What a profile is to be; instants in seconds from the beginning of the script. */
export interface ProfileSketch {
  readonly id?: number;
  readonly level?: number;
  readonly purpose?: ChargingProfile["chargingProfilePurpose"];
  readonly kind?: ChargingProfile["chargingProfileKind"];
  readonly recurrency?: "Daily" | "Weekly";
  readonly unit?: "A" | "W";
  /** Start and limit of each period; a third number is numberPhases. */
  readonly periods?: readonly (readonly [startPeriod: number, limit: number, numberPhases?: number])[];
  readonly start?: number | undefined;
  readonly duration?: number;
  readonly from?: number;
  readonly to?: number;
  readonly transactionId?: number;
  readonly minChargingRate?: number;
}

/** An absolute TxDefaultProfile of 10 A from the beginning on, but for what is named. */
export function profile(sketch: ProfileSketch = {}): ChargingProfile {
  const { id = 1, level = 0, purpose = "TxDefaultProfile", kind = "Absolute", unit = "A" } = sketch;
  const { periods = [[0, 10]], recurrency, duration, from, to, transactionId, minChargingRate } = sketch;
  const start = "start" in sketch ? sketch.start : kind === "Relative" ? undefined : 0;
  return {
    chargingProfileId: id,
    stackLevel: level,
    chargingProfilePurpose: purpose,
    chargingProfileKind: kind,
    ...(recurrency === undefined ? {} : { recurrencyKind: recurrency }),
    ...(from === undefined ? {} : { validFrom: at(from) }),
    ...(to === undefined ? {} : { validTo: at(to) }),
    ...(transactionId === undefined ? {} : { transactionId }),
    chargingSchedule: {
      ...(duration === undefined ? {} : { duration }),
      ...(start === undefined ? {} : { startSchedule: at(start) }),
      chargingRateUnit: unit,
      chargingSchedulePeriod: periods.map(([startPeriod, limit, numberPhases]) => ({
        startPeriod,
        limit,
        ...(numberPhases === undefined ? {} : { numberPhases }),
      })),
      ...(minChargingRate === undefined ? {} : { minChargingRate }),
    },
  };
}

/** An instant of the script as it travels. */
export function at(seconds: number): string {
  return dateTimeOf(BEGIN_AT_MS + seconds * 1_000);
}
