/**
 * `ocpp serve` as its users start it, with exactly the permissions of its task.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { needs } from "../support/needs.ts";
import { type RunningProgram, runProgram, startProgram } from "../support/program.ts";
import { closeCodeOf, OPCODE, RawWebSocket } from "../support/raw_websocket.ts";
import { SocketClient } from "../support/socket_client.ts";
import { within } from "../support/within.ts";

const program = needs("net", "read", "write", "run");

/** Windows has no SIGINT that one program could send another. */
const interruptible = (name: string) =>
  Deno.build.os === "windows" ? { name: `${name} (needs SIGINT)`, ignore: true } : program(name);

/** The flags of the task `serve`; a test that starts with others would prove nothing. */
function taskPermissions(): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)));
  const words = [...(tasks.serve.command as string).matchAll(/'([^']*)'|(\S+)/g)].map((word) =>
    word[1] ?? word[2]!
  );
  return words.filter((word) => word.startsWith("--allow-") || word === "--ignore-env");
}

const start = (...args: string[]): RunningProgram =>
  startProgram(["serve", ...args], { permissions: taskPermissions() });
const run = (...args: string[]) => runProgram(["serve", ...args], { permissions: taskPermissions() });

const IN_MEMORY = ["--host", "127.0.0.1", "--port", "0", "--database", ":memory:"];

