/** `--driver manual`: what a person is asked, beside what else is on the terminal, and what the keys mean; time is virtual. */
import assert from "node:assert/strict";
import { UsageError } from "../../src/cli/exit_code.ts";
import { LiveLines } from "../../src/cli/test/live_lines.ts";
import type { LiveView } from "../../src/cli/test/live_view.ts";
import { ManualOperator } from "../../src/cli/test/drivers/manual_operator.ts";
import { type RunScreen, runScreen } from "../../src/cli/test/run_screen.ts";
import { styleFor } from "../../src/cli/terminal.ts";
import type { OperatorOutcome } from "../../src/runtime/test_operator.ts";
import { request, WANTED } from "../support/driver_requests.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";
import { caseOf } from "../support/report_case.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { within } from "../support/within.ts";

const TITLES: ReadonlyMap<string, string> = new Map([["TC_003_CS", "Regular charging session"]]);

/** Output that goes to a file. */
const FILE = { isTerminal: false, style: styleFor({ colours: false }), columns: () => 120, write: () => {} };

/** A terminal with somebody at its keys. */
class Desk {
  readonly clock = new VirtualClock();
  readonly log: string[] = [];
  readonly terminal: FakeTerminal;
  readonly screen: RunScreen;
  readonly operator: ManualOperator;
  readonly #stopped = Promise.withResolvers<void>();
  #press: ((key: string) => void) | undefined;

  constructor({ columns = 120, isPiped = false } = {}) {
    const terminal = this.terminal = new FakeTerminal({ columns });
    const stdout = isPiped ? FILE : terminal;
    this.screen = runScreen({ stdout, stderr: terminal, json: false, clock: this.clock });
    this.operator = new ManualOperator({
      place: this.screen.questions,
      clock: this.clock,
      keys: {
        isTerminal: true,
        open: (onKey) => {
          this.log.push("keys open");
          this.#press = onKey;
          return () => this.log.push("keys closed");
        },
      },
      titleOf: (id) => TITLES.get(id),
      onQuit: () => this.log.push("quit"),
      stopped: this.#stopped.promise,
    });
  }

  get view(): LiveView {
    return this.screen.view!;
  }

  /** What stands on the terminal. */
  get lines(): readonly string[] {
    return this.terminal.screen;
  }

  /** Types each character. */
  type(text: string): void {
    for (const key of text) this.#press?.(key);
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#stopped.resolve();
  }

