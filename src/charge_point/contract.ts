/**
 * Everything that may come into a Charge Point and everything that may come out of it.
 *
 * A Charge Point is `handle(input, nowMs)`, which gives effects in the order in which they are to be carried
 * out, and `deadlineMs()`, the next moment at which it wants a `deadline` input (`Infinity`: none).
 * It never looks at a clock, a socket or a random source of its own.
 */
import type { Action } from "../ocpp/action.ts";
import type { SignedFirmwareStatus, UploadLogStatus } from "../ocpp/messages/security.ts";
import type { MeterValue } from "../ocpp/meter_value.ts";
import type { Validation } from "../ocpp/repair.ts";
import type { RepairRule } from "../ocpp/repair_rule.ts";
import type { ChargePointErrorCode, ChargePointStatus, IdTagInfo, Reason } from "../ocpp/types.ts";
import type { ChargePointDescription } from "./description.ts";
import type { Job, JobResult, LinkSecurity } from "./job.ts";
import type { ReservationEnd } from "./session/reservation.ts";
import type { VehicleDescription } from "./energy/vehicle_description.ts";

/** What a real Charge Point notices: its link, its user, its EV, its power, the time. Nothing else. */
export type ChargePointInput =
  /** The mains are on: the Charge Point starts and wants a link. */
  | { readonly kind: "powerOn" }
  /** The mains are gone: everything that is not stored is lost. */
  | { readonly kind: "powerOff" }
  /** The WebSocket is open. */
  | { readonly kind: "linkUp" }
  /** The WebSocket is gone, for whatever reason, or did not come to be; may come more than once. */
  | { readonly kind: "linkDown"; readonly cause?: LinkDownCause }
  /** What came of a job that the effect `job` asked for. */
  | { readonly kind: "jobDone"; readonly jobId: number; readonly result: JobResult }
  /** A text message came. */
  | { readonly kind: "frame"; readonly text: string }
  /** The time that `deadlineMs` named has come (earlier or later does no harm). */
  | { readonly kind: "deadline" }
  /** Without `vehicle` the EV of the description comes. */
  | { readonly kind: "plugIn"; readonly connectorId: number; readonly vehicle?: VehicleDescription }
  | { readonly kind: "unplug"; readonly connectorId: number }
  /** What the grid gives to this Charge Point from now on, e.g. its part of a site's feeder; neither: no limit. */
  | { readonly kind: "gridLimit"; readonly maxCurrentA?: number; readonly maxPowerW?: number }
  /** A card is shown; without `connectorId` the Charge Point chooses. */
  | { readonly kind: "presentIdTag"; readonly idTag: string; readonly connectorId?: number }
  | { readonly kind: "evPause"; readonly connectorId: number }
  | { readonly kind: "evResume"; readonly connectorId: number }
  | { readonly kind: "fault"; readonly connectorId: number; readonly errorCode: ChargePointErrorCode }
  | { readonly kind: "clearFault"; readonly connectorId: number }
  /** The emergency button is pressed; `clearFault` on connector 0 releases it. */
  | { readonly kind: "emergencyStop" }
  /** What the lock of the cable will fail to do from here on. */
  | { readonly kind: "jamLock"; readonly connectorId: number; readonly jam: "lock" | "unlock" | "none" }
  /** A watchdog restarts the Charge Point. */
  | { readonly kind: "watchdog" }
  /** The next operation of this kind fails; it is given once for each that is to fail. */
  | { readonly kind: "orderFailure"; readonly failure: OrderedFailure }
  /** Something that a security log is for, e.g. `TamperDetectionActivated`. Spec: Security, Appendix. */
  | { readonly kind: "securityEvent"; readonly type: string; readonly techInfo?: string }
  /** Somebody at the Charge Point asks for a new Charge Point certificate. */
  | { readonly kind: "renewCertificate" }
  | {
    readonly kind: "sendDataTransfer";
    readonly vendorId: string;
    readonly messageId?: string;
    readonly data?: string;
  }
  /** A service technician sets a configuration key, read-only ones excepted. */
  | { readonly kind: "setConfiguration"; readonly key: string; readonly value: string }
  /** Everything stored goes back to what the Charge Point was delivered with; it restarts. */
  | { readonly kind: "factoryReset" };

/** What can be made to fail. */
export type OrderedFailure = (typeof ORDERED_FAILURES)[number];

export const ORDERED_FAILURES = [
  ...["download", "upload", "signatureVerification", "installation", "reset", "localListUpdate"] as const,
];

