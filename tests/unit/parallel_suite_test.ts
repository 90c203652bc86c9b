/**
 * Cases several at once: each on a stage of its own, told whole, in the report in the order of the list.
 */
import assert from "node:assert/strict";
import { type CaseDefinition, chargePointCase } from "../../src/conformance/case.ts";
import { createSession } from "../../src/conformance/session.ts";
import { call } from "../../src/conformance/step.ts";
import { CasePlayer } from "../../src/runtime/case_player.ts";
import { ParallelSuite } from "../../src/runtime/parallel_suite.ts";
import type { PlannedCase, SuiteEvent } from "../../src/runtime/suite_runner.ts";
import { capabilitiesOf, testedFor } from "../../src/runtime/tested_charge_point.ts";
import { TesterEntrance } from "../../src/runtime/tester_entrance.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** A case that waits, so that virtual time decides in which order cases end. */
function waiting(id: string, seconds: number, needs: CaseDefinition["needs"] = {}): PlannedCase {
  return {
    definition: chargePointCase({
      ...{ id, title: id, purpose: id, needs },
      profile: "Core",
      spec: ["OCPP 1.6 §4.2"],
      *run(t) {
        yield* t.wait(seconds);
        if (seconds > 100) yield* t.expect(call("BootNotification"));
      },
    }),
    capabilities: capabilitiesOf(testedFor({})),
    setup: {},
  };
}

/** Plays cases on Charge Points that say nothing. */
class World {
  readonly clock = new VirtualClock();
  readonly events: SuiteEvent[] = [];
  readonly prepared: string[] = [];
  readonly closed: string[] = [];
  readonly suite: ParallelSuite<PlannedCase>;
  atOnce = 0;
  atOnceMax = 0;

  constructor(cases: readonly PlannedCase[], { lanes, why }: { lanes: number; why?: string }) {
    const { clock } = this;
    const entrance = new TesterEntrance(() => {});
    this.suite = new ParallelSuite({
      ...{ clock, cases, lanes },
      repeat: 1,
      head: { tool: "ocpp", systemUnderTest: "chargePoint", target: "", setup: {} },
      observer: (event) => this.events.push(event),
      stageFor: ({ definition: { id } }) => {
        this.atOnceMax = Math.max(this.atOnceMax, ++this.atOnce);
        const link = entrance.seat({ identity: id });
        return Promise.resolve({
          player: new CasePlayer({
            ...{ clock, link },
            operator: { do: () => Promise.resolve({ kind: "done" }), close: () => Promise.resolve() },
            bench: { get: () => Promise.resolve(undefined), close: () => Promise.resolve() },
            session: Object.assign(createSession(), { isConnected: true, isAccepted: true }),
            uniqueIdPrefix: "t",
          }),
          setup: { identity: id },
          secrets: [],
          prepare: () => {
            this.prepared.push(id);
            return Promise.resolve(why);
          },
          close: () => {
            this.atOnce--;
            this.closed.push(id);
            return Promise.resolve();
          },
        });
      },
    });
  }

  /** Plays to the end, however long that is. */
  async run() {
    let isOver = false;
    const report = this.suite.run().finally(() => isOver = true);
    while (!isOver) {
      await new Promise<void>((resolve) => queueMicrotask(resolve));
      if (Number.isFinite(this.clock.nextMs())) this.clock.advance(1_000);
    }
    return await report;
  }

  get endedIds(): readonly string[] {
    return this.events.flatMap((event) => event.kind === "caseEnded" ? [event.report.id] : []);
  }
}

Deno.test("cases are played several at once, told as a whole when they are over, and reported in their order", async () => {
  const world = new World([waiting("A", 30), waiting("B", 10), waiting("C", 5)], { lanes: 2 });
  const { cases } = await world.run();
  assert.equal(world.atOnceMax, 2);
  assert.deepEqual(cases.map(({ id, verdict }) => [id, verdict]), [["A", "PASS"], ["B", "PASS"], [
    "C",
    "PASS",
  ]]);
  assert.deepEqual(world.endedIds, ["B", "C", "A"]);
  const told = world.events.map((event) =>
    event.kind === "caseBegan" ? `${event.number} ${event.id}` : event.kind
  );
  assert.deepEqual(told.filter((one) => one !== "step"), [
    "suiteBegan",
    ...["1 B", "caseEnded", "2 C", "caseEnded", "3 A", "caseEnded"],
    "suiteEnded",
  ]);
  assert.deepEqual(new Set(world.closed), new Set(["A", "B", "C"]));
});

Deno.test("nothing is brought on for a case that does not apply", async () => {
  const world = new World([waiting("A", 1, { connectors: 9 }), waiting("B", 1)], { lanes: 1 });
  const { cases } = await world.run();
  assert.deepEqual(cases.map(({ verdict }) => verdict), ["NOT APPLICABLE", "PASS"]);
  assert.deepEqual([world.prepared, world.closed], [["B"], ["A", "B"]]);
});

Deno.test("what cannot be brought on makes its case INCONCLUSIVE, with the reason", async () => {
  const world = new World([waiting("A", 1)], { lanes: 1, why: "there is no room" });
  const { cases: [one] } = await world.run();
  assert.deepEqual([one?.verdict, one?.failure?.came], ["INCONCLUSIVE", "there is no room"]);
  assert.deepEqual(world.closed, ["A"]);
});

Deno.test("an interrupted run ends what is under way and begins nothing more", async () => {
  const world = new World([waiting("A", 50), waiting("B", 50), waiting("C", 50)], { lanes: 2 });
  const running = world.suite.run();
  for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => queueMicrotask(resolve));
  world.suite.abort("it was interrupted");
  const report = await (world.clock.advance(10_000), world.clock.advance(10_000), running);
  assert.deepEqual(report.cases.map(({ verdict, failure }) => [verdict, failure?.came]), [
    ["INCONCLUSIVE", "it was interrupted"],
    ["INCONCLUSIVE", "it was interrupted"],
    ["INCONCLUSIVE", "it was interrupted"],
  ]);
  assert.deepEqual(world.prepared, ["A", "B"]);
});
