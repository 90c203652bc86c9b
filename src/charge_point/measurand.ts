/**
 * What can be measured here, and how the items of a list of measurands are read.
 *
 * Shape: an item is a measurand, with a phase behind it where that makes sense: `Voltage`, `Current.Import.L1`.
 * Without a phase, what is measured on each phase is reported for each (OCPP 1.6 §4.7).
 */
import type { Measurand, Phase, UnitOfMeasure } from "../ocpp/meter_value.ts";
import type { ChargePointDescription } from "./description.ts";

/** One reading to take. */
export interface Reading {
  readonly measurand: MeasuredHere;
  readonly phase?: Phase;
}

/** The measurands that the model of `vehicle.ts` gives. */
export type MeasuredHere = keyof typeof MEASURED;

/** `phases`: `line` is measured in the conductor, `neutral` between it and neutral, `none` only in total. */
interface MeasurandInfo {
  readonly unit: UnitOfMeasure | undefined;
  readonly phases: "none" | "line" | "neutral";
  /** Whether the item without a phase means one reading for each phase. */
  readonly split: boolean;
}

const MEASURED = {
  "Energy.Active.Import.Register": { unit: "Wh", phases: "none", split: false },
  "Power.Active.Import": { unit: "W", phases: "line", split: false },
  "Power.Offered": { unit: "W", phases: "none", split: false },
  "Current.Import": { unit: "A", phases: "line", split: true },
  "Current.Offered": { unit: "A", phases: "none", split: false },
  "Voltage": { unit: "V", phases: "neutral", split: true },
  "Frequency": { unit: undefined, phases: "none", split: false }, // hertz, for which 1.6 has no unit
  "Temperature": { unit: "Celsius", phases: "none", split: false },
  "SoC": { unit: "Percent", phases: "none", split: false },
} as const satisfies Partial<Record<Measurand, MeasurandInfo>>;

/** The unit of a measurand's readings. */
export function unitOf(measurand: MeasuredHere): UnitOfMeasure | undefined {
  return MEASURED[measurand].unit;
}

/** The readings that one item of a list asks for; `undefined` when it is not measured here. */
export function measurandsOf(
  item: string,
  description: ChargePointDescription,
): readonly Reading[] | undefined {
  const { phases } = description.supply;
  if (isMeasured(item)) {
    return MEASURED[item].split && phases === 3 ? ALL_PHASES[item] : WHOLE[item];
  }
  const suffix = /^(.+)\.(L[123])(-N)?$/.exec(item);
  const measurand = suffix?.[1];
  if (suffix === null || measurand === undefined || !isMeasured(measurand)) return undefined;
  const kind: MeasurandInfo["phases"] = MEASURED[measurand].phases;
  const isNeutral = suffix[3] !== undefined;
  if (kind === "none" || (isNeutral && kind !== "neutral")) return undefined;
  if (Number(suffix[2]?.slice(1)) > phases) return undefined;
  return [{ measurand, phase: item.slice(measurand.length + 1) as Phase }];
}

function isMeasured(name: string): name is MeasuredHere {
  return Object.hasOwn(MEASURED, name);
}

const NAMES = Object.keys(MEASURED) as readonly MeasuredHere[];

const WHOLE = Object.fromEntries(
  NAMES.map((measurand) => [measurand, [{ measurand }]]),
) as unknown as Readonly<Record<MeasuredHere, readonly Reading[]>>;

const ALL_PHASES = Object.fromEntries(NAMES.map((measurand) => [
  measurand,
  (["L1", "L2", "L3"] as const).map((line) => ({
    measurand,
    phase: MEASURED[measurand].phases === "neutral" ? `${line}-N` as const : line,
  })),
])) as unknown as Readonly<Record<MeasuredHere, readonly Reading[]>>;
