/**
 * Putting back what a case has changed, whatever its verdict: the next case finds the system as this one did.
 *
 * The run notes down what it sends and has done; each entry is put back by steps of its own, so that one that fails
 * keeps no other from being tried. Spec for what a case may leave behind: OCPP 1.6 §5 (what outlives a transaction).
 */
import type { Action } from "../ocpp/action.ts";
import type { Conf, Req } from "../ocpp/registry.ts";
import { counterAction, type OperatorAction } from "./operator_action.ts";
import { oneOf } from "./matcher.ts";
import { call, type Seen, type Steps } from "./step.ts";
import { patienceLeft } from "./session.ts";
import type { Tester } from "./tester.ts";

/** How long the system may take to come to rest between two things that are put back. Units: seconds. */
const REST_SECONDS = 2;

/** How long a transaction may take to end once that was accepted. Units: seconds. */
const STOP_SECONDS = 10;

/** With these an update of the firmware is over. Spec: OCPP 1.6 §7.25; Security, SignedFirmwareStatusNotification. */
const UPDATE_ENDS = [
  ...["Installed", "DownloadFailed", "InstallationFailed"],
  ...["InvalidSignature", "InstallVerificationFailed"],
];

/** What tells how far an update is, by what asks for it. */
const UPDATE_STATUS = {
  UpdateFirmware: "FirmwareStatusNotification",
  SignedUpdateFirmware: "SignedFirmwareStatusNotification",
} as const;

/** What a case has changed of the system under test so far. */
export class StateRecord {
  /** The value before, by key. */
  readonly configuration = new Map<string, string>();
  /** Deeds that have to be taken back, the last one first. */
  #deeds: OperatorAction[] = [];
  /** Connectors of the transactions that run, by transactionId. */
  readonly #transactions = new Map<number, number>();
  /** Connectors whose cable may be kept until its user comes forward. */
  readonly #held = new Set<number>();
  readonly #inoperative = new Set<number>();
  readonly #reservations = new Set<number>();
  /** Installed by the case. */
  readonly certificates: Req<"DeleteCertificate">["certificateHashData"][] = [];
  /** What the case alone knows how to put back, the last one first. */
  readonly putBack: (() => Steps)[] = [];
  /** Transactions of the tester's own, as a Charge Point: what their meters began with, in Wh, by transactionId. */
  readonly #ownTransactions = new Map<number, number>();
  /** Connectors of the tester's own that it has told to be anything but Available. */
  readonly #occupied = new Set<number>();
  /** What tells how far an update is that goes on. */
  #updateStatus: (typeof UPDATE_STATUS)[keyof typeof UPDATE_STATUS] | undefined;
  #hasLocalList = false;
  #hasProfiles = false;

  /** Somebody has done something. */
  noteDeed(deed: OperatorAction): void {
    // What takes an earlier deed back leaves nothing to do.
    const index = this.#deeds.findLastIndex((earlier) => isCounterOf(deed, earlier));
    if (index >= 0) this.#deeds.splice(index, 1);
    else if (counterAction(deed) !== undefined) this.#deeds.push(deed);
  }

  /** A Call of ours leaves: whatever it is answered, if at all, it may have been carried out. */
  noteCall(action: Action, payload: unknown): void {
    switch (action) {
      case "ChangeAvailability": {
        const { connectorId, type } = payload as Req<"ChangeAvailability">;
        if (type === "Inoperative") this.#inoperative.add(connectorId);
        return;
      }
      case "ReserveNow":
        this.#reservations.add((payload as Req<"ReserveNow">).reservationId);
        return;
      case "SendLocalList":
        this.#hasLocalList = true;
        return;
      case "SetChargingProfile":
        this.#hasProfiles = true;
        return;
      case "UpdateFirmware":
      case "SignedUpdateFirmware":
        this.#updateStatus = UPDATE_STATUS[action];
        return;
      case "StatusNotification": {
        const { connectorId, status } = payload as Req<"StatusNotification">;
        if (status === "Available") this.#occupied.delete(connectorId);
        else this.#occupied.add(connectorId);
        return;
      }
    }
  }

  /** A Call of ours was answered by a CALLERROR. */
  noteRefused(action: Action): void {
    if (action in UPDATE_STATUS) this.#updateStatus = undefined;
  }

