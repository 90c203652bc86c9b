/**
 * Suites of compliance cases: every case gets a verdict, whatever becomes of the others, and no report holds a secret.
 */
import assert from "node:assert/strict";
import { connected, ordered } from "../../src/conformance/central_system/states.ts";
import { call } from "../../src/conformance/step.ts";
import type { CaseReport, SuiteReport } from "../../src/report/suite_report.ts";
import { CaseRedactor } from "../../src/runtime/case_report.ts";
import { type PlannedCase, type SuiteEvent, SuiteRunner } from "../../src/runtime/suite_runner.ts";
import { answering, FakeTester, madeCase, playedWith } from "../support/fake_tester.ts";

const SECRET = "0123456789ABCDEF0123456789ABCDEF01234567";

function beating(id: string, needs = {}): PlannedCase {
  return playedWith(madeCase(function* (t) {
    yield* connected(t);
    yield* t.send("Heartbeat", {});
  }, { id, needs }));
}

interface Wanted {
  readonly cases: readonly PlannedCase[];
  readonly repeat?: number;
  readonly secrets?: readonly string[];
  readonly prepare?: (planned: PlannedCase) => Promise<string | undefined>;
  readonly during?: (runner: SuiteRunner, event: SuiteEvent) => void;
}

async function run(tester: FakeTester, { cases, repeat = 1, secrets = [], prepare, during }: Wanted) {
  const events: SuiteEvent[] = [];
  const runner: SuiteRunner = new SuiteRunner({
    ...{ clock: tester.clock, player: tester.player, cases, repeat, secrets },
    head: { tool: "ocpp test", systemUnderTest: "centralSystem", target: "ws://cs.test", setup: {} },
    ...(prepare === undefined ? {} : { prepare }),
    observer: (event) => {
      events.push(event);
      during?.(runner, event);
    },
  });
  const report: SuiteReport = await tester.inTime(runner.run());
  return { report, events };
}

function verdictsOf({ cases }: SuiteReport): readonly string[] {
  return cases.map(({ id, verdict }) => `${id} ${verdict}`);
}

function beatingTester(): FakeTester {
  const tester = new FakeTester();
  tester.link.onSend = answering({ Heartbeat: { currentTime: "2024-01-01T00:00:00Z" } });
  return tester;
}

Deno.test("a suite is played in order, as often as wanted, and told as it goes", async () => {
  const tester = beatingTester();
  const { report, events } = await run(tester, { cases: [beating("TC_1"), beating("TC_2")], repeat: 2 });
  assert.deepEqual(verdictsOf(report), ["TC_1 PASS", "TC_2 PASS", "TC_1 PASS", "TC_2 PASS"]);
  assert.deepEqual(
    events.filter(({ kind }) => kind === "caseBegan").map((event) => "number" in event && event.number),
    [
      ...[1, 2, 3, 4],
    ],
  );
  assert.deepEqual(events[0], { kind: "suiteBegan", cases: 4 });
  assert.deepEqual(events.at(-1), { kind: "suiteEnded", report });
  assert.ok(events.some((event) => event.kind === "frame" && event.frame.text.includes("Heartbeat")));
});

Deno.test("a case that nobody can prepare is INCONCLUSIVE; one that does not apply is not prepared", async () => {
  const prepared: string[] = [];
  const { report } = await run(beatingTester(), {
    cases: [beating("TC_1"), beating("TC_2", { profiles: ["Reservation"] }), beating("TC_3")],
    prepare: ({ definition: { id } }) => {
      prepared.push(id);
      return Promise.resolve(id === "TC_1" ? "the record cannot be entered" : undefined);
    },
  });
  assert.deepEqual(verdictsOf(report), ["TC_1 INCONCLUSIVE", "TC_2 NOT APPLICABLE", "TC_3 PASS"]);
  assert.equal(report.cases[0]!.failure!.came, "the record cannot be entered");
  assert.deepEqual(prepared, ["TC_1", "TC_3"]);
});

Deno.test("after two cases in a row that found nobody the rest is not tried", async () => {
  const tester = beatingTester();
  const outcomes = [false, true, false, false];
  tester.link.onConnect = (handlers) =>
    outcomes.shift() === true
      ? handlers.onUp({})
      : handlers.onFailed({ cause: "connection refused", isUnreachable: true });
  const { report } = await run(tester, {
    cases: ["TC_1", "TC_2", "TC_3", "TC_4", "TC_5"].map((id) => beating(id)),
  });
  assert.deepEqual(verdictsOf(report), [
    ...["TC_1 INCONCLUSIVE", "TC_2 PASS"],
    ...["TC_3 INCONCLUSIVE", "TC_4 INCONCLUSIVE", "TC_5 INCONCLUSIVE"],
  ]);
  assert.equal(tester.link.requests.length, 4);
  assert.deepEqual(report.cases.at(-1)!.failure, {
    step: "begin",
    expected: "the case to begin",
    came: "connection refused",
  });
});

