/**
 * What a Charge Point does when it starts, after a power cut, a reset or a restart of the program alike.
 *
 * It finds what was stored and the physical world as it is now. A transaction that was running when the power went
 * is stopped with its last stored reading, or goes on, as the description says; after a reset there is none.
 * Statuses follow from the facts anew: no change of status is told for what happened without power, all of them are
 * told once the Central System has accepted the boot.
 * Spec: OCPP 1.6 §4.2, §4.9, §4.10 (PowerLoss).
 */
import { isOn } from "../configuration/configuration.ts";
import { endReservationsOf, faultOf, statusOf } from "../session/connector_status.ts";
import { openLink } from "../link/link_parameters.ts";
import { securityEvent } from "../security/security_event.ts";
import {
  type Connector,
  connectorsOf,
  connectorZero,
  emit,
  scaleOf,
  simulatedNowMs,
  type Turn,
} from "../state.ts";
import { realAtMs } from "../time_scale.ts";
import { resumeTransaction, stopTransaction } from "../transaction/transaction.ts";

/** Starts; nothing volatile is left of what was before. */
export function startUp(turn: Turn): void {
  const { state } = turn;
  state.isPowered = true;
  const storedAtMs = realAtMs(scaleOf(state), state.meteredAtSimulatedMs);
  state.meteredAtSimulatedMs = simulatedNowMs(turn); // nothing flowed meanwhile
  const zero = connectorZero(state);
  if (zero.warning === "ResetFailure") zero.warning = undefined;
  emit(turn, { kind: "started" });
  for (const connector of state.connectors) {
    connector.status = statusOf(state, connector);
    connector.errorCode = faultOf(state, connector) ?? connector.warning ?? "NoError";
    connector.statusSinceAtMs = turn.nowMs;
  }
  for (const connector of state.connectors) {
    const { status } = connector; // it may have broken without power
    if (status === "Faulted" || status === "Unavailable") endReservationsOf(turn, connector, status);
  }
  for (const connector of connectorsOf(state)) findTransaction(turn, connector, storedAtMs);
  if (state.security.isExtensionRefused) {
    state.security = { ...state.security, isExtensionRefused: false };
  }
  securityEvent(turn, "StartupOfTheDevice");
  openLink(turn);
}

/** `storedAtMs` is when its meter was stored last. */
function findTransaction(turn: Turn, connector: Connector, storedAtMs: number): void {
  if (connector.transaction === undefined) return;
  const { configuration, options } = turn.state;
  if (options.description.atPowerLoss !== "resume") {
    // As if it had been stopped then; a clock that was set back makes no difference.
    const then = { ...turn, nowMs: Math.min(storedAtMs, turn.nowMs) };
    return stopTransaction(then, connector, { reason: "PowerLoss" });
  }
  if (connector.status === "Faulted") {
    const reason = turn.state.isEmergencyStopped ? "EmergencyStop" : "Other";
    return stopTransaction(turn, connector, { reason });
  }
  if (!connector.isPlugged && isOn(configuration, "StopTransactionOnEVSideDisconnect")) {
    return stopTransaction(turn, connector, { reason: "EVDisconnected" });
  }
  resumeTransaction(turn, connector);
}
