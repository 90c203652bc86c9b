/**
 * Steps that many cases with a Charge Point under test share, and the states that they lead to.
 *
 * StatusNotification(Charging) and StartTransaction may come in either order, likewise Finishing and
 * StopTransaction. Spec: OCPP 1.6 §3.4 (session), §4.1, §4.8–4.10; order left open by the specification.
 */
import type { Req } from "../../ocpp/registry.ts";
import type { ChargePointStatus, Reason } from "../../ocpp/types.ts";
import { ABSENT, atLeast, ciString, type Matcher, type Matching, not, oneOf, optional } from "../matcher.ts";
import { call, type ExpectedCall, type Seen, type Steps } from "../step.ts";
import type { Tester, Within } from "../tester.ts";

/** A StatusNotification without an error. */
export function status(
  connectorId: number,
  expected: ChargePointStatus | Matcher,
): ExpectedCall<"StatusNotification", false> {
  return call("StatusNotification", { connectorId, status: expected, errorCode: "NoError" });
}

/** What a case knows of a transaction that it has seen begin. */
export interface SeenTransaction {
  readonly transactionId: number;
  readonly connectorId: number;
  readonly idTag: string;
  readonly meterStart: number;
  readonly startedAtMs: number;
}

export function transactionOf({ payload, answer, atMs }: Seen<"StartTransaction">): SeenTransaction {
  const { connectorId, idTag, meterStart } = payload;
  return { transactionId: answer?.transactionId ?? -1, connectorId, idTag, meterStart, startedAtMs: atMs };
}

/** Who charges where; the case's own connector and idTag unless it says otherwise. */
export interface Who {
  readonly connectorId?: number;
  readonly idTag?: string;
}

/** The cable goes in: Preparing. */
export function* plugIn(t: Tester, { connectorId = t.setup.connectorId }: Who = {}): Steps {
  yield* t.operator({ kind: "plugIn", connectorId });
  yield* t.expect(status(connectorId, "Preparing"));
}

/** An idTag is shown and authorized by the Central System. */
export function* authorize(t: Tester, who: Who & { readonly parentIdTag?: string } = {}): Steps {
  const { connectorId = t.setup.connectorId, idTag = t.setup.idTag, parentIdTag } = who;
  yield* t.operator({ kind: "presentIdTag", connectorId, idTag });
  const optionalParent = parentIdTag === undefined ? {} : { parentIdTag };
  yield* t.expect(call("Authorize", { idTag }, { idTagInfo: { status: "Accepted", ...optionalParent } }));
}

/**
 * An idTag is shown at a free connector: Authorize and Preparing, which may be told before or after the answer.
 *
 * Spec: OCPP 1.6 §4.9 A2 names the presented idTag itself as the trigger.
 */
export function* identifyFirst(t: Tester, who: Who = {}): Steps {
  const { connectorId = t.setup.connectorId, idTag = t.setup.idTag } = who;
  yield* t.operator({ kind: "presentIdTag", connectorId, idTag });
  yield* t.expectInAnyOrder([call("Authorize", { idTag }), status(connectorId, "Preparing")]);
}

/** What StartTransaction has to say. */
export function start(
  { connectorId, idTag, ...more }: { connectorId: number; idTag: string } & Matching<Req<"StartTransaction">>,
  parentIdTag?: string,
): ExpectedCall<"StartTransaction", false> {
  const expected = call("StartTransaction", {
    connectorId,
    idTag,
    meterStart: atLeast(0),
    reservationId: ABSENT,
    ...more,
  } as Matching<Req<"StartTransaction">>);
  if (parentIdTag === undefined) return expected;
  return { ...expected, answer: () => ({ idTagInfo: { status: "Accepted", parentIdTag } }) };
}

/**
 * The transaction starts: StartTransaction and Charging. Energy may be held back until StartTransaction.conf (§4.9 B5,
 * E3, E4). An EV that is not ready yet is none of our business, and may be at any time from then on (B4, D3).
 */
export function* started(
  t: Tester,
  who: Who & { readonly parentIdTag?: string; readonly reservationId?: number } = {},
  within: Within = {},
): Steps<SeenTransaction> {
  const { connectorId = t.setup.connectorId, idTag = t.setup.idTag, parentIdTag, reservationId } = who;
  const reservation = reservationId === undefined ? {} : { reservationId };
  const isOffered = status(connectorId, oneOf("Charging", "SuspendedEV"));
  const [seen, first] = yield* t.expectInAnyOrder([
    start({ connectorId, idTag, ...reservation }, parentIdTag),
    status(connectorId, oneOf("Charging", "SuspendedEV", "SuspendedEVSE")),
  ], within);
  const isHeldBack = first.payload.status === "SuspendedEVSE";
  const { payload } = isHeldBack ? yield* t.expect(isOffered, within) : first;
  if (payload.status === "SuspendedEV") yield* t.tolerate(status(connectorId, "Charging"));
  return transactionOf(seen);
}

