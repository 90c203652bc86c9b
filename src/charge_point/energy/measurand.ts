/**
 * What can be measured here, and how the items of a list of measurands are read.
 *
 * Shape: an item is a measurand, with a phase behind it where that makes sense: `Voltage`, `Current.Import.L1`,
 * `Voltage.L1-L2`, `Current.Import.N`. Without a phase, what is measured on each phase is reported for each (OCPP 1.6
 * §4.7). A DC outlet and a one-phase supply have no phases to tell apart, but the latter may be named.
 */
import type { Measurand, Phase, UnitOfMeasure } from "../../ocpp/meter_value.ts";
import type { ChargePointDescription, SupplyDescription } from "../description.ts";

/** One reading to take. */
export interface Reading {
  readonly measurand: Measurand;
  readonly phase?: Phase;
}

/** Where is measured: at a connector, or where the grid comes in (connector 0). */
export type MeteringPoint = "outlet" | "inlet";

/** `phases`: `line` is measured in the conductor, `voltage` between two of them, `none` only in total. */
interface MeasurandInfo {
  readonly unit: UnitOfMeasure | undefined;
  readonly phases: "none" | "line" | "voltage";
  /** Whether the item without a phase means one reading for each phase. */
  readonly split: boolean;
}

const TOTAL_WH = { unit: "Wh", phases: "none", split: false } as const;
const TOTAL_VARH = { unit: "varh", phases: "none", split: false } as const;
const LINE_W = { unit: "W", phases: "line", split: false } as const;
const LINE_VAR = { unit: "var", phases: "line", split: false } as const;
const LINE_A = { unit: "A", phases: "line", split: true } as const;
const PLAIN = { unit: undefined, phases: "none", split: false } as const;

const MEASURED: Readonly<Record<Measurand, MeasurandInfo>> = {
  "Energy.Active.Export.Register": TOTAL_WH,
  "Energy.Active.Import.Register": TOTAL_WH,
  "Energy.Reactive.Export.Register": TOTAL_VARH,
  "Energy.Reactive.Import.Register": TOTAL_VARH,
  "Energy.Active.Export.Interval": TOTAL_WH,
  "Energy.Active.Import.Interval": TOTAL_WH,
  "Energy.Reactive.Export.Interval": TOTAL_VARH,
  "Energy.Reactive.Import.Interval": TOTAL_VARH,
  "Power.Active.Export": LINE_W,
  "Power.Active.Import": LINE_W,
  "Power.Offered": { unit: "W", phases: "none", split: false },
  "Power.Reactive.Export": LINE_VAR,
  "Power.Reactive.Import": LINE_VAR,
  "Power.Factor": PLAIN,
  "Current.Import": LINE_A,
  "Current.Export": LINE_A,
  "Current.Offered": { unit: "A", phases: "none", split: false },
  "Voltage": { unit: "V", phases: "voltage", split: true },
  "Frequency": PLAIN, // hertz, for which 1.6 has no unit
  "Temperature": { unit: "Celsius", phases: "none", split: false },
  "SoC": { unit: "Percent", phases: "none", split: false },
  "RPM": PLAIN,
};

/** The unit of a measurand's readings. */
export function unitOf(measurand: Measurand): UnitOfMeasure | undefined {
  return MEASURED[measurand].unit;
}

/** Whether a measurand counts what flowed in an interval rather than telling a moment. */
export function isPerInterval(measurand: Measurand): boolean {
  return measurand.endsWith(".Interval");
}

/** How many phases can be told apart; 0: none, as with DC. */
export function meteredPhases(supply: SupplyDescription, point: MeteringPoint): number {
  return supply.dc !== undefined && point === "outlet" ? 0 : supply.phases;
}

/** The readings that one item of a list asks for; `undefined` when it is not measured there. */
export function measurandsOf(
  item: string,
  { supply }: Pick<ChargePointDescription, "supply">,
  point: MeteringPoint = "outlet",
): readonly Reading[] | undefined {
  const phases = meteredPhases(supply, point);
  if (isMeasured(item)) {
    return MEASURED[item].split && phases === 3 ? ALL_PHASES[item] : WHOLE[item];
  }
  const suffix = /^(.+)\.(N|L[123](?:-N|-L[123])?)$/.exec(item);
  const [, measurand = "", phase = ""] = suffix ?? [];
  if (!isMeasured(measurand) || !(PHASES[MEASURED[measurand].phases][phases] ?? []).includes(phase)) {
    return undefined;
  }
  return [{ measurand, phase: phase as Phase }];
}

/** The phases that may be named, by how something is measured and by how many there are. */
const PHASES: Readonly<Record<MeasurandInfo["phases"], Readonly<Record<number, readonly string[]>>>> = {
  none: {},
  line: { 1: ["L1", "N"], 3: ["L1", "L2", "L3", "N"] },
  voltage: {
    1: ["L1", "L1-N"],
    3: ["L1", "L2", "L3", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"],
  },
};

function isMeasured(name: string): name is Measurand {
  return Object.hasOwn(MEASURED, name);
}

const NAMES = Object.keys(MEASURED) as readonly Measurand[];

const WHOLE = Object.fromEntries(
  NAMES.map((measurand) => [measurand, [{ measurand }]]),
) as unknown as Readonly<Record<Measurand, readonly Reading[]>>;

const ALL_PHASES = Object.fromEntries(NAMES.map((measurand) => [
  measurand,
  (["L1", "L2", "L3"] as const).map((line) => ({
    measurand,
    phase: MEASURED[measurand].phases === "voltage" ? `${line}-N` as const : line,
  })),
])) as unknown as Readonly<Record<Measurand, readonly Reading[]>>;
