/**
 * `ocpp test charge-point` with drivers of somebody's own, as its users start it, against an `ocpp simulate` that knows
 * nothing of being tested.
 */
import assert from "node:assert/strict";
import type { CaseReport, SuiteReport } from "../../src/report/suite_report.ts";
import { type Failing, serveDriver } from "../support/control_driver.ts";
import { needs } from "../support/needs.ts";
import { type RunningProgram, runProgram, startProgram } from "../support/program.ts";

const program = needs("net", "run", "read", "write", "env");

/** What the task grants. */
const PERMISSIONS = [
  ...["--allow-net", "--allow-read", "--allow-write", "--allow-run", "--allow-env=OCPP_*", "--ignore-env"],
];

/** They need plugIn, presentIdTag, unplug, powerOff, powerOn; the last one needs nobody. */
const CASES = ["TC_003_CS", "TC_004_1_CS", "TC_005_1_CS", "TC_032_2_CS", "TC_019_CS"];

const TOKEN = "a-token-of-the-rig";

/** A Charge Point that is simulated elsewhere, with the API that stands for its users. */
async function startChargePoint(): Promise<{ readonly simulate: RunningProgram; readonly api: string }> {
  // Nobody is there: it connects once it is told where.
  const args = ["simulate", "ws://127.0.0.1:1", "--control-port", "0", "--control-host", "127.0.0.1"];
  const simulate = startProgram(args, { permissions: PERMISSIONS });
  await simulate.printed(/API http:\/\/127\.0\.0\.1:\d+\/\n/);
  return { simulate, api: /API (\S+)\/\n/.exec(simulate.stdout())![1]! };
}

/** Plays cases on it, and gives how the program ended. */
async function play(
  api: string,
  { driver, args = [], env = {}, cases = CASES }: {
    readonly driver: readonly string[];
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly cases?: readonly string[];
  },
) {
  const identity = `CP-${crypto.randomUUID().slice(0, 8)}`;
  await using test = startProgram([
    ...["test", "charge-point", "--identity", identity, "--port", "0", "--json", "--timeout", "10"],
    ...["--case", cases.join(","), ...args, ...driver],
  ], { permissions: PERMISSIONS, env });
  await test.printed(/waiting for \S+ at \S+\n/);
  const [, url] = /waiting for \S+ at (\S+)\/\S+\n/.exec(test.stderr())!;
  const added = await fetch(`${api}/api/v1/charge-points`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ identity, url }),
  });
  assert.equal(added.status, 201, await added.text());
  const { code, stdout, stderr } = await test.ended;
  await (await fetch(`${api}/api/v1/charge-points/${identity}`, { method: "DELETE" })).body?.cancel();
  const reports: CaseReport[] = stdout.split("\n").filter((line) => line !== "").map((line) =>
    JSON.parse(line)
  );
  return { code, reports, stderr, identity };
}

const verdictsOf = (reports: readonly CaseReport[]) => reports.map(({ id, verdict }) => [id, verdict]);

const ALL_PASS = CASES.toSorted().map((id) => [id, "PASS"]);

/** The driver as a program, with its words in one. */
function command(does: string): string {
  const words = [Deno.execPath(), "run", "--quiet", "--allow-net", "tests/support/control_driver.ts", does];
  return words.map((word) => `'${word}'`).join(" ");
}

Deno.test({
  ...program(
    "ocpp test charge-point: a program and a web service do what its users do, and every case passes",
  ),
  async fn() {
    const { simulate, api } = await startChargePoint();
    await using _ = simulate;
    await using service = serveDriver(api, { token: TOKEN });
    const [byProgram, byService] = await Promise.all([
      play(api, { driver: ["--driver", "command", command(api)] }),
      play(api, {
        driver: [],
        env: { OCPP_DRIVER: `http ${service.url}`, OCPP_DRIVER_TOKEN: TOKEN },
      }),
    ]);
    for (const { code, reports, stderr } of [byProgram, byService]) {
      assert.deepEqual(verdictsOf(reports).toSorted(), ALL_PASS, JSON.stringify(reports));
      assert.equal(code, 0, stderr);
    }
    const kinds = new Set(service.orders.map(({ action: { kind } }) => kind));
    assert.deepEqual([...kinds].toSorted(), ["plugIn", "powerOff", "powerOn", "presentIdTag", "unplug"]);
    for (const order of service.orders) {
      assert.ok(CASES.includes(order.case), order.case);
      assert.deepEqual([order.identity, order.withinSeconds], [byService.identity, 10]);
    }
  },
});

const PLUG_IN = "plug the cable of connector 1 into the EV";

