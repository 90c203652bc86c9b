/** `--driver manual`: what a person is asked, and what the keys mean; time is virtual. */
import assert from "node:assert/strict";
import { UsageError } from "../../src/cli/exit_code.ts";
import { styleFor, type TextOutput } from "../../src/cli/terminal.ts";
import { ManualOperator } from "../../src/cli/test/drivers/manual_operator.ts";
import type { OperatorOutcome } from "../../src/runtime/test_operator.ts";
import { request, WANTED } from "../support/driver_requests.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { within } from "../support/within.ts";

/** A terminal that remembers, with somebody at its keys. */
class Desk {
  readonly clock = new VirtualClock();
  readonly log: string[] = [];
  readonly operator: ManualOperator;
  #press: ((key: string) => void) | undefined;
  #written = "";

  constructor({ columns = 120 }: { readonly columns?: number } = {}) {
    const output: TextOutput = {
      isTerminal: true,
      style: styleFor({ colours: false }),
      columns: () => columns,
      write: (text) => void (this.#written += text),
    };
    this.operator = new ManualOperator({
      output,
      clock: this.clock,
      keys: {
        isTerminal: true,
        open: (onKey) => {
          this.log.push("keys open");
          this.#press = onKey;
          return () => this.log.push("keys closed");
        },
      },
      view: {
        suspend: () => this.log.push("view suspended"),
        resume: () => this.log.push("view resumed"),
      },
      onQuit: () => this.log.push("quit"),
    });
  }

  /** Types each character. */
  type(text: string): void {
    for (const key of text) this.#press?.(key);
  }

  /** What is to be seen now: the last state of lines that were rewritten. */
  get screen(): readonly string[] {
    return this.#written.split("\n").map((line) => line.split("\r\x1b[K").at(-1)!);
  }

  /** Asks, and lets the question appear. */
  async ask(
    asked = request(),
    signal: AbortSignal = WANTED,
  ): Promise<{ readonly outcome: Promise<OperatorOutcome> }> {
    const outcome = this.operator.do(asked, signal);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    return { outcome: within(outcome, "an answer") };
  }
}

const KEYS = "  Enter: done · s: cannot, skip · q: end the run";

Deno.test("a deed is numbered, named with its case and identity, and counted down; Enter is done", async () => {
  const desk = new Desk();
  const { outcome } = await desk.ask(request({ kind: "plugIn", connectorId: 2 }, { withinSeconds: 30 }));
  assert.deepEqual(desk.screen, [
    "1. TC_003_CS · CP001",
    "  plug the cable of connector 2 into the EV",
    `${KEYS} · 30 s left`,
  ]);
  desk.clock.advance(1_000);
  assert.equal(desk.screen.at(-1), `${KEYS} · 29 s left`);
  desk.clock.advance(20_500);
  assert.equal(desk.screen.at(-1), `${KEYS} · 9 s left`);
  desk.type("xy\r");
  assert.deepEqual(await outcome, { kind: "done" });
  assert.deepEqual(desk.screen.slice(2), ["  done", ""]);
  const second = await desk.ask(request({ kind: "powerOff" }, { caseId: "TC_032_CS" }));
  assert.equal(desk.screen[3], "2. TC_032_CS · CP001");
  desk.type("\n");
  assert.deepEqual(await second.outcome, { kind: "done" });
  assert.equal(desk.clock.nextMs(), Infinity, "nothing counts on");
});

Deno.test("s asks for a reason, which Enter ends; letters in it are no answers", async () => {
  const desk = new Desk();
  const { outcome } = await desk.ask();
  desk.type("sq st\x7f\x7fsno\x1b cable\x7f\x7f");
  assert.equal(desk.screen.at(-1), "  why not? Enter ends the reason · 60 s left > q sno· cab");
  desk.clock.advance(5_000);
  assert.equal(desk.screen.at(-1), "  why not? Enter ends the reason · 55 s left > q sno· cab");
  desk.type("\r");
  assert.deepEqual(await outcome, { kind: "cannot", reason: "q sno· cab" });
  assert.deepEqual(desk.screen.slice(2), ["  skipped: q sno· cab", ""]);
  const second = await desk.ask();
  desk.type("s\r");
  assert.deepEqual(await second.outcome, { kind: "cannot", reason: "skipped at the prompt" });
});

Deno.test("q ends the run: nothing more is asked", async () => {
  const desk = new Desk();
  const { outcome } = await desk.ask();
  desk.type("q");
  const reason = "the run was ended at the prompt";
  assert.deepEqual(await outcome, { kind: "cannot", reason });
  const lines = desk.screen.length;
  assert.deepEqual(await (await desk.ask()).outcome, { kind: "cannot", reason });
  assert.equal(desk.screen.length, lines);
  assert.deepEqual(desk.log.filter((line) => line === "quit"), ["quit"]);
});

Deno.test("when the time is over it was not done, also while a reason is typed; a later Enter counts for nothing", async () => {
  const desk = new Desk();
  for (const typed of ["", "sI am ty"]) {
    const { outcome } = await desk.ask(request(undefined, { withinSeconds: 2.5 }));
    desk.type(typed);
    desk.clock.advance(2_499);
    desk.clock.advance(1);
    assert.deepEqual(await outcome, {
      kind: "cannot",
      reason: "nobody answered the prompt within 2.5 s",
    });
    assert.equal(desk.screen.at(-2), "  the time is over");
    desk.type("\r");
  }
  const { outcome } = await desk.ask();
  assert.equal(desk.screen.at(-1), `${KEYS} · 60 s left`);
  desk.type("\r");
  assert.deepEqual(await outcome, { kind: "done" });
});

Deno.test("the view is suspended while somebody is asked, and the keys are given back at the end", async () => {
  const desk = new Desk();
  assert.deepEqual(desk.log, [], "nothing is taken before the first question");
  const { outcome } = await desk.ask();
  assert.deepEqual(desk.log, ["keys open", "view suspended"]);
  desk.type("\r");
  await outcome;
  assert.deepEqual(desk.log.splice(0), ["keys open", "view suspended", "view resumed"]);
  const second = await desk.ask();
  await desk.operator.close();
  const reason = "nobody waits for it any more";
  assert.deepEqual(await second.outcome, { kind: "cannot", reason });
  assert.deepEqual(desk.log, ["view suspended", "view resumed", "keys closed"]);
  assert.deepEqual(await (await desk.ask()).outcome, { kind: "cannot", reason });
});

Deno.test("a question ends with its case, and two questions are asked one after the other", async () => {
  const desk = new Desk();
  const over = new AbortController();
  const first = await desk.ask(request(), over.signal);
  const second = await desk.ask(request({ kind: "powerOn" }));
  assert.equal(desk.screen.length, 3, "one question at a time");
  over.abort();
  assert.deepEqual(await first.outcome, { kind: "cannot", reason: "nobody waits for it any more" });
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  assert.deepEqual(desk.screen.slice(3, 5), [
    "2. TC_003_CS · CP001",
    "  switch on the power of the Charge Point",
  ]);
  desk.type("\r");
  assert.deepEqual(await second.outcome, { kind: "done" });
});

Deno.test("the line that is rewritten is never wider than the terminal; of a reason its end is shown", async () => {
  const desk = new Desk({ columns: 40 });
  const { outcome } = await desk.ask();
  assert.equal(desk.screen.at(-1)?.length, 39);
  desk.type("sthe door of the cabinet is locked");
  assert.equal(desk.screen.at(-1)?.length, 39);
  assert.match(desk.screen.at(-1)!, /cabinet is locked$/);
  desk.type("\r");
  await outcome;
});

Deno.test("what a terminal obeys in a deed or an identity is not obeyed", async () => {
  const desk = new Desk();
  const action = { kind: "presentIdTag", idTag: "T\x1b[2J", connectorId: 1 } as const;
  const { outcome } = await desk.ask(request(action, { identity: "CP\x07" }));
  assert.deepEqual(desk.screen.slice(0, 2), [
    "1. TC_003_CS · CP·",
    "  present idTag T·[2J for connector 1",
  ]);
  desk.type("\r");
  await outcome;
});

Deno.test("without a terminal there is nobody to ask", () => {
  const output = {
    isTerminal: true,
    style: styleFor({ colours: false }),
    columns: () => 80,
    write: () => {},
  };
  const keys = { isTerminal: true, open: () => () => {} };
  const rest = { clock: new VirtualClock(), onQuit: () => {} };
  for (
    const one of [{ output, keys: { ...keys, isTerminal: false } }, {
      output: { ...output, isTerminal: false },
      keys,
    }]
  ) {
    assert.throws(() => new ManualOperator({ ...rest, ...one }), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /^--driver manual asks a person at a terminal, and there is none/);
      return true;
    });
  }
});
