/**
 * The meter of each connector: letting it count, and reading it as MeterValue.
 *
 * Every reading comes from the one model of `vehicle.ts`: at any moment P = U × I × phases within rounding.
 * Units: `value` in Wh, W, A, V, Percent, Celsius and, for Frequency, hertz.
 * Spec: OCPP 1.6 §3.16, §7.31, §7.33, §7.43.
 */
import { dateTimeOf } from "../ocpp/date_time.ts";
import type { MeterValue, ReadingContext, SampledValue } from "../ocpp/meter_value.ts";
import { listItems } from "./configuration.ts";
import { measurandsOf, type Reading, unitOf } from "./measurand.ts";
import { type ChargePointState, type Connector, connectorsOf, simulatedNowMs, type Turn } from "./state.ts";
import { currentDrawnA, energyWh, phasesDrawn, supplyOf, voltageV } from "./vehicle.ts";

/** Lets all meters count up to this turn; to be done before anything changes in it. */
export function settleMeters(turn: Turn): void {
  for (const connector of connectorsOf(turn.state)) {
    if (connector.transaction !== undefined) settleMeter(turn, connector);
  }
}

function settleMeter(turn: Turn, connector: Connector): void {
  const { options } = turn.state;
  const span = { fromMs: connector.meteredAtSimulatedMs, toMs: simulatedNowMs(turn) };
  connector.meteredAtSimulatedMs = span.toMs;
  const { totalA } = drawn(turn.state, connector);
  if (totalA === 0) return;
  const supply = supplyOf(options.description, options.seed, connector.connectorId);
  const roomWh = options.description.vehicle.batteryCapacityWh - connector.batteryWh;
  const takenWh = Math.min(energyWh(supply, totalA, span), roomWh);
  connector.registerWh += takenWh;
  connector.batteryWh += takenWh;
}

/** The current that flows: on each phase that is used, and all of them together. */
function drawn(
  { options }: ChargePointState,
  connector: Connector,
): { perPhaseA: number; phases: number; totalA: number } {
  if (connector.status !== "Charging") return { perPhaseA: 0, phases: 0, totalA: 0 };
  const perPhaseA = currentDrawnA(options.description);
  const phases = phasesDrawn(options.description);
  return { perPhaseA, phases, totalA: perPhaseA * phases };
}

/** The register as messages carry it. Units: Wh. */
export function registerOf({ registerWh }: Connector): number {
  return Math.floor(registerWh);
}

/** How full the EV's battery is. */
export function socPercent({ options }: ChargePointState, { batteryWh }: Connector): number {
  return batteryWh / options.description.vehicle.batteryCapacityWh * 100;
}

/**
 * Reads the measurands of a list, e.g. `SoC,Voltage.L1`; `undefined` where none of them can be read.
 */
export function readMeter(
  turn: Turn,
  connector: Connector,
  measurands: string | undefined,
  context: ReadingContext,
): MeterValue | undefined {
  const { description } = turn.state.options;
  const instrument = instrumentOf(turn, connector);
  const sampledValue: SampledValue[] = [];
  for (const item of listItems(measurands ?? "")) {
    for (const reading of measurandsOf(item, description) ?? []) {
      const value = valueOf(turn, connector, reading, instrument);
      if (value === undefined) continue;
      sampledValue.push({
        value,
        context,
        measurand: reading.measurand,
        ...(reading.phase === undefined ? {} : { phase: reading.phase }),
        ...(reading.measurand === "SoC" ? { location: "EV" as const } : {}),
        ...unitField(reading),
      });
    }
  }
  if (sampledValue.length === 0) return undefined;
  return { timestamp: dateTimeOf(simulatedNowMs(turn)), sampledValue };
}

function unitField({ measurand }: Reading): Pick<SampledValue, "unit"> {
  const unit = unitOf(measurand);
  return unit === undefined ? {} : { unit };
}

/** What the instruments show at this moment. */
interface Instrument {
  readonly voltageV: number;
  readonly perPhaseA: number;
  readonly phases: number;
  readonly powerW: number;
}

function instrumentOf(turn: Turn, connector: Connector): Instrument {
  const { options } = turn.state;
  const supply = supplyOf(options.description, options.seed, connector.connectorId);
  // Rounded as it is shown, and power made from that, so that a reader who multiplies finds the power.
  const volts = Math.round(voltageV(supply, simulatedNowMs(turn)) * 10) / 10;
  const { perPhaseA, phases, totalA } = drawn(turn.state, connector);
  return { voltageV: volts, perPhaseA, phases, powerW: Math.round(volts * totalA) };
}

function valueOf(
  turn: Turn,
  connector: Connector,
  { measurand, phase }: Reading,
  instrument: Instrument,
): string | undefined {
  const { supply } = turn.state.options.description;
  const isLive = phase === undefined || Number(phase.charAt(1)) <= instrument.phases;
  const perPhaseA = isLive ? instrument.perPhaseA : 0;
  switch (measurand) {
    case "Energy.Active.Import.Register":
      return String(registerOf(connector));
    case "Power.Active.Import":
      return String(phase === undefined ? instrument.powerW : Math.round(instrument.voltageV * perPhaseA));
    case "Power.Offered":
      return String(isOffered(connector) ? supply.voltageV * supply.maxCurrentA * supply.phases : 0);
    case "Current.Import":
      return decimals(perPhaseA, 2);
    case "Current.Offered":
      return decimals(isOffered(connector) ? supply.maxCurrentA : 0, 2);
    case "Voltage":
      return decimals(instrument.voltageV, 1);
    case "Frequency":
      return "50.00";
    case "Temperature":
      return decimals(24 + 12 * instrument.perPhaseA / supply.maxCurrentA, 1); // warm from load
    case "SoC":
      return connector.isPlugged ? decimals(socPercent(turn.state, connector), 1) : undefined;
  }
}

function isOffered({ status }: Connector): boolean {
  return status === "Charging" || status === "SuspendedEV";
}

function decimals(value: number, digits: number): string {
  return value.toFixed(digits);
}