  /** A Call of ours was answered by a CallResult: what it has put back need not be put back again. */
  noteSent(action: Action, payload: unknown, conf: unknown): void {
    if (action === "StartTransaction") {
      const { transactionId } = conf as Conf<"StartTransaction">;
      this.#ownTransactions.set(transactionId, (payload as Req<"StartTransaction">).meterStart);
    } else if (action === "StopTransaction") {
      this.#ownTransactions.delete((payload as Req<"StopTransaction">).transactionId);
    } else if (action === "SignedUpdateFirmware") {
      const { status } = conf as Conf<"SignedUpdateFirmware">;
      if (status !== "Accepted" && status !== "AcceptedCanceled") this.noteRefused(action);
    }
    if ((conf as { status?: string }).status !== "Accepted") return;
    if (action === "CancelReservation") {
      this.#reservations.delete((payload as Req<"CancelReservation">).reservationId);
    } else if (action === "ChangeAvailability") {
      const { connectorId, type } = payload as Req<"ChangeAvailability">;
      if (type === "Operative") this.#inoperative.delete(connectorId);
    }
  }

  /** A Call of the system under test was answered. */
  noteSeen({ action, payload, answer }: Seen): void {
    switch (action) {
      case "StartTransaction": {
        const { connectorId, reservationId } = payload as Req<"StartTransaction">;
        if (answer === undefined) return;
        this.#transactions.set((answer as { transactionId: number }).transactionId, connectorId);
        if (reservationId !== undefined) this.#reservations.delete(reservationId);
        return;
      }
      case "StopTransaction": {
        const { transactionId, reason } = payload as Req<"StopTransaction">;
        const connectorId = this.#transactions.get(transactionId);
        this.#transactions.delete(transactionId);
        // §4.8 with errata, §9.1.37: then a detachable cable may stay locked.
        if (connectorId !== undefined && (reason === "DeAuthorized" || reason === "EVDisconnected")) {
          this.#held.add(connectorId);
        }
        return;
      }
      case "StatusNotification": {
        const { connectorId, status } = payload as Req<"StatusNotification">;
        if (status === "Available" || status === "Unavailable") this.#held.delete(connectorId);
        return;
      }
      case "FirmwareStatusNotification":
      case "SignedFirmwareStatusNotification":
        if (UPDATE_ENDS.includes((payload as Req<typeof action>).status)) this.#updateStatus = undefined;
        return;
    }
  }