  /** Asks, and lets the question appear. */
  async ask(
    asked = request(),
    signal: AbortSignal = WANTED,
  ): Promise<{ readonly outcome: Promise<OperatorOutcome> }> {
    const outcome = this.operator.do(asked, signal);
    await settled();
    return { outcome: within(outcome, "an answer") };
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

const HEADING = "TC_003_CS Regular charging session · CP001";
const KEYS = "     Enter: done · c: cannot, say why · s: skip · q: end the run";

Deno.test("a deed is numbered below its case and counted down; Enter is done", async () => {
  const desk = new Desk();
  const { outcome } = await desk.ask(request({ kind: "plugIn", connectorId: 2 }, { withinSeconds: 300 }));
  const deed = "  1. plug the cable of connector 2 into the EV";
  assert.deepEqual(desk.lines, [HEADING, deed, `${KEYS} · 5:00 left`]);
  desk.clock.advance(1_000);
  assert.equal(desk.lines.at(-1), `${KEYS} · 4:59 left`);
  desk.clock.advance(290_500);
  assert.equal(desk.lines.at(-1), `${KEYS} · 0:09 left`);
  desk.type("xy\r");
  assert.deepEqual(await outcome, { kind: "done" });
  assert.deepEqual(desk.lines, [HEADING, deed, "     done", ""]);
  const second = await desk.ask(request({ kind: "powerOff" }));
  assert.deepEqual(desk.lines.slice(3), [
    "  2. switch off the power of the Charge Point",
    `${KEYS} · 1:00 left`,
  ]);
  desk.type("\n");
  assert.deepEqual(await second.outcome, { kind: "done" });
  const third = await desk.ask(request({ kind: "powerOff" }, { caseId: "TC_032_CS" }));
  assert.equal(desk.lines[5], "TC_032_CS · CP001");
  desk.type("\r");
  await third.outcome;
  assert.equal(desk.clock.nextMs(), Infinity, "nothing counts on");
});

Deno.test("c asks why, which Enter ends; letters in it are no answers, and Esc leads back", async () => {
  const desk = new Desk();
  const { outcome } = await desk.ask();
  desk.type("cq st\x7f\x7fsno\t cable\x7f\x7f");
  const why = "     why not? Enter: that is why · Esc: back";
  assert.deepEqual(desk.lines.slice(2), [`${why} · 1:00 left`, "     > q sno· cab"]);
  desk.clock.advance(5_000);
  assert.deepEqual(desk.lines.slice(2), [`${why} · 0:55 left`, "     > q sno· cab"]);
  desk.type("\x1b");
  assert.deepEqual(desk.lines.slice(2), [`${KEYS} · 0:55 left`]);
  desk.type("cno cable\r");
  assert.deepEqual(await outcome, { kind: "cannot", reason: "no cable" });
  assert.deepEqual(desk.lines.slice(2), ["     cannot: no cable", ""]);
  const second = await desk.ask();
  desk.type("C\r");
  assert.deepEqual(await second.outcome, {
    kind: "cannot",
    reason: "it cannot be done, says the person at the prompt",
  });
});

Deno.test("s skips without a word", async () => {
  const desk = new Desk();
  const { outcome } = await desk.ask();
  desk.type("s");
  assert.deepEqual(await outcome, { kind: "cannot", reason: "skipped at the prompt" });
  assert.equal(desk.lines.at(-2), "     skipped");
});

for (
  const [what, end] of [["q", (desk: Desk) => desk.type("q")], [
    "an interrupt",
    (desk: Desk) => desk.interrupt(),
  ]] as const
) {
  Deno.test(`${what} ends the run: nothing more is asked`, async () => {
    const desk = new Desk();
    const { outcome } = await desk.ask();
    end(desk);
    const reason = "the run was ended at the prompt";
    assert.deepEqual(await outcome, { kind: "cannot", reason });
    const { length } = desk.lines;
    assert.equal(desk.lines.at(-2), "     the run ends");
    assert.deepEqual(await (await desk.ask()).outcome, { kind: "cannot", reason });
    assert.equal(desk.lines.length, length);
    assert.deepEqual(desk.log.filter((line) => line === "quit"), what === "q" ? ["quit"] : []);
  });
}

Deno.test("Ctrl-C ends the run between two questions too, where a terminal makes a key of it", async () => {
  const desk = new Desk();
  desk.type("q");
  assert.deepEqual(desk.log, ["keys open"]);
  desk.type("\x03");
  assert.deepEqual(desk.log, ["keys open", "quit"]);
  assert.equal((await (await desk.ask()).outcome).kind, "cannot");
  assert.deepEqual(desk.lines, [""]);
});

Deno.test("when the time is over it was not done, also while a reason is typed; a later Enter counts for nothing", async () => {
  const desk = new Desk();
  for (const typed of ["", "cI am ty"]) {
    const { outcome } = await desk.ask(request(undefined, { withinSeconds: 2.5 }));
    desk.type(typed);
    desk.clock.advance(2_499);
    desk.clock.advance(1);
    assert.deepEqual(await outcome, {
      kind: "cannot",
      reason: "nobody answered the prompt within 2.5 s",
    });
    assert.equal(desk.lines.at(-2), "     the time is over");
    desk.type("\r");
  }
  const { outcome } = await desk.ask();
  assert.equal(desk.lines.at(-1), `${KEYS} · 1:00 left`);
  desk.type("\r");
  assert.deepEqual(await outcome, { kind: "done" });
});

Deno.test("the progress makes room for a question, and comes back with the answer", async () => {
  const desk = new Desk({ columns: 80 });
  desk.view.begun({ total: 2 });
  desk.view.caseBegun({ id: "TC_003_CS", title: "Regular charging session", number: 1 });
  desk.view.step("expect StatusNotification {} within 15 s");
  desk.clock.advance(100);
  const progress = (seconds: number) => [
    `${"░".repeat(24)}  0 of 2  ${seconds} s`,
    "TC_003_CS Regular charging session  expect StatusNotification {} within 15 s",
  ];
  assert.deepEqual(desk.lines, progress(0));
  const { outcome } = await desk.ask(request());
  const asked = [HEADING, "  1. plug the cable of connector 1 into the EV"];
  assert.deepEqual(desk.lines, [...asked, `${KEYS} · 1:00 left`]);
  desk.clock.advance(2_900);
  desk.screen.err.write("ocpp: refused a connection from 127.0.0.1: nobody knows CP9\n");
  const remark = "ocpp: refused a connection from 127.0.0.1: nobody knows CP9";
  assert.deepEqual(desk.lines.slice(0, 4), [...asked, remark, `${KEYS} · 0:58 left`]);
  desk.type("\r");
  await outcome;
  assert.deepEqual(desk.lines, [...asked, remark, "     done", ...progress(3)]);
  desk.view.caseEnded(caseOf({ id: "TC_003_CS", title: "Regular charging session", durationMs: 3_000 }));
  assert.deepEqual(desk.lines.slice(4), [
    "PASS            TC_003_CS    Regular charging session  3.0 s",
    `${"█".repeat(12)}${"░".repeat(12)}  1 of 2  3 s  1 PASS`,
  ]);
  desk.view.stop();
  assert.equal(desk.lines.at(-1), "");
});

Deno.test("where results go to a file the questions are on stderr", async () => {
  const desk = new Desk({ isPiped: true });
  desk.view.begun({ total: 2 });
  const { outcome } = await desk.ask();
  desk.clock.advance(1_000);
  assert.deepEqual(desk.lines, [
    HEADING,
    "  1. plug the cable of connector 1 into the EV",
    `${KEYS} · 0:59 left`,
  ]);
  desk.type("\r");
  await outcome;
  desk.view.stop();
});

Deno.test("keys are taken from the beginning, so that nothing typed too early is an answer, and given back", async () => {
  const desk = new Desk();
  assert.deepEqual(desk.log, ["keys open"]);
  desk.type("\r");
  const { outcome } = await desk.ask();
  assert.equal(desk.lines.at(-1), `${KEYS} · 1:00 left`);
  await desk.operator.close();
  const reason = "nobody waits for it any more";
  assert.deepEqual(await outcome, { kind: "cannot", reason });
  assert.deepEqual(desk.log, ["keys open", "keys closed"]);
  assert.deepEqual(await (await desk.ask()).outcome, { kind: "cannot", reason });
});

Deno.test("a question ends with its case; the next one does not take an answer that was meant for it", async () => {
  const desk = new Desk();
  const over = new AbortController();
  const first = await desk.ask(request(), over.signal);
  const second = await desk.ask(request({ kind: "powerOn" }));
  assert.equal(desk.lines.length, 3, "one question at a time");
  over.abort();
  assert.deepEqual(await first.outcome, { kind: "cannot", reason: "nobody waits for it any more" });
  await settled();
  assert.deepEqual(desk.lines.slice(2), [
    "     no answer is needed any more",
    "  2. switch on the power of the Charge Point",
    "     one moment … · 1:00 left",
  ]);
  desk.type("\r");
  desk.clock.advance(1_500);
  assert.equal(desk.lines.at(-1), `${KEYS} · 0:59 left`);
  desk.type("\r");
  assert.deepEqual(await second.outcome, { kind: "done" });
  assert.equal(desk.clock.nextMs(), Infinity);
});

for (const columns of [10, 30, 40, 79]) {
  Deno.test(`a question is told in full on ${columns} columns, and no line is wider`, async () => {
    const desk = new Desk({ columns });
    const payload = { connectorId: 1, csChargingProfiles: { chargingProfileId: 7, stackLevel: 0 } };
    const { outcome } = await desk.ask(request({ kind: "sendCall", action: "SetChargingProfile", payload }));
    assert.ok(desk.lines.join("").replaceAll(" ", "").includes(JSON.stringify(payload)));
    assert.match(desk.lines.join("").replaceAll(/\s+/g, ""), /q:endtherun·1:00left$/);
    desk.type("cthe door of the cabinet is locked");
    assert.match(desk.lines.at(-1)!, columns > 20 ? /cabinet is locked$/ : /locked$/);
    for (const key of "x\x7f\x1b") desk.type(key);
    desk.clock.advance(1_000);
    assert.match(desk.lines.join("").replaceAll(/\s+/g, ""), /q:endtherun·0:59left$/);
    assert.equal(
      desk.lines.join("").replaceAll(" ", "").match(/Enter/g)?.length,
      1,
      "nothing is left of what was rewritten",
    );
    desk.type("\r");
    await outcome;
    assert.ok(desk.terminal.widest <= columns, String(desk.terminal.widest));
  });
}

Deno.test("what a terminal obeys in a deed or an identity is not obeyed", async () => {
  const desk = new Desk();
  const action = { kind: "presentIdTag", idTag: "T\x1b[2J", connectorId: 1 } as const;
  const { outcome } = await desk.ask(request(action, { caseId: "TC_1", identity: "CP\x07" }));
  assert.deepEqual(desk.lines.slice(0, 2), ["TC_1 · CP·", "  1. present idTag T·[2J for connector 1"]);
  desk.type("\r");
  await outcome;
});

Deno.test("without a terminal there is nobody to ask", () => {
  const rest = {
    ...{ clock: new VirtualClock(), onQuit: () => {}, titleOf: () => undefined },
    stopped: new Promise<void>(() => {}),
  };
  for (const [hasKeys, hasScreen] of [[true, false], [false, true]] as const) {
    const place = new LiveLines(hasScreen ? new FakeTerminal({ columns: 80 }) : FILE);
    const keys = { isTerminal: hasKeys, open: () => () => {} };
    assert.throws(() => new ManualOperator({ ...rest, place, keys }), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /^--driver manual asks a person at a terminal, and there is none/);
      return true;
    });
  }
});
