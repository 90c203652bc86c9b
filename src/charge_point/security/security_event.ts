/**
 * Security events: all are logged, the critical ones are told to the Central System.
 *
 * Rules: besides the critical ones those are told that the requirements say SHALL be sent although the list calls them
 * not critical. A Central System that may never have heard of the extension is told nothing: SecurityProfile has to be
 * above 0, or it has sent a Call of the extension; and after it refused an event, it gets none until the next restart.
 * Bound: `SECURITY_LOG_MAX`; beyond it the oldest entry goes.
 * Spec: Security, SecurityEventNotification and the list of events. SettingSystemTime never happens here: the simulator
 * takes its clock from the machine and obeys no `currentTime`.
 */
import { dateTimeOf } from "../../ocpp/date_time.ts";
import { integer } from "../configuration/configuration.ts";
import { hasProfile } from "../description.ts";
import { type ChargePointState, emit, simulatedNowMs, type Turn } from "../state.ts";
import { dropNotices, NO_ROOM, queueNotice } from "../transaction/transaction_queue.ts";

/** The most entries of the security log. */
export const SECURITY_LOG_MAX = 200;

/** The longest type and techInfo. */
export const EVENT_TYPE_MAX_LENGTH = 50;
export const TECH_INFO_MAX_LENGTH = 255;

/** The events of the specification, and whether they are told. */
export const SECURITY_EVENTS = {
  FirmwareUpdated: true,
  FailedToAuthenticateAtCentralSystem: false,
  CentralSystemFailedToAuthenticate: false,
  SettingSystemTime: true,
  StartupOfTheDevice: true,
  ResetOrReboot: true,
  SecurityLogWasCleared: true,
  ReconfigurationOfSecurityParameters: false,
  MemoryExhaustion: true,
  InvalidMessages: false,
  AttemptedReplayAttacks: false,
  TamperDetectionActivated: true,
  InvalidFirmwareSignature: true, // not critical, yet SHALL be sent
  InvalidFirmwareSigningCertificate: true, // likewise
  InvalidCentralSystemCertificate: true, // likewise
  InvalidChargePointCertificate: true, // likewise
  InvalidTLSVersion: false,
  InvalidTLSCipherSuite: false,
} as const;

export type SecurityEventType = keyof typeof SECURITY_EVENTS;

/** Something happened that the security log is for. */
export function securityEvent(turn: Turn, type: SecurityEventType, techInfo?: string): void {
  anySecurityEvent(turn, type, techInfo);
}

/** The same of a type that the specification may not name: it is logged only. */
export function anySecurityEvent(turn: Turn, type: string, techInfo?: string): void {
  const { state } = turn;
  if (type === "" || !hasProfile(state.options.description, "Security")) return;
  const atSimulatedMs = simulatedNowMs(turn);
  const entry = {
    atSimulatedMs,
    type: type.slice(0, EVENT_TYPE_MAX_LENGTH),
    techInfo: techInfo?.slice(0, TECH_INFO_MAX_LENGTH),
  };
  const securityLog = [...state.maintenance.securityLog, entry].slice(-SECURITY_LOG_MAX);
  state.maintenance = { ...state.maintenance, securityLog };
  const isTold = isToldOf(type) && mayTell(state);
  const about = { type: entry.type, ...(entry.techInfo === undefined ? {} : { techInfo: entry.techInfo }) };
  emit(turn, { kind: "securityEvent", ...about, isTold });
  if (!isTold) return;
  const payload = { ...about, timestamp: dateTimeOf(atSimulatedMs) };
  queueNotice(turn, { action: "SecurityEventNotification", payload });
}

function isToldOf(type: string): boolean {
  return Object.hasOwn(SECURITY_EVENTS, type) && SECURITY_EVENTS[type as SecurityEventType];
}

function mayTell({ configuration, security }: ChargePointState): boolean {
  if (security.isExtensionRefused) return false;
  return security.isExtensionKnown || integer(configuration, "SecurityProfile") > 0;
}

/** Looks for what else a turn led to that the security log is for. */
export function watch(turn: Turn): void {
  for (const effect of turn.effects) {
    if (effect.kind !== "event" || effect.event.kind !== "messageLost") continue;
    const { action, reason } = effect.event;
    if (reason === NO_ROOM) securityEvent(turn, "MemoryExhaustion", `${action} is lost`);
  }
}

/** The Central System has sent a Call of the extension. */
export function noteExtensionKnown({ state }: Turn): void {
  if (state.security.isExtensionKnown) return;
  state.security = { ...state.security, isExtensionKnown: true };
}

/** The Central System has answered an event with NotImplemented or NotSupported: what waits would fare no better. */
export function noteExtensionRefused(turn: Turn): void {
  const { state } = turn;
  state.security = { ...state.security, isExtensionRefused: true };
  dropNotices(turn, "SecurityEventNotification");
}
