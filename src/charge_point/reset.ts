/**
 * Restarting: Soft ends transactions gracefully and lets what waits be delivered, Hard does not.
 *
 * Rules: either way running transactions are stopped, and their StopTransaction survives in the queue. What a
 * real Charge Point keeps in memory only is gone afterwards; availability, configuration, queue and everything
 * physical stay.
 * Spec: OCPP 1.6 §5.14 Reset.
 */
import { forgetRegistration } from "./boot.ts";
import { cancelSession } from "./charging_session.ts";
import { interruptWork } from "./interruption.ts";
import { linkDown } from "./link.ts";
import { openLink } from "./link_parameters.ts";
import { securityEvent } from "./security_event.ts";
import { type ChargePointState, connectorsOf, emit, type Turn } from "./state.ts";
import { stopTransaction } from "./transaction.ts";

/** How long a soft reset waits for the Central System to take what is due. */
export const RESET_DELIVERY_SECONDS_MAX = 15;

/** How long a restart takes. */
export const REBOOT_SECONDS = 5;

/** The mains are on, or back. */
export function powerOn(turn: Turn): void {
  const { state } = turn;
  if (state.isPowered) return;
  state.isPowered = true;
  startUp(turn);
}

function startUp(turn: Turn): void {
  const { state } = turn;
  if (state.security.isExtensionRefused) {
    state.security = { ...state.security, isExtensionRefused: false };
  }
  securityEvent(turn, "StartupOfTheDevice");
  openLink(turn);
}

/** Begins a restart; a hard one cuts a soft one short. */
export function reset(turn: Turn, type: "Soft" | "Hard"): void {
  const { state } = turn;
  if (state.restart?.phase === "off" || state.restart?.type === type) return;
  emit(turn, { kind: "restarting", type });
  securityEvent(turn, "ResetOrReboot", type);
  const reason = type === "Soft" ? "SoftReset" : "HardReset";
  const untilAtMs = turn.nowMs + RESET_DELIVERY_SECONDS_MAX * 1_000;
  state.restart = { type, phase: "delivering", untilAtMs };
  for (const connector of connectorsOf(state)) {
    stopTransaction(turn, connector, { reason });
    cancelSession(turn, connector);
  }
  if (type === "Hard") goOff(turn);
}

/** Takes the next step of a restart when it is time. */
export function restartIfDue(turn: Turn): void {
  const { restart } = turn.state;
  if (restart === undefined) return;
  const isOver = turn.nowMs >= restart.untilAtMs;
  if (restart.phase === "off") {
    if (isOver) comeBack(turn);
  } else if (isOver || hasNothingToDeliver(turn.state)) {
    goOff(turn);
  }
}

/** When the next step is due at the latest. */
export function restartDeadlineMs({ restart }: ChargePointState): number {
  return restart?.untilAtMs ?? Infinity;
}

function hasNothingToDeliver({ isLinkUp, waiting, messages, peer }: ChargePointState): boolean {
  return !isLinkUp || (waiting.length === 0 && messages.length === 0 && peer.inFlight === undefined);
}

function goOff(turn: Turn): void {
  const { state } = turn;
  linkDown(turn);
  interruptWork(turn);
  turn.effects.push({ kind: "closeLink", reason: "restarting" });
  const type = state.restart?.type ?? "Hard";
  state.restart = { type, phase: "off", untilAtMs: turn.nowMs + REBOOT_SECONDS * 1_000 };
  forgetRegistration(turn);
}

function comeBack(turn: Turn): void {
  const { state } = turn;
  state.restart = undefined;
  startUp(turn);
}
