/**
 * Has a person at the terminal do what cases ask for.
 */
import { cannot, NOT_WANTED } from "../../../adapters/test_operator/order.ts";
import { Turns } from "../../../adapters/test_operator/turns.ts";
import { operatorText } from "../../../conformance/operator_action.ts";
import type { Clock } from "../../../runtime/clock.ts";
import type { OperatorOutcome, OperatorRequest, TestOperator } from "../../../runtime/test_operator.ts";
import { UsageError } from "../../exit_code.ts";
import type { TextOutput } from "../../terminal.ts";
import type { LiveView } from "./live_view.ts";
import { type Answer, Prompt } from "./prompt.ts";

/** Where what is typed comes from. */
export interface KeySource {
  readonly isTerminal: boolean;
  /** Gives every key from now on; returns what gives the terminal back as it was. */
  open(onKey: (key: string) => void): () => void;
}

/** What the driver works with. */
export interface ManualOptions {
  readonly output: TextOutput;
  readonly keys: KeySource;
  readonly clock: Clock;
  /** What else is on the terminal. */
  readonly view?: LiveView | undefined;
  /** The person wants the whole run to end. */
  readonly onQuit: () => void;
}

/** Asks, and waits for the answer. */
export class ManualOperator implements TestOperator {
  readonly #options: ManualOptions;
  readonly #turns = new Turns();
  readonly #closing = new AbortController();
  #prompt: Prompt | undefined;
  #closeKeys: (() => void) | undefined;
  #asked = 0;
  #hasQuit = false;

  /** Errors: `UsageError` where there is nobody to ask. */
  constructor(options: ManualOptions) {
    if (!options.keys.isTerminal || !options.output.isTerminal) {
      throw new UsageError(
        "--driver manual asks a person at a terminal, and there is none; choose --driver command or http",
      );
    }
    this.#options = options;
  }

  do(request: OperatorRequest, signal: AbortSignal): Promise<OperatorOutcome> {
    return this.#turns.take(() => this.#ask(request, AbortSignal.any([signal, this.#closing.signal])));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#turns.over();
    this.#closeKeys?.();
    this.#closeKeys = undefined;
  }

  async #ask(request: OperatorRequest, signal: AbortSignal): Promise<OperatorOutcome> {
    if (this.#hasQuit) return QUIT;
    if (signal.aborted) return cannot(NOT_WANTED);
    const { output, keys, clock, view, onQuit } = this.#options;
    const { caseId, identity, action, withinSeconds } = request;
    // What was typed before there was a question is no answer to it.
    this.#closeKeys ??= keys.open((key) => this.#prompt?.press(key));
    view?.suspend();
    const prompt = this.#prompt = new Prompt(output, {
      heading: `${++this.#asked}. ${caseId} · ${identity}`,
      text: operatorText(action),
      withinSeconds,
    });
    const stopCounting = countDown(prompt, { clock, withinSeconds });
    const onAbort = () => prompt.end({ kind: "notWanted" });
    signal.addEventListener("abort", onAbort);
    const answer = await prompt.answered;
    stopCounting();
    signal.removeEventListener("abort", onAbort);
    this.#prompt = undefined;
    view?.resume();
    if (answer.kind === "quit") {
      this.#hasQuit = true;
      onQuit();
    }
    return outcomeOf(answer, withinSeconds);
  }
}

const QUIT = cannot("the run was ended at the prompt");

function outcomeOf(answer: Answer, withinSeconds: number): OperatorOutcome {
  switch (answer.kind) {
    case "done":
      return { kind: "done" };
    case "skip":
      return cannot(answer.reason || "skipped at the prompt");
    case "late":
      return cannot(`nobody answered the prompt within ${withinSeconds} s`);
    case "quit":
      return QUIT;
    case "notWanted":
      return cannot(NOT_WANTED);
  }
}

/** Tells a prompt every second what is left, and when nothing is; returns what stops it. */
function countDown(
  prompt: Prompt,
  { clock, withinSeconds }: { readonly clock: Clock; readonly withinSeconds: number },
): () => void {
  const endAtMs = clock.nowMs() + withinSeconds * 1_000;
  let cancel: () => void;
  const next = () => {
    const leftMs = endAtMs - clock.nowMs();
    if (leftMs <= 0) return prompt.end({ kind: "late" });
    prompt.count(leftMs / 1_000);
    cancel = clock.at(clock.nowMs() + Math.min(1_000, leftMs), next);
  };
  next();
  return () => cancel?.();
}
