/**
 * A Call of the Central System: checked, handled, answered, and then what follows from it.
 *
 * Rules: known Actions without support get NotSupported, unknown ones NotImplemented (OCPP-J 1.6 §4.2.3). While
 * the Central System rejects us it is not answered at all (OCPP 1.6 §4.2).
 */
import { type Action, ACTIONS, isAction, maySend } from "../ocpp/action.ts";
import { callErrorFor, type CallFault } from "../ocpp/call_error.ts";
import { fieldFaults } from "../ocpp/field_rule.ts";
import { type Call, callErrorText, callResultText } from "../ocpp/frame.ts";
import type { Req } from "../ocpp/registry.ts";
import { redactedPayload } from "../ocpp/redaction.ts";
import { readReq } from "../ocpp/repair.ts";
import { clearCache } from "./authorization/authorization_cache.ts";
import { changeAvailability } from "./session/availability.ts";
import { changeConfiguration, getConfiguration } from "./configuration/change_configuration.ts";
import { certificateSigned } from "./security/charge_point_certificate.ts";
import {
  deleteCertificate,
  getInstalledCertificateIds,
  installCertificate,
} from "./security/certificate_store.ts";
import { dataTransfer } from "./link/data_transfer.ts";
import { hasProfile } from "./description.ts";
import { getDiagnostics, getLog } from "./maintenance/diagnostics.ts";
import { extendedTriggerMessage } from "./link/extended_trigger.ts";
import { updateFirmware } from "./maintenance/firmware.ts";
import type { Handled } from "./handler.ts";
import { mayAnswerLater, startJob } from "./job_ledger.ts";
import { getLocalListVersion, sendLocalList } from "./authorization/local_list.ts";
import { remoteStartTransaction, remoteStopTransaction } from "./session/remote_control.ts";
import { cancelReservation, reserveNow } from "./session/reserve_now.ts";
import { reset } from "./storage/reset.ts";
import { noteExtensionKnown, securityEvent } from "./security/security_event.ts";
import { signedUpdateFirmware } from "./maintenance/signed_firmware.ts";
import { clearChargingProfile, getCompositeSchedule, setChargingProfile } from "./energy/smart_charging.ts";
import { type ChargePointState, emit, emitDeviations, type Turn } from "./state.ts";
import { triggerMessage } from "./link/trigger_message.ts";
import { unlockConnector } from "./session/unlock_connector.ts";

/** The Calls that this Charge Point carries out. */
const HANDLERS = {
  CancelReservation: cancelReservation,
  CertificateSigned: certificateSigned,
  ChangeAvailability: changeAvailability,
  ChangeConfiguration: changeConfiguration,
  ClearCache: clearCache,
  ClearChargingProfile: clearChargingProfile,
  DataTransfer: dataTransfer,
  DeleteCertificate: deleteCertificate,
  ExtendedTriggerMessage: extendedTriggerMessage,
  GetCompositeSchedule: getCompositeSchedule,
  GetConfiguration: getConfiguration,
  GetDiagnostics: getDiagnostics,
  GetInstalledCertificateIds: getInstalledCertificateIds,
  GetLocalListVersion: getLocalListVersion,
  GetLog: getLog,
  InstallCertificate: installCertificate,
  RemoteStartTransaction: remoteStartTransaction,
  RemoteStopTransaction: remoteStopTransaction,
  ReserveNow: reserveNow,
  Reset: (_turn, { type }) => ({
    conf: { status: "Accepted" },
    consequence: (turn) => reset(turn, type),
  }),
  SendLocalList: sendLocalList,
  SignedUpdateFirmware: signedUpdateFirmware,
  SetChargingProfile: setChargingProfile,
  TriggerMessage: triggerMessage,
  UnlockConnector: unlockConnector,
  UpdateFirmware: updateFirmware,
} as const satisfies { readonly [A in Action]?: (turn: Turn, req: Req<A>) => Handled<A> };

/** Handles one Call. */
export function handleCall(turn: Turn, call: Call): void {
  turn.state.counters.callsReceived++;
  answer(turn, call, handle(turn, call));
}

