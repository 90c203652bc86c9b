/**
 * `ocpp call` at a running `serve`: what it prints, how it ends, and what it says where there is no answer.
 */
import assert from "node:assert/strict";
import { ocppCall } from "../support/call_program.ts";
import { needs } from "../support/needs.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { overSockets, startServer, type TestServer, type TestServerOptions } from "../support/server.ts";
import type { SocketClient } from "../support/socket_client.ts";

/** A Charge Point that answers its next Call so. */
async function answerNext(chargePoint: SocketClient, payload: unknown): Promise<void> {
  chargePoint.answer(await chargePoint.takeCall(), payload);
}

function atServer(
  name: string,
  fn: (server: TestServer, chargePoint: SocketClient) => Promise<void>,
  options?: TestServerOptions,
): void {
  Deno.test({
    ...overSockets(`ocpp call: ${name}`),
    async fn() {
      await using server = startServer(options);
      await using chargePoint = await server.connect("CP001");
      await chargePoint.boot();
      await fn(server, chargePoint);
    },
  });
}

const withoutLatency = (text: string) => text.replaceAll(/ {2}(<1|\d+) ms$/gm, "");

atServer("a refusal is a result; --expect makes exit code 3 of it", async (server, chargePoint) => {
  const args = ["CP001", "RemoteStartTransaction", "idTag=TAG001", "connectorId=1"];
  for (
    const [expect, status, code] of [[undefined, "Rejected", 0], ["Accepted", "Rejected", 3], [
      "Accepted",
      "Accepted",
      0,
    ]] as const
  ) {
    const [result] = await Promise.all([
      ocppCall(server.api, args, { expect }),
      answerNext(chargePoint, { status }),
    ]);
    assert.equal(
      withoutLatency(result.stdout),
      `→ CP001  RemoteStartTransaction  connector 1  TAG001\n← ${status}\n`,
    );
    assert.equal(result.code, code);
    assert.equal(result.stderr, code === 3 ? "expected Accepted, but CP001 answered Rejected" : "");
  }
});

atServer(
  "lists are tables, and nothing of a peer's reaches the terminal as control",
  async (server, chargePoint) => {
    const [{ stdout }] = await Promise.all([
      ocppCall(server.api, ["CP001", "GetConfiguration"]),
      answerNext(chargePoint, {
        configurationKey: [
          { key: "HeartbeatInterval", readonly: false, value: "300" },
          { key: "Evil", readonly: true, value: "a\x1b[31mb" },
        ],
        unknownKey: ["Foo"],
      }),
    ]);
    assert.equal(
      withoutLatency(stdout),
      [
        "→ CP001  GetConfiguration  all keys",
        "← 2 known, 1 unknown",
        "  configurationKey",
        "    key                readonly  value",
        "    HeartbeatInterval  false     300",
        "    Evil               true      a·[31mb",
        "  unknownKey",
        "    Foo",
        "",
      ].join("\n"),
    );
  },
);

atServer("an AuthorizationKey is not shown, neither way", async (server, chargePoint) => {
  const args = ["CP001", "ChangeConfiguration", "key=AuthorizationKey", "value=@secret.txt"];
  const [changed] = await Promise.all([
    ocppCall(server.api, args, { fileText: "5ec7e7000000000000\n" }),
    chargePoint.takeCall().then((frame) => {
      assert.deepEqual(frame[3], { key: "AuthorizationKey", value: "5ec7e7000000000000" });
      chargePoint.answer(frame, { status: "Accepted" });
    }),
  ]);
  assert.match(changed.stdout, /→ CP001 {2}ChangeConfiguration {2}AuthorizationKey = \[redacted\]\n/);
  for (const json of [true, false]) {
    const [read] = await Promise.all([
      ocppCall(server.api, ["CP001", "GetConfiguration"], { json }),
      answerNext(chargePoint, {
        configurationKey: [{ key: "AuthorizationKey", readonly: false, value: "5ec7e7" }],
      }),
    ]);
    assert.match(read.stdout, /AuthorizationKey/);
    assert.ok(!read.stdout.includes("5ec7e7"), read.stdout);
  }
});

atServer(
  "an answer that breaks its schema is shown with its faults and ends with 1",
  async (server, chargePoint) => {
    const [{ code, stdout, stderr }] = await Promise.all([
      ocppCall(server.api, ["CP001", "Reset", "type=Soft"]),
      chargePoint.takeCall().then(([, uniqueId]) =>
        chargePoint.sendText(JSON.stringify([3, uniqueId, { status: "Sure" }]))
      ),
    ]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /← an answer that breaks its schema .*\n {2}status is none of Accepted, Rejected\n$/,
    );
    assert.equal(stderr, "CP001 answered Reset with what breaks its schema");
  },
);

atServer("where there is no answer one line says why and what to do", async (server, chargePoint) => {
  const reset = (identity: string) =>
    ocppCall(server.api, [identity, "Reset", "type=Soft"], { timeout: 0.05 });
  const late = await reset("CP001");
  await chargePoint.takeCall();
  assert.deepEqual([late.code, late.stdout], [1, ""]);
  assert.match(
    late.stderr,
    /^cannot finish Reset: CP001 did not answer in time; whether it obeyed is not known/,
  );
  const slip = await reset("CP01");
  assert.equal(slip.stderr, "cannot finish Reset: CP01 is not known here; did you mean CP001?");
  const other = await reset("somebody else");
  assert.equal(other.stderr, "cannot finish Reset: somebody else is not known here; connected: CP001");
  await using unbooted = await server.connect("NEW");
  assert.match(
    (await reset("NEW")).stderr,
    /has not sent a BootNotification yet; wait for its BootNotification/,
  );
  await unbooted.close();
  await chargePoint.close();
  const gone = await ocppCall(server.api, ["CP001", "Reset", "type=Soft"], { json: true });
  assert.equal(gone.stderr, "cannot finish Reset: CP001 is not connected; no other one is connected either");
  assert.deepEqual(JSON.parse(gone.stdout), {
    chargePoint: "CP001",
    action: "Reset",
    outcome: "notConnected",
    detail: "CP001 is not connected",
  });
});

