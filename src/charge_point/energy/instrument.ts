/**
 * What the instruments show at one moment: at an outlet, or at the inlet, which feeds all of them (connector 0).
 *
 * At any moment P = U × I × phases within rounding: voltage and current are rounded as they are shown, and the power
 * is made from that, so that a reader who multiplies finds it. An EV's charger draws in phase with the voltage, so
 * there is no reactive power; nothing here feeds back. An inlet of DC outlets shows the AC side, with what the
 * rectifiers lose.
 * Units: Wh, V, A, W.
 */
import { gridOf, voltageV } from "./grid.ts";
import { gridPhases, outletPower, type PowerPlan, powerPlan, sharedLimit, vehicleOf } from "./power.ts";
import { type ChargePointState, type Connector, connectorsOf } from "../state.ts";
import type { Flow } from "./vehicle.ts";

/** The instruments of one metering point. */
export interface Instrument {
  readonly registerWh: number;
  /** Between phase and neutral, or of the DC outlet. */
  readonly voltageV: number;
  /** On each phase; DC has one value. */
  readonly currentsA: readonly number[];
  readonly powerW: number;
  readonly offeredA: number;
  readonly offeredW: number;
  /** What flows, as a part of what could: from 0 to 1. */
  readonly load: number;
  /** Of the EV that is plugged in. */
  readonly socPercent: number | undefined;
}

/** Reads a connector, or the inlet as connector 0, at the moment up to which the meters have counted. */
export function instrumentOf(state: ChargePointState, connector: Connector): Instrument {
  const plan = powerPlan(state);
  const { description, seed } = state.options;
  const { nominalV } = gridOf(description, seed);
  const gridV = Math.min(
    nominalV,
    round(voltageV(gridOf(description, seed), state.meteredAtSimulatedMs), 1),
  );
  return connector.connectorId === 0
    ? inletOf(state, plan, gridV)
    : outletOf(state, { plan, connector, gridV });
}

function outletOf(
  state: ChargePointState,
  { plan, connector, gridV }: { plan: PowerPlan; connector: Connector; gridV: number },
): Instrument {
  const { supply } = state.options.description;
  const { flow, offeredA, offeredW } = outletPower(plan, connector);
  const isDc = supply.dc !== undefined;
  const voltage = isDc ? flow?.dcVoltageV ?? 0 : gridV;
  const currentsA = Array.from(
    { length: isDc ? 1 : supply.phases },
    (_, line) => flow !== undefined && line < flow.phases ? flow.currentA : 0,
  );
  const powerW = Math.round(voltage * sum(currentsA));
  return {
    registerWh: connector.registerWh,
    voltageV: voltage,
    currentsA,
    powerW,
    offeredA,
    offeredW,
    load: powerW / (supply.maxCurrentA * supply.voltageV * supply.phases),
    socPercent: connector.isPlugged ? socPercent(state, connector) : undefined,
  };
}

function inletOf(state: ChargePointState, plan: PowerPlan, gridV: number): Instrument {
  const { supply, connectors } = state.options.description;
  const currentsA: number[] = Array.from({ length: supply.phases }, () => 0);
  let registerWh = 0;
  let offeredA = 0;
  let offeredW = 0;
  for (const connector of connectorsOf(state)) {
    registerWh += connector.registerWh / (supply.dc?.efficiency ?? 1);
    const outlet = outletPower(plan, connector);
    offeredA += outlet.offeredA;
    offeredW += outlet.offeredW;
    if (outlet.flow === undefined) continue;
    const perPhaseA = gridCurrentA(state, outlet.flow, gridV);
    for (const phase of gridPhases(state, connector.connectorId, outlet.flow.gridPhases)) {
      currentsA[phase] = (currentsA[phase] ?? 0) + perPhaseA;
    }
  }
  const shown = currentsA.map((currentA) => round(currentA, 2));
  const shared = sharedLimit(state, state.meteredAtSimulatedMs);
  const powerW = Math.round(gridV * sum(currentsA));
  return {
    registerWh,
    voltageV: gridV,
    currentsA: shown,
    powerW,
    offeredA: Math.min(offeredA, shared.currentA),
    offeredW: Math.min(offeredW, shared.powerW),
    load: powerW / (supply.maxCurrentA * supply.voltageV * supply.phases * connectors),
    socPercent: undefined,
  };
}

/** The current on each phase that a flow takes from the grid. */
function gridCurrentA({ options }: ChargePointState, flow: Flow, gridV: number): number {
  if (flow.dcVoltageV === undefined) return flow.currentA;
  const { dc } = options.description.supply;
  return flow.dcVoltageV * flow.currentA / (dc?.efficiency ?? 1) / (flow.gridPhases * gridV);
}

/** How full the EV's battery is. */
export function socPercent(state: ChargePointState, connector: Connector): number {
  return connector.batteryWh / vehicleOf(state, connector).batteryCapacityWh * 100;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