/** Handles a Call once more, now that a job has brought what was missing; its repairs were told the first time. */
export function handleAgain(turn: Turn, call: Call): void {
  answer(turn, call, handle(turn, call, { isAgain: true }));
}

/** Answers a Call, or puts it off until a job is done. */
export function answer(turn: Turn, call: Call, handled: Handled<Action>): void {
  if ("job" in handled) {
    if (mayAnswerLater(turn.state)) return startJob(turn, handled.job, handled.purpose, call);
    return answerError(turn, call, { kind: "internal", why: "too many Calls wait for their answer" });
  }
  if ("fault" in handled) return answerError(turn, call, handled.fault);
  if ("faults" in handled) return answerError(turn, call, { kind: "badPayload", faults: handled.faults });
  const { uniqueId, action, payload } = call;
  turn.effects.push({ kind: "send", text: callResultText({ uniqueId, payload: handled.conf }) });
  emit(turn, {
    kind: "callReceived",
    uniqueId,
    action,
    payload: redactedPayload(action, payload),
    answer: { kind: "result", payload: handled.conf },
  });
  handled.consequence?.(turn);
}

/** Answers a Call with a CALLERROR. */
export function answerError(turn: Turn, call: Call, fault: CallFault): void {
  const { uniqueId, action } = call;
  const payload = redactedPayload(action, call.payload);
  const error = callErrorFor(fault);
  turn.effects.push({ kind: "send", text: callErrorText({ uniqueId, ...error }) });
  emit(turn, { kind: "callReceived", uniqueId, action, payload, answer: { kind: "error", ...error } });
  if (fault.kind === "badPayload" || fault.kind === "notACall") {
    securityEvent(turn, "InvalidMessages", `${isAction(action) ? action : "a Call"}: ${error.errorCode}`);
  }
}

function handle(
  turn: Turn,
  { uniqueId, action, payload }: Call,
  { isAgain = false } = {},
): Handled<Action> {
  if (!isAction(action)) return { fault: { kind: "unknownAction", action } };
  if (!isHandled(action) || !maySend("centralSystem", action) || !isSupported(turn.state, action)) {
    return { fault: { kind: "unsupportedAction", action } };
  }
  const read = readReq(action, payload, turn.state.options.validation);
  if (!read.ok) return { fault: { kind: "badPayload", faults: read.faults } };
  if (!isAgain) emitDeviations(turn, { uniqueId, action, repairs: read.repairs });
  if (ACTIONS[action].profile === "Security") noteExtensionKnown(turn);
  const faults = REFUSED_BY_CONF.has(action) ? [] : fieldFaults(action, read.payload);
  if (faults.length > 0) return { fault: { kind: "badPayload", faults } };
  const handler = HANDLERS[action] as (turn: Turn, req: unknown) => Handled<Action>;
  return handler(turn, read.payload);
}

/**
 * Actions whose conf has a word for a connectorId that may not be.
 *
 * Spec: OCPP-J 1.6 §4.2.2: what the status of the conf covers is no CALLERROR; the compliance test TC_027
 * expects `Rejected` for a RemoteStartTransaction on connector 0, errata 1.6 `NotSupported` of UnlockConnector.
 */
const REFUSED_BY_CONF: ReadonlySet<string> = new Set(["RemoteStartTransaction", "UnlockConnector"]);

/** Without its feature profile an Action is NotSupported, unless its conf has words for that. */
function isSupported({ options }: ChargePointState, action: Action): boolean {
  // Security §5: with signed updates, plain ones are not supported.
  if (action === "UpdateFirmware" && options.description.firmwareUpdate === "signed") return false;
  return hasProfile(options.description, ACTIONS[action].profile) || SAYS_UNSUPPORTED.has(action);
}

const SAYS_UNSUPPORTED: ReadonlySet<Action> = new Set(["GetLocalListVersion", "SendLocalList"]);

function isHandled(action: string): action is keyof typeof HANDLERS {
  return Object.hasOwn(HANDLERS, action);
}
