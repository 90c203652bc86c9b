/**
 * The meter of each connector: letting it count, and reading it as MeterValue.
 *
 * Every reading comes from the one model of `power.ts`; energy is the exact integral of its power.
 * Units: `value` in Wh, varh, W, var, A, V, Percent, Celsius and, for Frequency, hertz.
 * Spec: OCPP 1.6 §3.16, §7.31, §7.33, §7.43.
 */
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { MeterValue, ReadingContext, SampledValue } from "../../ocpp/meter_value.ts";
import { listItems } from "../configuration/configuration.ts";
import { type Grid, gridOf, voltageTimesMs } from "./grid.ts";
import { type Instrument, instrumentOf } from "./instrument.ts";
import { measurandsOf, type Reading, unitOf } from "./measurand.ts";
import { nextPowerChangeMs, outletPower, powerPlan, roomWh } from "./power.ts";
import { type ChargePointState, type Connector, connectorsOf, simulatedNowMs, type Turn } from "../state.ts";
import type { Flow } from "./vehicle.ts";

const MS_PER_HOUR = 3_600_000;

/** The shortest step of counting, so that it gets on. */
const STEP_MS_MIN = 1;

/**
 * Lets all meters count up to this turn; to be done before anything changes in it.
 *
 * However late it is called, each change of a limit or of what an EV takes counts from its own moment.
 */
export function settleMeters(turn: Turn): void {
  const { state } = turn;
  const toMs = simulatedNowMs(turn);
  const isCounting = state.isPowered &&
    connectorsOf(state).some(({ transaction }) => transaction !== undefined);
  const grid = gridOf(state.options.description, state.options.seed);
  while (isCounting && state.meteredAtSimulatedMs < toMs) {
    const plan = powerPlan(state);
    const fromMs = state.meteredAtSimulatedMs;
    const changeMs = Math.max(nextPowerChangeMs(state, plan), fromMs + STEP_MS_MIN);
    const span = { fromMs, toMs: Math.min(changeMs, toMs) };
    for (const connector of connectorsOf(state)) {
      const { flow } = outletPower(plan, connector);
      if (flow !== undefined) count(state, connector, flowWh(grid, flow, span));
    }
    state.meteredAtSimulatedMs = span.toMs;
  }
  state.meteredAtSimulatedMs = toMs;
}

function count(state: ChargePointState, connector: Connector, energyWh: number): void {
  const takenWh = Math.min(energyWh, roomWh(state, connector));
  connector.registerWh += takenWh;
  connector.batteryWh += takenWh;
}

/** What flows between two instants. */
function flowWh(
  grid: Grid,
  { phases, currentA, dcVoltageV }: Flow,
  span: { readonly fromMs: number; readonly toMs: number },
): number {
  const voltMs = dcVoltageV === undefined
    ? voltageTimesMs(grid, span)
    : dcVoltageV * (span.toMs - span.fromMs);
  return Math.max(0, phases * currentA * voltMs / MS_PER_HOUR);
}

/** The register as messages carry it. Units: Wh. */
export function registerOf({ registerWh }: Connector): number {
  return Math.floor(registerWh);
}

/** How and why a meter is read. */
export interface MeterReading {
  /** A list as configuration keys have it, e.g. `SoC,Voltage.L1`. */
  readonly measurands: string | undefined;
  readonly context: ReadingContext;
  /** The register where the interval began; without it no measurand of an interval is read. Units: Wh. */
  readonly intervalFromWh?: number | undefined;
}

/** Reads the measurands of a list; `undefined` where none of them can be read. */
export function readMeter(turn: Turn, connector: Connector, reading: MeterReading): MeterValue | undefined {
  const sampledValue = readValues(turn.state, connector, reading);
  return sampledValue.length === 0
    ? undefined
    : { timestamp: dateTimeOf(simulatedNowMs(turn)), sampledValue };
}

