/**
 * Everything that a Charge Point remembers, as plain data, and the turn in which one input is handled.
 *
 * The other files of this folder are functions of a turn. What is not marked otherwise is lost by a reset.
 * Units: instants ending in `AtMs` are real time unless their name says `simulated`; energies in Wh.
 */
import type { Action } from "../ocpp/action.ts";
import type { ChargingProfile } from "../ocpp/charging_profile.ts";
import type { MeterValue } from "../ocpp/meter_value.ts";
import { type Repair, repairedPath } from "../ocpp/repair_rule.ts";
import type { ChargePointErrorCode, ChargePointStatus, RegistrationStatus } from "../ocpp/types.ts";
import { invariant } from "../rpc/invariant.ts";
import { Peer } from "../rpc/peer.ts";
import type { Configuration } from "./configuration/configuration.ts";
import { initialConfiguration } from "./configuration/configuration_value.ts";
import type { ChargePointEffect, ChargePointEvent, ChargePointOptions, OrderedFailure } from "./contract.ts";
import {
  EMPTY_LIST,
  type GroupedIdTag,
  type IdTagInfos,
  type LocalList,
  NO_ID_TAGS,
} from "./authorization/id_tag_info.ts";
import type { AlignedInterval } from "./energy/clock_aligned.ts";
import type { GridLimit } from "./description.ts";
import type { InstalledProfile } from "./energy/installed_profile.ts";
import type { Reservation } from "./session/reservation.ts";
import type { LogLine } from "./maintenance/log_book.ts";
import { INITIAL_MAINTENANCE, type MaintenanceState } from "./maintenance/maintenance_state.ts";
import type { CallPurpose, WaitingCall } from "./link/outbox.ts";
import { initialSecurity, type SecurityState } from "./security/security_state.ts";
import { seededFraction } from "./seeded.ts";
import { simulatedAtMs, type TimeScale } from "./time_scale.ts";
import type { TransactionData } from "./transaction/transaction_data.ts";
import type { QueuedMessage } from "./transaction/transaction_queue.ts";
import type { VehicleDescription } from "./energy/vehicle_description.ts";

/** One input being handled: whose, when, and what it led to so far. */
export interface Turn {
  readonly state: ChargePointState;
  readonly nowMs: number;
  readonly effects: ChargePointEffect[];
}

/** A Charge Point. */
export interface ChargePointState {
  readonly options: ChargePointOptions;
  /** Simulated time begins with the first input. */
  scale: TimeScale | undefined;
  isPowered: boolean;
  isLinkUp: boolean;
  /** Outlives a reset. */
  configuration: Configuration;
  /** By connectorId; 0 is the Charge Point itself. */
  readonly connectors: readonly Connector[];
  readonly boot: BootState;
  /** The Call in flight. */
  readonly peer: Peer<CallPurpose>;
  /** Ordinary Calls that wait for the line. */
  waiting: readonly WaitingCall[];
  /** Messages that have to arrive, in order; outlives a reset. */
  messages: readonly QueuedMessage[];
  /** Those that run, and those that are over but have messages waiting; outlives a reset. */
  transactions: readonly Transaction[];
  /** Transaction-related messages sent since the line was last idle or carried something else. */
  messagesInARow: number;
  /** Numbers Calls of both kinds in the order in which they came to be. */
  callsMade: number;
  restart: Restart | undefined;
  /** Outlives a reset. */
  authorizationCache: IdTagInfos;
  /** Outlives a reset. */
  localList: LocalList;
  /** Outlive a reset. */
  reservations: readonly Reservation[];
  /** The button is a thing: it stays pressed, reset or not. */
  isEmergencyStopped: boolean;
  /** Outlive a reset. */
  orderedFailures: readonly OrderedFailure[];
  maintenance: MaintenanceState;
  security: SecurityState;
  /** See `log_book.ts`; outlives a reset. */
  log: LogLine[] | undefined;
  /** Until when all meters have counted. Simulated time. */
  meteredAtSimulatedMs: number;
  /** What the grid gives; `undefined`: anything. */
  gridLimit: GridLimit | undefined;
  /** Charging profiles in no particular order; outlives a reset. */
  profiles: readonly InstalledProfile[];
  /** The interval of clock-aligned readings that runs; `undefined` while there are to be none. */
  aligned: AlignedInterval | undefined;
  /** The ping interval that the host was told last; outlives a reset. */
  pingIntervalSeconds: number;
  /** Messages that came to be before this were waiting when we came online: the backlog. */
  backlogEnd: number;
  /** When the backlog would have come so far if it went evenly. */
  backlogPaceAtMs: number;
  readonly counters: Counters;
}

