/**
 * What may happen in the life of a Charge Point, each thing as one number, so that a million of them cost little to
 * draw and a failing life shrinks to the few that matter.
 */
import { type ChargePointInput, ORDERED_FAILURES } from "../../src/charge_point/contract.ts";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import type { Mood } from "./life_central_system.ts";

/** Connectors of the Charge Point. */
export const LIFE_CONNECTORS = 2;

/** One thing that happens. Units: seconds. */
export type LifeStep =
  | { readonly kind: "input"; readonly input: ChargePointInput }
  | { readonly kind: "call"; readonly action: string; readonly payload: unknown }
  /** Time passes; `obeys`: deadlines are kept on the way, or all come late at the end. */
  | { readonly kind: "time"; readonly seconds: number; readonly obeys: boolean }
  | { readonly kind: "link"; readonly isUp: boolean }
  | { readonly kind: "mood"; readonly mood: Mood }
  /** The next frame of one end is lost on the way. */
  | { readonly kind: "lose"; readonly of: "chargePoint" | "centralSystem" }
  /** The mains fail and come back. */
  | { readonly kind: "power"; readonly seconds: number }
  /** The program is killed: at rest, before what the next input changes is stored, or before it is seen. */
  | { readonly kind: "kill"; readonly when: "atRest" | "beforeStored" | "beforeSeen" };

/** Numbers that decide about one step, taken from one number. */
class Lot {
  #rest: number;

  constructor(number: number) {
    this.#rest = number >>> 0;
  }

  below(count: number): number {
    const drawn = this.#rest % count;
    // Mixed anew, so that what is drawn next does not hang together with what was.
    this.#rest = Math.imul(Math.floor(this.#rest / count) ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
    return drawn;
  }

