/**
 * The grid before a Charge Point: its voltage over time.
 *
 * The voltage swings slowly below its nominal value, the same on all phases and at all connectors, as one cable
 * feeds them. It never exceeds it: a current that is worked out from a power by the nominal voltage, as OCPP 1.6
 * §7.13 has it, keeps that power too.
 * Units: V between phase and neutral; instants are simulated time in milliseconds.
 */
import type { ChargePointDescription } from "../description.ts";
import { seededFraction } from "../seeded.ts";

/** Half of the way between the highest voltage and the lowest, as a part of the nominal one. */
const SWING = 0.005;

const SWING_PERIOD_MS = 600_000;

/** Which of the random choices of a Charge Point this is. */
const SALT = 1_000;

/** A voltage over time: its nominal value and where in its swing it is. */
export interface Grid {
  readonly nominalV: number;
  /** Units: radians at instant 0. */
  readonly phase: number;
}

/** The grid of a Charge Point. */
export function gridOf(description: ChargePointDescription, seed: number): Grid {
  return { nominalV: description.supply.voltageV, phase: 2 * Math.PI * seededFraction(seed, SALT) };
}

/** The voltage at an instant. */
export function voltageV(grid: Grid, atMs: number): number {
  return grid.nominalV * (1 - SWING + SWING * Math.sin(angle(grid, atMs)));
}

/** The lowest that the voltage ever is. */
export function lowestVoltageV({ nominalV }: { readonly nominalV: number }): number {
  return nominalV * (1 - 2 * SWING);
}

/** The integral of the voltage between two instants. Units: V × ms. */
export function voltageTimesMs(grid: Grid, { fromMs, toMs }: { fromMs: number; toMs: number }): number {
  const swing = Math.cos(angle(grid, fromMs)) - Math.cos(angle(grid, toMs));
  return grid.nominalV *
    ((1 - SWING) * (toMs - fromMs) + SWING * SWING_PERIOD_MS / (2 * Math.PI) * swing);
}

function angle(grid: Grid, atMs: number): number {
  return grid.phase + 2 * Math.PI * ((atMs % SWING_PERIOD_MS) / SWING_PERIOD_MS);
}
