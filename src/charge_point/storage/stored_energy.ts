/**
 * Reading what was stored of energy: EVs, limits, charging profiles, readings.
 *
 * Errors: `StoredStateError`.
 */
import { ChargingProfile } from "../../ocpp/charging_profile.ts";
import { MeterValue } from "../../ocpp/meter_value.ts";
import type { GridLimit } from "../description.ts";
import type { InstalledProfile } from "../energy/installed_profile.ts";
import {
  type ReadStored,
  storedAmount,
  storedBySchema,
  storedFields,
  storedList,
  storedNumber,
  storedOptional,
  StoredStateError,
} from "./stored_value.ts";
import type { TransactionData } from "../transaction/transaction_data.ts";
import type { DcInletDescription, VehicleDescription } from "../energy/vehicle_description.ts";

/** A field that may be missing, in types that tell missing from `undefined`. */
function optional<T>(read: ReadStored<T>): ReadStored<T> {
  return storedOptional(read) as ReadStored<T>;
}

const storedPhases: ReadStored<1 | 3> = (value, path) => {
  if (value === 1 || value === 3) return value;
  throw new StoredStateError(`${path} is neither 1 nor 3`);
};

export const readVehicle: ReadStored<VehicleDescription> = storedFields<Required<VehicleDescription>>({
  batteryCapacityWh: storedAmount,
  socAtArrivalPercent: storedAmount,
  phases: storedPhases,
  maxCurrentA: storedAmount,
  minCurrentA: optional(storedAmount),
  dc: optional(storedFields<DcInletDescription>({
    nominalVoltageV: storedAmount,
    curve: storedList(storedFields({ socPercent: storedAmount, powerW: storedAmount })),
  })),
});

export const readGridLimit: ReadStored<GridLimit> = storedFields<Required<GridLimit>>({
  maxCurrentA: optional(storedAmount),
  maxPowerW: optional(storedAmount),
});

export const readInstalledProfile: ReadStored<InstalledProfile> = storedFields<Required<InstalledProfile>>({
  connectorId: storedAmount,
  chargingProfile: storedBySchema(ChargingProfile, "ChargingProfile"),
  installedAtMs: storedNumber,
  validFromMs: optional(storedNumber),
  validToMs: optional(storedNumber),
  startScheduleMs: optional(storedNumber),
});

export const readTransactionData: ReadStored<TransactionData> = storedFields<TransactionData>({
  values: storedList(storedBySchema(MeterValue, "MeterValue")),
  stride: storedAmount,
  offered: storedAmount,
});
