/**
 * The EV at a connector: what it would take, and what its battery makes of it.
 *
 * AC and DC are told in one measure, the current on each phase that the connector takes from the grid. With AC that is
 * the current of the EV itself; with DC it stands for a power, which the rectifier makes DC of.
 * Units: A per phase of the grid, W, Wh, V.
 */
import type { SupplyDescription } from "../description.ts";
import { lowestVoltageV } from "./grid.ts";
import type { DcCurvePoint, VehicleDescription } from "./vehicle_description.ts";

/** The least current that an EV can be told to take. Spec: IEC 61851-1, duty cycle of the control pilot. */
export const AC_CURRENT_A_MIN = 6;

/** The least power that a DC outlet gives. */
export const DC_POWER_W_MIN = 1_000;

/** Below this the battery counts as full: what is left fits in no reading. Units: Wh. */
const FULL_WITHIN_WH = 0.01;

/** How near to a whole percent of charge counts as there. */
const PERCENT_WITHIN = 1e-6;

/** What an EV takes from the grid as long as its state of charge stays within the same percent. */
export interface Appetite {
  /** The phases of the grid that are loaded. */
  readonly phases: number;
  /** 0 when it takes nothing, whatever is offered. */
  readonly maxA: number;
  /** Offered less than this it takes nothing. */
  readonly minA: number;
}

/** What an EV would take here. */
export function appetiteOf(
  supply: SupplyDescription,
  vehicle: VehicleDescription,
  batteryWh: number,
): Appetite {
  if (supply.dc === undefined) {
    const minA = Math.max(AC_CURRENT_A_MIN, vehicle.minCurrentA ?? 0);
    const maxA = isFull(vehicle, batteryWh) ? 0 : vehicle.maxCurrentA;
    return { phases: Math.min(supply.phases, vehicle.phases), maxA, minA };
  }
  const powerW = dcPowerW(supply, vehicle, batteryWh);
  return { phases: supply.phases, maxA: gridCurrentA(supply, powerW), minA: leastCurrentA(supply) };
}

/** The least current per phase with which a connector gives anything. */
export function leastCurrentA(supply: SupplyDescription): number {
  return supply.dc === undefined ? AC_CURRENT_A_MIN : gridCurrentA(supply, DC_POWER_W_MIN);
}

/** W of the grid for each A per phase, as the connector turns one into the other. */
export function wattsPerA(supply: SupplyDescription, phases: number): number {
  // A rectifier holds its power, so its current is the greatest where the voltage is the lowest.
  return phases * (supply.dc === undefined ? supply.voltageV : lowestVoltageV({ nominalV: supply.voltageV }));
}

/** The most power that goes into a battery by DC. */
function dcPowerW({ dc }: SupplyDescription, vehicle: VehicleDescription, batteryWh: number): number {
  if (dc === undefined || vehicle.dc === undefined || isFull(vehicle, batteryWh)) return 0;
  const voltageV = batteryVoltageV(vehicle, batteryWh);
  if (voltageV > dc.maxVoltageV) return 0;
  const percent = wholePercent(vehicle, batteryWh);
  const { curve } = vehicle.dc;
  // One value for the whole percent, so that power is constant in between: the lower one keeps the curve.
  const curveW = Math.min(curvePowerW(curve, percent), curvePowerW(curve, percent + 1));
  return Math.min(curveW, dc.maxPowerW, dc.maxCurrentA * voltageV);
}

function gridCurrentA(supply: SupplyDescription, dcPowerW: number): number {
  return dcPowerW / (supply.dc?.efficiency ?? 1) / wattsPerA(supply, supply.phases);
}

/** The power at a state of charge; beyond the first and the last point as there. */
export function curvePowerW(curve: readonly DcCurvePoint[], socPercent: number): number {
  let before = curve[0];
  if (before === undefined) return 0;
  for (const point of curve) {
    if (point.socPercent >= socPercent) {
      const widthPercent = point.socPercent - before.socPercent;
      if (widthPercent <= 0) return point.powerW;
      const part = (socPercent - before.socPercent) / widthPercent;
      return before.powerW + (point.powerW - before.powerW) * part;
    }
    before = point;
  }
  return before.powerW;
}

/** What flows through an outlet: constant current, at the voltage of the grid or of the battery. */
export interface Flow {
  /** Of the outlet; 1 for DC. */
  readonly phases: number;
  readonly currentA: number;
  /** The phases of the grid that are loaded, which the supply counts from 1. */
  readonly gridPhases: number;
  /** Absent: AC, at the voltage of the grid. */
  readonly dcVoltageV?: number;
}

/** How finely a current can be set. Units: A. */
const CURRENT_STEP_A = 0.01;

/** What becomes of a current per phase that a connector may take from the grid; `undefined`: nothing. */
export function flowOf(
  supply: SupplyDescription,
  ev: { readonly vehicle: VehicleDescription; readonly batteryWh: number },
  taken: { readonly perPhaseA: number; readonly phases: number },
): Flow | undefined {
  const { perPhaseA, phases } = taken;
  if (perPhaseA <= 0) return undefined;
  if (supply.dc === undefined) {
    const currentA = wholeSteps(perPhaseA);
    return currentA === 0 ? undefined : { phases, gridPhases: phases, currentA };
  }
  const dcVoltageV = batteryVoltageV(ev.vehicle, ev.batteryWh);
  const powerW = perPhaseA * wattsPerA(supply, phases) * supply.dc.efficiency;
  const currentA = wholeSteps(powerW / dcVoltageV);
  return currentA === 0 ? undefined : { phases: 1, gridPhases: phases, currentA, dcVoltageV };
}

/** Down to what can be set. */
function wholeSteps(currentA: number): number {
  return Math.floor(currentA / CURRENT_STEP_A + 1e-6) / Math.round(1 / CURRENT_STEP_A);
}

/** The voltage of a battery; constant within a percent of charge, as a meter shows it. */
function batteryVoltageV({ dc, ...vehicle }: VehicleDescription, batteryWh: number): number {
  const part = wholePercent(vehicle, batteryWh) / 100;
  return Math.round((dc?.nominalVoltageV ?? 0) * (0.93 + 0.14 * part) * 10) / 10;
}

function wholePercent({ batteryCapacityWh }: Battery, batteryWh: number): number {
  return Math.floor(batteryWh / batteryCapacityWh * 100 + PERCENT_WITHIN);
}

type Battery = Pick<VehicleDescription, "batteryCapacityWh">;

/** What still fits into the battery until what the EV takes may change. */
export function roomUntilChangeWh(
  supply: SupplyDescription,
  vehicle: VehicleDescription,
  batteryWh: number,
): number {
  const { batteryCapacityWh } = vehicle;
  if (supply.dc === undefined) return batteryCapacityWh - batteryWh;
  return (wholePercent(vehicle, batteryWh) + 1) / 100 * batteryCapacityWh - batteryWh;
}

/** Whether the battery takes no more. */
export function isFull({ batteryCapacityWh }: Battery, batteryWh: number): boolean {
  return batteryCapacityWh - batteryWh < FULL_WITHIN_WH;
}

/** What is in the battery of an EV that arrives. */
export function batteryAtArrivalWh({ batteryCapacityWh, socAtArrivalPercent }: VehicleDescription): number {
  return batteryCapacityWh * socAtArrivalPercent / 100;
}
