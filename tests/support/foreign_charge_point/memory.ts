/**
 * What the device keeps when its power is gone.
 */
import type { MeterValue } from "../../../src/ocpp/meter_value.ts";
import type { Req } from "../../../src/ocpp/registry.ts";
import type { IdTagInfo } from "../../../src/ocpp/types.ts";

/** A transaction, from its start until StopTransaction is written. Units: Wh. */
export interface Transaction {
  readonly connectorId: number;
  readonly idTag: string;
  parentIdTag?: string | undefined;
  readonly startedAtMs: number;
  readonly meterStartWh: number;
  readonly reservationId?: number;
  /** What the Central System calls it, once it has said so. */
  transactionId?: number;
  /** What StopTransaction is to tell of its meter. */
  readonly readings: MeterValue[];
}

/** A message that has to arrive, in its order; what names the transaction is filled in when it leaves. */
export type TransactionMessage =
  | { readonly action: "StartTransaction"; readonly transaction: Transaction; attempts: number }
  | {
    readonly action: "StopTransaction";
    readonly transaction: Transaction;
    readonly payload: Omit<Req<"StopTransaction">, "transactionId">;
    attempts: number;
  }
  | {
    readonly action: "MeterValues";
    readonly transaction: Transaction | undefined;
    readonly payload: Omit<Req<"MeterValues">, "transactionId">;
    attempts: number;
  };

export interface InstalledProfile {
  readonly connectorId: number;
  readonly profile: Req<"SetChargingProfile">["csChargingProfiles"];
}

/** A root that is trusted for something. PEM. */
export interface InstalledCertificate {
  readonly use: "CentralSystemRootCertificate" | "ManufacturerRootCertificate";
  readonly certificate: string;
}

/** An update whose end is told after the restart. `requestId`: of a signed one. */
export interface FinishedUpdate {
  readonly requestId?: number;
}

/** All of it. Names of idTags are in lower case where they are keys. */
export interface Memory {
  readonly configuration: Map<string, string>;
  /** Connectors that are out of operation, 0 being the Charge Point. */
  readonly inoperative: Set<number>;
  localListVersion: number;
  localList: Map<string, IdTagInfo>;
  readonly cache: Map<string, IdTagInfo>;
  readonly reservations: Map<number, Req<"ReserveNow">>;
  profiles: InstalledProfile[];
  readonly messages: TransactionMessage[];
  readonly transactions: Map<number, Transaction>;
  firmwareVersion: string;
  finishedUpdate: FinishedUpdate | undefined;
  certificates: InstalledCertificate[];
  ownCertificate: { readonly chain: string; readonly privateKey: string } | undefined;
  password: Uint8Array | undefined;
  securityProfile: 0 | 1 | 2 | 3;
  /** Security events that have not arrived, and the log of all of them. */
  readonly securityEvents: Req<"SecurityEventNotification">[];
  readonly securityLog: string[];
  /** When the power went. */
  downSinceMs: number | undefined;
}

/** That of a device that comes from its factory. */
export function newMemory(): Memory {
  return {
    configuration: new Map(),
    inoperative: new Set(),
    localListVersion: 0,
    localList: new Map(),
    cache: new Map(),
    reservations: new Map(),
    profiles: [],
    messages: [],
    transactions: new Map(),
    firmwareVersion: "F1.0",
    finishedUpdate: undefined,
    certificates: [],
    ownCertificate: undefined,
    password: undefined,
    securityProfile: 0,
    securityEvents: [],
    securityLog: [],
    downSinceMs: undefined,
  };
}
