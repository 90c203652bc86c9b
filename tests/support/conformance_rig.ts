/**
 * The run of a compliance case whose system under test is the test itself, in virtual time.
 */
import type { CaseDefinition } from "../../src/conformance/case.ts";
import { CaseRun } from "../../src/conformance/case_run.ts";
import type { RunEffect, RunInput } from "../../src/conformance/contract.ts";
import { createSession, type Session } from "../../src/conformance/session.ts";
import type { Steps } from "../../src/conformance/step.ts";
import type { Tester } from "../../src/conformance/tester.ts";
import type { Role } from "../../src/ocpp/action.ts";
import { capabilitiesOf, testedFor } from "../../src/runtime/tested_charge_point.ts";

/** One run. */
export class Rig {
  readonly run: CaseRun;
  readonly effects: RunEffect[] = [];
  nowMs = Date.UTC(2026, 0, 1);

  constructor(
    steps: (t: Tester) => Steps,
    systemUnderTest: Role = "chargePoint",
    { isQuestion, known = {} }: Pick<CaseDefinition, "isQuestion"> & { known?: Partial<Session> } = {},
  ) {
    const definition: CaseDefinition = {
      id: "TC_000",
      title: "",
      systemUnderTest,
      profile: "Core",
      purpose: "",
      spec: [],
      needs: {},
      ...(isQuestion === undefined ? {} : { isQuestion }),
      run: steps,
    };
    const session = createSession({ transactionId: 7 });
    // A Charge Point that was accepted before: the case begins at once.
    session.isConnected = session.isAccepted = systemUnderTest === "chargePoint";
    Object.assign(session, known);
    this.run = new CaseRun(definition, {
      capabilities: capabilitiesOf(testedFor({})),
      session,
      uniqueIdPrefix: "t",
    });
    this.input({ kind: "begin" });
  }

  input(input: RunInput): this {
    this.effects.push(...this.run.handle(input, this.nowMs));
    return this;
  }

  frame = (...elements: readonly unknown[]) => this.input({ kind: "frame", text: JSON.stringify(elements) });

  /** Lets time pass as a host does: every deadline is told. */
  pass(seconds: number): this {
    const untilMs = this.nowMs + seconds * 1_000;
    while (this.run.deadlineMs() <= untilMs) {
      this.nowMs = this.run.deadlineMs();
      this.input({ kind: "deadline" });
    }
    this.nowMs = untilMs;
    return this;
  }

  /** Lets time pass until the run wants to know of it. */
  toTheNextDeadline(): this {
    return this.pass((this.run.deadlineMs() - this.nowMs) / 1_000);
  }

  get sent(): readonly unknown[] {
    return this.effects.flatMap((effect) => effect.kind === "send" ? [JSON.parse(effect.text)] : []);
  }

  get verdict(): string | undefined {
    return this.run.result?.verdict;
  }
}
