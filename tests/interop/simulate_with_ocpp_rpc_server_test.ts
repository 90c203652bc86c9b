/**
 * `simulate` with the npm package `ocpp-rpc` as its Central System, in strict mode: it checks every payload, its
 * own and ours, against the official JSON schemas.
 */
import assert from "node:assert/strict";
import { runProgram, startProgram } from "../support/program.ts";
import { foreignServer, RpcCentralSystem } from "../support/rpc_server.ts";

/** A session of about one second that meters a few times. */
const QUICK = ["--speed", "40", "--duration", "40", "--interval", "10"];

Deno.test({
  ...foreignServer("simulate at ocpp-rpc strict: a whole session, no validation failure, exit code 0"),
  async fn() {
    await using server = await RpcCentralSystem.start();
    const { code, stderr } = await runProgram(["simulate", server.url, "--id", "RDAM 1", ...QUICK]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(server.failures, []);
    assert.deepEqual([...new Set(server.calls.map(({ action }) => action))], [
      "BootNotification",
      "StatusNotification",
      "Heartbeat",
      "Authorize",
      "StartTransaction",
      "MeterValues",
      "StopTransaction",
    ]);
    assert.deepEqual(new Set(server.calls.map(({ identity }) => identity)), new Set(["RDAM 1"]));
    const [start] = server.of("StartTransaction");
    const [stop] = server.of("StopTransaction");
    assert.equal(stop!.payload.transactionId, 1);
    assert.ok(stop!.payload.meterStop > start!.payload.meterStart);
    const readings = server.of("MeterValues");
    assert.ok(readings.length >= 3);
    for (const { payload } of readings) assert.equal(payload.transactionId, 1);
  },
});

Deno.test({
  ...foreignServer("simulate at ocpp-rpc strict: five Charge Points with two connectors each"),
  async fn() {
    await using server = await RpcCentralSystem.start();
    const { code, stderr } = await runProgram(
      ["simulate", server.url, "--count", "5", "--connectors", "2", ...QUICK],
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(server.failures, []);
    assert.equal(server.chargePoints.length, 5);
    assert.equal(server.of("StartTransaction").length, 10);
    assert.deepEqual(
      server.of("StopTransaction").map(({ payload }) => payload.transactionId).sort((a, b) => a - b),
      Array.from({ length: 10 }, (_, index) => index + 1),
    );
  },
});

Deno.test({
  ...foreignServer(
    "simulate at ocpp-rpc strict: Pending, then Rejected, then Accepted; nothing but boots before",
  ),
  async fn() {
    const statuses = ["Pending", "Rejected"];
    const atAcceptance: string[] = [];
    await using server = await RpcCentralSystem.start({
      BootNotification: () => {
        const status = statuses.shift() ?? "Accepted";
        if (status === "Accepted") atAcceptance.push(...server.calls.map(({ action }) => action));
        return { status, currentTime: new Date().toISOString(), interval: status === "Accepted" ? 300 : 1 };
      },
    });
    const { code, stderr } = await runProgram(["simulate", server.url, ...QUICK]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(server.failures, []);
    assert.deepEqual(atAcceptance, ["BootNotification", "BootNotification", "BootNotification"]);
  },
});

Deno.test({
  ...foreignServer("simulate at ocpp-rpc strict: a refused idTag ends with 1 and starts nothing"),
  async fn() {
    await using server = await RpcCentralSystem.start({
      Authorize: () => ({ idTagInfo: { status: "Blocked" } }),
    });
    const { code, stderr } = await runProgram(["simulate", server.url, ...QUICK]);
    assert.equal(code, 1);
    assert.match(stderr, /^ocpp: .*Blocked/m);
    assert.deepEqual(server.failures, []);
    assert.deepEqual(server.of("StartTransaction"), []);
  },
});

Deno.test({
  ...foreignServer("simulate --idle at ocpp-rpc strict: obeys the Core profile and TriggerMessage"),
  async fn() {
    await using server = await RpcCentralSystem.start();
    await using program = startProgram([
      "simulate",
      server.url,
      "--idle",
      "--connectors",
      "2",
      "--speed",
      "10",
    ]);
    await server.received("StatusNotification", ({ payload }) => payload.connectorId === 2);
    const [chargePoint] = server.chargePoints;
    const call = (action: string, payload: object) => chargePoint!.call(action, payload);

    const all = await call("GetConfiguration", {});
    assert.ok(all.configurationKey.length > 5);
    assert.deepEqual(
      (await call("GetConfiguration", { key: ["HeartbeatInterval", "NoSuchKey"] })).unknownKey,
      ["NoSuchKey"],
    );
    const change = (key: string, value: string) => call("ChangeConfiguration", { key, value });
    assert.equal((await change("MeterValueSampleInterval", "1")).status, "Accepted");
    assert.equal((await change("NoSuchKey", "1")).status, "NotSupported");
    assert.equal((await call("ClearCache", {})).status, "Accepted");
    assert.match((await call("DataTransfer", { vendorId: "foreign" })).status, /^Unknown|^Rejected/);

    const trigger = (requestedMessage: string) => call("TriggerMessage", { requestedMessage });
    assert.equal((await trigger("BootNotification")).status, "Rejected"); // errata: it is accepted already
    assert.equal((await trigger("FirmwareStatusNotification")).status, "Accepted");
    const idle = await server.received("FirmwareStatusNotification");
    assert.deepEqual(idle.payload, { status: "Idle" });
    for (const requestedMessage of ["Heartbeat", "StatusNotification", "MeterValues"]) {
      const before = server.of(requestedMessage).length;
      assert.equal((await trigger(requestedMessage)).status, "Accepted");
      await server.until(() => server.of(requestedMessage).length > before, requestedMessage);
    }

    const status = (wanted: string, connectorId: number) => {
      const seen = server.calls.length;
      return server.until(
        () =>
          server.calls.slice(seen).some(({ action, payload }) =>
            action === "StatusNotification" && payload.status === wanted &&
            payload.connectorId === connectorId
          ),
        () => `${wanted} of connector ${connectorId}: ${JSON.stringify(server.of("StatusNotification"))}`,
      );
    };
    let next = status("Unavailable", 2);
    assert.equal(
      (await call("ChangeAvailability", { connectorId: 2, type: "Inoperative" })).status,
      "Accepted",
    );
    await next;
    next = status("Available", 2);
    assert.equal(
      (await call("ChangeAvailability", { connectorId: 2, type: "Operative" })).status,
      "Accepted",
    );
    await next;

    next = status("Preparing", 1);
    await program.type("p"); // plugged in
    await next;
    next = status("Charging", 1);
    const remote = await call("RemoteStartTransaction", { connectorId: 1, idTag: "REMOTE1" });
    assert.equal(remote.status, "Accepted");
    const start = await server.received("StartTransaction");
    assert.deepEqual([start.payload.connectorId, start.payload.idTag], [1, "REMOTE1"]);
    await next;
    await server.received("MeterValues", ({ payload }) => payload.transactionId === 1);
    assert.equal((await call("RemoteStopTransaction", { transactionId: 4711 })).status, "Rejected");
    assert.equal((await call("RemoteStopTransaction", { transactionId: 1 })).status, "Accepted");
    const stop = await server.received("StopTransaction");
    assert.deepEqual([stop.payload.transactionId, stop.payload.reason], [1, "Remote"]);

    assert.match(
      (await call("UnlockConnector", { connectorId: 1 })).status,
      /^(Unlocked|UnlockFailed|NotSupported)$/,
    );
    const boots = server.of("BootNotification").length;
    assert.equal((await call("Reset", { type: "Soft" })).status, "Accepted");
    await server.until(() => server.of("BootNotification").length > boots, "the boot after the Reset");

    await program.type("q");
    const { code, stderr } = await program.ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual(server.failures, []);
  },
});
