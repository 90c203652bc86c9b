/** Broken messages to a Central System under test: one case an Action that a Charge Point may send, and one of frames. */
import { type Action, ACTIONS, maySend } from "../../ocpp/action.ts";
import type { CaseDefinition } from "../case.ts";
import { BOOT, booted } from "../central_system/states.ts";
import type { Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { brokenFrames } from "./broken_frame.ts";
import { brokenCalls } from "./broken_message.ts";
import { materialOf, NEGATIVE_SPEC } from "./material.ts";
import { type NegativePlan, sendBroken, tolerateEverything } from "./negative_play.ts";
import { validReq } from "./valid_payload.ts";

const PROBE = { action: "Heartbeat", payload: {} } as const;

/** How often, and after how long each time, the tester tries to connect to a system that went down. */
const ATTEMPTS = 3;
const ATTEMPT_SECONDS = 2;

function* revive(t: Tester): Steps<boolean> {
  if (t.session.isConnected) yield* t.disconnect("nothing is answered any more");
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const outcome = yield* t.connect(t.ownLink);
    if (outcome.kind === "up") return (yield* t.sendForAny("BootNotification", BOOT)).kind === "result";
    yield* t.wait(ATTEMPT_SECONDS);
  }
  return false;
}

/** Refusals prove nothing where the valid Call is refused too. */
function* accepted(t: Tester, action: Action): Steps {
  const { kind } = yield* t.sendForAny(action, validReq(action, materialOf(t)));
  yield* t.check(`a valid ${action} is answered by a CALLRESULT`, kind, kind === "result");
}

function actionCase(action: Action): CaseDefinition {
  const { profile } = ACTIONS[action];
  return {
    id: `NEG_${action}_CSMS`,
    title: `Broken messages – ${action}`,
    systemUnderTest: "centralSystem",
    profile,
    purpose: `Every broken ${action} is refused by a CALLERROR that says why, and the next Call is answered.`,
    spec: NEGATIVE_SPEC,
    needs: profile === "Core" ? {} : { profiles: [profile] },
    *run(t) {
      yield* tolerateEverything(t, "centralSystem");
      yield* t.prepare(booted(t));
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

const PLAN: Pick<NegativePlan, "probe" | "revive"> = { probe: PROBE, revive };

/** Frames that no Central System is to take. */
export const CENTRAL_SYSTEM_FRAMES = brokenFrames({
  valid: PROBE,
  otherDirection: { action: "ClearCache", payload: {} },
  withText: (idTag) => ({ action: "Authorize", payload: { idTag } }),
});

const FRAMES: CaseDefinition = {
  id: "NEG_Frames_CSMS",
  title: "Broken messages – frames",
  systemUnderTest: "centralSystem",
  profile: "Core",
  purpose: "Whatever is no frame of OCPP-J, or no Call of a Charge Point, leaves the connection usable.",
  spec: NEGATIVE_SPEC,
  needs: {},
  *run(t) {
    yield* tolerateEverything(t, "centralSystem");
    yield* t.prepare(booted(t));
    yield* sendBroken(t, {
      ...PLAN,
      name: "frame",
      messages: CENTRAL_SYSTEM_FRAMES,
    });
  },
};

/** Those with a Central System under test. */
export const NEGATIVE_CENTRAL_SYSTEM: readonly CaseDefinition[] = [
  ...(Object.keys(ACTIONS) as Action[]).filter((action) => maySend("chargePoint", action)).map(actionCase),
  FRAMES,
];
