/**
 * `ocpp call --wait`: the transaction that a Call caused, and none other.
 */
import assert from "node:assert/strict";
import { ocppCall } from "../support/call_program.ts";
import { overSockets, startServer, type TestServer } from "../support/server.ts";
import type { SocketClient } from "../support/socket_client.ts";

function waiting(name: string, fn: (server: TestServer, chargePoint: SocketClient) => Promise<void>): void {
  Deno.test({
    ...overSockets(`ocpp call --wait: ${name}`),
    async fn() {
      await using server = startServer();
      await using chargePoint = await server.connect("CP001");
      await chargePoint.boot();
      await fn(server, chargePoint);
    },
  });
}

interface Start {
  readonly connectorId: number;
  readonly idTag: string;
  /** How long ago it began. */
  readonly agoMs?: number;
}

async function start(chargePoint: SocketClient, { connectorId, idTag, agoMs = 0 }: Start): Promise<number> {
  const timestamp = new Date(Date.now() - agoMs).toISOString();
  const conf = await chargePoint.result("StartTransaction", {
    connectorId,
    idTag,
    meterStart: 100,
    timestamp,
  });
  return conf.transactionId;
}

const HOUR_MS = 3_600_000;
const REMOTE_START = ["CP001", "RemoteStartTransaction", "idTag=TAG001", "connectorId=1"];

waiting("gives the transaction that the Call started, not another's", async (server, chargePoint) => {
  await start(chargePoint, { connectorId: 1, idTag: "TAG001" }); // known before
  const waited = ocppCall(server.api, REMOTE_START, { wait: true, json: true });
  chargePoint.answer(await chargePoint.takeCall(), { status: "Accepted" });
  await start(chargePoint, { connectorId: 1, idTag: "TAG001", agoMs: HOUR_MS }); // out of an offline queue
  await start(chargePoint, { connectorId: 2, idTag: "TAG001" });
  await start(chargePoint, { connectorId: 1, idTag: "OTHER" });
  const caused = await start(chargePoint, { connectorId: 1, idTag: "tag001" });
  const { code, stdout, stderr } = await waited;
  assert.deepEqual([code, stderr], [0, ""]);
  const [answer, found] = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(answer.payload, { status: "Accepted" });
  assert.equal(found.chargePoint, "CP001");
  assert.deepEqual([found.transaction.transactionId, found.transaction.active], [caused, true]);
});

waiting("takes a late one at the end, and none is a failure", async (server, chargePoint) => {
  const outcome = async (begin: () => Promise<unknown>) => {
    const waited = ocppCall(server.api, REMOTE_START, { wait: true, waitTimeout: 0.5 });
    chargePoint.answer(await chargePoint.takeCall(), { status: "Accepted" });
    await begin();
    return await waited;
  };
  const none = await outcome(() => Promise.resolve());
  assert.equal(none.code, 1);
  assert.equal(
    none.stderr,
    "CP001 accepted, but no transaction began (is an EV plugged in?) within 0.5 s",
  );
  let late = 0;
  const { code, stdout } = await outcome(async () => {
    late = await start(chargePoint, { connectorId: 1, idTag: "TAG001", agoMs: HOUR_MS });
  });
  assert.equal(code, 0);
  assert.match(
    stdout,
    new RegExp(`\n• transaction ${late}  connector 1  TAG001  began at .+  100 Wh  Accepted\n$`),
  );
});

waiting("does not wait after a refusal, which ends with 3", async (server, chargePoint) => {
  const waited = ocppCall(server.api, REMOTE_START, { wait: true, waitTimeout: 3_600 });
  chargePoint.answer(await chargePoint.takeCall(), { status: "Rejected" });
  const { code, stderr } = await waited;
  assert.deepEqual([code, stderr], [3, "expected Accepted, but CP001 answered Rejected"]);
});

waiting("RemoteStopTransaction: until the transaction has stopped", async (server, chargePoint) => {
  const transactionId = await start(chargePoint, { connectorId: 1, idTag: "TAG001" });
  const waited = ocppCall(server.api, ["CP001", "RemoteStopTransaction", `transactionId=${transactionId}`], {
    wait: true,
  });
  chargePoint.answer(await chargePoint.takeCall(), { status: "Accepted" });
  const timestamp = new Date().toISOString();
  await chargePoint.result("StopTransaction", { transactionId, meterStop: 350, timestamp, reason: "Remote" });
  const { code, stdout } = await waited;
  assert.equal(code, 0);
  assert.match(
    stdout,
    new RegExp(
      `\n• transaction ${transactionId}  connector 1  TAG001  stopped at .+  250 Wh charged  Remote\n$`,
    ),
  );
});

Deno.test("ocpp call --wait: is wrong usage where no transaction follows, and nobody is asked", async () => {
  const { code, stderr } = await ocppCall("http://127.0.0.1:1", ["CP001", "ClearCache"], { wait: true });
  assert.equal(code, 2);
  assert.match(stderr, /^--wait is for RemoteStartTransaction and RemoteStopTransaction; ClearCache has no/);
});
