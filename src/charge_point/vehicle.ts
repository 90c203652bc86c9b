/**
 * The simulated EV and its supply: which voltage there is, how much current is drawn, how much energy that makes.
 *
 * One model stands behind every reading: P = U × I × phases, with the current constant while charging and the
 * voltage swinging slowly around its nominal value, so that energy is the exact integral of power.
 * Units: V between phase and neutral, A per phase, W, Wh; instants are simulated time in milliseconds.
 */
import type { ChargePointDescription } from "./description.ts";
import { seededFraction } from "./seeded.ts";

/** How far the voltage leaves its nominal value. */
export const VOLTAGE_SWING = 0.01;

const SWING_PERIOD_MS = 600_000;
const MS_PER_HOUR = 3_600_000;

/** Below this the battery counts as full: what is left fits in no reading. Units: Wh. */
const FULL_WITHIN_WH = 0.01;

/** The voltage of a supply over time: nominal value and where in its swing it is. */
export interface Supply {
  readonly nominalV: number;
  /** Units: radians at instant 0. */
  readonly phase: number;
}

/** The supply of one connector. */
export function supplyOf(description: ChargePointDescription, seed: number, connectorId: number): Supply {
  return {
    nominalV: description.supply.voltageV,
    phase: 2 * Math.PI * seededFraction(seed, 1_000 + connectorId),
  };
}

/** The voltage at an instant. */
export function voltageV(supply: Supply, atMs: number): number {
  return supply.nominalV * (1 + VOLTAGE_SWING * Math.sin(angle(supply, atMs)));
}

function angle(supply: Supply, atMs: number): number {
  return supply.phase + 2 * Math.PI * ((atMs % SWING_PERIOD_MS) / SWING_PERIOD_MS);
}

/** What a current takes from the supply between two instants. `phaseAmperes` is the sum over the phases. */
export function energyWh(
  supply: Supply,
  phaseAmperes: number,
  span: { fromMs: number; toMs: number },
): number {
  if (span.toMs <= span.fromMs || phaseAmperes <= 0) return 0;
  const swing = Math.cos(angle(supply, span.fromMs)) - Math.cos(angle(supply, span.toMs));
  const voltMs = supply.nominalV *
    (span.toMs - span.fromMs + VOLTAGE_SWING * SWING_PERIOD_MS / (2 * Math.PI) * swing);
  return Math.max(0, phaseAmperes * voltMs / MS_PER_HOUR);
}

/** The phases on which an EV charges here. */
export function phasesDrawn(description: ChargePointDescription): number {
  return Math.min(description.supply.phases, description.vehicle.phases);
}

/** The current that an EV with room in its battery draws on each of its phases. */
export function currentDrawnA(description: ChargePointDescription): number {
  return Math.min(description.supply.maxCurrentA, description.vehicle.maxCurrentA);
}

/** Whether the battery takes no more. */
export function isFull(description: ChargePointDescription, batteryWh: number): boolean {
  return description.vehicle.batteryCapacityWh - batteryWh < FULL_WITHIN_WH;
}

/**
 * How long charging can certainly go on before the battery is full; at least half of what is left is charged
 * by then, so asking again soon finds it full.
 */
export function msUntilAlmostFull(description: ChargePointDescription, batteryWh: number): number {
  const powerMaxW = currentDrawnA(description) * phasesDrawn(description) * description.supply.voltageV *
    (1 + VOLTAGE_SWING);
  if (powerMaxW <= 0) return Infinity;
  return (description.vehicle.batteryCapacityWh - batteryWh) / powerMaxW * MS_PER_HOUR;
}

/** What is in the battery of an EV that arrives. */
export function batteryAtArrivalWh({ vehicle }: ChargePointDescription): number {
  return vehicle.batteryCapacityWh * vehicle.socAtArrivalPercent / 100;
}
