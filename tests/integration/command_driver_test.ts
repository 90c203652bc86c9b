/** `--driver command`: a program that is run for each action, with real processes. */
import assert from "node:assert/strict";
import { CommandOperator } from "../../src/adapters/test_operator/command_operator.ts";
import { request, WANTED } from "../support/driver_requests.ts";
import { needs } from "../support/needs.ts";
import { within } from "../support/within.ts";

/** Programs are shell scripts here, and pipes have names. */
const isUnix = Deno.build.os !== "windows";
const processes = needs("run", "read", "write");

/** A folder with a program in it. */
interface Place {
  readonly dir: string;
  readonly operator: CommandOperator;
}

function test(name: string, script: string, fn: (place: Place) => Promise<void>): void {
  const definition = processes(name);
  Deno.test({
    ...definition,
    ignore: definition.ignore || !isUnix,
    async fn() {
      const dir = await Deno.makeTempDir();
      const program = `${dir}/drive.sh`;
      await Deno.writeTextFile(program, `#!/bin/sh\ncd "${dir}"\n${script}\n`, { mode: 0o700 });
      const operator = new CommandOperator([program, "--site", "lab 2"]);
      try {
        await fn({ dir, operator });
      } finally {
        await operator.close();
        await Deno.remove(dir, { recursive: true });
      }
    },
  });
}

/** A pipe with a name. */
async function makePipe(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
  assert.ok(success, "mkfifo failed");
}

test(
  "a program has the action as JSON, as arguments and as variables; code 0 is done",
  `cat > stdin; printf '%s\\n' "$@" > arguments; env | grep ^OCPP_TEST_ | sort > variables`,
  async ({ dir, operator }) => {
    const identity = "CP 1; touch harm $(touch harm) `touch harm`";
    const action = { kind: "presentIdTag", idTag: "TAG'\"1", connectorId: 2 } as const;
    assert.deepEqual(await operator.do(request(action, { identity }), WANTED), { kind: "done" });
    const read = (name: string) => Deno.readTextFile(`${dir}/${name}`);
    const text = `present idTag TAG'"1 for connector 2`;
    assert.deepEqual(JSON.parse(await read("stdin")), {
      case: "TC_003_CS",
      identity,
      withinSeconds: 60,
      text,
      action,
    });
    assert.ok((await read("stdin")).endsWith("}\n"), "one line");
    assert.equal(await read("arguments"), `--site\nlab 2\nTC_003_CS\n${identity}\npresentIdTag\n`);
    assert.deepEqual((await read("variables")).trim().split("\n"), [
      "OCPP_TEST_CASE=TC_003_CS",
      "OCPP_TEST_CONNECTOR_ID=2",
      `OCPP_TEST_IDENTITY=${identity}`,
      `OCPP_TEST_ID_TAG=TAG'"1`,
      "OCPP_TEST_KIND=presentIdTag",
      `OCPP_TEST_TEXT=${text}`,
      "OCPP_TEST_WITHIN_SECONDS=60",
    ]);
    const names = [...Deno.readDirSync(dir)].map(({ name }) => name);
    assert.equal(names.includes("harm"), false, "somebody took a text for a command");
  },
);

test(
  "a program that does not read has done it all the same; what is too large for a variable is on stdin only",
  `exec <&-; test -z "\${OCPP_TEST_PAYLOAD+there}" && test "$OCPP_TEST_ACTION" = SendLocalList`,
  async ({ operator }) => {
    const payload = { listVersion: 1, text: "x".repeat(500_000) };
    const action = { kind: "sendCall", action: "SendLocalList", payload } as const;
    assert.deepEqual(await operator.do(request(action), WANTED), { kind: "done" });
  },
);

test(
  "the last line of stderr is why a program cannot, without what a terminal obeys",
  `echo "looking" >&2; printf '\\033[31mthe connector\\007 is locked\\033[0m\\n\\n' >&2; exit 7`,
  async ({ operator }) => {
    assert.deepEqual(await operator.do(request(), WANTED), {
      kind: "cannot",
      reason: "the connector  is locked",
    });
  },
);

test("a program that fails without a word is told by its code", `exit 3`, async ({ operator }) => {
  const outcome = await operator.do(request(), WANTED);
  assert.deepEqual(outcome, { kind: "cannot", reason: "the program ended with code 3" });
});

test("a program that crashes is told by its signal", `kill -SEGV $$`, async ({ operator }) => {
  const outcome = await operator.do(request(), WANTED);
  assert.deepEqual(outcome, { kind: "cannot", reason: "the program was ended by SIGSEGV" });
});