  /** Steps that put things back, in order. */
  *restorations(t: Tester): Generator<Steps> {
    const power = this.#take((deed) => deed.kind === "powerOff");
    yield restoreLink(t, power);
    if (this.#updateStatus !== undefined) yield endOfUpdate(t, this.#updateStatus);
    // Each connector once: one that starts again whenever it is stopped would be stopped for ever.
    const stopped = new Set<number>();
    for (const [transactionId, connectorId] of this.#transactions) {
      if (stopped.has(connectorId)) continue;
      stopped.add(connectorId);
      yield onLink(t, stopTransaction(t, { transactionId, connectorId }));
    }
    for (const connectorId of [...this.#held]) {
      if (!this.#held.has(connectorId)) continue;
      yield onLink(t, send(t, "UnlockConnector", { connectorId }, REST_SECONDS));
    }
    while (this.#deeds.length > 0) yield takeBack(t, this.#deeds.pop()!);
    for (const reservationId of this.#reservations) {
      yield onLink(t, send(t, "CancelReservation", { reservationId }, REST_SECONDS));
    }
    for (const connectorId of this.#inoperative) {
      yield onLink(t, send(t, "ChangeAvailability", { connectorId, type: "Operative" }, REST_SECONDS));
    }
    if (this.#hasProfiles) yield onLink(t, send(t, "ClearChargingProfile", {}));
    if (this.#hasLocalList) yield onLink(t, clearLocalList(t));
    for (const certificateHashData of this.certificates) {
      yield onLink(t, send(t, "DeleteCertificate", { certificateHashData }));
    }
    for (const [key, value] of this.configuration) {
      yield onLink(t, send(t, "ChangeConfiguration", { key, value }));
    }
    // A key may lead to a new connection, or to Calls that it has asked for.
    if (this.configuration.size > 0) yield t.wait(REST_SECONDS);
    while (this.putBack.length > 0) yield this.putBack.pop()!();
  }

  /** Steps by which the tester, as a Charge Point, leaves a Central System as it found it. */
  *leaveTakings(t: Tester): Generator<Steps> {
    if (this.#ownTransactions.size > 0 || this.#occupied.size > 0) yield reconnect(t);
    for (const [transactionId, meterStart] of this.#ownTransactions) {
      yield send(t, "StopTransaction", { transactionId, meterStop: meterStart, timestamp: t.dateTime() });
    }
    for (const connectorId of this.#occupied) {
      const freed = { connectorId, status: "Available", errorCode: "NoError" } as const;
      yield send(t, "StatusNotification", freed);
    }
    while (this.#deeds.length > 0) yield takeBack(t, this.#deeds.pop()!, 0);
    yield t.disconnect("the case is over");
  }

  #take(which: (deed: OperatorAction) => boolean): readonly OperatorAction[] {
    const taken = this.#deeds.filter(which);
    this.#deeds = this.#deeds.filter((deed) => !which(deed));
    return taken;
  }
}

function isCounterOf(deed: OperatorAction, earlier: OperatorAction): boolean {
  const counter = counterAction(earlier);
  return counter !== undefined && JSON.stringify(counter) === JSON.stringify(deed);
}

/** How long a connection that is missing may still take, so that it is waited for a little in any case. */
function patienceSeconds(t: Tester): number {
  return Math.max(REST_SECONDS, patienceLeft(t.session, t.setup.connectWithinSeconds, t.nowMs));
}

/** Steps that need a connection. */
function* onLink(t: Tester, steps: Steps): Steps {
  yield* t.expectConnection({ within: patienceSeconds(t) });
  yield* steps;
}

function* restoreLink(t: Tester, power: readonly OperatorAction[]): Steps {
  for (const deed of power) yield* takeBack(t, deed);
  yield* t.acceptConnections();
  yield* t.expectConnection({ within: patienceSeconds(t) });
  // A Charge Point that has just started says so; one that was only cut off does not, nor one that never has.
  if (!t.session.isAccepted && t.session.hasBooted) {
    yield* t.until([{ action: "BootNotification", payload: {}, isOptional: false }], {
      within: t.setup.connectWithinSeconds,
    });
  }
  yield* t.wait(REST_SECONDS);
}

/** It may take a new start, and what it was told may have failed: then nothing comes. */
function* endOfUpdate(
  t: Tester,
  action: "FirmwareStatusNotification" | "SignedFirmwareStatusNotification",
): Steps {
  const status = oneOf(...UPDATE_ENDS);
  yield* t.attempt(call(action, { status }), { within: t.setup.connectWithinSeconds });
  yield* t.expectConnection();
}

function* stopTransaction(
  t: Tester,
  { transactionId, connectorId }: { readonly transactionId: number; readonly connectorId: number },
): Steps {
  const outcome = yield* t.sendForAny("RemoteStopTransaction", { transactionId });
  const isAccepted = outcome.kind === "result" &&
    (outcome.payload as { status: string }).status === "Accepted";
  if (!isAccepted) return;
  yield* t.attempt(call("StopTransaction", { transactionId }), { within: STOP_SECONDS });
  if (t.session.statuses.get(connectorId) === "Charging") {
    yield* t.attempt(call("StatusNotification", { connectorId }), { within: REST_SECONDS });
  }
}

/** Connects, where that is needed; without credentials that are known it may be in vain, which is told. */
function* reconnect(t: Tester): Steps {
  if (!t.session.isConnected) yield* t.connect(t.ownLink);
}

function* takeBack(t: Tester, deed: OperatorAction, restSeconds = REST_SECONDS): Steps {
  const counter = counterAction(deed);
  if (counter !== undefined) yield* t.operator(counter);
  const isFreed = counter?.kind === "unplug" && t.session.isConnected;
  if (isFreed && t.session.statuses.get(counter.connectorId) !== "Available") {
    const { connectorId } = counter;
    yield* t.attempt(call("StatusNotification", { connectorId, status: "Available" }), {
      within: restSeconds,
    });
  } else {
    yield* t.wait(restSeconds);
  }
}

function* send<A extends Action>(
  t: Tester,
  action: A,
  payload: Req<A>,
  restSeconds = 0,
): Steps {
  yield* t.sendForAny(action, payload);
  yield* t.wait(restSeconds);
}

function* clearLocalList(t: Tester): Steps {
  const outcome = yield* t.sendForAny("GetLocalListVersion", {});
  const listVersion = outcome.kind === "result"
    ? (outcome.payload as { listVersion: number }).listVersion
    : 0;
  if (listVersion < 1) return;
  yield* t.send("SendLocalList", {
    listVersion: listVersion + 1,
    updateType: "Full",
    localAuthorizationList: [],
  });
}