  from<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

const ID_TAGS = ["TAG001", "TAG001", "tag001", "TAG002", "TAG003"];

const KEYS: readonly (readonly [key: string, ...values: string[]])[] = [
  ["MeterValueSampleInterval", "0", "7", "60"],
  ["ClockAlignedDataInterval", "0", "30", "900"],
  ["StopTransactionOnEVSideDisconnect", "true", "false"],
  ["UnlockConnectorOnEVSideDisconnect", "true", "false"],
  ["StopTransactionOnInvalidId", "true", "false"],
  ["MaxEnergyOnInvalidId", "0", "50"],
  ["AllowOfflineTxForUnknownId", "true", "false"],
  ["AuthorizeRemoteTxRequests", "true", "false"],
  ["LocalPreAuthorize", "true", "false"],
  ["LocalAuthorizeOffline", "true", "false"],
  ["ConnectionTimeOut", "5", "60"],
  ["MinimumStatusDuration", "0", "3"],
  ["TransactionMessageRetryInterval", "0", "5"],
  ["TransactionMessageAttempts", "1", "3"],
  ["MessageTimeout", "2", "30"],
  ["StopTxnSampledData", "", "SoC,Voltage,Energy.Active.Import.Register"],
  ["StopTxnAlignedData", "", "Energy.Active.Import.Register"],
  ["WebSocketPingInterval", "0", "10"],
];

type Calls = Readonly<Record<string, (lot: Lot, nowMs: number) => unknown>>;

const CALLS: Calls = {
  ChangeConfiguration: (lot) => {
    const [key, ...values] = lot.from(KEYS);
    return { key, value: lot.from(values) };
  },
  RemoteStartTransaction: (lot) => ({
    idTag: lot.from(ID_TAGS),
    ...(lot.below(2) === 0 ? { connectorId: connectorId(lot) } : {}),
    ...(lot.below(3) === 0 ? { chargingProfile: profile(lot, "TxProfile") } : {}),
  }),
  RemoteStopTransaction: (lot) => ({ transactionId: lot.below(12) - 1 }),
  Reset: (lot) => ({ type: lot.from(["Soft", "Hard"]) }),
  ChangeAvailability: (lot) => ({
    connectorId: lot.below(LIFE_CONNECTORS + 2),
    type: lot.from(["Operative", "Operative", "Inoperative"]),
  }),
  UnlockConnector: (lot) => ({ connectorId: connectorId(lot) }),
  TriggerMessage: (lot) => ({
    requestedMessage: lot.from(["Heartbeat", "MeterValues", "StatusNotification", "BootNotification"]),
  }),
  GetConfiguration: () => ({}),
  ClearCache: () => ({}),
  DataTransfer: () => ({ vendorId: "test.example" }),
  GetLocalListVersion: () => ({}),
  SendLocalList: (lot) => ({
    listVersion: 1 + lot.below(5),
    updateType: lot.from(["Full", "Differential"]),
    localAuthorizationList: [{
      idTag: lot.from(["TAG002", "TAG003"]),
      idTagInfo: { status: lot.from(["Accepted", "Blocked"]), parentIdTag: "GROUP" },
    }],
  }),
  ReserveNow: (lot, nowMs) => ({
    connectorId: lot.below(LIFE_CONNECTORS + 1),
    expiryDate: dateTimeOf(nowMs + 1_000 * (1 + lot.below(600))),
    idTag: lot.from(ID_TAGS),
    reservationId: lot.below(3),
  }),
  CancelReservation: (lot) => ({ reservationId: lot.below(3) }),
  SetChargingProfile: (lot) => {
    const purpose = lot.from(["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"]);
    const isWhole = purpose === "ChargePointMaxProfile";
    return { connectorId: isWhole ? 0 : connectorId(lot), csChargingProfiles: profile(lot, purpose) };
  },
  ClearChargingProfile: (lot) => lot.below(2) === 0 ? {} : { id: lot.below(3) },
  GetCompositeSchedule: (lot) => ({ connectorId: lot.below(LIFE_CONNECTORS + 1), duration: 600 }),
  GetDiagnostics: () => ({ location: "http://files.test/" }),
  UpdateFirmware: (_lot, nowMs) => ({
    location: "http://files.test/fw-2.bin",
    retrieveDate: dateTimeOf(nowMs),
  }),
  GetLog: () => ({ logType: "SecurityLog", requestId: 1, log: { remoteLocation: "http://files.test/" } }),
};

/** What comes often is there more than once. */
const CALL_NAMES = Object.keys(CALLS).flatMap((action) => {
  const isFrequent = action === "ChangeConfiguration" || action === "RemoteStartTransaction";
  return isFrequent ? [action, action, action] : action === "Reset" ? [action] : [action, action];
});

function connectorId(lot: Lot): number {
  return 1 + lot.below(LIFE_CONNECTORS);
}

function profile(lot: Lot, purpose: string): unknown {
  return {
    chargingProfileId: lot.below(3),
    stackLevel: lot.below(2),
    chargingProfilePurpose: purpose,
    chargingProfileKind: purpose === "ChargePointMaxProfile"
      ? "Absolute"
      : lot.from(["Absolute", "Relative"]),
    chargingSchedule: {
      chargingRateUnit: "A",
      startSchedule: "2026-01-01T00:00:00Z",
      chargingSchedulePeriod: [
        { startPeriod: 0, limit: lot.from([0, 4, 6, 10, 32]) },
        ...(lot.below(2) === 0 ? [{ startPeriod: 60, limit: lot.from([0, 8, 16]) }] : []),
      ],
    },
  };
}

type Draw = (lot: Lot, nowMs: number) => LifeStep;

const input = (draw: (lot: Lot) => ChargePointInput): Draw => (lot) => ({ kind: "input", input: draw(lot) });

/** What happens, with how often. */
const DRAWS: readonly (readonly [weight: number, draw: Draw])[] = [
  [9, input((lot) => ({ kind: "plugIn", connectorId: connectorId(lot) }))],
  [5, input((lot) => ({ kind: "unplug", connectorId: connectorId(lot) }))],
  [9, input((lot) => ({ kind: "presentIdTag", idTag: lot.from(ID_TAGS), connectorId: connectorId(lot) }))],
  [2, input((lot) => ({ kind: "presentIdTag", idTag: lot.from(ID_TAGS) }))],
  [1, input((lot) => ({ kind: "evPause", connectorId: connectorId(lot) }))],
  [1, input((lot) => ({ kind: "evResume", connectorId: connectorId(lot) }))],
  [
    1,
    input((lot) => ({
      kind: "fault",
      connectorId: lot.below(LIFE_CONNECTORS + 1),
      errorCode: lot.from(["GroundFailure", "EVCommunicationError", "OtherError"]),
    })),
  ],
  [2, input((lot) => ({ kind: "clearFault", connectorId: lot.below(LIFE_CONNECTORS + 1) }))],
  [
    1,
    input((lot) => ({
      kind: "jamLock",
      connectorId: connectorId(lot),
      jam: lot.from(["lock", "unlock", "none", "none"]),
    })),
  ],
  [
    1,
    input((lot) => lot.below(4) === 0 ? { kind: "emergencyStop" } : { kind: "clearFault", connectorId: 0 }),
  ],
  [1, input((lot) => lot.below(4) === 0 ? { kind: "watchdog" } : { kind: "renewCertificate" })],
  [
    1,
    input((lot) => {
      const maxCurrentA = lot.from([undefined, undefined, 0, 7, 16]);
      return { kind: "gridLimit", ...(maxCurrentA === undefined ? {} : { maxCurrentA }) };
    }),
  ],
  [1, input((lot) => ({ kind: "orderFailure", failure: lot.from(ORDERED_FAILURES) }))],
  [14, (lot) => ({ kind: "time", seconds: lot.below(20), obeys: lot.below(5) > 0 })],
  [2, (lot) => ({ kind: "time", seconds: lot.below(1_000), obeys: lot.below(5) > 0 })],
  [12, (lot, nowMs) => {
    const action = lot.from(CALL_NAMES);
    return { kind: "call", action, payload: CALLS[action]!(lot, nowMs) };
  }],
  [4, (lot) => ({ kind: "link", isUp: lot.below(3) > 0 })],
  [3, (lot) => ({
    kind: "mood",
    mood: lot.from([
      ...["well", "well", "well", "well", "well"] as const,
      ...["silent", "refusing", "pending", "callError", "forgetful", "invalid", "twice"] as const,
    ]),
  })],
  [2, (lot) => ({ kind: "lose", of: lot.from(["chargePoint", "centralSystem"]) })],
  [1, (lot) => ({ kind: "power", seconds: lot.below(60) })],
  [2, (lot) => ({ kind: "kill", when: lot.from(["atRest", "beforeStored", "beforeSeen"]) })],
];

const TABLE: readonly Draw[] = DRAWS.flatMap(([weight, draw]) => Array<Draw>(weight).fill(draw));

/** The step that a number stands for at an instant. */
export function stepOf(number: number, nowMs: number): LifeStep {
  const lot = new Lot(number);
  return lot.from(TABLE)(lot, nowMs);
}
