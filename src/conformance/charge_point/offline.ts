/** Group 15: offline behaviour. */
import { atMsOf } from "../../ocpp/date_time.ts";
import type { Req } from "../../ocpp/registry.ts";
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { dateTimeBetween, type Matching, oneOf } from "../matcher.ts";
import { call, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import {
  askTheCentralSystem,
  charging,
  reason,
  start,
  status,
  stop,
  stopLocally,
  tolerateBoot,
  transactionOf,
  unplug,
} from "./states.ts";

/** Units: seconds. */
const OFFLINE_SECONDS = 20;
const SAMPLE_SECONDS = 5;
const WATCH_SECONDS = 5;

const SPEC = ["OCPP 1.6 §3.5", "OCPP 1.6 §3.7", "OCPP 1.6 §4.8"];

/** The idTag will be accepted offline: the cache knows it from a session, or unknown ones are. */
function* acceptableOffline(t: Tester): Steps {
  yield* t.configure({ LocalAuthorizeOffline: "true" });
  yield* askTheCentralSystem(t);
  if (t.capabilities.hasAuthorizationCache) {
    yield* t.configure({ AuthorizationCacheEnabled: "true" });
    const transaction = yield* charging(t);
    yield* stopLocally(t, transaction);
    yield* unplug(t);
  } else {
    yield* t.configure({ AllowOfflineTxForUnknownId: "true" });
  }
  yield* tolerateBoot(t, t.setup);
}

/** A session begins without a connection; gives from when to when that was. */
function* startOffline(t: Tester): Steps<{ readonly fromMs: number; readonly toMs: number }> {
  const { connectorId, idTag } = t.setup;
  yield* t.goOffline();
  const fromMs = t.nowMs;
  yield* t.operator({ kind: "plugIn", connectorId });
  yield* t.operator({ kind: "presentIdTag", connectorId, idTag });
  yield* t.wait(OFFLINE_SECONDS);
  const toMs = t.nowMs;
  yield* t.comeOnline();
  return { fromMs, toMs };
}

/** Clocks may differ a little. Units: milliseconds. */
const CLOCK_TOLERANCE_MS = 3_000;

function during({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  return dateTimeBetween({ fromMs: fromMs - CLOCK_TOLERANCE_MS, toMs: toMs + CLOCK_TOLERANCE_MS });
}

export const OFFLINE: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_036_CS",
    title: "Connection loss during transaction",
    profile: "Core",
    purpose: "The transaction goes on without a connection; what was metered meanwhile arrives afterwards.",
    spec: [...SPEC, "OCPP 1.6 §4.7"],
    *run(t) {
      yield* t.prepare(askTheCentralSystem(t));
      yield* t.prepare(t.configure({ MeterValueSampleInterval: String(SAMPLE_SECONDS) }));
      const transaction = yield* t.prepare(charging(t));
      const { connectorId, transactionId } = transaction;
      // What it told before the connection broke it may not know to have arrived.
      yield* tolerateBoot(t, t.setup);
      yield* t.tolerate(status(connectorId, "Charging"));
      yield* t.goOffline();
      const fromMs = t.nowMs;
      yield* t.wait(OFFLINE_SECONDS);
      const toMs = t.nowMs;
      yield* t.comeOnline();
      const seen = yield* t.expect(call("MeterValues", { connectorId, transactionId }));
      const timestamp = seen.payload.meterValue[0]?.timestamp ?? "";
      const isFromThen = atMsOf(timestamp) >= fromMs - CLOCK_TOLERANCE_MS &&
        atMsOf(timestamp) <= toMs;
      yield* t.check("the first reading was taken offline", timestamp, isFromThen);
      yield* stopLocally(t, transaction);
      yield* unplug(t);
    },
  }),
  chargePointCase({
    id: "TC_037_1_CS",
    title: "Offline start transaction – valid idTag",
    profile: "Core",
    purpose: "A transaction that started offline is told afterwards, with the time at which it started.",
    spec: SPEC,
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(acceptableOffline(t));
      const offline = yield* startOffline(t);
      yield* t.expectInAnyOrder([
        start({ connectorId, idTag, timestamp: during(offline) } as Parameters<typeof start>[0]),
        status(connectorId, oneOf("Charging", "SuspendedEV")),
      ]);
    },
  }),
  chargePointCase({
    id: "TC_037_2_CS",
    title: "Offline start transaction – invalid idTag, StopTransactionOnInvalidId = false",
    profile: "Core",
    purpose: "When the Central System refuses the idTag afterwards, energy stops and the transaction stays.",
    spec: [...SPEC, "OCPP 1.6 §9.1 StopTransactionOnInvalidId"],
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(acceptableOffline(t));
      yield* t.prepare(noEnergyOnInvalidId(t, "false"));
      yield* startOffline(t);
      yield* t.expectInAnyOrder([
        { ...start({ connectorId, idTag }), answer: () => ({ idTagInfo: { status: "Invalid" } }) },
        { ...status(connectorId, oneOf("Charging", "SuspendedEV")), isOptional: true },
        status(connectorId, "SuspendedEVSE"),
      ]);
      yield* t.quiet({ for: WATCH_SECONDS });
    },
  }),
  chargePointCase({
    id: "TC_037_3_CS",
    title: "Offline start transaction – invalid idTag, StopTransactionOnInvalidId = true",
    profile: "Core",
    purpose: "When the Central System refuses the idTag afterwards, the transaction is stopped.",
    spec: [...SPEC, "OCPP 1.6 §9.1 StopTransactionOnInvalidId", "OCPP 1.6 §7.36 DeAuthorized"],
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(acceptableOffline(t));
      yield* t.prepare(noEnergyOnInvalidId(t, "true"));
      yield* startOffline(t);
      yield* t.tolerate(
        status(connectorId, oneOf("Charging", "SuspendedEV", "SuspendedEVSE")),
      );
      const started = yield* t.expect(
        { ...start({ connectorId, idTag }), answer: () => ({ idTagInfo: { status: "Invalid" } }) },
      );
      yield* t.expectInAnyOrder([
        stop(transactionOf(started), { reason: "DeAuthorized" }),
        status(connectorId, "Finishing"),
      ]);
    },
  }),
  chargePointCase({
    id: "TC_038_CS",
    title: "Offline stop transaction",
    profile: "Core",
    purpose: "A transaction that was stopped offline is told afterwards, with the time at which it stopped.",
    spec: [...SPEC, "OCPP 1.6 §4.10"],
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      const transaction = yield* t.prepare(charging(t));
      yield* tolerateBoot(t, t.setup);
      yield* t.goOffline();
      const fromMs = t.nowMs;
      yield* t.operator({ kind: "presentIdTag", connectorId, idTag });
      yield* t.wait(OFFLINE_SECONDS);
      const timestamp = during({ fromMs, toMs: t.nowMs - OFFLINE_SECONDS * 500 });
      yield* t.comeOnline();
      yield* t.expectInAnyOrder([
        stop(transaction, { idTag, reason: reason("Local"), timestamp } as Matching<Req<"StopTransaction">>),
        status(connectorId, "Finishing"),
      ]);
      yield* unplug(t);
    },
  }),
  chargePointCase({
    id: "TC_039_CS",
    title: "Offline transaction",
    profile: "Core",
    purpose: "A transaction that began and ended offline is told afterwards: its start, then its stop.",
    spec: [...SPEC, "OCPP 1.6 §4.10"],
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(acceptableOffline(t));
      // What is told of a connector that is free again is no matter here.
      yield* t.tolerate(call("StatusNotification", { connectorId }));
      yield* t.goOffline();
      const fromMs = t.nowMs;
      yield* t.operator({ kind: "plugIn", connectorId });
      yield* t.operator({ kind: "presentIdTag", connectorId, idTag });
      yield* t.wait(OFFLINE_SECONDS);
      yield* t.operator({ kind: "presentIdTag", connectorId, idTag });
      yield* t.operator({ kind: "unplug", connectorId });
      yield* t.wait(1);
      const timestamp = during({ fromMs, toMs: t.nowMs });
      yield* t.comeOnline();
      const seen = yield* t.expect(start({ connectorId, idTag, timestamp } as Parameters<typeof start>[0]));
      const stopReq = { idTag, reason: reason("Local"), timestamp } as Matching<Req<"StopTransaction">>;
      yield* t.expect(stop(transactionOf(seen), stopReq));
    },
  }),
];

function* noEnergyOnInvalidId(t: Tester, stops: "true" | "false"): Steps {
  yield* t.configure({ StopTransactionOnInvalidId: stops });
  const allowance = yield* t.configurationOf("MaxEnergyOnInvalidId");
  if (allowance !== undefined) yield* t.configure({ MaxEnergyOnInvalidId: "0" });
}
