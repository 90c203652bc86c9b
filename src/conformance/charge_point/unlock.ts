/** Groups 07 and 13: UnlockConnector. */
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { askTheCentralSystem, charging, stopped, unplug } from "./states.ts";

const SPEC = ["OCPP 1.6 §5.18", "OCPP 1.6 §7.47"];

/** Units: seconds. */
const WATCH_SECONDS = 5;

export const UNLOCK: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_017_1_CS",
    title: "Unlock connector – no charging session, cable not fixed",
    profile: "Core",
    purpose: "A connector that nobody uses is unlocked.",
    spec: SPEC,
    needs: { cable: "detachable" },
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.send("UnlockConnector", { connectorId }, { status: "Unlocked" });
      yield* t.quiet({ for: WATCH_SECONDS });
    },
  }),
  chargePointCase({
    id: "TC_017_2_CS",
    title: "Unlock connector – no charging session, fixed cable",
    profile: "Core",
    purpose: "A fixed cable has no lock, so unlocking is not supported.",
    spec: SPEC,
    needs: { cable: "fixed" },
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.send("UnlockConnector", { connectorId }, { status: "NotSupported" });
      yield* t.quiet({ for: WATCH_SECONDS });
    },
  }),
  chargePointCase({
    id: "TC_018_1_CS",
    title: "Unlock connector – with charging session, cable not fixed",
    profile: "Core",
    purpose: "Unlocking ends the running transaction.",
    spec: [...SPEC, "OCPP 1.6 §7.36 UnlockCommand"],
    needs: { cable: "detachable" },
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      const transaction = yield* t.prepare(charging(t));
      yield* t.send("UnlockConnector", { connectorId }, { status: "Unlocked" });
      yield* stopped(t, transaction, { reason: "UnlockCommand" });
      yield* unplug(t);
    },
  }),
  chargePointCase({
    id: "TC_018_2_CS",
    title: "Unlock connector – with charging session, fixed cable",
    profile: "Core",
    purpose: "With a fixed cable unlocking is not supported, and the transaction goes on.",
    spec: SPEC,
    needs: { cable: "fixed" },
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      yield* t.prepare(charging(t));
      yield* t.send("UnlockConnector", { connectorId }, { status: "NotSupported" });
      yield* t.quiet({ for: WATCH_SECONDS });
    },
  }),
  chargePointCase({
    id: "TC_030_CS",
    title: "Unlock connector – unlock failure",
    profile: "Core",
    purpose: "A lock that does not open is reported by the answer.",
    spec: SPEC,
    needs: { cable: "detachable" },
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.operator({ kind: "jamLock", connectorId, jam: "unlock" });
      yield* t.send("UnlockConnector", { connectorId }, { status: "UnlockFailed" });
    },
  }),
  chargePointCase({
    id: "TC_031_CS",
    title: "Unlock connector – unknown connector",
    profile: "Core",
    purpose: "A connector that does not exist cannot be unlocked.",
    spec: [...SPEC, "errata 1.6 §5.18"],
    *run(t) {
      const connectorId = t.capabilities.connectors + 1;
      yield* t.send("UnlockConnector", { connectorId }, { status: "NotSupported" });
    },
  }),
];
