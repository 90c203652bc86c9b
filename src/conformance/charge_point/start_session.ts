/** Group 02: starting a charging session. */
import type { CaseDefinition } from "../case.ts";
import { chargePointCase } from "../case.ts";
import { call } from "../step.ts";
import {
  askTheCentralSystem,
  charging,
  identifyFirst,
  plugIn,
  started,
  status,
  stopLocally,
  unplug,
} from "./states.ts";

/** Units: seconds. Short, so that the case does not take long, and long enough to be told from at once. */
const CONNECTION_TIME_OUT_SECONDS = 10;

export const START_SESSION: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_003_CS",
    title: "Regular charging session – plugin first",
    profile: "Core",
    purpose: "A session begins with the cable, then the idTag, and ends with the idTag and the cable.",
    spec: [
      "OCPP 1.6 §3.4",
      "OCPP 1.6 §4.1",
      "OCPP 1.6 §4.8",
      "OCPP 1.6 §4.9 A2, B3, C6, F1",
      "OCPP 1.6 §4.10",
    ],
    *run(t) {
      yield* t.prepare(askTheCentralSystem(t));
      const transaction = yield* charging(t);
      yield* stopLocally(t, transaction);
      yield* unplug(t);
    },
  }),
  chargePointCase({
    id: "TC_004_1_CS",
    title: "Regular charging session – identification first",
    profile: "Core",
    purpose: "A session begins with the idTag, then the cable, and ends with the idTag and the cable.",
    spec: ["OCPP 1.6 §3.4", "OCPP 1.6 §4.1", "OCPP 1.6 §4.8", "OCPP 1.6 §4.9 A2, B3, C6, F1"],
    *run(t) {
      yield* t.prepare(askTheCentralSystem(t));
      yield* identifyFirst(t);
      yield* t.operator({ kind: "plugIn", connectorId: t.setup.connectorId });
      const transaction = yield* started(t);
      yield* stopLocally(t, transaction);
      yield* unplug(t);
    },
  }),
  chargePointCase({
    id: "TC_004_2_CS",
    title: "Regular charging session – identification first – ConnectionTimeOut",
    profile: "Core",
    purpose: "Without a cable the session that an idTag began is called off when ConnectionTimeOut is over.",
    spec: ["OCPP 1.6 §4.9 B1", "OCPP 1.6 §9.1.6 ConnectionTimeOut"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      yield* t.prepare(t.configure({ ConnectionTimeOut: String(CONNECTION_TIME_OUT_SECONDS) }));
      yield* identifyFirst(t);
      // A second of grace either way: the Charge Point counts from what it has done, we from what we were told.
      yield* t.quiet({ for: CONNECTION_TIME_OUT_SECONDS - 1 });
      yield* t.expect(status(connectorId, "Available"));
      yield* t.absent([call("StartTransaction")], { for: 5 });
      // The session is over indeed: the cable alone starts nothing.
      yield* plugIn(t);
      yield* t.quiet({ for: CONNECTION_TIME_OUT_SECONDS / 2 });
    },
  }),
];
