/** A Central System that has forgotten us answers SecurityError to what is not a BootNotification (errata 1.6). */
import assert from "node:assert/strict";
import type { Action } from "../../src/ocpp/action.ts";
import {
  type ScriptedAnswer,
  ScriptedCentralSystem,
  type ScriptOptions,
} from "../support/scripted_central_system.ts";

/** Booted, then forgotten: everything is refused until the next BootNotification. */
class Forgetful {
  readonly script: ScriptedCentralSystem;
  isForgotten = false;
  refusals = 0;

  constructor({ answers, ...given }: ScriptOptions = {}) {
    this.script = new ScriptedCentralSystem({ ...given, answers: { ...answers } });
    const refused: readonly Action[] = [
      ...["Authorize", "DataTransfer", "Heartbeat", "MeterValues", "StartTransaction"] as const,
      ...["StatusNotification", "StopTransaction"] as const,
    ];
    for (const action of refused) {
      Object.assign(this.script.script, {
        [action]: (): ScriptedAnswer | undefined => {
          if (!this.isForgotten) return undefined;
          this.refusals++;
          return { error: "SecurityError" };
        },
      });
    }
    this.script.boot();
    const boot = this.script.script.BootNotification;
    this.script.script.BootNotification = (payload, nth) => {
      this.isForgotten = false;
      return boot?.(payload, nth) ??
        { status: "Accepted", currentTime: new Date(this.script.nowMs).toISOString(), interval: 300 };
    };
  }

  forget(): ScriptedCentralSystem {
    this.isForgotten = true;
    return this.script.forget();
  }
}

Deno.test("a Heartbeat that is refused with SecurityError leads to a BootNotification and all statuses", () => {
  const forgetful = new Forgetful();
  const script = forgetful.forget().run(300);
  assert.deepEqual(script.actions(), [
    ...["Heartbeat", "BootNotification", "StatusNotification", "StatusNotification"],
  ]);
});

Deno.test("an idTag that was asked about is asked about again, and charges", () => {
  const forgetful = new Forgetful();
  forgetful.script.plugIn();
  const script = forgetful.forget().present();
  assert.deepEqual(script.actions().slice(0, 2), ["Authorize", "BootNotification"]);
  assert.equal(script.seen("Authorize").length, 2);
  assert.equal(script.chargePoint.connectors[0]?.status, "Charging");
});

Deno.test("transaction-related messages are sent again, with their uniqueId, at once and in order", () => {
  const forgetful = new Forgetful({ configuration: { TransactionMessageAttempts: "1" } });
  forgetful.script.charge().cut().run(125); // no status changes meanwhile: those would go first
  const script = forgetful.forget().reconnect();
  const messages = script.calls.filter(({ action }) => /Transaction|MeterValues/.test(action));
  assert.deepEqual(messages.map(({ action }) => action), ["MeterValues", "MeterValues", "MeterValues"]);
  assert.equal(messages[0]?.uniqueId, messages[1]?.uniqueId);
  assert.notEqual(messages[1]?.uniqueId, messages[2]?.uniqueId);
  assert.equal(script.chargePoint.queueLength, 0);
  assert.deepEqual(script.events("messageLost"), []);
});

Deno.test("a Charge Point registers again once for each link, however often it is refused", () => {
  const forgetful = new Forgetful({ configuration: { HeartbeatInterval: "300" } });
  for (let link = 1; link <= 2; link++) {
    const script = forgetful.forget().run(300);
    assert.equal(script.seen("BootNotification").length, 1, `link ${link}`);
    forgetful.isForgotten = true;
    script.run(1_200);
    assert.equal(script.seen("BootNotification").length, 1);
    forgetful.isForgotten = false;
    script.cut().reconnect();
  }
});

Deno.test("a SecurityError in answer to BootNotification is just no usable answer", () => {
  const script = new ScriptedCentralSystem({
    answers: { BootNotification: () => ({ error: "SecurityError" }) },
  });
  script.boot().run(9);
  assert.equal(script.seen("BootNotification").length, 1);
  script.run(2);
  assert.equal(script.seen("BootNotification").length, 2);
});

/** What BootNotification is answered while an idTag waits for it. */
const REGISTRATIONS: readonly (readonly [what: string, answer: ScriptedAnswer<"BootNotification">])[] = [
  ["Rejected", { status: "Rejected", currentTime: "2026-01-01T12:00:00Z", interval: 60 }],
  ["Pending", { status: "Pending", currentTime: "2026-01-01T12:00:00Z", interval: 60 }],
  ["a CALLERROR", { error: "InternalError" }],
];

for (const [what, answer] of REGISTRATIONS) {
  Deno.test(`an idTag that waits for a registration which gets ${what} is decided offline`, () => {
    const forgetful = new Forgetful({ configuration: { AllowOfflineTxForUnknownId: "true" } });
    forgetful.script.script.BootNotification = () => answer;
    forgetful.script.plugIn();
    const script = forgetful.forget().present();
    assert.deepEqual(script.events("authorization").map(({ status }) => status), ["Accepted"]);
    assert.equal(script.chargePoint.connectors[0]?.status, "Charging");
    assert.equal(script.seen("StartTransaction").length, 0);
  });
}

Deno.test("a DataTransfer that is refused with SecurityError has failed, and we are registered anew", () => {
  const script = new Forgetful().forget();
  script.input({ kind: "sendDataTransfer", vendorId: "com.example" }).run(0);
  assert.deepEqual(script.events("dataTransferEnded").map(({ status }) => status), ["Failed"]);
  assert.equal(script.seen("BootNotification").length, 1);
});
