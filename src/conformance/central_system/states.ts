/**
 * Steps that many cases with a Central System under test share, and the states that they lead to. The tester is the
 * Charge Point.
 *
 * Spec: OCPP 1.6 §3.4 (session), §4.1, §4.2, §4.8–4.10.
 */
import type { Action } from "../../ocpp/action.ts";
import { atMsOf, isDateTime } from "../../ocpp/date_time.ts";
import type { Conf, Req } from "../../ocpp/registry.ts";
import type { ChargePointErrorCode, ChargePointStatus, IdTagInfo, Reason } from "../../ocpp/types.ts";
import { atLeast, dateTimeBetween, type Matching, optional } from "../matcher.ts";
import { type Answer, call, type Seen, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";

/** How far apart the clocks of both ends may be. Units: seconds. */
const CLOCK_SKEW_SECONDS = 300;

/** A second is the finest that a date and time need be told in. */
const SECOND_MS = 1_000;

/** Units: Wh. */
const METER_START = 1_000;
const METER_STOP = 3_500;

/** The tester as a device. */
export const BOOT: Req<"BootNotification"> = {
  chargePointVendor: "Conformance",
  chargePointModel: "Tester",
};

/** A transaction that the tester has told of. */
export interface OwnTransaction {
  readonly transactionId: number;
  readonly connectorId: number;
  readonly idTag: string;
}

/** Connects with the credentials that there are, if any. */
export function* connected(t: Tester): Steps {
  const outcome = yield* t.connect(t.ownLink);
  yield* t.check("the connection is accepted", outcome, outcome.kind === "up");
}

/** The time of the Central System, about ours. */
export function aboutNow(t: Tester) {
  const skewMs = CLOCK_SKEW_SECONDS * SECOND_MS;
  return dateTimeBetween({ fromMs: t.nowMs - skewMs, toMs: t.nowMs + skewMs });
}

/** BootNotification, which is Accepted. Spec: OCPP 1.6 §4.2. */
export function* accepted(t: Tester): Steps<Conf<"BootNotification">> {
  return yield* t.send("BootNotification", BOOT, {
    status: "Accepted",
    currentTime: aboutNow(t),
    interval: atLeast(1),
  });
}

/** StatusNotification, which is answered; that of connector 0 and every other one where none is named. */
export function* told(
  t: Tester,
  connectorId: number,
  status: ChargePointStatus,
  errorCode: ChargePointErrorCode = "NoError",
): Steps {
  yield* t.send("StatusNotification", { connectorId, status, errorCode, timestamp: t.dateTime() });
}

/** The status of connector 0 and every other one; `others` where it is not Available. */
export function* allTold(
  t: Tester,
  others: Readonly<Record<number, ChargePointStatus>> = {},
): Steps {
  for (const connectorId of t.connectorIds) {
    yield* told(t, connectorId, others[connectorId] ?? "Available");
  }
}

/** The reusable state Booted: connected, accepted, every status told, and the Central System at rest. */
export function* booted(t: Tester): Steps {
  yield* connected(t);
  yield* accepted(t);
  yield* allTold(t);
  // Some Central Systems ask for the configuration, or set it, as soon as they see a Charge Point.
  yield* t.wait(t.setup.settleSeconds);
}

/** The tester restarts, with nothing more to answer: the connection ends, and it boots anew. */
export function* restarted(t: Tester): Steps {
  yield* t.quiet({ for: t.setup.quietSeconds });
  yield* t.disconnect("the Charge Point restarts");
  yield* booted(t);
}

/**
 * Nothing comes for a while; but the Central System may hang up, so that what it has just changed of the link counts at
 * once. Tells whether the connection is still there.
 */
export function* quietOrGone(t: Tester): Steps<boolean> {
  return yield* t.attemptLink("down", { within: t.setup.quietSeconds });
}

/** The reusable state Authorized: Authorize, answered with this status. */
export function* authorized(
  t: Tester,
  idTag: string = t.setup.idTag,
  expected: Matching<Conf<"Authorize">> = { idTagInfo: { status: "Accepted" } },
): Steps {
  yield* t.send("Authorize", { idTag }, expected);
}

/** Who charges where; the case's own connector and idTag unless it says otherwise. */
interface Who {
  readonly connectorId?: number;
  readonly idTag?: string;
  readonly reservationId?: number;
  /** How long ago it began. Units: seconds. */
  readonly secondsAgo?: number;
}

/** StartTransaction, answered with a transactionId and this status. */
export function* started(
  t: Tester,
  { connectorId = t.setup.connectorId, idTag = t.setup.idTag, reservationId, secondsAgo = 0 }: Who = {},
  expected: Matching<Conf<"StartTransaction">> = { idTagInfo: { status: "Accepted" } },
): Steps<OwnTransaction> {
  const { transactionId } = yield* t.send("StartTransaction", {
    connectorId,
    idTag,
    meterStart: METER_START,
    timestamp: t.dateTime(-secondsAgo),
    ...(reservationId === undefined ? {} : { reservationId }),
  }, expected);
  return { transactionId, connectorId, idTag };
}

/** The reusable state Charging, by cable first: Preparing, Authorized, StartTransaction, Charging. */
export function* charging(t: Tester, who: Who = {}): Steps<OwnTransaction> {
  const { connectorId = t.setup.connectorId, idTag = t.setup.idTag } = who;
  yield* told(t, connectorId, "Preparing");
  yield* authorized(t, idTag);
  const transaction = yield* started(t, who);
  yield* told(t, connectorId, "Charging");
  return transaction;
}

/** StopTransaction, which is answered; what it is told of its idTag, if anything, must match. */
export function* stopTold(
  t: Tester,
  { transactionId, idTag }: OwnTransaction,
  { reason, secondsAgo = 0, byDriver = false }: {
    readonly reason: Reason;
    readonly secondsAgo?: number;
    /** Whether the driver's idTag ended it. */
    readonly byDriver?: boolean;
  },
  idTagInfo: Matching<IdTagInfo> = { status: "Accepted" },
): Steps {
  yield* t.send("StopTransaction", {
    transactionId,
    meterStop: METER_STOP,
    timestamp: t.dateTime(-secondsAgo),
    reason,
    ...(byDriver ? { idTag } : {}),
  }, { idTagInfo: optional(idTagInfo) });
}

/** The driver stops by the idTag and leaves: StopTransaction, Finishing, Available. */
export function* stoppedByDriver(t: Tester, transaction: OwnTransaction): Steps {
  yield* stopTold(t, transaction, { reason: "Local", byDriver: true });
  yield* left(t, transaction);
}

/** Finishing, and Available as soon as the cable is out. */
export function* left(t: Tester, { connectorId }: OwnTransaction): Steps {
  yield* told(t, connectorId, "Finishing");
  yield* told(t, connectorId, "Available");
}

/** The operator of the Central System has it send this Call, which comes as it was asked for, and is answered. */
export function* ordered<A extends Action>(
  t: Tester,
  action: A,
  payload: Req<A>,
  answer: Answer<A>,
  expected: Matching<Req<A>> = asAsked(payload) as Matching<Req<A>>,
): Steps<Seen<A>> {
  yield* t.operator({ kind: "sendCall", action, payload });
  return yield* t.expect(call(action, expected, answer));
}

/** The same content; dates and times may be spelled otherwise, to the second. */
export function asAsked(payload: unknown): unknown {
  if (typeof payload === "string" && isDateTime(payload)) {
    const atMs = atMsOf(payload);
    return dateTimeBetween({ fromMs: atMs - SECOND_MS, toMs: atMs + SECOND_MS });
  }
  if (Array.isArray(payload)) return payload.map(asAsked);
  if (typeof payload !== "object" || payload === null) return payload;
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, asAsked(value)]));
}
