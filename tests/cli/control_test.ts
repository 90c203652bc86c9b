import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { scriptedServer } from "../support/scripted_server.ts";

const program = needs("net", "run", "read");

const ask = async (url: string, path: string, init: RequestInit = {}) => {
  const response = await fetch(`${url.replace(/\/$/, "")}${path}`, init);
  return { status: response.status, text: await response.text() };
};

const until = program("simulate: --control-port runs until it is stopped, and says where its API is");
Deno.test({
  ...until,
  ignore: until.ignore || Deno.build.os === "windows", // which has no SIGINT to send
  async fn() {
    await using server = scriptedServer();
    await using running = startProgram(["simulate", server.url, "--control-port", "0"]);
    await running.printed(/API http:\/\/localhost:\d+\/\n/);
    const [, url = ""] = /API (\S+)\n/.exec(running.stdout())!;
    await server.until(
      () =>
        server.calls.some(({ action, payload }) =>
          action === "StatusNotification" && payload.connectorId === 1
        ),
      "the boot",
    );
    assert.match((await ask(url, "/")).text, /POST +\/api\/v1\/charge-points/);
    const input = (body: unknown) =>
      ask(url, "/api/v1/charge-points/CP001/inputs", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    assert.equal((await input({ kind: "plugIn", connectorId: 1 })).status, 200);
    assert.equal((await input({ kind: "presentIdTag", idTag: "BY-API" })).status, 200);
    await server.until(() => server.calls.some(({ action }) => action === "StartTransaction"), "the start");
    assert.equal(
      server.calls.find(({ action }) => action === "StartTransaction")!.payload.idTag,
      "BY-API",
    );
    // Requests without a body and without its length leave no warning of Deno on stderr.
    const remove = await ask(url, "/api/v1/charge-points/NOBODY", { method: "DELETE" });
    assert.equal(remove.status, 404);
    // Somebody who watches does not keep it from ending.
    const watching = await fetch(`${url}api/v1/events`);
    running.signal("SIGINT");
    const { code, stderr } = await running.ended;
    await watching.body?.cancel().catch(() => {});
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /Deno/);
    assert.ok(server.calls.some(({ action }) => action === "StopTransaction"));
    assert.deepEqual(server.closes.map(({ code }) => code), [1000]);
  },
});

Deno.test({
  ...program("simulate: outside loopback the API wants a token, which is made and printed"),
  async fn() {
    await using server = scriptedServer();
    await using running = startProgram([
      ...["simulate", server.url, "--control-port", "0", "--control-host", "0.0.0.0", "--json"],
    ]);
    await running.printed("controlToken");
    const { controlUrl, controlToken } = JSON.parse(running.stdout().split("\n")[0]!);
    const url = controlUrl.replace("0.0.0.0", "127.0.0.1");
    assert.equal((await ask(url, "/api/v1/charge-points")).status, 401);
    const headers = { authorization: `Bearer ${controlToken}` };
    assert.equal((await ask(url, "/api/v1/charge-points", { headers })).status, 200);
    assert.equal((await ask(url, "/healthz")).status, 200);
  },
});

Deno.test({
  ...program("simulate: a control port that is taken is one line and the exit code 1"),
  async fn() {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const { code, stdout, stderr } = await runProgram(["simulate", "--control-port", String(port)]);
    listener.close();
    assert.deepEqual([code, stdout, stderr], [
      1,
      "",
      `ocpp: cannot listen on localhost:${port}: port ${port} is in use; stop what uses it or choose another with --control-port\n`,
    ]);
  },
});
