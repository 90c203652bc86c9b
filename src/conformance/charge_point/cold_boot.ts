/** Group 01: cold boot. */
import { optional } from "../matcher.ts";
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { call, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { allStatuses, everyConnector } from "./states.ts";

/** Units: seconds. Short, so that the cases do not take long. */
const RETRY_SECONDS = 10;
const HEARTBEAT_SECONDS = 10;

/** How far a Charge Point may be from an interval. Units: seconds. */
const TOLERANCE_SECONDS = 3;

/** Switched off and on: it connects, and the next thing it does is for the case to see. */
function* restartPower(t: Tester): Steps {
  yield* t.operator({ kind: "powerOff" });
  yield* t.expectDisconnection();
  yield* t.operator({ kind: "powerOn" });
  yield* t.expectConnection();
}

/** BootNotification.conf with an interval becomes HeartbeatInterval, which is put back like any other key. */
function* rememberHeartbeat(t: Tester): Steps {
  const before = yield* t.configurationOf("HeartbeatInterval");
  if (before !== undefined) t.record.configuration.set("HeartbeatInterval", before);
}

export const COLD_BOOT: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_001_CS",
    title: "Cold boot",
    profile: "Core",
    purpose:
      "After a start it sends BootNotification and nothing else until it is Accepted, then every status, then Heartbeats.",
    spec: ["OCPP 1.6 §4.2 with errata", "OCPP 1.6 §4.6"],
    *run(t) {
      yield* t.prepare(rememberHeartbeat(t));
      yield* restartPower(t);
      const currentTime = t.dateTime();
      yield* t.expect(
        call("BootNotification", {}, { status: "Rejected", currentTime, interval: RETRY_SECONDS }),
        { within: t.setup.connectWithinSeconds },
      );
      // §4.2: while Rejected either end may hang up.
      yield* t.silence({ for: RETRY_SECONDS - 1, mayHangUp: true });
      yield* t.expectConnection();
      const interval = HEARTBEAT_SECONDS;
      yield* t.expect(
        call("BootNotification", {}, () => ({ status: "Accepted", currentTime: t.dateTime(), interval })),
      );
      yield* t.expectInAnyOrder(allStatuses(t, everyConnector(t, "Available")));
      const within = HEARTBEAT_SECONDS + TOLERANCE_SECONDS;
      const first = yield* t.expect(call("Heartbeat"), { within });
      const second = yield* t.expect(call("Heartbeat"), { within });
      const seconds = (second.atMs - first.atMs) / 1_000;
      yield* t.check(
        `Heartbeats come every ${interval} s`,
        `${seconds} s`,
        Math.abs(seconds - interval) <= TOLERANCE_SECONDS,
      );
    },
  }),
  chargePointCase({
    id: "TC_002_CS",
    title: "Cold boot – Pending",
    profile: "Core",
    purpose: "While Pending it obeys Get- and ChangeConfiguration and sends nothing by itself.",
    spec: ["OCPP 1.6 §4.2 with errata", "OCPP 1.6 §5.3", "OCPP 1.6 §5.8"],
    *run(t) {
      const key = "MeterValueSampleInterval";
      yield* t.prepare(rememberHeartbeat(t));
      const before = yield* t.prepare(t.configurationOf(key));
      const value = before === "30" ? "60" : "30";
      yield* restartPower(t);
      yield* t.expect(
        call("BootNotification", {}, {
          status: "Pending",
          currentTime: t.dateTime(),
          interval: RETRY_SECONDS,
        }),
        { within: t.setup.connectWithinSeconds },
      );
      if (before !== undefined) t.record.configuration.set(key, before);
      yield* t.send("ChangeConfiguration", { key, value }, { status: "Accepted" });
      yield* t.send("GetConfiguration", { key: [key] }, {
        configurationKey: [{ key, value }],
        unknownKey: optional([]),
      });
      yield* t.silence({ for: RETRY_SECONDS - 2 });
      yield* t.expect(call("BootNotification"));
      yield* t.expectInAnyOrder(allStatuses(t, everyConnector(t, "Available")));
    },
  }),
];
