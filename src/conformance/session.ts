/**
 * What a tester remembers of the system under test from one case to the next, and what a case is given.
 */
import type { ChargePointStatus } from "../ocpp/types.ts";
import { RegisterCheck } from "./register_check.ts";

/** Of a Charge Point under test. Mutable: each run carries it on. */
export interface Session {
  isConnected: boolean;
  /** Since when a connection could be there and is not; `undefined` while there is one. */
  missedSinceMs: number | undefined;
  /** Whether it has ever sent a BootNotification. */
  hasBooted: boolean;
  /** Whether its last BootNotification was Accepted. */
  isAccepted: boolean;
  /** Whether the last case went wrong, so that messages of it may still be on their way. */
  isDisturbed: boolean;
  /** Those that its last BootNotification told: of the Charge Point and, as older ones say, of its box. */
  serialNumbers: readonly string[];
  /** Its meters. */
  readonly registers: RegisterCheck;
  /** The last status told, by connectorId. */
  readonly statuses: Map<number, ChargePointStatus>;
  /** The last transactionId that was given away; each StartTransaction gets the next one. */
  lastTransactionId: number;
  /** The last number that a uniqueId of ours was made from. */
  lastUniqueId: number;
}

/** A Charge Point of which nothing is known yet. */
export function createSession(first: { readonly transactionId?: number } = {}): Session {
  return {
    isConnected: false,
    missedSinceMs: undefined,
    hasBooted: false,
    isAccepted: false,
    isDisturbed: false,
    serialNumbers: [],
    registers: new RegisterCheck(),
    statuses: new Map(),
    lastTransactionId: (first.transactionId ?? 1) - 1,
    lastUniqueId: 0,
  };
}

/** The link has come, or gone. */
export function noteLink(session: Session, isConnected: boolean, nowMs: number): void {
  session.isConnected = isConnected;
  session.missedSinceMs = isConnected ? undefined : nowMs;
}

/** How much is left of the time that a connection may take, which counts from when it was missed. Units: seconds. */
export function patienceLeft({ missedSinceMs }: Session, withinSeconds: number, nowMs: number): number {
  const missedMs = missedSinceMs === undefined ? 0 : nowMs - missedSinceMs;
  return Math.max(0, withinSeconds - missedMs / 1_000);
}

/** What is at hand for the cases. Times in seconds. */
export interface CaseSetup {
  /** What the tester calls itself as a Charge Point. */
  readonly identity: string;
  /** The connector that a case uses, and another one where it needs two. */
  readonly connectorId: number;
  readonly otherConnectorId: number;
  /** Two idTags that can be presented. */
  readonly idTag: string;
  readonly otherIdTag: string;
  /** One that a Central System under test is told to refuse. */
  readonly refusedIdTag: string;
  /** The parentIdTag that the tester gives both of them where a case is about groups. */
  readonly parentIdTag: string;
  /** The operator's name, which certificates of Charge Points have as their O. */
  readonly cpoName: string;
  /** CN of the certificates of the Charge Point that the tester plays; without it: its identity. */
  readonly certificateSerialNumber?: string;
  /** The Charge Point's password, hexadecimal, where the tester knows it. A secret. */
  readonly authorizationKey?: string;
  /** The time that a message may take where a case says nothing else. */
  readonly withinSeconds: number;
  /** The time that a connection may take, back-off and start of a device included. */
  readonly connectWithinSeconds: number;
  /** The time that an operator may take. */
  readonly operatorWithinSeconds: number;
  /** How long a Central System may go on asking and configuring after a Charge Point has booted. */
  readonly settleSeconds: number;
  /** How long nothing is to come from a Central System that nobody asked for anything. */
  readonly quietSeconds: number;
}

export const DEFAULT_SETUP: CaseSetup = {
  identity: "CONFORMANCE",
  connectorId: 1,
  otherConnectorId: 2,
  idTag: "TAG001",
  otherIdTag: "TAG002",
  refusedIdTag: "TAG003",
  parentIdTag: "GROUP001",
  cpoName: "Conformance CPO",
  withinSeconds: 30,
  connectWithinSeconds: 300,
  operatorWithinSeconds: 300,
  settleSeconds: 5,
  quietSeconds: 5,
};
