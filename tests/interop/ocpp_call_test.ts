/**
 * `ocpp call` with all 26 Calls of a Central System, to a strict `ocpp-rpc` Charge Point at a running `serve`.
 */
import assert from "node:assert/strict";
import { CALL_ACTIONS, guideOf } from "../../src/cli/call/action_guide.ts";
import { payloadOf } from "../../src/cli/call/payload.ts";
import type { Action } from "../../src/ocpp/action.ts";
import { fieldsOfReq } from "../../src/ocpp/field.ts";
import { ocppCall } from "../support/call_program.ts";
import { BOOT, interop } from "../support/rpc_client.ts";

/** Nobody listens there. */
const NOWHERE = "http://127.0.0.1:1";

const ACCEPTED = { status: "Accepted" };

/** Of each Action an answer that fits, and arguments that do not fit with the path of what is wrong. */
const CALLS: Readonly<Record<string, readonly [answer: object, wrong: readonly string[], path: string]>> = {
  ChangeAvailability: [ACCEPTED, ["connectorId=1", "type=Off"], "payload.type"],
  ChangeConfiguration: [{ status: "RebootRequired" }, ["key=K"], "payload.value"],
  ClearCache: [ACCEPTED, ["all=true"], "payload.all"],
  DataTransfer: [{ ...ACCEPTED, data: "d" }, ["data=d"], "payload.vendorId"],
  GetConfiguration: [{ unknownKey: ["NumberOfConnectors"] }, [`key=${"k".repeat(51)}`], "payload.key[0]"],
  RemoteStartTransaction: [{ status: "Rejected" }, ["idTag=T", "connectorId=0"], "payload.connectorId"],
  RemoteStopTransaction: [ACCEPTED, ["transactionId=x"], "payload.transactionId"],
  Reset: [ACCEPTED, ["type=Gentle"], "payload.type"],
  UnlockConnector: [{ status: "Unlocked" }, ["connectorId=0"], "payload.connectorId"],
  GetDiagnostics: [{ fileName: "diagnostics.zip" }, ["location=x", "retries=1.5"], "payload.retries"],
  UpdateFirmware: [{}, ["location=x", "retrieveDate=soon"], "payload.retrieveDate"],
  GetLocalListVersion: [{ listVersion: 3 }, ["version=3"], "payload.version"],
  SendLocalList: [
    { status: "VersionMismatch" },
    ["listVersion=1", "updateType=Full", "localAuthorizationList.0.idTagInfo.status=Accepted"],
    "payload.localAuthorizationList[0].idTag",
  ],
  CancelReservation: [ACCEPTED, [], "payload.reservationId"],
  ReserveNow: [
    { status: "Occupied" },
    ["connectorId=1", "idTag=T", "reservationId=1", "expiryDate=2026-02-30T00:00:00Z"],
    "payload.expiryDate",
  ],
  ClearChargingProfile: [{ status: "Unknown" }, ["stackLevel=high"], "payload.stackLevel"],
  GetCompositeSchedule: [{ status: "Rejected" }, ["connectorId=1"], "payload.duration"],
  SetChargingProfile: [
    ACCEPTED,
    [
      ...guideOf("SetChargingProfile")!.example.slice(0, -1),
      `${guideOf("SetChargingProfile")!.example.at(-1)}.55`,
    ],
    "payload.csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0].limit",
  ],
  TriggerMessage: [{ status: "NotImplemented" }, ["requestedMessage=Reset"], "payload.requestedMessage"],
  CertificateSigned: [ACCEPTED, ["certificateChain=@long.pem"], "payload.certificateChain"],
  DeleteCertificate: [
    { status: "NotFound" },
    ["certificateHashData.hashAlgorithm=MD5"],
    "payload.certificateHashData.hashAlgorithm",
  ],
  ExtendedTriggerMessage: [ACCEPTED, ["requestedMessage=Heartbeat", "connectorId=0"], "payload.connectorId"],
  GetInstalledCertificateIds: [{ status: "NotFound" }, ["certificateType=Root"], "payload.certificateType"],
  GetLog: [{ ...ACCEPTED, filename: "log" }, ["logType=SecurityLog", "requestId=1"], "payload.log"],
  InstallCertificate: [{ status: "Failed" }, ["certificate=@root.pem"], "payload.certificateType"],
  SignedUpdateFirmware: [
    { status: "InvalidCertificate" },
    ["requestId=1", "firmware.location=x"],
    "payload.firmware.retrieveDateTime",
  ],
};

interop("ocpp call: all 26 Calls reach the strict client and come back", async (server, { client, call }) => {
  await call("BootNotification", BOOT);
  assert.deepEqual(Object.keys(CALLS), CALL_ACTIONS);
  const received: string[] = [];
  for (const action of CALL_ACTIONS) {
    const [answer] = CALLS[action]!;
    client.handle(action, () => {
      received.push(action);
      return Promise.resolve(answer as Record<string, unknown>);
    });
    const args = ["RPC1", action, ...guideOf(action)!.example];
    const { code, stdout, stderr } = await ocppCall(server.api, args, { json: true });
    assert.deepEqual([code, stderr], [0, ""], action);
    const { latencyMs, ...said } = JSON.parse(stdout);
    assert.deepEqual(said, { chargePoint: "RPC1", action, outcome: "result", payload: answer });
    assert.ok(latencyMs >= 0);
  }
  assert.deepEqual(received, CALL_ACTIONS);
});

interop(
  "ocpp call: of all 26 Calls a payload that does not fit is refused with its path before anything is sent, here and by the API",
  async (server, { call, messages }) => {
    await call("BootNotification", BOOT);
    const before = messages.length;
    const fileText = "x".repeat(10_001);
    for (const [action, [, wrong, path]] of Object.entries(CALLS)) {
      const { code, stdout, stderr } = await ocppCall(NOWHERE, ["RPC1", action, ...wrong], { fileText });
      assert.deepEqual([code, stdout], [2, ""], action);
      assert.ok(stderr.startsWith(`nothing was sent, ${action} does not fit: `), stderr);
      assert.ok(stderr.includes(`${path} `), `${path} in ${stderr}`);
      assert.ok(stderr.endsWith(`; see "ocpp call ${action} --help"`));
      const payload = await payloadOf(wrong, fieldsOfReq(action as Action), {
        nowMs: 0,
        readFile: () => fileText,
        readStdin: () => Promise.reject(new Error("nothing reads stdin here")),
      });
      const { status, body } = await server.call("RPC1", { action, payload });
      assert.equal(status, 400, action);
      const paths = body.faults.map((fault: { path: string }) => fault.path);
      assert.ok(paths.includes(path), `${path} among ${paths}`);
    }
    assert.equal(messages.length, before);
  },
);

interop("ocpp call: --no-validate sends what does not fit", async (server, { client, call, failures }) => {
  await call("BootNotification", BOOT);
  client.handle("Reset", () => Promise.resolve(ACCEPTED));
  const { code, stdout, stderr } = await ocppCall(server.api, ["RPC1", "Reset", "type=Gentle"], {
    validate: false,
  });
  assert.equal(code, 1);
  assert.match(stdout, /← CALLERROR (FormationViolation|PropertyConstraintViolation)/);
  assert.match(stderr, /^RPC1 refused Reset with the CALLERROR /);
  assert.equal(failures.splice(0).length, 1); // wanted, on its side
});