atServer("a token is wanted, checked, and sent", async (server, chargePoint) => {
  const clear = (token?: string) => ocppCall(server.api, ["CP001", "ClearCache"], { token });
  assert.match((await clear()).stderr, /wants a token: set OCPP_TOKEN/);
  assert.match((await clear("wrong")).stderr, /does not take this token/);
  assert.deepEqual((await clear("two words")).code, 2);
  const [{ code }] = await Promise.all([clear("right"), answerNext(chargePoint, { status: "Accepted" })]);
  assert.equal(code, 0);
}, { apiToken: "right" });

Deno.test({
  ...overSockets("ocpp call: a server that is not there, and one that is something else"),
  async fn() {
    const nobody = await ocppCall("http://127.0.0.1:1", ["CP001", "ClearCache"]);
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /^cannot reach http:\/\/127\.0\.0\.1:1: is `ocpp serve` running there\?/);
    await using other = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response("hello"),
    );
    const { stderr } = await ocppCall(`http://127.0.0.1:${other.addr.port}`, ["CP001", "ClearCache"]);
    assert.match(stderr, /is no `ocpp serve`; --server says where it is$/);
  },
});

/** Wrong usage, and what is said of it; nobody is asked. */
const WRONG_USAGE: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [[], /^give a Charge Point and an Action/],
  [["CP001"], /^what shall CP001 be called with\?/],
  [["Reset"], /^which Charge Point is Reset for\?/],
  [["CP001", "reset"], /^reset is no Action, did you mean Reset\?$/],
  [["CP001", "Explode"], /^Explode is no Action; "ocpp call --list" names all$/],
  [["CP001", "Heartbeat"], /to have one sent: TriggerMessage requestedMessage=Heartbeat$/],
  [["CP001", "StartTransaction"], /^StartTransaction is sent by Charge Points alone/],
];

for (const [args, message] of WRONG_USAGE) {
  Deno.test(`ocpp call ${args.join(" ")}: is wrong usage, with the way out`, async () => {
    const { code, stdout, stderr } = await ocppCall("http://127.0.0.1:1", args);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, message);
  });
}

Deno.test("ocpp call: --server takes the URL of Charge Points too, and nothing else", async () => {
  const reset = ["CP001", "Reset", "type=Soft"];
  for (const server of ["", "localhost:9000", "ftp://x", "http://a?b=1", "http://u:p@a"]) {
    const { code, stderr } = await ocppCall(server, reset);
    assert.deepEqual([code, /^--server must be a URL like/.test(stderr)], [2, true], server);
  }
});

const program = needs("run", "read", "net");

Deno.test({
  ...program("ocpp call: the program itself: stdin, --server from the environment, help of an Action"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await server.connect("CP001");
    await chargePoint.boot();
    const env = { OCPP_SERVER: server.url };
    await using calling = startProgram(["call", "CP001", "Reset", "-"], { env });
    await calling.type(`{"type":"Hard"}`);
    await calling.endInput();
    const frame = await chargePoint.takeCall();
    assert.deepEqual(frame[3], { type: "Hard" });
    chargePoint.answer(frame, { status: "Accepted" });
    const { code, stdout, stderr } = await calling.ended;
    assert.deepEqual([code, withoutLatency(stdout), stderr], [0, "→ CP001  Reset  Hard\n← Accepted\n", ""]);

    const refused = await runProgram(["call", "CP001", "Reset", "type=Gentle"], { env });
    assert.deepEqual([refused.code, refused.stdout], [2, ""]);
    assert.match(
      refused.stderr,
      /^ocpp: nothing was sent, Reset does not fit: payload\.type is none of Hard, Soft;/,
    );
    const [help, fields, list] = await Promise.all([
      runProgram(["call", "Reset", "--help"]),
      runProgram(["call", "--fields", "Reset", "--json"]),
      runProgram(["call", "--list"]),
    ]);
    assert.match(
      help.stdout,
      /^Reset {2}restart the Charge Point[\s\S]*type {3}required {2}Hard, Soft[\s\S]*type=Soft\n$/,
    );
    assert.deepEqual(JSON.parse(fields.stdout), {
      path: "type",
      type: "enumeration",
      required: true,
      values: ["Hard", "Soft"],
    });
    assert.equal(list.stdout.split("\n").filter((line) => /^[A-Z]\w+ {2,}[A-Z]/.test(line)).length, 26);
  },
});

atServer(
  "ocpp:upload becomes a URL of the server, and where the file will be is told",
  async (server, chargePoint) => {
    const take = async () => {
      const call = await chargePoint.takeCall();
      chargePoint.answer(call, { fileName: "log.gz" });
      return call[3].location as string;
    };
    const [result, location] = await Promise.all([
      ocppCall(server.api, ["CP001", "GetDiagnostics", "location=ocpp:upload"]),
      take(),
    ]);
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /^ {2}once it is uploaded: GET \/api\/v1\/files\/[0-9a-f-]{36}\/content$/m);
    assert.match(location, /\/files\/token-[\w-]{32}\/$/);
    assert.equal(result.stdout.includes(location), false, "the URL is a secret");
  },
);
