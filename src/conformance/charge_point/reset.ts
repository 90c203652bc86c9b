/** Group 06, reset: both types, with and without a transaction. */
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { call } from "../step.ts";
import { allStatuses, askTheCentralSystem, booted, charging, everyConnector, stop } from "./states.ts";

const SPEC = ["OCPP 1.6 §5.14", "OCPP 1.6 §4.2"];

export const RESET: readonly CaseDefinition[] = [
  ...(["Hard", "Soft"] as const).map((type) =>
    chargePointCase({
      id: type === "Hard" ? "TC_013_CS" : "TC_014_CS",
      title: `${type} reset without transaction`,
      profile: "Core",
      purpose: `A ${type} reset restarts the Charge Point.`,
      spec: SPEC,
      *run(t) {
        yield* t.send("Reset", { type }, { status: "Accepted" });
        yield* booted(t, everyConnector(t, "Available"));
      },
    })
  ),
  chargePointCase({
    id: "TC_015_CS",
    title: "Hard reset with transaction",
    profile: "Core",
    purpose: "A Hard reset stops the running transaction, before it or afterwards.",
    spec: [...SPEC, "OCPP 1.6 §7.36 HardReset"],
    *run(t) {
      yield* t.prepare(askTheCentralSystem(t));
      const transaction = yield* t.prepare(charging(t));
      yield* t.send("Reset", { type: "Hard" }, { status: "Accepted" });
      yield* t.until(
        [stop(transaction, { reason: "HardReset" }), call("BootNotification"), ...allStatuses(t)],
        { within: t.setup.connectWithinSeconds, forbidden: [call("StopTransaction")] },
      );
    },
  }),
  chargePointCase({
    id: "TC_016_CS",
    title: "Soft reset with transaction",
    profile: "Core",
    purpose: "A Soft reset stops the running transaction first, and then restarts the Charge Point.",
    spec: [...SPEC, "OCPP 1.6 §7.36 SoftReset"],
    *run(t) {
      yield* t.prepare(askTheCentralSystem(t));
      const transaction = yield* t.prepare(charging(t));
      yield* t.send("Reset", { type: "Soft" }, { status: "Accepted" });
      yield* t.until([stop(transaction, { reason: "SoftReset" })], {
        forbidden: [call("StopTransaction"), call("BootNotification")],
      });
      yield* booted(t);
    },
  }),
];