/** The reusable state Charging, by cable first. */
export function* charging(
  t: Tester,
  who: Who & { readonly parentIdTag?: string } = {},
): Steps<SeenTransaction> {
  yield* plugIn(t, who);
  yield* authorize(t, who);
  return yield* started(t, who);
}

/** What StopTransaction has to say. */
export function stop(
  { transactionId, meterStart, idTag }: SeenTransaction,
  expected: Matching<Req<"StopTransaction">>,
): ExpectedCall<"StopTransaction", false> {
  // §6.49: the idTag is told where it is known; nobody else's will do.
  const usual = { transactionId, meterStop: atLeast(meterStart), idTag: optional(ciString(idTag)) };
  return call("StopTransaction", { ...usual, ...(expected as object) });
}

/** A reason that is this one; where it is Local it may be left out. Spec: OCPP 1.6 §6.49. */
export function reason(expected: Reason): Matcher {
  return expected === "Local" ? optional("Local") : oneOf(expected);
}

/** Energy ends before the transaction does, which may be told. Spec: OCPP 1.6 §4.9 C4, C5, D6, E6. */
export function energyEnds(connectorId: number): ExpectedCall<"StatusNotification", true> {
  return { ...status(connectorId, oneOf("SuspendedEV", "SuspendedEVSE")), isOptional: true };
}

/** The transaction stops: StopTransaction and Finishing. */
export function* stopped(
  t: Tester,
  transaction: SeenTransaction,
  expected: Matching<Req<"StopTransaction">>,
  within: Within = {},
): Steps<Seen<"StopTransaction">> {
  const { connectorId } = transaction;
  const [seen] = yield* t.expectInAnyOrder([
    stop(transaction, expected),
    energyEnds(connectorId),
    status(connectorId, "Finishing"),
  ], within);
  return seen;
}

/** The user shows the idTag once more: no Authorize, StopTransaction, Finishing. Spec: OCPP 1.6 §4.1. */
export function* stopLocally(t: Tester, transaction: SeenTransaction): Steps {
  const { connectorId, idTag } = transaction;
  yield* t.operator({ kind: "presentIdTag", connectorId, idTag });
  yield* stopped(t, transaction, { idTag, reason: reason("Local") } as Matching<Req<"StopTransaction">>);
}

/** The cable comes out: Available. */
export function* unplug(t: Tester, { connectorId = t.setup.connectorId }: Who = {}): Steps {
  yield* t.operator({ kind: "unplug", connectorId });
  yield* t.expect(status(connectorId, "Available"));
}

/** What a connector that works may be after a boot: a cable may be in it, of a session that is over or not begun. */
const AFTER_BOOT = oneOf("Available", "Preparing", "Finishing");

/** The statuses of connector 0 and every other one after a boot; `expected` names those that are known better. */
export function allStatuses(
  t: Tester,
  expected: Readonly<Record<number, ChargePointStatus | Matcher>> = {},
): readonly ExpectedCall<"StatusNotification", false>[] {
  return t.connectorIds.map((connectorId) =>
    status(connectorId, expected[connectorId] ?? (connectorId === 0 ? "Available" : AFTER_BOOT))
  );
}

/** Every connector, 0 included, with one status. */
export function everyConnector(
  t: Tester,
  status: ChargePointStatus,
): Readonly<Record<number, ChargePointStatus>> {
  return Object.fromEntries(t.connectorIds.map((connectorId) => [connectorId, status]));
}

/** It starts anew: a connection, BootNotification, and every status. Spec: OCPP 1.6 §4.2 with errata. */
export function* booted(
  t: Tester,
  expected: Readonly<Record<number, ChargePointStatus | Matcher>> = {},
): Steps {
  // Before it goes down it may tell that it does.
  const goingDown = oneOf("Finishing", "Available", "Unavailable");
  yield* t.until([call("BootNotification")], {
    within: t.setup.connectWithinSeconds,
    forbidden: [
      call("StatusNotification", { status: not(goingDown) }),
      call("StatusNotification", { errorCode: not("NoError") }),
      call("StartTransaction"),
      call("StopTransaction"),
    ],
  });
  yield* t.expectInAnyOrder(allStatuses(t, expected));
}

/**
 * A BootNotification on a mere reconnect, which is advised against and not forbidden (OCPP-J 1.6 §5.3). Every status
 * follows it: that of connectors that the case has nothing to do with is Available.
 */
export function* tolerateBoot(t: Tester, { connectorId }: Who = {}): Steps {
  const others = t.connectorIds.filter((id) => id !== connectorId).map((id) => status(id, "Available"));
  yield* t.tolerate(call("BootNotification"), ...others);
}

/** The Central System is to be asked about every idTag: nothing that is remembered gets in between. */
export function* askTheCentralSystem(t: Tester): Steps {
  yield* t.configure({ LocalPreAuthorize: "false" });
}
