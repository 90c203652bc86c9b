/** Group 04: the Authorization Cache. */
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { call, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { authorize, charging, plugIn, started, stopLocally, unplug } from "./states.ts";

const SPEC = ["OCPP 1.6 §3.5.1", "OCPP 1.6 §4.1", "OCPP 1.6 §9.1 LocalPreAuthorize"];

/** The idTag is remembered from a session, and what is remembered is enough to start. */
function* cached(t: Tester): Steps {
  yield* t.configure({ AuthorizationCacheEnabled: "true", LocalPreAuthorize: "false" });
  yield* t.send("ClearCache", {}, { status: "Accepted" });
  const transaction = yield* charging(t);
  yield* stopLocally(t, transaction);
  yield* unplug(t);
  yield* t.configure({ LocalPreAuthorize: "true" });
}

export const CACHE: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_007_1_CS",
    title: "Regular start charging session – cached id",
    profile: "Core",
    purpose: "An idTag that the cache knows as valid starts a transaction without Authorize.",
    spec: SPEC,
    needs: { hasAuthorizationCache: true },
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(cached(t));
      yield* plugIn(t);
      yield* t.operator({ kind: "presentIdTag", connectorId, idTag });
      yield* started(t);
    },
  }),
  chargePointCase({
    id: "TC_007_2_CS",
    title: "Remote start charging session – cached id",
    profile: "Core",
    purpose: "A remote start with an idTag that the cache knows needs no Authorize.",
    spec: [...SPEC, "OCPP 1.6 §5.11"],
    needs: { hasAuthorizationCache: true },
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(cached(t));
      yield* t.prepare(t.configure({ AuthorizeRemoteTxRequests: "true" }));
      yield* plugIn(t);
      yield* t.send("RemoteStartTransaction", { connectorId, idTag }, { status: "Accepted" });
      yield* started(t);
    },
  }),
  chargePointCase({
    id: "TC_061_1_CS",
    title: "Clear authorization data in the cache – local",
    profile: "Core",
    purpose: "After ClearCache an idTag that was remembered is asked for again.",
    spec: ["OCPP 1.6 §5.6", ...SPEC],
    needs: { hasAuthorizationCache: true },
    *run(t) {
      yield* t.prepare(cached(t));
      yield* t.send("ClearCache", {}, { status: "Accepted" });
      yield* plugIn(t);
      yield* authorize(t);
      yield* started(t);
    },
  }),
  chargePointCase({
    id: "TC_061_2_CS",
    title: "Clear authorization data in the cache – remote",
    profile: "Core",
    purpose: "After ClearCache a remote start asks for the idTag that was remembered.",
    spec: ["OCPP 1.6 §5.6", "OCPP 1.6 §5.11", ...SPEC],
    needs: { hasAuthorizationCache: true },
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(cached(t));
      yield* t.prepare(t.configure({ AuthorizeRemoteTxRequests: "true" }));
      yield* t.send("ClearCache", {}, { status: "Accepted" });
      yield* plugIn(t);
      yield* t.send("RemoteStartTransaction", { connectorId, idTag }, { status: "Accepted" });
      yield* t.expect(call("Authorize", { idTag }));
      yield* started(t);
    },
  }),
];
