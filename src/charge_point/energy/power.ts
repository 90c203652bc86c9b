/**
 * Which power flows through each connector, and which could: EV, supply, charging profiles and the limits of the
 * Charge Point and of the grid before it, together.
 *
 * It follows from the facts at one moment and stays the same until one of them changes; `untilMs` and
 * `nextPowerChangeMs` name the next moment at which it changes by itself.
 * Units: A per phase of the grid, W, Wh; instants are simulated time in milliseconds.
 * Spec: OCPP 1.6 §3.13; IEC 61851-1 (no less than 6 A).
 */
import { listItems, textOf } from "../configuration/configuration.ts";
import type { GridLimit } from "../description.ts";
import type { ScheduledLimit } from "./installed_profile.ts";
import { type Demand, share, type SharedLimit } from "./power_sharing.ts";
import { chargePointLimit, connectorLimit } from "./prevailing_limit.ts";
import { type ChargePointState, type Connector, connectorsOf, type Turn } from "../state.ts";
import {
  type Appetite,
  appetiteOf,
  type Flow,
  flowOf,
  leastCurrentA,
  roomUntilChangeWh,
  wattsPerA,
} from "./vehicle.ts";
import type { VehicleDescription } from "./vehicle_description.ts";

/** One connector. */
export interface OutletPower {
  /** Whether energy is to be had; otherwise the Charge Point suspends a transaction. */
  readonly isOffered: boolean;
  /** `undefined`: nothing flows. */
  readonly flow: Flow | undefined;
  /** What the EV may take. */
  readonly offeredA: number;
  readonly offeredW: number;
}

/** All connectors above 0, by connectorId. */
export interface PowerPlan {
  readonly outlets: ReadonlyMap<number, OutletPower>;
  /** When a limit changes. */
  readonly untilMs: number;
}

const IDLE: OutletPower = { isOffered: false, flow: undefined, offeredA: 0, offeredW: 0 };
const NOTHING: PowerPlan = { outlets: new Map(), untilMs: Infinity };

/** The plan for the moment up to which the meters have counted. */
export function powerPlan(state: ChargePointState): PowerPlan {
  if (!connectorsOf(state).some(({ transaction }) => transaction !== undefined)) return NOTHING;
  const atMs = state.meteredAtSimulatedMs;
  const shared = sharedLimit(state, atMs);
  let untilMs = shared.untilMs;
  const outlets: Outlet[] = [];
  for (const connector of connectorsOf(state)) {
    if (connector.transaction === undefined) continue;
    const outlet = outletOf(state, connector, { atMs, shared });
    untilMs = Math.min(untilMs, outlet.untilMs);
    outlets.push(outlet);
  }
  const shares = share(outlets.map(({ demand }) => demand), shared);
  return { outlets: offers(state, { outlets, shares, shared }), untilMs };
}

/** One connector of the plan. */
export function outletPower({ outlets }: PowerPlan, { connectorId }: Connector): OutletPower {
  return outlets.get(connectorId) ?? IDLE;
}

/** The EV at a connector: the one that was plugged in, else that of the description. */
export function vehicleOf(state: ChargePointState, { vehicle }: Connector): VehicleDescription {
  return vehicle ?? state.options.description.vehicle;
}

/** Whether the Charge Point lets energy flow in the running transaction. */
function isEnergyAllowed({ transaction, warning, registerWh }: Connector): boolean {
  if (transaction === undefined || warning === "EVCommunicationError") return false;
  return transaction.energyEndsAtWh === undefined ||
    transaction.energyEndsAtWh - registerWh > ENERGY_WITHIN_WH;
}

/** What is not worth another look at the meter. */
const ENERGY_WITHIN_WH = 0.01;

/** Whether the EV is there and takes energy. */
function isEvReady({ isPlugged, isEvPaused }: Connector): boolean {
  return isPlugged && !isEvPaused;
}

/** The grid gives this from now on. */
export function limitGrid({ state }: Turn, { maxCurrentA, maxPowerW }: GridLimit): void {
  state.gridLimit = maxCurrentA === undefined && maxPowerW === undefined ? undefined : {
    ...(maxCurrentA === undefined ? {} : { maxCurrentA }),
    ...(maxPowerW === undefined ? {} : { maxPowerW }),
  };
}

