/**
 * Operators' Calls through the API to a strict `ocpp-rpc` Charge Point, and everything that can become of them.
 */
import assert from "node:assert/strict";
import { CALL_ACTIONS } from "../../src/cli/call/action_guide.ts";
import { BOOT, connect, foreign, interop } from "../support/rpc_client.ts";
import { startServer } from "../support/server.ts";
import { within } from "../support/within.ts";

/** Calls in the ways in which their payloads differ, with answers that fit; every Action is in `REMAINING` or here. */
const CALLS: readonly (readonly [action: string, payload: object, answer: object])[] = [
  ["ChangeAvailability", { connectorId: 0, type: "Inoperative" }, { status: "Scheduled" }],
  ["ChangeConfiguration", { key: "HeartbeatInterval", value: "60" }, { status: "RebootRequired" }],
  ["ClearCache", {}, { status: "Accepted" }],
  ["DataTransfer", { vendorId: "foreign", messageId: "m", data: "d" }, { status: "Accepted", data: "e" }],
  ["GetConfiguration", {}, {
    configurationKey: [{ key: "HeartbeatInterval", readonly: false, value: "300" }],
    unknownKey: ["NoSuchKey"],
  }],
  ["GetConfiguration", { key: ["HeartbeatInterval"] }, { configurationKey: [] }],
  ["RemoteStartTransaction", { idTag: "TAG1" }, { status: "Accepted" }],
  [
    "RemoteStartTransaction",
    {
      connectorId: 1,
      idTag: "TAG1",
      chargingProfile: {
        chargingProfileId: 1,
        stackLevel: 0,
        chargingProfilePurpose: "TxProfile",
        chargingProfileKind: "Relative",
        chargingSchedule: {
          chargingRateUnit: "A",
          chargingSchedulePeriod: [{ startPeriod: 0, limit: 8.1, numberPhases: 3 }],
        },
      },
    },
    { status: "Rejected" },
  ],
  ["RemoteStopTransaction", { transactionId: 4711 }, { status: "Rejected" }],
  ["Reset", { type: "Hard" }, { status: "Accepted" }],
  ["TriggerMessage", { requestedMessage: "MeterValues", connectorId: 1 }, { status: "NotImplemented" }],
  ["UnlockConnector", { connectorId: 1 }, { status: "UnlockFailed" }],
];

const HASH = { hashAlgorithm: "SHA256", issuerNameHash: "a1", issuerKeyHash: "b2", serialNumber: "c3" };
const SCHEDULE = {
  chargingRateUnit: "W",
  chargingSchedulePeriod: [{ startPeriod: 0, limit: 11_000.5 }, { startPeriod: 600, limit: 0 }],
};

/** The Actions of the other feature profiles. */
const REMAINING: typeof CALLS = [
  ["GetDiagnostics", { location: "ftp://files.test/", retries: 2 }, { fileName: "diagnostics.zip" }],
  ["UpdateFirmware", { location: "ftp://files.test/fw.bin", retrieveDate: "2030-01-31T12:00:00Z" }, {}],
  ["GetLocalListVersion", {}, { listVersion: 7 }],
  ["SendLocalList", {
    listVersion: 8,
    updateType: "Differential",
    localAuthorizationList: [{ idTag: "TAG1", idTagInfo: { status: "Blocked" } }, { idTag: "TAG2" }],
  }, { status: "VersionMismatch" }],
  ["CancelReservation", { reservationId: 1 }, { status: "Rejected" }],
  [
    "ReserveNow",
    { connectorId: 0, expiryDate: "2030-01-31T12:00:00Z", idTag: "TAG1", parentIdTag: "G", reservationId: 1 },
    { status: "Faulted" },
  ],
  ["ClearChargingProfile", { chargingProfilePurpose: "TxDefaultProfile" }, { status: "Unknown" }],
  ["GetCompositeSchedule", { connectorId: 1, duration: 3600, chargingRateUnit: "W" }, {
    status: "Accepted",
    connectorId: 1,
    scheduleStart: "2030-01-31T12:00:00Z",
    chargingSchedule: SCHEDULE,
  }],
  ["SetChargingProfile", {
    connectorId: 0,
    csChargingProfiles: {
      ...{ chargingProfileId: 2, stackLevel: 1, chargingProfilePurpose: "ChargePointMaxProfile" },
      ...{ chargingProfileKind: "Absolute", chargingSchedule: SCHEDULE },
    },
  }, { status: "NotSupported" }],
  ["CertificateSigned", { certificateChain: "-----BEGIN CERTIFICATE-----" }, { status: "Rejected" }],
  ["DeleteCertificate", { certificateHashData: HASH }, { status: "NotFound" }],
  ["ExtendedTriggerMessage", { requestedMessage: "LogStatusNotification" }, { status: "Accepted" }],
  ["GetInstalledCertificateIds", { certificateType: "ManufacturerRootCertificate" }, {
    status: "Accepted",
    certificateHashData: [HASH],
  }],
  [
    "GetLog",
    { logType: "SecurityLog", requestId: 3, log: { remoteLocation: "ftp://files.test/" } },
    { status: "AcceptedCanceled", filename: "log.txt" },
  ],
  [
    "InstallCertificate",
    { certificateType: "CentralSystemRootCertificate", certificate: "-----BEGIN CERTIFICATE-----" },
    { status: "Failed" },
  ],
  ["SignedUpdateFirmware", {
    requestId: 4,
    firmware: {
      ...{ location: "https://files.test/fw.bin", retrieveDateTime: "2030-01-31T12:00:00Z" },
      ...{ signingCertificate: "-----BEGIN CERTIFICATE-----", signature: "c2lnbmF0dXJl" },
    },
  }, { status: "RevokedCertificate" }],
];