/** A driver that does nothing, and what is said of the first deed of each case. */
const BAD: readonly (readonly [name: string, failing: Failing | "absent", command: RegExp, http: RegExp])[] =
  [
    ["fails", "fails", /^the robot has no arms$/, /^HTTP 500: the robot has no arms$/],
    ["hangs", "hangs", /^nobody did$|did not end within 1\.5 s/, /^nobody did$|did not answer within 1\.5 s/],
    ["says that it cannot", "cannot", RegExp(`^no way to ${PLUG_IN}$`), RegExp(`^no way to ${PLUG_IN}$`)],
    [
      "is not there",
      "absent",
      /^cannot run no-such-robot: there is no such program$/,
      /^cannot reach http:\S+, or/,
    ],
  ];

for (const [name, failing, asCommand, asHttp] of BAD) {
  Deno.test({
    ...program(
      `ocpp test charge-point: a driver that ${name} makes its case INCONCLUSIVE, with one line why, and no other`,
    ),
    async fn() {
      const { simulate, api } = await startChargePoint();
      await using _ = simulate;
      await using service = serveDriver(failing);
      const isAbsent = failing === "absent";
      if (isAbsent) await service[Symbol.asyncDispose]();
      const drivers = [
        [["command", isAbsent ? "no-such-robot" : command(failing)], asCommand],
        [["http", service.url], asHttp],
      ] as const;
      await Promise.all(drivers.map(async ([driver, came]) => {
        const { code, reports, stderr } = await play(api, {
          driver: ["--driver", ...driver],
          args: ["--operator-timeout", "1.5"],
          cases: ["TC_003_CS", "TC_019_CS"],
        });
        const [{ failure } = {}] = reports;
        assert.deepEqual(verdictsOf(reports), [
          ["TC_003_CS", "INCONCLUSIVE"],
          ["TC_019_CS", "PASS"],
        ], JSON.stringify(reports));
        assert.match(failure!.expected, RegExp(`^somebody to ${PLUG_IN}`));
        assert.match(failure!.came, came);
        assert.equal(code, 1);
        assert.match(stderr, /^waiting for [^\n]*\n[^\n]* has connected; asking what it is\n$/);
      }));
    },
  });
}

/** Words behind a driver, and the one line that says what is wrong with them. */
const WRONG: readonly (readonly [args: readonly string[], line: RegExp])[] = [
  [["central-system", "--driver", "command", "./robot", "ws://a", "ws://b"], /^ocpp: there are two URLs/],
  [["central-system", "ws://a", "--driver", "manual", "wss://b"], /^ocpp: there are two URLs/],
  [["central-system", "--driver", "command", "ws://a"], /^ocpp: --driver command needs a program to run/],
  [
    ["central-system", "--driver", "http", "http://a", "http://b"],
    /^ocpp: the URL "http:\/\/b" begins with http:/,
  ],
  [
    ["charge-point", "--driver", "http", "http://a", "ws://b"],
    /^ocpp: a Charge Point connects by itself, so/,
  ],
  [
    ["charge-point", "--driver", "command", "./robot", "fast"],
    /^ocpp: --driver command takes one word, and fast /,
  ],
  [["charge-point", "ws://a"], /^ocpp: a Charge Point connects by itself, so/],
  [["charge-point", "CP1"], /^ocpp: CP1 is one word too many: this command has options only$/m],
  [["central-system", "ws://a", "ws://b"], /^ocpp: there are two URLs/],
  [
    ["central-system", "ws://a", "CP1"],
    /^ocpp: CP1 is one word too many: the URL of the Central System is all/,
  ],
  [["charge-point", "--driver", "./robot"], /, did you mean --driver command \.\/robot\?$/m],
];

for (const [args, line] of WRONG) {
  Deno.test({
    ...program(`ocpp test ${args.join(" ")}: one line`),
    async fn() {
      const { code, stdout, stderr } = await runProgram(["test", ...args], { permissions: PERMISSIONS });
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, line);
      assert.match(stderr, /^[^\n]+\n$/);
    },
  });
}

Deno.test({
  ...program(
    "ocpp test central-system: a URL behind the driver is where the Central System is, also beside a variable",
  ),
  async fn() {
    const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const url = `ws://127.0.0.1:${(closed.addr as Deno.NetAddr).port}`;
    closed.close();
    const dir = await Deno.makeTempDir();
    try {
      for (
        const [args, env] of [
          [["--driver", "command", "true", url], {}],
          [["--driver", "command true", url], {}],
          [["--driver", "http", "http://127.0.0.1:9/", url], {}],
          [[url], { OCPP_DRIVER: "command true --and 'more words'" }],
        ] as const
      ) {
        const report = `${dir}/r.json`;
        const { code, stderr } = await runProgram(
          ["test", "central-system", "--report", `json=${report}`, "--case", "TC_003", ...args],
          { permissions: PERMISSIONS, env },
        );
        assert.match(
          stderr,
          /nothing can be played: cannot connect to ws:\S+ as CONFORMANCE: connection refused; is .* running there\?\n$/,
          args.join(" "),
        );
        assert.equal(code, 1);
        const { setup }: SuiteReport = JSON.parse(await Deno.readTextFile(report));
        assert.equal(setup["driver"], "http" in env || args[1] === "http" ? "http" : "command");
      }
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
});
