/**
 * A Charge Point: inputs in, effects out, and when it wants to be woken.
 *
 * It composes the other files of this folder, each of which is functions of a turn over the plain data of
 * `state.ts`. A turn is always the same: meters count up to now, the input is taken, what is due is done, and
 * the next Call leaves if the line is free.
 */
import type { ConfigurationKey } from "../ocpp/configuration_key.ts";
import type { ChargePointStatus, RegistrationStatus } from "../ocpp/types.ts";
import { setConfiguration } from "./configuration/change_configuration.ts";
import { plugIn, presentIdTag, setEvPaused, unplug } from "./session/charging_session.ts";
import { jamLock } from "./session/cable_lock.ts";
import { sendDataTransfer } from "./link/data_transfer.ts";
import type { ChargePointEffect, ChargePointInput, ChargePointOptions, LinkDownCause } from "./contract.ts";
import { requestCertificate } from "./security/charge_point_certificate.ts";
import { durableOf, optionsWith, restore, type StoredState } from "./storage/durable.ts";
import { readAlignedIfDue } from "./energy/clock_aligned.ts";
import { clearFault, emergencyStop, raiseFault } from "./session/fault.ts";
import { takeFrame } from "./incoming_frame.ts";
import { jobDone } from "./job_result.ts";
import { linkDown, linkUp, tellPingInterval } from "./link/link.ts";
import { linkNotHad, linkProven } from "./link/link_parameters.ts";
import { noteEvents } from "./maintenance/log_book.ts";
import { anySecurityEvent, watch } from "./security/security_event.ts";
import { settleMeters } from "./energy/metering.ts";
import { limitGrid } from "./energy/power.ts";
import { sendNext } from "./link/outbox.ts";
import { orderFailure } from "./maintenance/ordered_failure.ts";
import { powerOff, powerOn, reset } from "./storage/reset.ts";
import { doWhatIsDue, nextDeadlineMs } from "./schedule.ts";
import {
  type ChargePointState,
  connectorOf,
  connectorsOf,
  connectorZero,
  type Counters,
  createState,
  isOnline,
  isRunning,
  type Turn,
} from "./state.ts";
import { scaleFrom } from "./time_scale.ts";
import {
  type ChargePointView,
  chargePointView,
  type ConfigurationKeyView,
  configurationView,
  type ConnectorView,
  viewOf,
} from "./view.ts";

/** One simulated Charge Point; see `contract.ts` for what comes in and goes out. */
export class ChargePoint {
  readonly #state: ChargePointState;