test(
  "garbage and huge output on both ways out are read away, and the last line is kept",
  `head -c 3000000 /dev/urandom; head -c 30000000 /dev/urandom >&2; yes y | head -c 3000000 >&2
echo >&2; echo "no more" >&2; exit 1`,
  async ({ operator }) => {
    const outcome = await operator.do(request(), WANTED);
    assert.deepEqual(outcome, { kind: "cannot", reason: "no more" });
  },
);

test(
  "a reason without an end is cut",
  `head -c 100000 /dev/zero | tr '\\0' z >&2; exit 1`,
  async ({ operator }) => {
    const outcome = await operator.do(request(), WANTED);
    assert.deepEqual(outcome, { kind: "cannot", reason: `${"z".repeat(300)}…` });
  },
);

test(
  "a program that hangs is ended when its time is over, and what it has started with it",
  `sleep 600 > held & wait`,
  async ({ dir, operator }) => {
    await makePipe(`${dir}/held`);
    const doing = operator.do(request(undefined, { withinSeconds: 2 }), WANTED);
    // As long as somebody could write to it, the pipe has no end.
    const text = within(Deno.readTextFile(`${dir}/held`), "the end of what the program has started");
    assert.deepEqual(await doing, { kind: "cannot", reason: "the program did not end within 2 s" });
    assert.equal(await text, "");
  },
);

test(
  "a program that nobody waits for any more is ended",
  `sleep 600 > held & wait`,
  async ({ dir, operator }) => {
    await makePipe(`${dir}/held`);
    const caseOver = new AbortController();
    const doing = operator.do(request(), caseOver.signal);
    const file = await within(Deno.open(`${dir}/held`), "the program");
    caseOver.abort();
    assert.deepEqual(await doing, { kind: "cannot", reason: "nobody waits for it any more" });
    assert.equal(await within(new Response(file.readable).text(), "its end"), "");
    assert.deepEqual(await operator.do(request(), caseOver.signal), {
      kind: "cannot",
      reason: "nobody waits for it any more",
    });
  },
);

test(
  "what a program leaves in the background goes on, until the run ends",
  `{ read line < go; echo alive; exec sleep 600; } > held &`,
  async ({ dir, operator }) => {
    await makePipe(`${dir}/held`);
    await makePipe(`${dir}/go`);
    assert.deepEqual(await operator.do(request(), WANTED), { kind: "done" });
    const { readable } = await within(Deno.open(`${dir}/held`), "the one in the background");
    await Deno.writeTextFile(`${dir}/go`, "go\n");
    const reader = readable.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await within(reader.read(), "a sign of life")).value, "alive\n");
    await operator.close();
    assert.equal((await within(reader.read(), "its end")).done, true);
  },
);

test(
  "what a program leaves in the background is ended when the time of the action is over",
  `sleep 600 > held & exec 2>&-`,
  async ({ dir, operator }) => {
    await makePipe(`${dir}/held`);
    assert.deepEqual(await operator.do(request(undefined, { withinSeconds: 2 }), WANTED), { kind: "done" });
    assert.equal(await within(Deno.readTextFile(`${dir}/held`), "its end"), "");
  },
);

test(
  "one program runs at a time, in the order of what was asked for",
  `mkdir running || exit 9; echo "$1 $OCPP_TEST_CONNECTOR_ID" >> order; rmdir running`,
  async ({ dir, operator }) => {
    const connectors = [1, 2, 3, 4, 5, 6];
    const outcomes = await Promise.all(connectors.map((connectorId) => (
      operator.do(request({ kind: "unplug", connectorId }), WANTED)
    )));
    assert.deepEqual(outcomes, connectors.map(() => ({ kind: "done" })));
    const order = await Deno.readTextFile(`${dir}/order`);
    assert.equal(order, connectors.map((connectorId) => `--site ${connectorId}\n`).join(""));
  },
);

Deno.test({
  ...processes("a program that is not there, and a name that cannot be one, are told"),
  async fn() {
    for (const program of ["/nowhere/drive.sh", "no-such-program-anywhere"]) {
      const operator = new CommandOperator([program]);
      const reason = `cannot run ${program}: there is no such program`;
      assert.deepEqual(await operator.do(request(), WANTED), { kind: "cannot", reason });
      await operator.close();
    }
    const operator = new CommandOperator([Deno.execPath()]);
    const outcome = await operator.do(request(undefined, { identity: "a\0b" }), WANTED);
    assert.match(outcome.kind === "cannot" ? outcome.reason : "", /^cannot run /);
    await operator.close();
  },
});
