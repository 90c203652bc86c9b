/**
 * Every reason for which a transaction can end, each by what really brings it about.
 */
import assert from "node:assert/strict";
import { Reason } from "../../src/ocpp/types.ts";
import { ScriptedCentralSystem, type ScriptOptions } from "../support/scripted_central_system.ts";

/** What ends a transaction that runs with transactionId 101. */
const ENDS: Readonly<
  Record<
    Reason,
    { readonly options?: ScriptOptions; readonly end: (script: ScriptedCentralSystem) => unknown }
  >
> = {
  Local: { end: (it) => it.present() },
  Remote: { end: (it) => it.result("RemoteStopTransaction", { transactionId: 101 }) },
  EVDisconnected: { end: (it) => it.unplug() },
  DeAuthorized: {
    options: {
      answers: { StartTransaction: () => ({ transactionId: 101, idTagInfo: { status: "Blocked" } }) },
    },
    end: () => {},
  },
  EmergencyStop: { end: (it) => it.input({ kind: "emergencyStop" }) },
  HardReset: { end: (it) => it.result("Reset", { type: "Hard" }) },
  SoftReset: { end: (it) => it.result("Reset", { type: "Soft" }) },
  Reboot: { end: (it) => it.input({ kind: "watchdog" }) },
  PowerLoss: { end: (it) => it.input({ kind: "powerOff" }).run(60).input({ kind: "powerOn" }) },
  UnlockCommand: { end: (it) => it.result("UnlockConnector", { connectorId: 1 }) },
  Other: { end: (it) => it.input({ kind: "fault", connectorId: 1, errorCode: "GroundFailure" }) },
};

for (const reason of Reason.options) {
  Deno.test(`§7.36 a transaction ends with the reason ${reason}, once`, () => {
    const { options, end } = ENDS[reason];
    const script = new ScriptedCentralSystem(options).boot().charge();
    end(script);
    script.run(60);
    const stops = script.seen("StopTransaction").map((
      { payload },
    ) => [payload.transactionId, payload.reason]);
    assert.deepEqual(stops, [[101, reason]]);
  });
}