  /**
   * With `stored` it is the Charge Point that it was.
   *
   * Errors: `InvariantError` for a configuration that `configuration_value.ts` refuses; `StoredStateError` for
   * what was stored and cannot be understood.
   */
  constructor(options: ChargePointOptions, stored?: StoredState) {
    this.#state = createState(stored === undefined ? options : optionsWith(options, stored));
    if (stored !== undefined) restore(this.#state, stored);
  }

  /** Everything that is to outlive power, as of the last input; see `durable.ts`. */
  durable(): StoredState {
    return durableOf(this.#state);
  }

  /** Takes one input; the effects are to be carried out in their order. Nothing that comes in makes it throw. */
  handle(input: ChargePointInput, nowMs: number): readonly ChargePointEffect[] {
    const state = this.#state;
    state.scale = scaleFrom(state.scale, { nowMs, speed: state.options.speed });
    const turn: Turn = { state, nowMs, effects: [] };
    if (isRunning(state)) {
      settleMeters(turn);
      readAlignedIfDue(turn);
    }
    take(turn, input);
    doWhatIsDue(turn);
    watch(turn);
    sendNext(turn);
    tellPingInterval(turn);
    noteEvents(turn);
    return turn.effects;
  }

  /** When it wants a `deadline` input; `Infinity` while it waits for others only. */
  deadlineMs(): number {
    return nextDeadlineMs(this.#state);
  }

  /** How far the registration is; `undefined` before the first answer since the last boot. */
  get registration(): RegistrationStatus | undefined {
    return this.#state.boot.registration;
  }

  /** Whether the link is up and the Central System has accepted us. */
  get isOnline(): boolean {
    return isOnline(this.#state);
  }

  /** Everything that may be seen of it; no secrets. */
  view(): ChargePointView {
    return chargePointView(this.#state);
  }

  /** Its configuration keys; no secrets. */
  configurationView(): readonly ConfigurationKeyView[] {
    return configurationView(this.#state);
  }

  /** The connectors above 0. */
  get connectors(): readonly ConnectorView[] {
    return connectorsOf(this.#state).map((connector) => viewOf(this.#state, connector));
  }

  /** The status of the Charge Point itself. */
  get status(): ChargePointStatus {
    return connectorZero(this.#state).status;
  }

  /** Transaction-related messages that wait for the Central System. */
  get queueLength(): number {
    return this.#state.messages.length;
  }

  get counters(): Readonly<Counters> {
    return this.#state.counters;
  }

  /** Whether a configuration key has this value: the only thing to be learnt of a secret one. */
  hasConfiguration(key: ConfigurationKey, value: string): boolean {
    return this.#state.configuration[key] === value;
  }

  /** Every configuration key with its value, but for the secret one. */
  get configuration(): Readonly<Record<string, string>> {
    const { AuthorizationKey: _secret, ...others } = this.#state.configuration;
    return others;
  }
}

/** What happens although there is no power; all else happens to a Charge Point that runs. */
const HAPPENS_ANYWAY: ReadonlySet<ChargePointInput["kind"]> = new Set([
  ...["powerOn", "powerOff", "linkUp", "linkDown", "frame", "deadline", "plugIn", "unplug"] as const,
  ...["presentIdTag", "evPause", "evResume", "fault", "clearFault", "jamLock", "gridLimit"] as const,
  ...["emergencyStop", "orderFailure"] as const,
]);

function take(turn: Turn, input: ChargePointInput): void {
  if (!isRunning(turn.state) && !HAPPENS_ANYWAY.has(input.kind)) return;
  switch (input.kind) {
    case "powerOn":
      return powerOn(turn);
    case "linkUp":
      return takeLinkUp(turn);
    case "linkDown":
      return takeLinkDown(turn, input.cause);
    case "jobDone":
      return jobDone(turn, input);
    case "securityEvent":
      return takeSecurityEvent(turn, input);
    case "renewCertificate":
      return requestCertificate(turn);
    case "frame":
      return takeFrame(turn, input.text);
    case "powerOff":
      return powerOff(turn);
    case "watchdog":
      return reset(turn, "Watchdog");
    case "factoryReset":
      return reset(turn, "FactoryReset");
    case "orderFailure":
      return orderFailure(turn, input.failure);
    case "deadline":
      return;
    case "gridLimit":
      return limitGrid(turn, input);
    case "emergencyStop":
      return emergencyStop(turn);
    case "sendDataTransfer": {
      const { kind: _, ...payload } = input;
      return sendDataTransfer(turn, payload);
    }
    case "setConfiguration":
      return setConfiguration(turn, { key: input.key, value: input.value });
    case "presentIdTag":
      return presentIdTag(turn, { idTag: input.idTag, connectorId: input.connectorId });
    default:
      return takeAtConnector(turn, input);
  }
}

function takeLinkUp(turn: Turn): void {
  linkUp(turn);
  if (turn.state.isLinkUp) linkProven(turn);
}

/** Only a link that could not be had is a failure of how it is secured. */
function takeLinkDown(turn: Turn, cause: LinkDownCause | undefined): void {
  const wasUp = turn.state.isLinkUp;
  linkDown(turn);
  if (!wasUp && turn.state.isPowered) linkNotHad(turn, cause);
}

function takeSecurityEvent(turn: Turn, { type, techInfo }: { type: string; techInfo?: string }): void {
  if (turn.state.isPowered) anySecurityEvent(turn, type, techInfo);
}

type ConnectorInput = Extract<
  ChargePointInput,
  { kind: "plugIn" | "unplug" | "evPause" | "evResume" | "fault" | "clearFault" | "jamLock" }
>;

/** A connector that does not exist cannot be touched: nothing happens. */
function takeAtConnector(turn: Turn, input: ConnectorInput): void {
  const { state } = turn;
  if (input.kind === "fault" || input.kind === "clearFault") {
    const connector = state.connectors[input.connectorId];
    if (connector === undefined) return;
    return input.kind === "fault"
      ? raiseFault(turn, connector, input.errorCode)
      : clearFault(turn, connector);
  }
  const connector = connectorOf(state, input.connectorId);
  if (connector === undefined) return;
  switch (input.kind) {
    case "plugIn":
      return plugIn(turn, connector, input.vehicle);
    case "unplug":
      return unplug(turn, connector);
    case "evPause":
      return setEvPaused(turn, connector, true);
    case "evResume":
      return setEvPaused(turn, connector, false);
    case "jamLock":
      return jamLock(turn, connector, input.jam);
  }
}