/** How far the registration with the Central System is. */
export interface BootState {
  /** The last answer since the last boot; `undefined` until there is one. */
  registration: RegistrationStatus | undefined;
  /** Whether any BootNotification was ever Accepted; outlives a reset. */
  wasAccepted: boolean;
  /** Not before this a BootNotification is sent. */
  nextBootAtMs: number;
  /** Whether the Central System had forgotten us on this link, and we have registered again for that. */
  hasRegisteredAgain: boolean;
  /** BootNotifications in a row that got no usable answer. */
  failures: number;
  nextHeartbeatAtMs: number;
}

/** One connector; as connector 0 only its status is used. Everything physical outlives a reset. */
export interface Connector {
  readonly connectorId: number;
  status: ChargePointStatus;
  errorCode: ChargePointErrorCode;
  statusSinceAtMs: number;
  /** What the Central System has acknowledged, e.g. `Available/NoError`. */
  told: string | undefined;
  /** A status that is not reported before it has lasted MinimumStatusDuration. */
  untold: UntoldStatus | undefined;
  /** By ChangeAvailability; outlives a reset. */
  isInoperative: boolean;
  /** What keeps the connector from charging. */
  fault: ChargePointErrorCode | undefined;
  /** What is wrong without keeping it from charging. */
  warning: ChargePointErrorCode | undefined;
  /** Whether the cable is in an EV. */
  isPlugged: boolean;
  isEvPaused: boolean;
  /** The EV that was plugged in, unless it is that of the description. */
  vehicle: VehicleDescription | undefined;
  batteryWh: number;
  /** The meter. Never runs backwards. */
  registerWh: number;
  /** The idTag that the Central System is being asked about. */
  authorizing: string | undefined;
  /** Who may start a transaction as soon as the cable is in. */
  authorized: Authorized | undefined;
  /** What a RemoteStartTransaction has brought for the transaction to come. */
  startProfile: ChargingProfile | undefined;
  transaction: Transaction | undefined;
  /** Why the connector is not free although the cable is in: after a transaction, or for lack of one. */
  finishing: "stopped" | "timedOut" | undefined;
  /** Whether the lock holds a cable in the Charge Point. */
  isLocked: boolean;
  /** What the lock fails to do. */
  lockJam: "lock" | "unlock" | "none";
  /** Who has to come forward to get the cable that is kept locked. */
  heldFor: Authorized | undefined;
}

/** A status that waits to be reported. `info` says why it came to be, for people. */
export interface UntoldStatus {
  readonly dueAtMs: number;
  readonly sinceSimulatedMs: number;
  readonly info: string | undefined;
}

/** An idTag that was accepted. */
export type Authorized = GroupedIdTag;

/** A transaction; kept for as long as a message of it waits. */
export interface Transaction {
  /** By which its messages and its connector know it; no other of this Charge Point has it. */
  readonly key: number;
  readonly connectorId: number;
  readonly idTag: string;
  parentIdTag: string | undefined;
  readonly meterStartWh: number;
  /** Given by the Central System; -1 when StartTransaction was given up; `undefined` until then. */
  transactionId: number | undefined;
  /**
   * The reading at which energy stops, once the Central System has refused the idTag: MaxEnergyOnInvalidId is
   * delivered still. Units: Wh.
   */
  energyEndsAtWh: number | undefined;
  /** The reading at the start, for StopTransaction; outlives the transaction's reset. */
  readonly beginning: MeterValue | undefined;
  /** The readings since then, for StopTransaction. */
  data: TransactionData | undefined;
  /** Where schedules begin that are relative to the start of charging. */
  readonly startedAtSimulatedMs: number;
  /** The register at the last sample. */
  sampledAtWh: number;
  nextSampleAtMs: number;
}

/** A reset, or the end of power, under way: first what waits is delivered, then the Charge Point is off for a moment. */
export interface Restart {
  readonly type: "Soft" | "Hard" | "Watchdog" | "FactoryReset" | "PowerLoss";
  readonly phase: "delivering" | "retrying" | "off";
  /** When the phase ends at the latest. */
  readonly untilAtMs: number;
  /** How often it has failed. */
  readonly failures: number;
}

/** What happened since power on, for whoever watches. */
export interface Counters {
  callsSent: number;
  callsAnswered: number;
  callsFailed: number;
  callsReceived: number;
  framesIgnored: number;
  messagesLost: number;
}