interop(
  "Calls: all 26 Actions reach the strict client as sent, and their answers come back",
  async (server, { client, call }) => {
    await call("BootNotification", BOOT);
    const received: unknown[] = [];
    const calls = [...CALLS, ...REMAINING];
    assert.deepEqual(new Set(calls.map(([action]) => action)), new Set(CALL_ACTIONS));
    for (const [action, payload, answer] of calls) {
      client.handle(action, ({ params }) => {
        received.push(params);
        return Promise.resolve(answer);
      });
      const { status, body } = await server.call("RPC1", { action, payload });
      assert.deepEqual([status, body], [200, { outcome: "result", payload: answer }], action);
    }
    assert.deepEqual(received, calls.map(([, payload]) => payload));
    const { body } = await server.get("/api/v1/charge-points/RPC1/messages");
    const sent = body.items.filter((one: { direction: string }) => one.direction === "toChargePoint");
    assert.deepEqual(
      sent.toReversed().map((one: { action: string }) => one.action),
      calls.map(([action]) => action),
    );
  },
);

interop("Calls: a CALLERROR is the outcome error, with its code", async (server, { client, call }) => {
  const { createRPCError } = await import("ocpp-rpc");
  await call("BootNotification", BOOT);
  const unhandled = await server.call("RPC1", { action: "ClearCache" });
  assert.equal(unhandled.status, 200);
  assert.deepEqual(
    { ...unhandled.body, errorDescription: "" },
    { outcome: "error", errorCode: "NotImplemented", errorDescription: "", errorDetails: {} },
  );
  client.handle("Reset", () => {
    throw createRPCError("InternalError", "no relay", { relay: 3 });
  });
  assert.deepEqual((await server.call("RPC1", { action: "Reset", payload: { type: "Soft" } })).body, {
    outcome: "error",
    errorCode: "InternalError",
    errorDescription: "no relay",
    errorDetails: { relay: 3 },
  });
});

interop(
  "Calls: a payload that does not fit is refused by us, and with validate false by the strict client",
  async (server, chargePoint) => {
    const { client, call, failures } = chargePoint;
    await call("BootNotification", BOOT);
    client.handle("Reset", () => Promise.resolve({ status: "Accepted" }));
    const payload = { type: "Gentle" };
    const refused = await server.call("RPC1", { action: "Reset", payload });
    assert.deepEqual([refused.status, refused.body.faults[0].path], [400, "payload.type"]);
    assert.deepEqual(failures, []); // it never left
    const { body } = await server.call("RPC1", { action: "Reset", payload, validate: false });
    assert.equal(body.outcome, "error");
    // Implementations differ on the code for a value outside its enumeration.
    assert.match(body.errorCode, /^(FormationViolation|PropertyConstraintViolation)$/);
    assert.equal(failures.splice(0).length, 1); // wanted, on its side
  },
);

Deno.test({
  ...foreign("Calls: an answer that breaks its schema is the outcome invalid, with the faults"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await connect(server, "RPC1", { strictMode: false });
    await chargePoint.call("BootNotification", BOOT);
    chargePoint.client.handle("Reset", () => Promise.resolve({ status: "Sure", why: 1 }));
    const { status, body } = await server.call("RPC1", { action: "Reset", payload: { type: "Soft" } });
    assert.deepEqual([status, body.outcome, body.payload], [200, "invalid", { status: "Sure", why: 1 }]);
    assert.deepEqual(
      body.faults.map(({ path, kind }: { path: string; kind: string }) => [path, kind]),
      [["status", "notInEnumeration"], ["why", "extraField"]],
    );
  },
});

interop(
  "Calls: no answer in time gives 504, and the late answer changes nothing",
  async (server, { client, call }) => {
    await call("BootNotification", BOOT);
    const late = Promise.withResolvers<Record<string, unknown>>();
    client.handle("ClearCache", () => late.promise);
    const { status, body } = await server.call("RPC1", { action: "ClearCache", timeoutSeconds: 0.05 });
    assert.deepEqual([status, body.reason], [504, "timeout"]);
    late.resolve({ status: "Accepted" });
    client.handle("Reset", () => Promise.resolve({ status: "Accepted" }));
    const next = await server.call("RPC1", { action: "Reset", payload: { type: "Soft" } });
    assert.equal(next.body.outcome, "result");
    const ignored = await server.get("/api/v1/charge-points/RPC1/messages?outcome=ignored");
    assert.deepEqual(ignored.body.items.map((one: { answer: string }) => one.answer), ["late answer"]);
  },
);

interop(
  "Calls: several at once go out one at a time, in order, and all are answered",
  async (server, { client, call }) => {
    await call("BootNotification", BOOT);
    const events: string[] = [];
    let inHand = 0;
    client.handle("UnlockConnector", async ({ params }) => {
      events.push(`${params!["connectorId"]}`);
      assert.equal(++inHand, 1); // OCPP-J §4.1.1
      await call("Heartbeat", {}); // a Call of its own in between
      inHand -= 1;
      return { status: "Unlocked" };
    });
    const wanted = [1, 2, 3, 4, 5];
    const outcomes = wanted.map((connectorId) =>
      server.host.call("RPC1", {
        action: "UnlockConnector",
        payload: { connectorId },
        timeoutMs: 15_000,
        validate: true,
      })
    );
    for (const outcome of await within(Promise.all(outcomes), "all outcomes")) {
      assert.deepEqual(outcome, { kind: "result", payload: { status: "Unlocked" } });
    }
    assert.deepEqual(events, wanted.map(String));
  },
);
