/**
 * What a connector, or the Charge Point as connector 0, may take over a time to come.
 *
 * It is the least of all limits at each moment: charging profiles, supply, Charge Point and grid. How connectors
 * share is not part of it, as it depends on who will charge. Connector 0 is the sum of its connectors, within what
 * they may take together. Where limits are in both units the other one is converted by the nominal voltage and the
 * phases in use. A period never allows more than any moment of it, so that limits which change between two seconds
 * are told early or late, whichever is less.
 * Bounds: ChargingScheduleMaxPeriods, and `STEPS_MAX` changes; `duration` says how far it got.
 * Spec: OCPP 1.6 §5.7, §7.13; errata 1.6 (no startSchedule).
 */
import type { ChargingSchedule } from "../../ocpp/charging_profile.ts";
import { integer } from "../configuration/configuration.ts";
import type { LimitAtMoment, ScheduledLimit } from "./installed_profile.ts";
import { sharedLimit, vehicleOf } from "./power.ts";
import { chargePointLimit, connectorLimit } from "./prevailing_limit.ts";
import { type ChargePointState, type Connector, connectorsOf } from "../state.ts";
import { appetiteOf, wattsPerA } from "./vehicle.ts";

type Unit = "A" | "W";

/** The most changes of a limit that are looked at. */
const STEPS_MAX = 2_000;

/** What is asked for. `unit` is chosen here where it is `undefined`. */
export interface CompositeRequest {
  readonly connector: Connector;
  readonly fromMs: number;
  readonly durationSeconds: number;
  readonly unit: Unit | undefined;
}

export function compositeSchedule(state: ChargePointState, request: CompositeRequest): ChargingSchedule {
  const { connector, fromMs, durationSeconds } = request;
  const unit = request.unit ?? usualUnit(state, connector, fromMs);
  const periodsMax = Math.max(1, integer(state.configuration, "ChargingScheduleMaxPeriods"));
  const spans = limitSpans(state, { connector, fromMs, durationSeconds, unit, spansMax: 2 * periodsMax });
  const coveredSeconds = Math.floor(spans.at(-1)?.toSeconds ?? 0);
  const periods = wholeSeconds(spans, coveredSeconds);
  const duration = periods[periodsMax]?.startPeriod ?? coveredSeconds;
  const phases = phasesOf(state, connector);
  return {
    duration,
    chargingRateUnit: unit,
    chargingSchedulePeriod: periods.slice(0, periodsMax).map((period) => ({
      ...period,
      ...(unit === "A" && phases !== 3 ? { numberPhases: phases } : {}),
    })),
  };
}

/** The unit of what limits it first, else A, or W for DC, where the current of the grid is nobody's concern. */
function usualUnit(state: ChargePointState, connector: Connector, atMs: number): Unit {
  const own = ownLimit(state, connector, { atMs, fromMs: atMs }).limit;
  const limit = own ?? chargePointLimit(state.profiles, atMs).limit;
  return limit?.unit ?? (state.options.description.supply.dc === undefined ? "A" : "W");
}

/** The limit over a time in which it stays the same. Units: seconds from the beginning, not whole ones. */
interface Span {
  readonly fromSeconds: number;
  toSeconds: number;
  readonly limit: number;
}

function limitSpans(
  state: ChargePointState,
  { connector, fromMs, durationSeconds, unit, spansMax }: CompositeRequest & { unit: Unit; spansMax: number },
): readonly Span[] {
  const endMs = fromMs + durationSeconds * 1_000;
  const spans: Span[] = [];
  let atMs = fromMs;
  for (let step = 0; step < STEPS_MAX && atMs < endMs; step++) {
    const { limit, untilMs } = compositeLimit(state, connector, { atMs, fromMs, unit });
    const toSeconds = (Math.min(untilMs, endMs) - fromMs) / 1_000;
    const last = spans.at(-1);
    if (last?.limit === limit) last.toSeconds = toSeconds;
    else if (spans.length === spansMax) break;
    else spans.push({ fromSeconds: (atMs - fromMs) / 1_000, toSeconds, limit });
    atMs = untilMs;
  }
  return spans;
}

/** Periods that begin with whole seconds. */
function wholeSeconds(
  spans: readonly Span[],
  endSeconds: number,
): { startPeriod: number; limit: number }[] {
  const starts = new Set(
    spans.flatMap(({ fromSeconds }) => [Math.floor(fromSeconds), Math.ceil(fromSeconds)]),
  );
  const sorted = [...starts].filter((start) => start < endSeconds).toSorted((one, other) => one - other);
  const periods: { startPeriod: number; limit: number }[] = [];
  sorted.forEach((startPeriod, index) => {
    const end = sorted[index + 1] ?? endSeconds;
    const within = spans.filter(({ fromSeconds, toSeconds }) => fromSeconds < end && toSeconds > startPeriod);
    const limit = Math.min(...within.map((span) => span.limit));
    if (periods.at(-1)?.limit !== limit) periods.push({ startPeriod, limit });
  });
  return periods;
}

/** When: a moment of the time that begins with `fromMs`. */
interface When {
  readonly atMs: number;
  readonly fromMs: number;
}

function compositeLimit(
  state: ChargePointState,
  connector: Connector,
  { unit, ...when }: When & { readonly unit: Unit },
): { readonly limit: number; readonly untilMs: number } {
  const shared = sharedLimit(state, when.atMs);
  let { untilMs } = shared;
  const ofConnector = (one: Connector) => {
    const own = ownLimit(state, one, when);
    untilMs = Math.min(untilMs, own.untilMs);
    const { supply } = state.options.description;
    const perA = wattsPerA(supply, phasesOf(state, one));
    return Math.min(
      inUnit(own.limit, { unit, perA }),
      unit === "A" ? supply.maxCurrentA : supply.maxCurrentA * perA,
    );
  };
  const all = connector.connectorId === 0 ? connectorsOf(state) : [connector];
  const sum = all.reduce((total, one) => total + ofConnector(one), 0);
  const perA = wattsPerA(state.options.description.supply, phasesOf(state, connector));
  const limit = unit === "A"
    ? Math.min(sum, shared.currentA, shared.powerW / perA)
    : Math.min(sum, shared.powerW, shared.currentA * perA);
  return { limit: Math.floor(limit * 10 + 1e-6) / 10, untilMs };
}

function inUnit(
  limit: ScheduledLimit | undefined,
  { unit, perA }: { readonly unit: Unit; readonly perA: number },
): number {
  if (limit === undefined) return Infinity;
  if (limit.unit === unit) return limit.limit;
  return unit === "A" ? limit.limit / perA : limit.limit * perA;
}

/** What limits one connector alone; charging that has not begun is taken to begin with the time asked for. */
function ownLimit(state: ChargePointState, connector: Connector, { atMs, fromMs }: When): LimitAtMoment {
  const { connectorId, transaction } = connector;
  return connectorLimit(state.profiles, {
    connectorId,
    atMs,
    chargingStartMs: transaction?.startedAtSimulatedMs ?? fromMs,
    isInTransaction: transaction !== undefined,
  });
}

/** The phases that are in use, or could be. */
function phasesOf(state: ChargePointState, connector: Connector): number {
  const { supply } = state.options.description;
  if (connector.connectorId === 0 || !connector.isPlugged) return supply.phases;
  return appetiteOf(supply, vehicleOf(state, connector), connector.batteryWh).phases;
}
