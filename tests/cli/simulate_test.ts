import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { scriptedServer, type ServerScript } from "../support/scripted_server.ts";

const program = needs("net", "run", "read");

/** A session of two seconds that meters four times. */
const QUICK = ["--speed", "20", "--duration", "40", "--interval", "10"];

Deno.test({
  ...program("simulate: a run plays the whole session, tells every step and ends with 0"),
  async fn() {
    await using server = scriptedServer();
    const { code, stdout, stderr } = await runProgram(["simulate", server.url, ...QUICK, "--seed", "7"], {
      permissions: ["--allow-net", "--allow-read", "--allow-env=OCPP_*", "--ignore-env"], // those of the task
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual([...new Set(server.calls.map(({ action }) => action))], [
      "BootNotification",
      "StatusNotification",
      "Heartbeat",
      "Authorize",
      "StartTransaction",
      "MeterValues",
      "StopTransaction",
    ]);
    const statuses = server.calls.filter(({ action }) => action === "StatusNotification");
    assert.deepEqual(statuses.map(({ payload }) => `${payload.connectorId} ${payload.status}`), [
      "0 Available",
      "1 Available",
      "1 Preparing",
      "1 Charging",
      "1 Finishing",
      "1 Available",
    ]);
    const stop = server.calls.find(({ action }) => action === "StopTransaction")!;
    assert.equal(stop.payload.transactionId, 1);
    assert.equal(stop.payload.reason ?? "Local", "Local");
    assert.deepEqual(server.closes.map((close) => close.code), [1000]);
    assert.match(stdout, /Charge Point CP001 at ws:\/\/127\.0\.0\.1:\d+ {2}seed 7\n/);
    assert.match(stdout, /→ BootNotification +ocpp {2}AC-22kW +Accepted, interval 300 s/);
    assert.match(stdout, /• plug in, connector 1/);
    assert.match(stdout, /→ StartTransaction +connector 1 {2}TAG001 +at \d+ Wh +Accepted, +transaction 1/);
    assert.match(stdout, / {14}1 {10}1 {2}TAG001 +4\d s +\d+ Wh {2}Local\n/);
    assert.match(stdout, /→ Heartbeat +1 +1 +0 /);
    assert.match(stdout, /\ndone: 1 charging session\n$/);
    // deno-lint-ignore no-control-regex -- colours are what is looked for
    assert.doesNotMatch(stdout, /\x1b/);
  },
});

/** What the program says on stderr, and how it ends. */
async function failure(script: ServerScript, ...args: string[]) {
  await using server = scriptedServer(script);
  const { code, stderr } = await runProgram(["simulate", server.url, "--connect-timeout", "2", ...args]);
  return { code, line: stderr.replaceAll(server.url, "URL") };
}

Deno.test({
  ...program("simulate: what keeps it from beginning is one line on stderr, and the exit code 1"),
  async fn() {
    const http = (status: number) => ({ http: () => new Response("", { status }) });
    const boot = (status: string) => ({
      answers: {
        BootNotification: () => ({ status, currentTime: new Date().toISOString(), interval: 60 }),
      },
    });
    const cases: readonly (readonly [ServerScript, string])[] = [
      [
        http(404),
        'connect to URL/CP001: the server answered HTTP 404 instead of opening a WebSocket; is "CP001" known there, and is the path right?',
      ],
      [
        http(200),
        "connect to URL/CP001: the server answered HTTP 200 instead of opening a WebSocket; a web server is there, but no OCPP at this path: check the URL",
      ],
      [
        { subprotocol: null },
        "connect to URL/CP001: the server chose no subprotocol; it must answer with ocpp1.6; let it answer Sec-WebSocket-Protocol: ocpp1.6, or try --validation tolerant",
      ],
      [
        boot("Rejected"),
        'register at URL/CP001: BootNotification was answered Rejected; accept "CP001" in the Central System',
      ],
      [
        boot("Pending"),
        'register at URL/CP001: BootNotification was answered Pending; accept "CP001" in the Central System',
      ],
      [
        { answers: { BootNotification: () => undefined } },
        "register at URL/CP001: BootNotification is not answered",
      ],
    ];
    const results = await Promise.all(cases.map(([script]) => failure(script)));
    assert.deepEqual(results, cases.map(([, reason]) => ({ code: 1, line: `ocpp: cannot ${reason}\n` })));
  },
});

Deno.test({
  ...program("simulate: nobody listening is told as connection refused, with what to do"),
  async fn() {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const url = `ws://127.0.0.1:${port}`;
    const { code, stderr } = await runProgram(["simulate", url, "--connect-timeout", "0.3"]);
    assert.deepEqual([code, stderr], [
      1,
      `ocpp: cannot connect to ${url}/CP001: connection refused; start a Central System with "ocpp serve --port ${port}"\n`,
    ]);
  },
});

Deno.test({
  ...program("simulate: a refused idTag is unplugged and ends with 1"),
  async fn() {
    await using server = scriptedServer({
      answers: { Authorize: () => ({ idTagInfo: { status: "Blocked" } }) },
    });
    const { code, stdout, stderr } = await runProgram([
      "simulate",
      server.url,
      "--speed",
      "20",
      "--log-level",
      "error",
    ]);
    assert.equal(code, 1);
    assert.equal(
      stderr,
      "ocpp: cannot finish the session: idTag TAG001 was answered Blocked; show another idTag with --id-tag, or accept this one\n",
    );
    assert.match(stdout, /→ Authorize +TAG001 +Blocked/);
    assert.equal(server.calls.some(({ action }) => action === "StartTransaction"), false);
    assert.equal(server.calls.at(-1)!.payload.status, "Available");
  },
});

Deno.test({
  ...program("simulate: wrong usage is one line that says what to do, and the exit code 2"),
  async fn() {
    const see = '; see "ocpp simulate --help"';
    const cases: readonly (readonly [args: readonly string[], line: string])[] = [
      [
        ["--intervall", "5"],
        `unknown option '--intervall', did you mean --interval? see "ocpp simulate --help"`,
      ],
      [
        ["--count", "none"],
        `option '--count <n>' argument 'none' is invalid. It must be a whole number from 1 to 100000${see}`,
      ],
      [
        ["--speed", "0"],
        `option '--speed <x>' argument '0' is invalid. It must be a number from 0.01 to 10000${see}`,
      ],
      [["--control-host", "::1"], "--control-host is of no use without an API: add --control-port <n>"],
      [["--id", ".."], "--id .. cannot stand at the end of a URL"],
      [
        ["--set", "HeartbeatInterval"],
        `option '--set <Key=Value>' argument 'HeartbeatInterval' is invalid. It must look like Key=Value${see}`,
      ],
      [
        ["--set", "HartbeatInterval=9"],
        "--set HartbeatInterval=9: there is no configuration key HartbeatInterval, did you mean HeartbeatInterval?",
      ],
      [["--set", "Speed=9"], "--set Speed=9: there is no configuration key Speed"],
      [
        ["--set", "MessageTimeout=soon"],
        "--set MessageTimeout=soon: MessageTimeout is a whole number from 1 to 2147483647",
      ],
      [
        ["localhost:9000"],
        `the URL "localhost:9000" has no ws:// or wss:// in front; it looks like ws://localhost:9000 or wss://example.com/ocpp`,
      ],
      [
        ["http://localhost"],
        `the URL "http://localhost" begins with http://; it looks like ws://localhost:9000 or wss://example.com/ocpp`,
      ],
      [["ws://me:secret@localhost"], "leave user and password out of the URL"],
    ];
    const results = await Promise.all(cases.map(([args]) => runProgram(["simulate", ...args])));
    assert.deepEqual(
      results,
      cases.map(([, line]) => ({ code: 2, stdout: "", stderr: `ocpp: ${line}\n` })),
    );
  },
});

Deno.test({
  ...program("simulate: --json makes stdout one object a line, the summary last"),
  async fn() {
    await using server = scriptedServer();
    const { code, stdout } = await runProgram(["simulate", server.url, "--json", "--id", "JSON 1", ...QUICK]);
    assert.equal(code, 0);
    const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines[0].kind, "began");
    assert.equal(typeof lines[0].seed, "number");
    const summary = lines.at(-1);
    assert.deepEqual([summary.kind, summary.outcome, summary.transactionCount], ["summary", "done", 1]);
    assert.equal(summary.transactions[0].transactionId, 1);
    assert.ok(lines.some(({ kind, chargePoint }) => kind === "callAnswered" && chargePoint === "JSON 1"));
    assert.equal(server.calls[0]!.path, "/JSON%201");
  },
});

Deno.test({
  ...program("simulate: options come from the environment too, the command line wins"),
  async fn() {
    await using server = scriptedServer({
      answers: { Authorize: () => ({ idTagInfo: { status: "Invalid" } }) },
    });
    await runProgram(["simulate", "--model", "CLI"], {
      env: { OCPP_URL: server.url, OCPP_ID: "ENV1", OCPP_MODEL: "ENV", OCPP_SPEED: "20", OCPP_JSON: "0" },
    });
    assert.equal(server.calls[0]!.path, "/ENV1");
    assert.equal(server.calls[0]!.payload.chargePointModel, "CLI");
  },
});

Deno.test({
  ...program("simulate: tolerant goes on without a subprotocol and says so"),
  async fn() {
    await using server = scriptedServer({ subprotocol: null });
    const { code, stderr } = await runProgram(["simulate", server.url, "--validation", "tolerant", ...QUICK]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /the server chose no subprotocol instead of ocpp1\.6/);
  },
});

Deno.test({
  ...program("simulate: many Charge Points connect one after the other and are told as a whole"),
  async fn() {
    await using server = scriptedServer();
    const { code, stdout, stderr } = await runProgram(["simulate", server.url, "--count", "8", ...QUICK]);
    assert.equal(code, 0, stderr);
    const boots = server.calls.filter(({ action }) => action === "BootNotification").map(({ path }) => path);
    assert.deepEqual(boots, Array.from({ length: 8 }, (_, index) => `/CP-0000${index + 1}`));
    assert.doesNotMatch(stdout, /→ BootNotification +ocpp/);
    assert.match(stderr, / 8 of 8 connected, 0 charging, 8 done, \d+ messages, 0 failed\n/);
    assert.match(stdout, /\ndone: 8 charging sessions\n$/);
  },
});

const interruptible = program("simulate: Ctrl-C stops the transaction and leaves cleanly");
Deno.test({
  ...interruptible,
  ignore: interruptible.ignore || Deno.build.os === "windows", // which has no SIGINT to send
  async fn() {
    await using server = scriptedServer();
    await using running = startProgram(["simulate", server.url, "--duration", "3600", "--interval", "1"]);
    await server.until(() => server.calls.some(({ action }) => action === "MeterValues"), "a reading");
    running.signal("SIGINT");
    const { code, stdout } = await running.ended;
    assert.equal(code, 0);
    const stop = server.calls.find(({ action }) => action === "StopTransaction");
    assert.equal(stop?.payload.transactionId, 1);
    assert.equal(server.calls.at(-1)!.payload.status, "Available");
    assert.deepEqual(server.closes.map(({ code }) => code), [1000]);
    assert.match(stdout, /done: 1 charging session/);
  },
});

Deno.test({
  ...program("simulate: --idle obeys keys, one character an act, and the Central System"),
  async fn() {
    await using server = scriptedServer();
    await using running = startProgram(["simulate", server.url, "--idle"]);
    const told = (status: string, times: number) =>
      server.until(
        () =>
          server.calls.filter(({ payload }) => payload.connectorId === 1 && payload.status === status)
            .length >= times,
        `${status} for the ${times}. time`,
      );
    const called = (action: string) =>
      server.until(() => server.calls.some((call) => call.action === action), action);
    await told("Available", 1);
    await running.type("p\n");
    await told("Preparing", 1);
    await running.type("c");
    await called("StartTransaction");
    await running.type("e");
    await told("SuspendedEV", 1);
    await running.type("e");
    await told("Charging", 2);
    server.send([2, "remote-1", "RemoteStopTransaction", { transactionId: 1 }]);
    await called("StopTransaction");
    assert.deepEqual(server.answers, [[3, "remote-1", { status: "Accepted" }]]);
    await running.type("u");
    await told("Available", 2);
    await running.type("l");
    await server.until(() => server.connections === 0, "the cut");
    await running.type("l");
    await server.until(() => server.connections === 1, "the link again");
    await running.type("q");
    const { code, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /keys: p plug in · u unplug · c card/);
  },
});