/** Why there is no link, as far as the Charge Point does something about it. */
export type LinkDownCause =
  /** The Central System's certificate is not to be trusted. */
  | "invalidCertificate"
  /** TLS did not come to be for another reason: version, cipher suites, our certificate refused. */
  | "tls"
  /** 401 or 403: our credentials were refused. */
  | "unauthorized"
  | "other";

/** What the host has to do, in order. */
export type ChargePointEffect =
  /**
   * Open the WebSocket; the host retries with back-off until it answers with `linkUp`. Another `openLink` while
   * one is wanted replaces how it is secured, from the next attempt on.
   */
  | { readonly kind: "openLink"; readonly security: LinkSecurity }
  /** Ping this often from now on, on this link and later ones; 0: never. */
  | { readonly kind: "setPing"; readonly intervalSeconds: number }
  /** Close the WebSocket and keep it closed until the next `openLink`. */
  | { readonly kind: "closeLink"; readonly reason: string }
  /** Put this text on the wire. */
  | { readonly kind: "send"; readonly text: string }
  /** Do this, and answer with `jobDone`. */
  | { readonly kind: "job"; readonly jobId: number; readonly job: Job }
  /** What this job would bring is of no interest any more. */
  | { readonly kind: "cancelJob"; readonly jobId: number }
  /** Something worth telling a person, a log or a counter; changes nothing. */
  | { readonly kind: "event"; readonly event: ChargePointEvent };

