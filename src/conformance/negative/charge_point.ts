/** Broken messages to a Charge Point under test: one case an Action that a Central System may send, and one of frames. */
import { type Action, ACTIONS, maySend } from "../../ocpp/action.ts";
import type { ChargePointNeeds } from "../capabilities.ts";
import type { CaseDefinition } from "../case.ts";
import type { Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { brokenFrames } from "./broken_frame.ts";
import { brokenCalls } from "./broken_message.ts";
import { materialOf, NEGATIVE_SPEC } from "./material.ts";
import { type NegativePlan, sendBroken, tolerateEverything } from "./negative_play.ts";
import { validReq } from "./valid_payload.ts";

const PROBE = { action: "GetConfiguration", payload: { key: ["HeartbeatInterval"] } } as const;

/** How long a Charge Point that has connected again may take to say who it is, and how it is. Units: seconds. */
const SETTLE_SECONDS = 5;

/** Carried out, these keep a Charge Point busy for longer than the case: their valid form is not tried. */
const NOT_TRIED: ReadonlySet<Action> = new Set([
  "GetDiagnostics",
  "GetLog",
  "RemoteStartTransaction",
  "Reset",
  "UpdateFirmware",
]);

function* revive(t: Tester): Steps<boolean> {
  if (t.session.isConnected) yield* t.disconnect("nothing is answered any more");
  if (!(yield* t.attemptLink("up"))) return false;
  yield* t.wait(SETTLE_SECONDS);
  return true;
}

/** Refusals prove nothing where the valid Call is refused too. */
function* accepted(t: Tester, action: Action): Steps {
  if (NOT_TRIED.has(action)) return;
  const { kind } = yield* t.sendForAny(action, validReq(action, materialOf(t)));
  yield* t.check(`a valid ${action} is answered by a CALLRESULT`, kind, kind === "result");
}

/** A system without the profile has nothing to refuse, and no more one that does not know this kind of update. */
function needsOf(action: Action): ChargePointNeeds {
  const { profile } = ACTIONS[action];
  return {
    ...(profile === "Core" ? {} : { profiles: [profile] }),
    ...(action === "UpdateFirmware" ? { firmwareUpdate: ["plain", "both"] } : {}),
    ...(action === "SignedUpdateFirmware" ? { firmwareUpdate: ["signed", "both"] } : {}),
  };
}

const PLAN: Pick<NegativePlan, "probe" | "revive"> = { probe: PROBE, revive };

function actionCase(action: Action): CaseDefinition {
  return {
    id: `NEG_${action}_CS`,
    title: `Broken messages – ${action}`,
    systemUnderTest: "chargePoint",
    profile: ACTIONS[action].profile,
    purpose: `Every broken ${action} is refused by a CALLERROR that says why, and the next Call is answered.`,
    spec: NEGATIVE_SPEC,
    needs: needsOf(action),
    *run(t) {
      yield* tolerateEverything(t, "chargePoint");
      yield* t.prepare(accepted(t, action));
      const origin = { action, payload: validReq(action, materialOf(t)) };
      yield* sendBroken(t, {
        ...PLAN,
        name: action,
        messages: brokenCalls(action, origin.payload),
        origin,
      });
    },
  };
}

/** Frames that no Charge Point is to take. */
export const CHARGE_POINT_FRAMES = brokenFrames({
  valid: PROBE,
  otherDirection: { action: "Heartbeat", payload: {} },
  withText: (key) => ({ action: "ChangeConfiguration", payload: { key, value: "1" } }),
});

const FRAMES: CaseDefinition = {
  id: "NEG_Frames_CS",
  title: "Broken messages – frames",
  systemUnderTest: "chargePoint",
  profile: "Core",
  purpose: "Whatever is no frame of OCPP-J, or no Call of a Central System, leaves the connection usable.",
  spec: NEGATIVE_SPEC,
  needs: {},
  *run(t) {
    yield* tolerateEverything(t, "chargePoint");
    yield* sendBroken(t, {
      ...PLAN,
      name: "frame",
      messages: CHARGE_POINT_FRAMES,
    });
  },
};

/** Those with a Charge Point under test. */
export const NEGATIVE_CHARGE_POINT: readonly CaseDefinition[] = [
  ...(Object.keys(ACTIONS) as Action[]).filter((action) => maySend("centralSystem", action)).map(actionCase),
  FRAMES,
];