Deno.test("after three cases in a row that heard nothing the rest is not tried", async () => {
  const tester = beatingTester();
  const unheard = (id: string) =>
    playedWith(
      madeCase(function* (t) {
        yield* connected(t);
        yield* t.prepare(t.send("Heartbeat", {}));
      }, { id }),
      { withinSeconds: 1 },
    );
  const unasked = (id: string) =>
    playedWith(
      madeCase(function* (t) {
        yield* connected(t);
        yield* t.prepare(t.expect(call("Reset")));
      }, { id }),
      { withinSeconds: 1 },
    );
  const beat = tester.link.onSend;
  const ids = ["TC_1", "TC_2", "TC_3", "TC_4", "TC_5", "TC_6", "TC_7", "TC_8"];
  const { report } = await run(tester, {
    // The third one says nothing itself: that nothing came proves nothing.
    cases: ids.map((id) => id === "TC_3" ? unasked(id) : id === "TC_4" ? beating(id) : unheard(id)),
    during: (_runner, event) => {
      if (event.kind === "caseBegan") tester.link.onSend = event.id === "TC_4" ? beat : () => undefined;
    },
  });
  assert.deepEqual(verdictsOf(report), [
    ...["TC_1 INCONCLUSIVE", "TC_2 INCONCLUSIVE", "TC_3 INCONCLUSIVE", "TC_4 PASS"],
    ...["TC_5 INCONCLUSIVE", "TC_6 INCONCLUSIVE", "TC_7 INCONCLUSIVE", "TC_8 INCONCLUSIVE"],
  ]);
  assert.deepEqual(report.cases.map(({ failure }) => failure?.step === "begin"), [
    ...Array.from({ length: 7 }, () => false),
    true,
  ]);
  assert.match(report.cases.at(-1)!.failure!.came, /not one message came in the last 3 cases/);
});

Deno.test("an abort makes what is left INCONCLUSIVE, and keeps what there is", async () => {
  const { report } = await run(beatingTester(), {
    cases: ["TC_1", "TC_2", "TC_3"].map((id) => beating(id)),
    during: (runner, event) => {
      if (event.kind === "caseEnded" && event.number === 1) runner.abort("it was interrupted");
    },
  });
  assert.deepEqual(verdictsOf(report), ["TC_1 PASS", "TC_2 INCONCLUSIVE", "TC_3 INCONCLUSIVE"]);
});

Deno.test("Security §A: no secret is in a report or told to whoever watches", async () => {
  const tester = new FakeTester();
  const url = "ftp://operator:opensesame@files.test/logs?token=letmein";
  tester.operator.answer = ({ action }) => {
    if (action.kind !== "sendCall") return Promise.resolve({ kind: "done" });
    const isRefused = (action.payload as { readonly value?: string }).value === "never-sent-secret";
    if (!isRefused) tester.link.handlers.onText(JSON.stringify([2, "c1", action.action, action.payload]));
    return Promise.resolve(isRefused ? { kind: "cannot", reason: "no" } : { kind: "done" });
  };
  const told = (
    id: string,
    action: "ChangeConfiguration" | "GetDiagnostics",
    payload: object,
    expected: object | undefined = { other: 1 },
  ) =>
    playedWith(
      madeCase(function* (t) {
        yield* connected(t);
        yield* ordered(t, action, payload as never, { status: "Rejected" } as never, expected as never);
      }, { id }),
      { authorizationKey: SECRET, withinSeconds: 1 },
    );
  const { report, events } = await run(tester, {
    cases: [
      told("TC_1", "ChangeConfiguration", { key: "AuthorizationKey", value: "new-secret-of-the-case" }, {
        key: "AuthorizationKey",
        value: "what-it-had-to-be",
      }),
      told("TC_2", "GetDiagnostics", { location: url }),
      told("TC_3", "ChangeConfiguration", { key: "AuthorizationKey", value: "never-sent-secret" }, {
        value: "never-sent-secret",
        key: "AuthorizationKey",
      }),
    ],
    secrets: [SECRET],
  });
  assert.deepEqual(verdictsOf(report), ["TC_1 FAIL", "TC_2 FAIL", "TC_3 INCONCLUSIVE"]);
  for (const shown of [JSON.stringify(report), JSON.stringify(events)]) {
    for (
      const secret of [
        SECRET,
        "new-secret-of-the-case",
        "opensesame",
        "letmein",
        "never-sent-secret",
        "what-it-had-to-be",
      ]
    ) {
      assert.equal(shown.includes(secret), false, `${secret} in ${shown}`);
    }
  }
  const [first] = report.cases as [CaseReport, ...CaseReport[]];
  assert.match(first.failure!.came, /"key":"AuthorizationKey","value":"\[redacted\]"/);
});

Deno.test("a secret of a frame is one where it is repeated, and what is none stays as it was", () => {
  const redactor = new CaseRedactor([SECRET]);
  const frame = (from: "system" | "tester", text: string) => redactor.frame({ atMs: 0, from, text }).text;
  const told = '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"hunter2hunter2"}]';
  assert.equal(frame("system", told).includes("hunter2"), false);
  assert.equal(redactor.text("it said hunter2hunter2 again"), "it said [redacted] again");
  assert.equal(redactor.text(`the password ${SECRET}`), "the password [redacted]");
  const plain = '[2,"2","Authorize",{"idTag":"A"}]';
  assert.equal(frame("tester", plain), plain);
  assert.equal(redactor.text('send Authorize {"idTag":"A"}'), 'send Authorize {"idTag":"A"}');
  const answer =
    '[3,"3",{"configurationKey":[{"key":"AuthorizationKey","readonly":false,"value":"swordfish"}]}]';
  assert.equal(frame("system", '[2,"3","GetConfiguration",{}]').includes("redacted"), false);
  assert.equal(frame("tester", answer).includes("swordfish"), false);
  assert.equal(
    frame("system", '[3,"late",{"key":"AuthorizationKey","value":"swordfish"}]').includes("swordfish"),
    false,
  );
  assert.equal(
    frame("system", '[2,"4","ChangeConfiguration",{"key":"AuthorizationKey","val').includes("val"),
    false,
  );
});