/** What all connectors together may take at a moment. */
export function sharedLimit(
  { profiles, options, gridLimit }: ChargePointState,
  atMs: number,
): SharedLimit & { readonly untilMs: number } {
  const { limit, untilMs } = chargePointLimit(profiles, atMs);
  const own = options.description.chargePointLimit;
  return {
    currentA: Math.min(currentLimitA(own), currentLimitA(gridLimit), limitIn(limit, "A")),
    powerW: Math.min(powerLimitW(own), powerLimitW(gridLimit), limitIn(limit, "W")),
    untilMs,
  };
}

function currentLimitA(limit: GridLimit | undefined): number {
  return limit?.maxCurrentA ?? Infinity;
}

function powerLimitW(limit: GridLimit | undefined): number {
  return limit?.maxPowerW ?? Infinity;
}

/** A limit in its own unit; `Infinity` in the other. */
function limitIn(limit: ScheduledLimit | undefined, unit: "A" | "W"): number {
  return limit?.unit === unit ? limit.limit : Infinity;
}

/** A connector with a transaction. */
interface Outlet {
  readonly connector: Connector;
  readonly demand: Demand;
  /** What it may take if it were alone. */
  readonly ownA: number;
  readonly ownW: number;
  readonly leastA: number;
  readonly untilMs: number;
}

function outletOf(
  state: ChargePointState,
  connector: Connector,
  { atMs, shared }: { atMs: number; shared: SharedLimit },
): Outlet {
  const { supply } = state.options.description;
  const { connectorId, transaction, batteryWh } = connector;
  const chargingStartMs = transaction?.startedAtSimulatedMs ?? atMs;
  const moment = { connectorId, atMs, chargingStartMs, isInTransaction: true };
  const { limit, untilMs } = connectorLimit(state.profiles, moment);

  const appetite = appetiteOf(supply, vehicleOf(state, connector), batteryWh);
  const phases = phasesUsed(state, appetite, limit);
  const perA = wattsPerA(supply, phases);
  const ownW = Math.min(limitIn(limit, "W"), shared.powerW);
  const ownA = Math.min(supply.maxCurrentA, limitIn(limit, "A"), shared.currentA, ownW / perA);
  const leastA = Math.max(leastCurrentA(supply), worthwhileA(limit, perA));
  const isWanted = state.isPowered && isEnergyAllowed(connector) && isEvReady(connector);
  return {
    connector,
    demand: {
      gridPhases: gridPhases(state, connectorId, phases),
      maxA: isWanted ? Math.min(ownA, appetite.maxA) : 0,
      // What the EV takes may be less than what it has to be offered: a battery that is nearly full.
      minA: isEnough(ownA, Math.max(leastA, appetite.minA))
        ? Math.min(appetite.maxA, Math.max(leastA, appetite.minA))
        : Infinity,
      wattsPerA: perA,
      sinceMs: chargingStartMs,
    },
    ownA,
    ownW,
    leastA,
    untilMs,
  };
}

/** What is left of a comparison of quotients. */
function isEnough(offeredA: number, leastA: number): boolean {
  return offeredA + 1e-9 >= leastA;
}

/** §7.13 minChargingRate: below it charging is not worth while. */
function worthwhileA(limit: ScheduledLimit | undefined, perA: number): number {
  if (limit === undefined) return 0;
  return limit.unit === "A" ? limit.minChargingRate : limit.minChargingRate / perA;
}

/** §7.14: a limit for fewer phases leaves the phases as they are, unless they can be switched. */
function phasesUsed(
  { configuration }: ChargePointState,
  { phases }: Appetite,
  limit?: ScheduledLimit,
): number {
  const canSwitch = configuration.ConnectorSwitch3to1PhaseSupported === "true";
  return canSwitch && limit?.numberPhases === 1 ? 1 : phases;
}

