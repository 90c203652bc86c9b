/** What the README promises to those who write drivers is true. */
import assert from "node:assert/strict";
import { CommandOperator } from "../../src/adapters/test_operator/command_operator.ts";
import { orderOf } from "../../src/adapters/test_operator/order.ts";
import type { OperatorAction } from "../../src/conformance/operator_action.ts";
import { commandWords } from "../../src/cli/test/drivers/driver_choice.ts";
import { request, WANTED } from "../support/driver_requests.ts";
import { needs } from "../support/needs.ts";
import { SocketClient } from "../support/socket_client.ts";
import { startServer } from "../support/server.ts";
import { Simulator } from "../support/simulator.ts";

const reading = needs("read");
const serving = needs("net", "run", "read", "write");

/** One of each kind: the compiler misses none. */
const ACTIONS: { readonly [K in OperatorAction["kind"]]: Extract<OperatorAction, { kind: K }> } = {
  plugIn: { kind: "plugIn", connectorId: 1 },
  unplug: { kind: "unplug", connectorId: 1 },
  presentIdTag: { kind: "presentIdTag", idTag: "TAG1", connectorId: 1 },
  evPause: { kind: "evPause", connectorId: 1 },
  evResume: { kind: "evResume", connectorId: 1 },
  powerOff: { kind: "powerOff" },
  powerOn: { kind: "powerOn" },
  jamLock: { kind: "jamLock", connectorId: 1, jam: "lock" },
  fault: { kind: "fault", connectorId: 1, errorCode: "OtherError" },
  clearFault: { kind: "clearFault", connectorId: 1 },
  orderFailure: { kind: "orderFailure", failure: "upload" },
  renewCertificate: { kind: "renewCertificate" },
  sendCall: { kind: "sendCall", action: "ClearCache", payload: {} },
  setIdTag: { kind: "setIdTag", idTag: "TAG1", status: "Blocked", parentIdTag: "GROUP" },
};

async function drivers(): Promise<string> {
  const readme = await Deno.readTextFile("README.md");
  return readme.split("\n## Drivers\n")[1]?.split("\n## ")[0] ?? "";
}

Deno.test({
  ...reading("the README has every action of an operator with its fields, and no others"),
  async fn() {
    const table = (await drivers()).split("<!-- actions -->")[1]!.split("<!-- /actions -->")[0]!;
    const rows = table.trim().split("\n").slice(2).map((line) => line.split("|").map((cell) => cell.trim()));
    const told = rows.map(([, kind, fields, whom]) => [
      kind!.replaceAll("`", ""),
      new Set([...fields!.replaceAll(/: [^;]*?(?=;|$)/g, "").matchAll(/`(\w+)`/g)].map(([, name]) => name)),
      whom,
    ]);
    const forCentralSystem = ["sendCall", "setIdTag"];
    assert.deepEqual(
      told,
      Object.values(ACTIONS).map(({ kind, ...fields }) => [
        kind,
        new Set(Object.keys(fields)),
        forCentralSystem.includes(kind) ? "a Central System" : "a Charge Point",
      ]),
    );
  },
});

Deno.test({
  ...reading("the README's JSON is what drivers get, also in the example with curl"),
  async fn() {
    const text = await drivers();
    const shown = [/```json\n([\s\S]*?)\n```/.exec(text)![1]!, /-d '(\{"case".*\})'/.exec(text)![1]!];
    for (const one of shown) assert.deepEqual(JSON.parse(one), orderOf(request()));
    const line = /--driver command "(sh -c .*)"`/.exec(text.replaceAll(/\s+/g, " "))![1]!;
    assert.deepEqual(commandWords(line.replaceAll("\\$", "$")), ["sh", "-c", "echo $OCPP_TEST_TEXT >> log"]);
  },
});

/** The programs in it. */
async function scripts(): Promise<readonly string[]> {
  return [...(await drivers()).matchAll(/```sh\n(#!\/bin\/sh\n[\s\S]*?)```/g)].map(([, script]) => script!);
}

function hasCurl(): boolean {
  if (serving("").ignore || Deno.build.os === "windows") return false;
  try {
    return new Deno.Command("curl", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

Deno.test({
  ...serving("the README's drive.sh has `ocpp serve` do what cases ask for, and says what it cannot"),
  ignore: !hasCurl(),
  async fn() {
    const [script] = await scripts();
    const dir = await Deno.makeTempDir();
    await using server = startServer({ settings: { authorization: "closed" } });
    const path = `${dir}/drive.sh`;
    await Deno.writeTextFile(path, script!.replace("http://localhost:9000", server.api), { mode: 0o700 });
    const operator = new CommandOperator([path]);
    const done = (action: OperatorAction) => operator.do(request(action), WANTED);
    try {
      const idTag = "TAG1";
      for (const status of ["Blocked", "Accepted"] as const) {
        assert.deepEqual(await done({ kind: "setIdTag", idTag, status }), { kind: "done" });
        const { body } = await server.get(`/api/v1/id-tags/${idTag}`);
        assert.equal(body.blocked, status === "Blocked");
      }
      const plugIn = await done(ACTIONS.plugIn);
      assert.deepEqual(plugIn, {
        kind: "cannot",
        reason: "no way to plug the cable of connector 1 into the EV",
      });
      // Nobody of that name is connected: the API refuses.
      assert.deepEqual(await done(ACTIONS.sendCall), { kind: "cannot", reason: "the API says 404" });
      await using chargePoint = await SocketClient.open(`${server.url}/CP001`);
      await chargePoint.boot();
      const payload = { connectorId: 1, idTag: 'it\'s "1" $TAG' };
      const sending = done({ kind: "sendCall", action: "RemoteStartTransaction", payload });
      const call = await chargePoint.takeCall();
      assert.deepEqual(call.slice(2), ["RemoteStartTransaction", payload]);
      chargePoint.answer(call, { status: "Accepted" });
      assert.deepEqual(await sending, { kind: "done" });
    } finally {
      await operator.close();
      await Deno.remove(dir, { recursive: true });
    }
  },
});

Deno.test({
  ...serving(
    "the README's use.sh does to a simulated Charge Point what cases ask for, and says what it cannot",
  ),
  ignore: !hasCurl(),
  async fn() {
    const [, script] = await scripts();
    const dir = await Deno.makeTempDir();
    await using simulator = new Simulator("ws://localhost:1", { identities: ["CP001"] });
    const path = `${dir}/use.sh`;
    await Deno.writeTextFile(path, script!.replace("http://localhost:9001", simulator.api), { mode: 0o700 });
    const operator = new CommandOperator([path]);
    const done = (action: OperatorAction) => operator.do(request(action), WANTED);
    const { sendCall, setIdTag: _, ...forChargePoint } = ACTIONS;
    try {
      for (const action of Object.values(forChargePoint)) {
        assert.deepEqual(await done(action), { kind: "done" }, action.kind);
      }
      const { body } = await simulator.ask("GET", "/api/v1/charge-points/CP001");
      assert.equal(body.powered, true);
      assert.deepEqual(await done(sendCall), {
        kind: "cannot",
        reason: "the API says 400 when asked to have the Central System send ClearCache {}",
      });
    } finally {
      await operator.close();
      await Deno.remove(dir, { recursive: true });
    }
  },
});