/** A Charge Point that has just been built: no power, no link, nothing plugged in. */
export function createState(options: ChargePointOptions): ChargePointState {
  const connectors: Connector[] = [];
  for (let connectorId = 0; connectorId <= options.description.connectors; connectorId++) {
    connectors.push(createConnector(connectorId, options));
  }
  return {
    options,
    scale: undefined,
    isPowered: false,
    isLinkUp: false,
    configuration: initialConfiguration(options),
    connectors,
    boot: {
      registration: undefined,
      wasAccepted: false,
      nextBootAtMs: 0,
      hasRegisteredAgain: false,
      failures: 0,
      nextHeartbeatAtMs: Infinity,
    },
    peer: new Peer<CallPurpose>({ maxWaiting: 0 }),
    waiting: NONE,
    messages: NONE,
    transactions: NONE,
    messagesInARow: 0,
    callsMade: 0,
    restart: undefined,
    authorizationCache: NO_ID_TAGS,
    localList: EMPTY_LIST,
    reservations: NONE,
    isEmergencyStopped: false,
    orderedFailures: NONE,
    maintenance: INITIAL_MAINTENANCE,
    security: initialSecurity(options.security),
    log: undefined,
    meteredAtSimulatedMs: 0,
    gridLimit: undefined,
    profiles: NONE,
    aligned: undefined,
    pingIntervalSeconds: 0,
    backlogEnd: 0,
    backlogPaceAtMs: 0,
    counters: {
      callsSent: 0,
      callsAnswered: 0,
      callsFailed: 0,
      callsReceived: 0,
      framesIgnored: 0,
      messagesLost: 0,
    },
  };
}

/** A list of nothing, shared by all Charge Points. */
export const NONE: readonly never[] = [];

/** The greatest reading of a meter that was in use before. Units: Wh. */
const REGISTER_AT_FIRST_WH_MAX = 20_000_000;

function createConnector(connectorId: number, options: ChargePointOptions): Connector {
  return {
    connectorId,
    status: "Available",
    errorCode: "NoError",
    statusSinceAtMs: 0,
    told: undefined,
    untold: undefined,
    isInoperative: false,
    fault: undefined,
    warning: undefined,
    isPlugged: false,
    isEvPaused: false,
    vehicle: undefined,
    batteryWh: 0,
    registerWh: Math.floor(REGISTER_AT_FIRST_WH_MAX * seededFraction(options.seed, connectorId)),
    authorizing: undefined,
    authorized: undefined,
    startProfile: undefined,
    transaction: undefined,
    finishing: undefined,
    isLocked: false,
    lockJam: options.description.lockJam ?? "none",
    heldFor: undefined,
  };
}

/** The connectors above 0. */
export function connectorsOf(state: ChargePointState): readonly Connector[] {
  return state.connectors.slice(1);
}

/** A connector above 0 by its id, if there is one. */
export function connectorOf(state: ChargePointState, connectorId: number): Connector | undefined {
  return connectorId > 0 ? state.connectors[connectorId] : undefined;
}

/** The Charge Point itself as connector 0. */
export function connectorZero(state: ChargePointState): Connector {
  const connector = state.connectors[0];
  invariant(connector !== undefined, `${state.options.identity} has no connector 0`);
  return connector;
}

/** Whether Calls of every kind may be sent: the link is up and the Central System has accepted us. */
export function isOnline(state: ChargePointState): boolean {
  return state.isLinkUp && state.boot.registration === "Accepted" && isRunning(state);
}

/** Whether the Charge Point has power and is not between going down and coming back. */
export function isRunning({ isPowered, restart }: ChargePointState): boolean {
  return isPowered && restart?.phase !== "off";
}

/** How simulated time runs here. */
export function scaleOf({ scale, options }: ChargePointState): TimeScale {
  invariant(scale !== undefined, `${options.identity} was asked for the time before its first input`);
  return scale;
}

/** The simulated instant of a turn, for payloads and everything that belongs to charging. */
export function simulatedNowMs({ state, nowMs }: Turn): number {
  return simulatedAtMs(scaleOf(state), nowMs);
}

/** Tells whoever watches. */
export function emit(turn: Turn, event: ChargePointEvent): void {
  turn.effects.push({ kind: "event", event });
}

/** Tells what had to be repaired in a message of the Central System. */
export function emitDeviations(
  turn: Turn,
  { repairs, ...about }: { uniqueId: string; action: Action; repairs: readonly Repair[] },
): void {
  for (const repair of repairs) {
    const { rule, detail, spec } = repair;
    emit(turn, { kind: "deviation", ...about, rule, path: repairedPath(repair), detail, spec });
  }
}

/** The number of a Call that comes to be now. */
export function nextOrder({ state }: Turn): number {
  return state.callsMade++;
}