/** The phases of the grid that a connector's phases are wired to. Spec: OCPP 1.6 §9.1.8 (ConnectorPhaseRotation). */
export function gridPhases(state: ChargePointState, connectorId: number, phases: number): readonly number[] {
  if (phases === 3) return ALL_PHASES;
  const rotations = listItems(textOf(state.configuration, "ConnectorPhaseRotation"));
  const rotation = rotations.find((item) => item.startsWith(`${connectorId}.`))?.split(".")[1] ?? "";
  const first = "RST".indexOf(rotation.charAt(0));
  return [state.options.description.supply.phases === 1 || first < 0 ? 0 : first];
}

const ALL_PHASES: readonly number[] = [0, 1, 2];

function offers(
  state: ChargePointState,
  { outlets, shares, shared }: {
    outlets: readonly Outlet[];
    shares: readonly number[];
    shared: SharedLimit;
  },
): ReadonlyMap<number, OutletPower> {
  const { supply } = state.options.description;
  const served = shares.filter((perPhaseA) => perPhaseA > 0).length;
  const takenA = shares.reduce((sum, perPhaseA) => sum + perPhaseA, 0);
  const takenW = outlets.reduce((sum, { demand }, index) => sum + (shares[index] ?? 0) * demand.wattsPerA, 0);
  // What nobody takes is offered to those that charge, in equal parts.
  const spareA = Math.max(0, shared.currentA - takenA) / Math.max(1, served);
  const spareW = Math.max(0, shared.powerW - takenW) / Math.max(1, served);
  const result = new Map<number, OutletPower>();
  outlets.forEach(({ connector, demand, ownA, ownW, leastA }, index) => {
    const perPhaseA = shares[index] ?? 0;
    // It would take energy and gets none, as the others need it.
    const isLeftOut = demand.maxA > 0 && demand.minA !== Infinity && perPhaseA === 0;
    const isOffered = isEnergyAllowed(connector) && state.isPowered && isEnough(ownA, leastA) && !isLeftOut;
    if (!isOffered) return result.set(connector.connectorId, IDLE);
    const isAlone = perPhaseA === 0;
    const offeredA = isAlone ? ownA : Math.min(ownA, perPhaseA + spareA);
    const supplyW = offeredA * supply.voltageV * supply.phases;
    const offeredW = Math.min(supplyW, ownW, isAlone ? Infinity : perPhaseA * demand.wattsPerA + spareW);
    const ev = { vehicle: vehicleOf(state, connector), batteryWh: connector.batteryWh };
    const flow = flowOf(supply, ev, { perPhaseA, phases: demand.gridPhases.length });
    result.set(connector.connectorId, { isOffered, flow, offeredA, offeredW });
  });
  return result;
}

const MS_PER_HOUR = 3_600_000;

/**
 * When the plan changes by itself at the earliest. Where that depends on energy it is the time that is certainly
 * left; by then at least nine tenths of the energy have flowed, so that asking again soon gets there.
 */
export function nextPowerChangeMs(state: ChargePointState, plan: PowerPlan): number {
  const { supply } = state.options.description;
  let nextMs = plan.untilMs;
  for (const connector of connectorsOf(state)) {
    const { flow } = outletPower(plan, connector);
    if (flow === undefined) continue;
    const powerMaxW = flow.currentA * flow.phases * (flow.dcVoltageV ?? supply.voltageV);
    const untilChangeWh = energyUntilChangeWh(state, connector);
    nextMs = Math.min(nextMs, state.meteredAtSimulatedMs + untilChangeWh / powerMaxW * MS_PER_HOUR);
  }
  return nextMs;
}

/** How much energy the EV can take, and may be given. */
export function roomWh(state: ChargePointState, connector: Connector): number {
  const { transaction, registerWh, batteryWh } = connector;
  const allowedWh = (transaction?.energyEndsAtWh ?? Infinity) - registerWh;
  return Math.min(vehicleOf(state, connector).batteryCapacityWh - batteryWh, allowedWh);
}

/** How much energy flows until what the EV takes, or may be given, changes. */
function energyUntilChangeWh(state: ChargePointState, connector: Connector): number {
  const { supply } = state.options.description;
  const untilChangeWh = roomUntilChangeWh(supply, vehicleOf(state, connector), connector.batteryWh);
  return Math.min(untilChangeWh, roomWh(state, connector));
}
