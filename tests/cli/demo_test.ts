/**
 * `ocpp demo` as its users start it, with the permissions of its task.
 */
import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { runProgram, startProgram } from "../support/program.ts";

const program = needs("net", "run", "read");

async function permissionsOfDemo(): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  return tasks.demo.command.replaceAll("'", "").split(" ").filter((word: string) =>
    word.startsWith("--allow")
  );
}

const whole = program(
  "demo: three sessions and what the API has; then its Charge Points still do what is asked",
);
Deno.test({
  ...whole,
  ignore: whole.ignore || Deno.build.os === "windows", // which has no SIGINT to send
  async fn() {
    const uploaded = Promise.withResolvers<string>();
    await using files = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      await request.bytes();
      uploaded.resolve(new URL(request.url).pathname);
      return new Response(null, { status: 201 });
    });
    await using running = startProgram(
      ["demo", "--port", "0", "--interval", "1", "--duration", "1", "--stay"],
      { permissions: await permissionsOfDemo() },
    );
    await running.printed("goes on until Ctrl-C");
    assert.match(running.stdout(), /3 transactions, \d+ Wh/);
    const [, api = ""] = /its API on (http:\S+)\/,/.exec(running.stdout())!;
    const response = await fetch(`${api}/api/v1/charge-points/DEMO-1/calls`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        action: "GetDiagnostics",
        payload: { location: `http://127.0.0.1:${files.addr.port}/logs` },
      }),
    });
    const { payload: { fileName } } = await response.json();
    assert.equal(await uploaded.promise, `/logs/${fileName}`);
    await running.printed(/DiagnosticsStatusNotification Uploaded +ok/);
    running.signal("SIGINT");
    const { code, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
  },
});

Deno.test({
  ...program("permissions that are missing are one line that says what to do"),
  async fn() {
    assert.deepEqual(await runProgram(["demo"], { permissions: [] }), {
      code: 1,
      stdout: "",
      stderr: `ocpp: Deno's permissions are too few (Requires env access to "OCPP_PORT"); ` +
        'use "deno task …" or "deno run -A main.ts …"\n',
    });
  },
});

Deno.test({
  ...program("help: of a command that there is not is one line, and the exit code 2"),
  async fn() {
    assert.deepEqual(await runProgram(["help", "simulat"]), {
      code: 2,
      stdout: "",
      stderr: "ocpp: unknown command 'simulat', did you mean simulate? see \"ocpp --help\"\n",
    });
    assert.match((await runProgram(["help", "demo"])).stdout, /^Usage: ocpp demo/);
  },
});