/** Reads the measurands of a list, as they are at the moment up to which the meters have counted. */
export function readValues(
  state: ChargePointState,
  connector: Connector,
  { measurands, context, intervalFromWh }: MeterReading,
): SampledValue[] {
  const items = listItems(measurands ?? "");
  if (items.length === 0) return [];
  const { description } = state.options;
  const point = connector.connectorId === 0 ? "inlet" : "outlet";
  const instrument = instrumentOf(state, connector);
  const sampledValue: SampledValue[] = [];
  for (const item of items) {
    for (const reading of measurandsOf(item, description, point) ?? []) {
      const value = valueOf(reading, instrument, intervalFromWh);
      if (value === undefined) continue;
      sampledValue.push({
        value,
        context,
        measurand: reading.measurand,
        ...(reading.phase === undefined ? {} : { phase: reading.phase }),
        ...locationField(reading, point),
        ...unitField(reading),
      });
    }
  }
  return sampledValue;
}

/** Spec: OCPP 1.6 §7.43: without one it is the outlet. */
function locationField(
  { measurand }: Reading,
  point: "inlet" | "outlet",
): Pick<SampledValue, "location"> {
  if (measurand === "SoC") return { location: "EV" };
  return point === "inlet" ? { location: "Inlet" } : {};
}

function unitField({ measurand }: Reading): Pick<SampledValue, "unit"> {
  const unit = unitOf(measurand);
  return unit === undefined ? {} : { unit };
}

function valueOf(
  { measurand, phase }: Reading,
  instrument: Instrument,
  intervalFromWh: number | undefined,
): string | undefined {
  const { registerWh, voltageV, currentsA, powerW, socPercent } = instrument;
  switch (measurand) {
    case "Energy.Active.Import.Register":
      return String(Math.floor(registerWh));
    case "Energy.Active.Import.Interval":
      return intervalFromWh === undefined
        ? undefined
        : String(Math.floor(registerWh) - Math.floor(intervalFromWh));
    case "Energy.Active.Export.Register":
    case "Energy.Reactive.Export.Register":
    case "Energy.Reactive.Import.Register":
      return "0";
    case "Energy.Active.Export.Interval":
    case "Energy.Reactive.Export.Interval":
    case "Energy.Reactive.Import.Interval":
      return intervalFromWh === undefined ? undefined : "0";
    case "Power.Active.Import":
      return String(phase === undefined ? powerW : Math.round(phasePowerW(instrument, phase)));
    case "Power.Active.Export":
    case "Power.Reactive.Export":
    case "Power.Reactive.Import":
      return "0";
    case "Power.Offered":
      return String(Math.floor(instrument.offeredW));
    case "Power.Factor":
      return "1.00";
    case "Current.Import":
      return decimals(phase === undefined ? currentsA[0] ?? 0 : phaseCurrentA(currentsA, phase), 2);
    case "Current.Export":
      return "0.00";
    case "Current.Offered":
      return decimals(Math.floor(instrument.offeredA * 100 + 1e-6) / 100, 2);
    case "Voltage":
      return decimals(
        phase !== undefined && BETWEEN_LINES.has(phase) ? voltageV * Math.sqrt(3) : voltageV,
        1,
      );
    case "Frequency":
      return "50.00";
    case "Temperature":
      return decimals(24 + 12 * instrument.load, 1); // warm from load
    case "SoC":
      return socPercent === undefined ? undefined : decimals(socPercent, 1);
    case "RPM":
      return String(instrument.load < FAN_FROM_LOAD ? 0 : Math.round(900 + 2_100 * instrument.load));
  }
}

/** Below this load the fan stands still. */
const FAN_FROM_LOAD = 0.1;

const BETWEEN_LINES: ReadonlySet<string> = new Set(["L1-L2", "L2-L3", "L3-L1"]);

/** With N: what the phases do not carry back among themselves. */
function phaseCurrentA(currentsA: readonly number[], phase: string): number {
  if (phase !== "N") return currentsA[Number(phase.charAt(1)) - 1] ?? 0;
  const [first = 0, second = 0, third = 0] = currentsA;
  if (currentsA.length === 1) return first;
  const square = first ** 2 + second ** 2 + third ** 2 - first * second - second * third - third * first;
  return Math.sqrt(Math.max(0, square));
}

function phasePowerW({ voltageV, currentsA }: Instrument, phase: string): number {
  return phase === "N" ? 0 : voltageV * phaseCurrentA(currentsA, phase); // neutral is at no voltage
}

function decimals(value: number, digits: number): string {
  return value.toFixed(digits);
}
