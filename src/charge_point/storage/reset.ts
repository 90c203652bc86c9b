/**
 * Going down: resets of every kind, and the mains failing.
 *
 * Rules: running transactions are stopped first, and their StopTransaction survives in the queue. A soft reset and
 * a reset to factory state wait for what is due to be delivered, for a while and only if it can be; a hard one and
 * the watchdog do not. What a real Charge Point keeps in memory only is gone afterwards: it is built anew from what
 * is stored, see `rebuild`. A reset that fails, which has to be ordered, is tried again ResetRetries times.
 * When the mains fail, what the description has under `atPowerLoss` is done: `stopBeforeGoingDown` stops what runs
 * and has a moment to tell; else the transactions are found when it starts (`startup.ts`).
 * Spec: OCPP 1.6 §5.14 Reset, §9.1.22 ResetRetries, §7.6 ResetFailure, §7.36 Reason.
 */
import type { Reason } from "../../ocpp/types.ts";
import { cancelSession } from "../session/charging_session.ts";
import { integer } from "../configuration/configuration.ts";
import { updateStatus } from "../session/connector_status.ts";
import { rebuild, rebuildFromFactory } from "./durable.ts";
import { interruptWork } from "../maintenance/interruption.ts";
import { linkDown } from "../link/link.ts";
import { takeOrderedFailure } from "../maintenance/ordered_failure.ts";
import { securityEvent } from "../security/security_event.ts";
import { startUp } from "./startup.ts";
import {
  type ChargePointState,
  connectorsOf,
  connectorZero,
  emit,
  isOnline,
  type Restart,
  type Turn,
} from "../state.ts";
import { stopTransaction } from "../transaction/transaction.ts";
import { loseAllMessages } from "../transaction/transaction_queue.ts";

/** How long a reset waits for the Central System to take what is due. */
export const RESET_DELIVERY_SECONDS_MAX = 15;

/** How long a restart takes. */
export const REBOOT_SECONDS = 5;

/** How long a Charge Point waits before it tries a reset again that failed. */
export const RESET_RETRY_SECONDS = 5;

/** How long the energy lasts that is left when the mains fail. */
export const POWER_RESERVE_SECONDS = 1;

/** What is told as the reason of the transactions that are stopped. */
const REASONS: Readonly<Record<Restart["type"], Reason>> = {
  Soft: "SoftReset",
  Hard: "HardReset",
  Watchdog: "Reboot",
  FactoryReset: "Reboot",
  PowerLoss: "PowerLoss",
};

/** Those that give the Central System time to take what is due. */
const PATIENT: ReadonlySet<Restart["type"]> = new Set(["Soft", "FactoryReset", "PowerLoss"]);

/** The mains are on, or back. */
export function powerOn(turn: Turn): void {
  const { state } = turn;
  if (!state.isPowered) return startUp(turn);
  // Back before it went dark: too late to stay up, but it comes back by itself.
  if (state.restart?.type === "PowerLoss") state.restart = { ...state.restart, type: "Watchdog" };
}

/** The mains fail. */
export function powerOff(turn: Turn): void {
  const { state } = turn;
  if (!state.isPowered || state.restart?.type === "PowerLoss") return;
  const mayStop = state.restart?.phase !== "off" &&
    state.options.description.atPowerLoss === "stopBeforeGoingDown";
  if (!mayStop) return goDark(turn);
  begin(turn, "PowerLoss", POWER_RESERVE_SECONDS);
}

/** Begins a restart; one that does not wait cuts one short that does. */
export function reset(turn: Turn, type: "Soft" | "Hard" | "Watchdog" | "FactoryReset"): void {
  const { restart } = turn.state;
  if (restart?.phase === "off" || restart?.type === "PowerLoss" || restart?.type === type) return;
  if (restart?.type === "FactoryReset") return PATIENT.has(type) ? undefined : goOff(turn);
  if (restart !== undefined && type === "Soft") return;
  emit(turn, { kind: "restarting", type });
  securityEvent(turn, "ResetOrReboot", type);
  begin(turn, type, RESET_DELIVERY_SECONDS_MAX);
  if (!PATIENT.has(type)) goOff(turn);
}

function begin(turn: Turn, type: Restart["type"], seconds: number): void {
  const { state, nowMs } = turn;
  state.restart = { type, phase: "delivering", untilAtMs: nowMs + seconds * 1_000, failures: 0 };
  for (const connector of connectorsOf(state)) {
    stopTransaction(turn, connector, { reason: REASONS[type] });
    cancelSession(turn, connector);
  }
}

/** Takes the next step of a restart when it is time. */
export function restartIfDue(turn: Turn): void {
  const { restart } = turn.state;
  if (restart === undefined) return;
  const isOver = turn.nowMs >= restart.untilAtMs;
  if (restart.phase === "off") {
    if (isOver) comeBack(turn);
  } else if (isOver || (restart.phase === "delivering" && hasNothingToDeliver(turn.state))) {
    if (restart.type === "PowerLoss") goDark(turn);
    else goOff(turn);
  }
}

/** When the next step is due at the latest. */
export function restartDeadlineMs({ restart }: ChargePointState): number {
  return restart?.untilAtMs ?? Infinity;
}

/** Nothing waits, or nobody is there to take it. */
function hasNothingToDeliver(state: ChargePointState): boolean {
  const { waiting, messages, peer } = state;
  return !isOnline(state) || (waiting.length === 0 && messages.length === 0 && peer.inFlight === undefined);
}

function goOff(turn: Turn): void {
  const { state, nowMs } = turn;
  const restart = state.restart!;
  const mayFail = restart.type === "Soft" || restart.type === "Hard";
  if (mayFail && takeOrderedFailure(state, "reset")) return resetFailed(turn, restart);
  breakOff(turn, "restarting");
  if (restart.type === "FactoryReset") forgetEverything(turn);
  state.restart = { ...restart, phase: "off", untilAtMs: nowMs + REBOOT_SECONDS * 1_000 };
}

function resetFailed(turn: Turn, restart: Restart): void {
  const { state, nowMs } = turn;
  const failures = restart.failures + 1;
  if (failures <= integer(state.configuration, "ResetRetries")) {
    const untilAtMs = nowMs + RESET_RETRY_SECONDS * 1_000;
    state.restart = { ...restart, phase: "retrying", untilAtMs, failures };
    return;
  }
  state.restart = undefined;
  const zero = connectorZero(state);
  zero.warning = "ResetFailure";
  updateStatus(turn, zero);
}

/** At once, so that it is done even if the power goes, or the program ends, before the Charge Point is back. */
function forgetEverything(turn: Turn): void {
  loseAllMessages(turn, "reset to factory state");
  rebuildFromFactory(turn.state);
  turn.state.isPowered = true;
}

function comeBack(turn: Turn): void {
  rebuild(turn.state);
  startUp(turn);
}

/** Without power: what is stored and the world outside are all that is left. */
function goDark(turn: Turn): void {
  breakOff(turn, "power lost");
  emit(turn, { kind: "poweredOff" });
  rebuild(turn.state);
}

function breakOff(turn: Turn, reason: string): void {
  for (const connector of connectorsOf(turn.state)) {
    connector.authorizing = undefined; // or the end of the link would decide about it
    connector.authorized = undefined;
  }
  linkDown(turn);
  interruptWork(turn);
  turn.effects.push({ kind: "closeLink", reason });
}