/** What happened, for whoever watches. Units: energy in Wh, latency in ms. */
export type ChargePointEvent =
  | {
    readonly kind: "callSent";
    readonly uniqueId: string;
    readonly action: Action;
    readonly payload: unknown;
  }
  | {
    readonly kind: "callAnswered";
    readonly uniqueId: string;
    readonly action: Action;
    readonly payload: unknown;
    readonly latencyMs: number;
  }
  /** A CALLERROR, a timeout, an answer that breaks its schema, or a link that went away meanwhile. */
  | {
    readonly kind: "callFailed";
    readonly uniqueId: string;
    readonly action: Action;
    readonly reason: "callError" | "timeout" | "invalidAnswer" | "linkDown";
    readonly detail: string;
    readonly latencyMs: number;
  }
  /** The Central System asked for something; `answer` is what it was told. */
  | {
    readonly kind: "callReceived";
    readonly uniqueId: string;
    readonly action: string;
    readonly payload: unknown;
    readonly answer:
      | { readonly kind: "result"; readonly payload: unknown }
      | { readonly kind: "error"; readonly errorCode: string; readonly errorDescription: string };
  }
  /** The Central System's message was repaired before it was understood: its Call, or its answer to ours. */
  | {
    readonly kind: "deviation";
    readonly uniqueId: string;
    readonly action: Action;
    readonly rule: RepairRule;
    /** E.g. `idTagInfo.status`; empty where it is the whole payload. */
    readonly path: string;
    readonly detail: string;
    readonly spec: string;
  }
  /** A frame that could not be read, or an answer that nobody waits for. */
  | { readonly kind: "frameIgnored"; readonly reason: string; readonly text: string }
  | {
    readonly kind: "registration";
    readonly status: "Accepted" | "Pending" | "Rejected";
    readonly intervalSeconds: number;
  }
  /** A status has changed, or is told anew after a boot. */
  | {
    readonly kind: "status";
    readonly connectorId: number;
    readonly status: ChargePointStatus;
    readonly errorCode: ChargePointErrorCode;
  }
  /** The outcome of showing an idTag, wherever it was decided. */
  | {
    readonly kind: "authorization";
    readonly idTag: string;
    readonly connectorId: number | undefined;
    readonly status: IdTagInfo["status"] | "NotAuthorizedOffline";
  }
  /** An idTag was shown and nothing came of it, for a reason that lies here rather than in the idTag. */
  | {
    readonly kind: "idTagIgnored";
    readonly idTag: string;
    readonly connectorId: number | undefined;
    readonly reason: string;
  }
  | {
    readonly kind: "transactionStarted";
    readonly connectorId: number;
    readonly idTag: string;
    readonly meterStartWh: number;
  }
  /** The Central System's answer to StartTransaction came. */
  | {
    readonly kind: "transactionConfirmed";
    readonly connectorId: number;
    readonly transactionId: number;
    readonly status: IdTagInfo["status"];
  }
  | {
    readonly kind: "transactionStopped";
    readonly connectorId: number;
    readonly transactionId: number | undefined;
    readonly reason: Reason;
    readonly meterStartWh: number;
    readonly meterStopWh: number;
  }
  /** The Central System has acknowledged the StopTransaction. */
  | { readonly kind: "transactionFinished"; readonly connectorId: number; readonly transactionId: number }
  /** A sample was taken. */
  | {
    readonly kind: "metered";
    readonly connectorId: number;
    readonly transactionId: number | undefined;
    readonly meterValue: MeterValue;
  }
  /** A transaction-related message was given up or could not be queued. */
  | { readonly kind: "messageLost"; readonly action: Action; readonly reason: string }
  | { readonly kind: "restarting"; readonly type: "Soft" | "Hard" | "Watchdog" | "FactoryReset" }
  /** The mains are gone, and whatever was not stored. */
  | { readonly kind: "poweredOff" }
  /** It starts: for the first time, after a power cut or after a restart. */
  | { readonly kind: "started" }
  /** A transaction that ran when the power went goes on. */
  | {
    readonly kind: "transactionResumed";
    readonly connectorId: number;
    readonly transactionId: number | undefined;
    readonly idTag: string;
  }
  /** What has changed cannot be stored: out of service until it can. Told by whoever stores it. */
  | { readonly kind: "storeFailed"; readonly reason: string; readonly retryInMs: number }
  | { readonly kind: "storeWorks" }
  /** What the lock of a connector did; `held`: the cable is kept until its user comes forward. */
  | {
    readonly kind: "cableLock";
    readonly connectorId: number;
    readonly outcome: "locked" | "unlocked" | "held" | "lockFailed" | "unlockFailed";
  }
  /** A reservation was made; `connectorId` 0: of any connector. */
  | {
    readonly kind: "reserved";
    readonly connectorId: number;
    readonly reservationId: number;
    readonly idTag: string;
  }
  | {
    readonly kind: "reservationEnded";
    readonly connectorId: number;
    readonly reservationId: number;
    readonly why: ReservationEnd;
  }
  /** What came of the input `sendDataTransfer`; `Failed`: it was not sent, or not answered. */
  | {
    readonly kind: "dataTransferEnded";
    readonly vendorId: string;
    readonly messageId?: string;
    readonly status: "Accepted" | "Rejected" | "UnknownMessageId" | "UnknownVendorId" | "Failed";
    readonly data?: string;
    readonly reason?: string;
  }
  /** The lighting signals that an idTag was accepted. BlinkRepeat, LightIntensity: simulated by this event only. */
  | {
    readonly kind: "blinked";
    readonly connectorId: number;
    readonly times: number;
    readonly intensityPercent: number;
  }
  /** Something for the security log; `isTold`: the Central System hears of it. */
  | {
    readonly kind: "securityEvent";
    readonly type: string;
    readonly techInfo?: string;
    readonly isTold: boolean;
  }
  /** A step of a firmware update, as the Central System is told of it. */
  | { readonly kind: "firmware"; readonly status: SignedFirmwareStatus; readonly detail: string }
  /** A step of the upload of a log; `detail` is for people. */
  | {
    readonly kind: "logUpload";
    readonly request: "GetDiagnostics" | "GetLog";
    readonly fileName: string;
    readonly status: UploadLogStatus;
    readonly detail: string;
  }
  /** A new Charge Point certificate is used from here on. */
  | { readonly kind: "certificateInUse"; readonly notAfterMs: number | undefined };

/** Everything that a Charge Point is made from. */
export interface ChargePointOptions {
  /** Part of the connection, needed here for texts only. */
  readonly identity: string;
  readonly serialNumber?: string;
  readonly description: ChargePointDescription;
  /** Configuration keys with other than their default values; checked by `configuration_value.ts`. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** How it is secured when it is delivered: profile, password, certificates; without it profile 0. */
  readonly security?: LinkSecurity;
  /** Heartbeats this often instead of what the Central System says. */
  readonly heartbeatIntervalSeconds?: number;
  /**
   * One Heartbeat at once when the first statuses after an accepted boot have been told, then at the interval:
   * a session of a minute shows none otherwise. OCPP 1.6 §4.6 allows a Heartbeat at any time.
   */
  readonly heartbeatAfterBoot?: boolean;
  /** How many times faster than real the charging goes; see `time_scale.ts`. */
  readonly speed: number;
  /** What to make of a Central System's answers and Calls that break their schema. */
  readonly validation: Validation;
  /** The random choices of this Charge Point come from here. */
  readonly seed: number;
  /** Gives a uniqueId that no Call of any Charge Point had before. */
  readonly newUniqueId: () => string;
}
