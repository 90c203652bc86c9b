/**
 * The meter of a connector. Spec: OCPP 1.6 §7.31, §7.43.
 */
import type { MeterValue, ReadingContext, SampledValue } from "../../../src/ocpp/meter_value.ts";

const VOLTAGE_V = 230;
const PHASES = 3;
const MS_PER_HOUR = 3_600_000;

/** What an EV takes here. Units: W. */
export const CHARGING_POWER_W = 11_000;

/** Counts what flows. Its register begins where a used one does. */
export class Meter {
  #registerWh = 12_345;
  #powerW = 0;
  #sinceMs = 0;

  /** From now on so much flows. Units: W. */
  flow(powerW: number, nowMs: number): void {
    this.#registerWh = this.#exactWh(nowMs);
    this.#sinceMs = nowMs;
    this.#powerW = powerW;
  }

  /** Units: Wh, whole ones. */
  registerWh(nowMs: number): number {
    return Math.floor(this.#exactWh(nowMs));
  }

  /** A reading of these measurands; `undefined` where there are none. */
  read(
    measurands: readonly string[],
    context: ReadingContext,
    { nowMs, isBrief, isByPhase }: {
      readonly nowMs: number;
      readonly isBrief: boolean;
      readonly isByPhase: boolean;
    },
  ): MeterValue | undefined {
    const sampledValue = measurands.flatMap((name) =>
      SAMPLES[name]!({ registerWh: this.registerWh(nowMs), powerW: this.#powerW })
        .flatMap((sample) => isByPhase ? byPhase(sample) : [sample])
        .map((sample) => isBrief ? brief({ ...sample, context }) : { ...sample, context })
    );
    return sampledValue.length === 0 ? undefined : { timestamp: new Date(nowMs).toISOString(), sampledValue };
  }

  #exactWh(nowMs: number): number {
    return this.#registerWh + this.#powerW * (nowMs - this.#sinceMs) / MS_PER_HOUR;
  }
}

/** Without what is so by default, and energy in kWh. Spec: OCPP 1.6 §7.43. */
function brief({ value, unit, context, measurand, ...more }: SampledValue): SampledValue {
  const isEnergy = unit === "Wh";
  return {
    value: isEnergy ? (Number(value) / 1_000).toFixed(3) : value,
    ...(unit === undefined ? {} : { unit: isEnergy ? "kWh" : unit }),
    ...(measurand === undefined || measurand === "Energy.Active.Import.Register" ? {} : { measurand }),
    ...(context === undefined || context === "Sample.Periodic" ? {} : { context }),
    ...more,
  };
}

/** What all phases have together, shared among them. */
function byPhase(sample: SampledValue): SampledValue[] {
  if (sample.phase !== undefined) return [sample];
  return PHASE_NAMES.map((phase) => ({
    ...sample,
    phase,
    value: (Number(sample.value) / PHASES).toFixed(3),
  }));
}

type Sampler = (of: { readonly registerWh: number; readonly powerW: number }) => SampledValue[];

const PHASE_NAMES = ["L1", "L2", "L3"] as const;

const SAMPLES: Readonly<Record<string, Sampler>> = {
  "Energy.Active.Import.Register": ({ registerWh }) => [{
    value: String(registerWh),
    measurand: "Energy.Active.Import.Register",
    unit: "Wh",
  }],
  "Power.Active.Import": ({ powerW }) => [{
    value: (powerW / 1_000).toFixed(2),
    measurand: "Power.Active.Import",
    unit: "kW",
  }],
  "Current.Import": ({ powerW }) =>
    PHASE_NAMES.map((phase) => ({
      value: (powerW / PHASES / VOLTAGE_V).toFixed(1),
      measurand: "Current.Import",
      unit: "A",
      phase,
    })),
  "Voltage": () =>
    (["L1-N", "L2-N", "L3-N"] as const).map((phase) => ({
      value: String(VOLTAGE_V),
      measurand: "Voltage",
      unit: "V",
      phase,
    })),
};

/** What can be configured. */
export const MEASURANDS: ReadonlySet<string> = new Set(Object.keys(SAMPLES));