/** Starts it in memory on a free port, and gives the port once it listens. */
async function startInMemory(...args: string[]) {
  const serve = start(...IN_MEMORY, ...args);
  await serve.printed(/ws:\/\/[^/]+\/<identity>/);
  const port = Number(serve.stdout().match(/ws:\/\/[^/]+:(\d+)\//)![1]);
  return { serve, port, url: `ws://127.0.0.1:${port}`, api: `http://127.0.0.1:${port}` };
}

async function inDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "ocpp-serve-" });
  try {
    await use(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** One line on stderr that matches, nothing on stdout, and this exit code. */
function assertLine(result: { code: number; stdout: string; stderr: string }, code: number, line: RegExp) {
  assert.equal(result.code, code, result.stderr);
  assert.match(result.stderr, line);
  assert.equal(result.stderr.split("\n").length, 2, result.stderr);
  assert.equal(result.stdout, "");
}

// --- wrong usage and what is in the way ----------------------------------------------------------------------

Deno.test({
  ...program("serve --help: explains every option with its variable, and ends with 0"),
  async fn() {
    const { code, stdout, stderr } = await run("--help");
    assert.deepEqual([code, stderr], [0, ""]);
    const names = [...stdout.matchAll(/^ {2}--(?!json|verbose)([a-z-]+)/gm)].map(([, name]) => name!);
    assert.ok(names.length >= 12, stdout);
    for (const name of names) {
      assert.ok(stdout.includes(`OCPP_${name.toUpperCase().replaceAll("-", "_")}`), name);
    }
    for (const name of ["--port", "--database", "--heartbeat-interval", "--validation", "--json"]) {
      assert.ok(stdout.includes(name), name);
    }
  },
});

const WRONG_USAGE: readonly (readonly [args: readonly string[], line: RegExp])[] = [
  [["--prot", "9000"], /^ocpp: unknown option '--prot', did you mean --port\? see "ocpp serve --help"\n$/],
  [["--port", "70000"], /^ocpp: .*--port.* 0 to 65535.*see "ocpp serve --help"\n$/],
  [["--validation", "lenient"], /^ocpp: .*--validation.*tolerant, strict.*see "ocpp serve --help"\n$/],
  [["extra"], /^ocpp: too many arguments.*see "ocpp serve --help"\n$/],
];

for (const [args, line] of WRONG_USAGE) {
  Deno.test({
    ...program(`serve ${args.join(" ")}: wrong usage is one line and exit code 2`),
    fn: async () => assertLine(await run(...args), 2, line),
  });
}

Deno.test({
  ...program("serve: a port in use is one line that says what to do, and exit code 1"),
  async fn() {
    const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr;
    for (const host of ["127.0.0.1", "localhost"]) {
      const result = await run("--host", host, "--port", String(port), "--database", ":memory:");
      assertLine(
        result,
        1,
        new RegExp(
          `^ocpp: cannot listen on ${host}:${port}: port ${port} is in use .*choose another with --port\n$`,
        ),
      );
    }
    taken.close();
  },
});

Deno.test({
  ...program("serve: an address that is not this machine's is one line, and exit code 1"),
  fn: async () =>
    assertLine(
      await run("--host", "192.0.2.1", "--port", "0", "--database", ":memory:"),
      1,
      /^ocpp: cannot listen on 192\.0\.2\.1:0: this machine has no such address; check --host\n$/,
    ),
});

Deno.test({
  ...program("serve: a database that cannot be used is one line each, exit code 1, and stays as it is"),
  fn: () =>
    inDirectory(async (directory) => {
      const path = `${directory}/letter.txt`;
      await Deno.writeTextFile(path, "Dear reader, this is no database.\n".repeat(50));
      const before = await Deno.readTextFile(path);
      const serve = (database: string) => run("--host", "127.0.0.1", "--port", "0", "--database", database);
      assertLine(
        await serve(path),
        1,
        /^ocpp: cannot open database .*letter\.txt: it is not an SQLite database; name/,
      );
      assert.equal(await Deno.readTextFile(path), before);

      const foreign = `${directory}/songs.db`;
      using songs = new DatabaseSync(foreign);
      songs.exec("CREATE TABLE songs (title TEXT)");
      assertLine(
        await serve(foreign),
        1,
        /^ocpp: cannot open database .*songs\.db: it belongs to another program; name/,
      );

      assertLine(
        await serve(`${directory}/none/ocpp.db`),
        1,
        /^ocpp: cannot open database .*ocpp\.db: the file cannot be opened or created; check the path/,
      );
    }),
});

Deno.test({
  ...program("serve --files: what cannot be a directory is one line, exit code 1"),
  fn: () =>
    inDirectory(async (directory) => {
      await Deno.writeTextFile(`${directory}/letter.txt`, "Dear reader");
      assertLine(
        await run(...IN_MEMORY, "--files", `${directory}/letter.txt`),
        1,
        /^ocpp: cannot keep files in .*letter\.txt: /,
      );
      assertLine(await run(...IN_MEMORY, "--public-url", "csms.test"), 2, /--public-url.*https:/);
    }),
});

Deno.test({
  ...interruptible(
    "serve: files are kept with the permissions of its task; without --files they go at the end",
  ),
  fn: () =>
    inDirectory(async (directory) => {
      const keptAfter = async (...args: string[]) => {
        const temporary = await Deno.makeTempDir({ dir: directory });
        await using serve = startProgram(["serve", ...IN_MEMORY, ...args], {
          permissions: taskPermissions(),
          env: { TMPDIR: temporary },
        });
        await serve.printed(/ws:\/\/[^/]+\/<identity>/);
        const port = Number(serve.stdout().match(/ws:\/\/[^/]+:(\d+)\//)![1]);
        const firmware = `http://127.0.0.1:${port}/api/v1/files/firmware/fw.bin`;
        const put = (bytes: number) => fetch(firmware, { method: "PUT", body: new Uint8Array(bytes) });
        const { url } = await (await put(1_048_576)).json();
        assert.equal((await (await fetch(url)).bytes()).length, 1_048_576);
        const larger = await put(1_048_577);
        await larger.body?.cancel();
        assert.equal(larger.status, args.length === 0 ? 201 : 413);
        if (args.length === 0) assert.equal([...Deno.readDirSync(temporary)].length, 1);
        serve.signal("SIGINT");
        assert.equal((await serve.ended).code, 0);
        assert.deepEqual([...Deno.readDirSync(temporary)], []);
      };
      await keptAfter();
      await keptAfter("--files", `${directory}/files`, "--max-file-size", "1");
      assert.equal([...Deno.readDirSync(`${directory}/files`)].length, 2);
    }),
});

Deno.test({
  ...program("serve: a second one on the same database and one of a newer version are one line, exit code 1"),
  fn: () =>
    inDirectory(async (directory) => {
      const database = `${directory}/ocpp.db`;
      const args = ["--host", "127.0.0.1", "--port", "0", "--database", database];
      {
        await using first = start(...args);
        await first.printed("<identity>");
        assertLine(
          await run(...args),
          1,
          /^ocpp: cannot open database .*: another program has it open .*--database\n$/,
        );
      }
      {
        using newer = new DatabaseSync(database);
        newer.exec("PRAGMA user_version = 99");
      }
      assertLine(
        await run(...args),
        1,
        /^ocpp: cannot open database .*: it was written by a newer version of ocpp/,
      );
    }),
});

// --- running -------------------------------------------------------------------------------------------------

/** A short session; gives the transactionId. */
async function playSession(chargePoint: SocketClient): Promise<number> {
  await chargePoint.boot();
  const timestamp = new Date().toISOString();
  const start = { connectorId: 1, idTag: "TAG1", meterStart: 0, timestamp };
  const { transactionId } = await chargePoint.result("StartTransaction", start);
  const meterValue = [{ timestamp, sampledValue: [{ value: "500" }] }];
  await chargePoint.result("MeterValues", { connectorId: 1, transactionId, meterValue });
  await chargePoint.result("StopTransaction", { transactionId, meterStop: 1_000, timestamp });
  return transactionId;
}

Deno.test({
  ...program("serve: the task's permissions are enough for a session, the API and the database"),
  fn: () =>
    inDirectory(async (directory) => {
      const database = `${directory}/ocpp.db`;
      await using serve = start("--host", "127.0.0.1", "--port", "0", "--database", database);
      await serve.printed("<identity>");
      const [where] = serve.stdout().match(/127\.0\.0\.1:\d+/)!;
      const chargePoint = await SocketClient.open(`ws://${where}/CP1`);
      const transactionId = await playSession(chargePoint);
      for (
        const path of [
          "",
          "readyz",
          "openapi.json",
          "api/v1/charge-points/CP1/messages",
          `api/v1/transactions/${transactionId}/meter-values`,
        ]
      ) {
        const response = await fetch(`http://${where}/${path}`);
        await response.body?.cancel();
        assert.equal(response.status, 200, path);
      }
      for (
        const line of [
          /→ BootNotification +Test {2}Socket +Accepted, interval 300 s/,
          /→ StartTransaction/,
          /→ MeterValues/,
          /→ StopTransaction/,
        ]
      ) {
        await serve.printed(line);
      }
      assert.equal(serve.stderr(), "");
      await serve[Symbol.asyncDispose](); // killed: what was acknowledged is in the file
      await within(chargePoint.closed, "its end");

      await using again = start("--host", "127.0.0.1", "--port", "0", "--database", database);
      await again.printed("<identity>");
      const [there] = again.stdout().match(/127\.0\.0\.1:\d+/)!;
      const stored = await (await fetch(`http://${there}/api/v1/transactions/${transactionId}`)).json();
      assert.deepEqual([stored.active, stored.energyWh], [false, 1_000]);
    }),
});

Deno.test({
  ...interruptible(
    "serve: Ctrl-C ends with 0 and closes with 1001, also under load and with a peer that never answers",
  ),
  async fn() {
    const { serve, port, url } = await startInMemory();
    await using _ = serve;
    using mute = await RawWebSocket.request({
      port,
      path: "/MUTE",
      headers: { "sec-websocket-protocol": "ocpp1.6" },
    });
    const quiet = await Promise.all(
      Array.from({ length: 50 }, (_, index) => SocketClient.open(`${url}/QUIET${index}`)),
    );
    const busy = await SocketClient.open(`${url}/BUSY`);
    await busy.boot();
    const working = (async () => {
      while (await busy.call("Heartbeat", {}).catch(() => undefined) !== undefined);
    })();
    const answered = await fetch(`http://127.0.0.1:${port}/healthz`);
    assert.equal(answered.status, 200);
    await answered.text();
    serve.signal("SIGINT");
    for (const { closed } of quiet) assert.equal((await within(closed, "1001")).code, 1001);
    await within(busy.closed, "its end"); // with another code if it was sending just then, see native_listener.ts
    const close = await mute.read();
    assert.deepEqual([close?.opcode, closeCodeOf(close!)], [OPCODE.close, 1001]);
    const { code, stderr } = await within(serve.ended, "its end");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(serve.stdout(), /\nstopping: /);
    await working;
  },
});

for (const listener of ["native", "hardened"]) {
  Deno.test({
    ...interruptible(`serve --listener ${listener}: a second Ctrl-C ends at once, whoever has not gone yet`),
    async fn() {
      const { serve, port } = await startInMemory("--listener", listener);
      await using _ = serve;
      // It never answers the close, for which the end would wait two seconds.
      using mute = await RawWebSocket.request({
        port,
        path: "/MUTE",
        headers: { "sec-websocket-protocol": "ocpp1.6" },
      });
      assert.equal(mute.status, 101);
      await serve.printed(/MUTE .*connected/);
      serve.signal("SIGINT");
      await serve.printed("stopping: ");
      serve.signal("SIGINT");
      assert.equal((await within(serve.ended, "its end")).code, 130);
    },
  });
}

Deno.test({
  ...program("serve: --max-frame-rate slows a Charge Point on loopback too"),
  async fn() {
    const { serve, url } = await startInMemory("--max-frame-rate", "1");
    await using _ = serve;
    await using fast = await SocketClient.open(`${url}/FAST`);
    await using other = await SocketClient.open(`${url}/OTHER`);
    await fast.boot();
    const ids = Array.from({ length: 60 }, () => fast.sendCall("Heartbeat", {}));
    await other.boot();
    await fast.answerTo(ids[1]!); // one that had to wait
    assert.ok(fast.frames.length < ids.length, "a minute's worth came at once");
  },
});

Deno.test({
  ...program("serve --json: stdout is one JSON object a line, each exchange whole, and nothing else"),
  async fn() {
    await using serve = start(...IN_MEMORY, "--json");
    await serve.printed("\n");
    const [listening] = serve.stdout().match(/ws:[^"]+/)!;
    const chargePoint = await SocketClient.open(`${listening}/CP1`);
    await playSession(chargePoint);
    await chargePoint.close();
    await serve.printed(/"disconnected.*\n/);
    const [first, ...lines] = serve.stdout().trimEnd().split("\n").map((line) => JSON.parse(line));
    const { at: _, ...facts } = first;
    assert.deepEqual(facts, {
      listening,
      api: `${listening.replace("ws", "http")}/`,
      database: ":memory:",
      listener: "native",
    });
    assert.ok(lines.every(({ at, chargePoint }) => Date.parse(at) > 0 && chargePoint === "CP1"));
    const exchanges = lines.filter(({ action }) => action !== undefined);
    assert.deepEqual(exchanges.map(({ action, outcome }) => `${action} ${outcome}`), [
      "BootNotification result",
      "StartTransaction result",
      "MeterValues result",
      "StopTransaction result",
    ]);
    assert.ok(
      exchanges.every(({ direction, uniqueId, latencyMs }) =>
        direction === "in" && typeof uniqueId === "string" && latencyMs >= 0
      ),
    );
    const [connected, disconnected] = lines.filter(({ action }) => action === undefined);
    assert.deepEqual([connected.kind, connected.remoteAddress, connected.replaced], [
      "connected",
      "127.0.0.1",
      false,
    ]);
    assert.deepEqual([disconnected.kind, disconnected.code, disconnected.reason], ["disconnected", 1005, ""]);
    assert.equal(exchanges[1].payload.idTag, "TAG1");
    assert.equal(exchanges[1].answer.idTagInfo.status, "Accepted");
  },
});

Deno.test({
  ...program("serve: an option may come from its environment variable"),
  async fn() {
    await using serve = startProgram(["serve"], {
      permissions: taskPermissions(),
      env: {
        OCPP_HOST: "127.0.0.1",
        OCPP_PORT: "0",
        OCPP_DATABASE: ":memory:",
        OCPP_HEARTBEAT_INTERVAL: "77",
        OCPP_API_TOKEN: "from-the-environment",
      },
    });
    await serve.printed("<identity>");
    const [where] = serve.stdout().match(/127\.0\.0\.1:\d+/)!;
    await using chargePoint = await SocketClient.open(`ws://${where}/CP1`);
    assert.equal((await chargePoint.boot()).interval, 77);
    const status = async (headers: Record<string, string>) => {
      const response = await fetch(`http://${where}/api/v1/charge-points`, { headers });
      await response.body?.cancel();
      return response.status;
    };
    assert.ok(!serve.stdout().includes("from-the-environment"));
    assert.equal(await status({}), 401);
    assert.equal(await status({ authorization: "Bearer from-the-environment" }), 200);
  },
});

Deno.test({
  ...program("serve: outside loopback a token is made and printed, and what is open is warned of"),
  async fn() {
    await using serve = start("--host", "0.0.0.0", "--port", "0", "--database", ":memory:");
    await serve.printed("security profile 0");
    const port = serve.stdout().match(/0\.0\.0\.0:(\d+)/)![1];
    const token = serve.stdout().match(/API token +(\S+)/)![1]!;
    assert.ok(token.length >= 32);
    assert.match(serve.stderr(), /registration is open/);
    assert.match(serve.stderr(), /authorization is open/);
    for (const [authorization, expected] of [["", 401], [`Bearer ${token}`, 200]] as const) {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/transactions`, {
        headers: { authorization },
      });
      await response.body?.cancel();
      assert.equal(response.status, expected);
    }
  },
});

for (
  const [args, expected] of [
    [["--host", "0.0.0.0"], "hardened"],
    [["--host", "0.0.0.0", "--listener", "native"], "native"],
    [["--host", "127.0.0.1", "--listener", "hardened"], "hardened"],
  ] as const
) {
  Deno.test({
    ...program(`serve: ${args.join(" ")} listens with the ${expected} listener`),
    async fn() {
      await using serve = start(...args, "--port", "0", "--database", ":memory:", "--json");
      await serve.printed("\n");
      const facts = JSON.parse(serve.stdout().split("\n")[0]!);
      assert.equal(facts.listener, expected);
      const port = new URL(facts.api).port;
      const chargePoint = await SocketClient.open(`ws://127.0.0.1:${port}/CP1`);
      assert.equal((await chargePoint.boot()).status, "Accepted");
      await chargePoint.close();
      const response = await fetch(`http://127.0.0.1:${port}/healthz`);
      await response.body?.cancel();
      assert.equal(response.status, 200);
    },
  });
}
