/**
 * `ocpp test … --driver manual` on a terminal, as a person has it: questions and the live view, both halves, to the end
 * and to the middle.
 */
import assert from "node:assert/strict";
import type { SuiteReport } from "../../src/report/suite_report.ts";
import { carryOut } from "../support/control_driver.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";
import { needs } from "../support/needs.ts";
import { type RunningProgram, startProgram } from "../support/program.ts";
import { hasTerminals } from "../support/terminals.ts";

const program = needs("net", "run", "read", "write", "env");

/** What the task grants. */
const PERMISSIONS = [
  ...["--allow-net", "--allow-read", "--allow-write", "--allow-run", "--allow-env=OCPP_*", "--ignore-env"],
];

const KEYS = "Enter: done · c: cannot, say why · s: skip · q: end the run";

function onTerminal(name: string, fn: (folder: string) => Promise<void>): void {
  const definition = program(name);
  Deno.test({
    ...definition,
    ignore: definition.ignore || !hasTerminals(),
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await fn(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

function start(args: readonly string[], isOnTerminal: boolean): RunningProgram {
  return startProgram(args, { permissions: PERMISSIONS, isOnTerminal });
}

/** What the terminal shows, after all that was printed on it. */
function screenOf(printed: string): readonly string[] {
  const terminal = new FakeTerminal({ columns: 120 });
  terminal.write(printed.replaceAll("\r\n", "\n"));
  return terminal.screen;
}

/** Waits for the question of this number, and gives the deed. */
async function question(test: RunningProgram, number: number): Promise<string> {
  const deed = RegExp(` ${number}\\. ([^\\n]+?)\\r\\n[^\\n]*${KEYS}`);
  await test.printed(deed);
  return deed.exec(test.stdout())![1]!;
}

onTerminal(
  "ocpp test charge-point --driver manual: a person plays a case to its end, and ends the run in the next",
  async (folder) => {
    const simulate = start([
      ...["simulate", "ws://127.0.0.1:1", "--control-port", "0", "--control-host", "127.0.0.1"],
    ], false);
    await using _ = simulate;
    await simulate.printed(/API http:\/\/127\.0\.0\.1:\d+\/\n/);
    const api = /API (\S+)\/\n/.exec(simulate.stdout())![1]!;
    await using test = start([
      ...["test", "charge-point", "--identity", "CP7", "--port", "0", "--driver", "manual"],
      ...["--case", "TC_003,TC_004*,TC_019", "--report", `json=${folder}/r.json`],
    ], true);
    await test.printed(/waiting for CP7 at \S+\/CP7\r\n/);
    const url = /waiting for CP7 at (\S+)\/CP7/.exec(test.stdout())![1]!;
    const identity = "CP7";
    const added = await fetch(`${api}/api/v1/charge-points`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ identity, url }),
    });
    assert.equal(added.status, 201, await added.text());
    const act = (action: Parameters<typeof carryOut>[1]["action"]) =>
      carryOut(api, { case: "", identity, withinSeconds: 1, text: "", action });
    const deeds = [
      ["plug the cable of connector 1 into the EV", { kind: "plugIn", connectorId: 1 }],
      ["present idTag TAG001 for connector 1", { kind: "presentIdTag", idTag: "TAG001", connectorId: 1 }],
      ["present idTag TAG001 for connector 1", { kind: "presentIdTag", idTag: "TAG001", connectorId: 1 }],
      ["unplug the cable of connector 1 from the EV, and here if it comes out", {
        kind: "unplug",
        connectorId: 1,
      }],
    ] as const;
    for (const [index, [text, action]] of deeds.entries()) {
      assert.equal(await question(test, index + 1), text);
      assert.equal(await act(action), undefined);
      await test.type("\r");
    }
    await question(test, 5);
    const heading = (id: string, rest: string) => `${id} Regular charging session – ${rest} · CP7`;
    const lines = screenOf(test.stdout());
    assert.equal(lines[1], "CP7 has connected; asking what it is");
    assert.deepEqual(lines.slice(2, -1).map((line) => line.replace(/ +[\d.]+ s$/, "")), [
      heading("TC_003_CS", "plugin first"),
      ...deeds.flatMap(([text], index) => [`  ${index + 1}. ${text}`, "     done"]),
      "PASS            TC_003_CS    Regular charging session – plugin first",
      heading("TC_004_1_CS", "identification first"),
      "  5. present idTag TAG001 for connector 1",
    ]);
    assert.match(lines.at(-1)!, RegExp(`^     ${KEYS} · [45]:\\d\\d left$`));
    await test.type("q");
    const { code, stdout } = await test.ended;
    assert.equal(code, 1);
    const end = screenOf(stdout);
    assert.equal(end.filter((line) => /░|█|Enter/.test(line)).length, 0, "nothing of what is live is left");
    assert.ok(end.includes("     the run ends"));
    assert.match(
      end.join("\n"),
      /INCONCLUSIVE {4}TC_004_2_CS {2}and 1 more, up to TC_019_CS\n {2}not begun: it was interr/,
    );
    const report: SuiteReport = JSON.parse(await Deno.readTextFile(`${folder}/r.json`));
    assert.deepEqual(report.cases.map(({ id, verdict }) => [id, verdict]), [
      ["TC_003_CS", "PASS"],
      ["TC_004_1_CS", "INCONCLUSIVE"],
      ["TC_004_2_CS", "INCONCLUSIVE"],
      ["TC_019_CS", "INCONCLUSIVE"],
    ]);
  },
);

onTerminal(
  "ocpp test central-system --driver manual: a person has Calls sent, and cannot always",
  async (folder) => {
    const serve = start(["serve", "--port", "0", "--database", ":memory:", "--json"], false);
    await using _ = serve;
    await serve.printed(/"listening"[^\n]*\n/);
    const { listening } = JSON.parse(serve.stdout().split("\n")[0]!);
    await using test = start([
      ...["test", "central-system", "--driver", "manual", listening, "--settle", "0", "--quiet", "0.2"],
      ...["--case", "TC_013,TC_017_1,TC_064", "--report", `json=${folder}/r.json`],
    ], true);
    const reset = await question(test, 1);
    assert.equal(reset, 'have the Central System send Reset {"type":"Hard"}');
    const api = listening.replace("ws:", "http:");
    const sent = await fetch(new URL("/api/v1/charge-points/CONFORMANCE/calls", api), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ action: "Reset", payload: { type: "Hard" } }),
    });
    assert.equal(sent.status, 200, await sent.text());
    await test.type("\r");
    assert.match(await question(test, 2), /^have the Central System send UnlockConnector /);
    await test.type("cno such button\r");
    const { code, stdout } = await test.ended;
    assert.equal(code, 1, stdout);
    const screen = screenOf(stdout).join("\n");
    assert.match(screen, /PASS {12}TC_013_CSMS /);
    assert.match(screen, / {5}cannot: no such button\n/);
    assert.match(screen, /came +no such button\n/);
    assert.match(screen, /PASS {12}TC_064_CSMS /);
    const report: SuiteReport = JSON.parse(await Deno.readTextFile(`${folder}/r.json`));
    assert.equal(report.setup["driver"], "manual");
  },
);
