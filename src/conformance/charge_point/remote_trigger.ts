/** Groups 22 and 24: messages on demand, and data of a vendor. */
import type { Req } from "../../ocpp/registry.ts";
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { arrayOfAll, oneOf } from "../matcher.ts";
import { call, type ExpectedCall } from "../step.ts";
import { status } from "./states.ts";
import type { Tester } from "../tester.ts";

const SPEC = ["OCPP 1.6 §5.17 with errata"];

/** Units: seconds. */
const WATCH_SECONDS = 5;

type Triggered = Req<"TriggerMessage">["requestedMessage"];

/** What can be triggered of a Charge Point, and what comes of it. */
function triggers(t: Tester): readonly (readonly [Triggered, ExpectedCall])[] {
  const { connectorId } = t.setup;
  const hasFirmware = t.capabilities.profiles.includes("FirmwareManagement");
  const isPlain = hasFirmware && ["plain", "both"].includes(t.capabilities.firmwareUpdate);
  return [
    [
      "MeterValues",
      call("MeterValues", { connectorId, meterValue: arrayOfAll({ sampledValue: fromTrigger }) }),
    ],
    ["Heartbeat", call("Heartbeat")],
    ["StatusNotification", status(connectorId, "Available")],
    ...(hasFirmware
      ? [
        ["DiagnosticsStatusNotification", call("DiagnosticsStatusNotification", { status: "Idle" })] as const,
      ]
      : []),
    // One that knows signed updates only tells of those (Security §5).
    ...(isPlain
      ? [
        [
          "FirmwareStatusNotification",
          call("FirmwareStatusNotification", { status: oneOf("Idle", "Installed") }),
        ] as const,
      ]
      : []),
  ];
}

const fromTrigger = arrayOfAll({ context: "Trigger" });

export const REMOTE_TRIGGER: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_054_CS",
    title: "Trigger message",
    profile: "RemoteTrigger",
    purpose: "What is asked for comes, after the answer.",
    spec: SPEC,
    *run(t) {
      const { connectorId } = t.setup;
      for (const [requestedMessage, expected] of triggers(t)) {
        const isOfConnector = requestedMessage === "MeterValues" || requestedMessage === "StatusNotification";
        yield* t.send(
          "TriggerMessage",
          { requestedMessage, ...(isOfConnector ? { connectorId } : {}) },
          { status: "Accepted" },
        );
        yield* t.expectInAnyOrder([expected]);
      }
    },
  }),
  chargePointCase({
    id: "TC_055_CS",
    title: "Trigger message – Rejected",
    profile: "RemoteTrigger",
    purpose: "A message of a connector that does not exist cannot be had.",
    spec: SPEC,
    *run(t) {
      const connectorId = t.capabilities.connectors + 1;
      yield* t.send("TriggerMessage", { requestedMessage: "MeterValues", connectorId }, {
        status: "Rejected",
      });
      yield* t.absent([call("MeterValues", { connectorId })], { for: WATCH_SECONDS });
    },
  }),
];

export const DATA_TRANSFER: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_062_CS",
    title: "Data transfer to a Charge Point",
    profile: "Core",
    purpose: "Data of a vendor that the Charge Point does not know is answered so.",
    spec: ["OCPP 1.6 §4.3, §5.5", "OCPP 1.6 §7.20"],
    *run(t) {
      yield* t.send(
        "DataTransfer",
        { vendorId: "com.example.unknown", messageId: "Test", data: "test" },
        { status: "UnknownVendorId" },
      );
    },
  }),
];
