/** Remote Trigger: messages that the operator asks for. */
import type { Conf, Req } from "../../ocpp/registry.ts";
import { type CaseDefinition, centralSystemCase } from "../case.ts";
import type { Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { aboutNow, booted, ordered, told } from "./states.ts";

const PROFILE = "RemoteTrigger";

function* triggered(
  t: Tester,
  payload: Req<"TriggerMessage">,
  status: Conf<"TriggerMessage">["status"] = "Accepted",
): Steps {
  yield* ordered(t, "TriggerMessage", payload, { status });
}

export const REMOTE_TRIGGER: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_054_CSMS",
    title: "Trigger message",
    profile: PROFILE,
    purpose: "Five kinds of messages are asked for, and answered when they come.",
    spec: ["OCPP 1.6 §5.17"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(booted(t));
      yield* triggered(t, { requestedMessage: "MeterValues", connectorId });
      yield* t.send("MeterValues", {
        connectorId,
        meterValue: [{
          timestamp: t.dateTime(),
          sampledValue: [{ value: "1000", context: "Trigger", measurand: "Energy.Active.Import.Register" }],
        }],
      }, {});
      yield* triggered(t, { requestedMessage: "Heartbeat" });
      yield* t.send("Heartbeat", {}, { currentTime: aboutNow(t) });
      yield* triggered(t, { requestedMessage: "StatusNotification", connectorId });
      yield* told(t, connectorId, "Available");
      yield* triggered(t, { requestedMessage: "DiagnosticsStatusNotification" });
      yield* t.send("DiagnosticsStatusNotification", { status: "Idle" }, {});
      yield* triggered(t, { requestedMessage: "FirmwareStatusNotification" });
      yield* t.send("FirmwareStatusNotification", { status: "Idle" }, {});
    },
  }),
  centralSystemCase({
    id: "TC_055_CSMS",
    title: "Trigger message – rejected",
    profile: PROFILE,
    purpose: "A message that the Charge Point does not send is taken note of.",
    spec: ["OCPP 1.6 §5.17"],
    *run(t) {
      yield* t.prepare(booted(t));
      const { connectorId } = t.setup;
      yield* triggered(t, { requestedMessage: "MeterValues", connectorId }, "Rejected");
    },
  }),
];
