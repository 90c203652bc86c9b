/**
 * What a run has of the terminal: its results on stdout, remarks on stderr, how far it is, and the questions to whoever
 * operates the system under test. Where they share a terminal they make room for each other.
 */
import type { Clock } from "../../runtime/clock.ts";
import type { TextOutput } from "../terminal.ts";
import type { QuestionPlace } from "./drivers/question_place.ts";
import { LiveLines } from "./live_lines.ts";
import { LiveView } from "./live_view.ts";

/** The parts of it. */
export interface RunScreen {
  /** For results that are no text for people. */
  readonly out: TextOutput;
  /** For remarks. */
  readonly err: TextOutput;
  /** Results as text; absent: they are wanted as JSON. */
  readonly view?: LiveView;
  /** Where a person is asked. */
  readonly questions: QuestionPlace;
}

/** Arranges it. */
export function runScreen(
  { stdout, stderr, json, clock }: {
    readonly stdout: TextOutput;
    readonly stderr: TextOutput;
    readonly json: boolean;
    readonly clock: Clock;
  },
): RunScreen {
  if (!json && stdout.isTerminal) {
    const lines = new LiveLines(stdout);
    const view = new LiveView(lines, { clock });
    return { out: lines, err: lines.beside(stderr), view, questions: view };
  }
  // Results go to a file or a program, or are for one: people are on stderr, if anywhere.
  const questions = new LiveLines(stderr);
  const out = questions.beside(stdout);
  return {
    out,
    err: questions,
    questions,
    ...(json ? {} : { view: new LiveView(new LiveLines(out), { clock }) }),
  };
}
