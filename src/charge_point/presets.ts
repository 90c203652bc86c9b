/**
 * Charge Points as they are sold, by their power: what differs from `STANDARD` of `description.ts`.
 *
 * The EV classes to go with them stand in `vehicle_description.ts`.
 */
import type { ChargePointDescription } from "./description.ts";
import { VEHICLES } from "./energy/vehicle_description.ts";

/** The names of the presets. */
export type ChargePointPreset = keyof typeof CHARGE_POINT_PRESETS;

export const CHARGE_POINT_PRESETS = {
  /** One phase, 16 A. */
  "ac-3.7kw": {
    chargePointModel: "AC-3.7kW",
    supply: { phases: 1, voltageV: 230, maxCurrentA: 16 },
    vehicle: VEHICLES["plug-in-hybrid"],
  },
  /** Three phases, 16 A. */
  "ac-11kw": {
    chargePointModel: "AC-11kW",
    supply: { phases: 3, voltageV: 230, maxCurrentA: 16 },
  },
  /** Three phases, 32 A: what `STANDARD` is. */
  "ac-22kw": {
    chargePointModel: "AC-22kW",
    supply: { phases: 3, voltageV: 230, maxCurrentA: 32 },
  },
  /** For batteries up to 500 V. */
  "dc-50kw": {
    chargePointModel: "DC-50kW",
    cable: "fixed",
    supply: {
      phases: 3,
      voltageV: 230,
      maxCurrentA: 80,
      dc: { maxVoltageV: 500, maxCurrentA: 125, maxPowerW: 50_000, efficiency: 0.94 },
    },
    vehicle: VEHICLES.compact,
  },
  /** For batteries up to 920 V. */
  "dc-150kw": {
    chargePointModel: "DC-150kW",
    cable: "fixed",
    supply: {
      phases: 3,
      voltageV: 230,
      maxCurrentA: 240,
      dc: { maxVoltageV: 920, maxCurrentA: 400, maxPowerW: 150_000, efficiency: 0.95 },
    },
    vehicle: VEHICLES.large,
  },
} as const satisfies Readonly<Record<string, Partial<ChargePointDescription>>>;
