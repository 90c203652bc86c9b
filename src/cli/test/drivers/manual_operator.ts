/**
 * Has a person at the terminal do what cases ask for.
 */
import { cannot, NOT_WANTED } from "../../../adapters/test_operator/order.ts";
import { Turns } from "../../../adapters/test_operator/turns.ts";
import { operatorText } from "../../../conformance/operator_action.ts";
import type { Clock } from "../../../runtime/clock.ts";
import type { OperatorOutcome, OperatorRequest, TestOperator } from "../../../runtime/test_operator.ts";
import { UsageError } from "../../exit_code.ts";
import { type Answer, INTERRUPT, Prompt } from "./prompt.ts";
import type { QuestionPlace } from "./question_place.ts";

/** How long a question takes no answer that follows one which nobody has answered: the key may be meant for that one. */
const DEAF_MS = 1_500;

/** Where what is typed comes from. */
export interface KeySource {
  readonly isTerminal: boolean;
  /** Gives every key from now on; returns what gives the terminal back as it was. */
  open(onKey: (key: string) => void): () => void;
}

/** What the driver works with. */
export interface ManualOptions {
  readonly place: QuestionPlace;
  readonly keys: KeySource;
  readonly clock: Clock;
  /** What a case is called. */
  readonly titleOf: (caseId: string) => string | undefined;
  /** The person wants the whole run to end. */
  readonly onQuit: () => void;
  /** Resolves when the run is to end, whoever wants that. */
  readonly stopped: Promise<void>;
}

/** Asks, and waits for the answer. */
export class ManualOperator implements TestOperator {
  readonly #options: ManualOptions;
  readonly #turns = new Turns();
  readonly #closing = new AbortController();
  readonly #closeKeys: () => void;
  #prompt: Prompt | undefined;
  #asked = 0;
  #heading: string | undefined;
  #isUnanswered = false;
  #hasQuit = false;

  /** Errors: `UsageError` where there is nobody to ask. */
  constructor(options: ManualOptions) {
    if (!options.keys.isTerminal || !options.place.isTerminal) {
      throw new UsageError(
        "--driver manual asks a person at a terminal, and there is none; choose --driver command or http",
      );
    }
    this.#options = options;
    // From the beginning: what is typed before there is a question is no answer to it, and shows nowhere.
    this.#closeKeys = options.keys.open((key) => {
      if (this.#prompt !== undefined) this.#prompt.press(key);
      else if (key === INTERRUPT) this.#quit();
    });
    options.stopped.then(() => {
      this.#hasQuit = true;
      this.#prompt?.end({ kind: "quit" });
    });
  }

  do(request: OperatorRequest, signal: AbortSignal): Promise<OperatorOutcome> {
    return this.#turns.take(() => this.#ask(request, AbortSignal.any([signal, this.#closing.signal])));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#turns.over();
    this.#closeKeys();
  }

  async #ask(request: OperatorRequest, signal: AbortSignal): Promise<OperatorOutcome> {
    if (this.#hasQuit) return QUIT;
    if (signal.aborted) return cannot(NOT_WANTED);
    const { place, clock } = this.#options;
    const { action, withinSeconds } = request;
    const isDeaf = this.#isUnanswered;
    const prompt = this.#prompt = new Prompt(place, {
      number: ++this.#asked,
      text: operatorText(action),
      heading: this.#newHeading(request),
      withinSeconds,
      isDeaf,
    });
    const stopCounting = countDown(prompt, { clock, withinSeconds });
    const stopBeingDeaf = isDeaf ? clock.at(clock.nowMs() + DEAF_MS, () => prompt.hear()) : () => {};
    const onAbort = () => prompt.end({ kind: "notWanted" });
    signal.addEventListener("abort", onAbort);
    const answer = await prompt.answered;
    stopCounting();
    stopBeingDeaf();
    signal.removeEventListener("abort", onAbort);
    this.#prompt = undefined;
    this.#isUnanswered = answer.kind === "notWanted";
    if (answer.kind === "quit") this.#quit();
    return outcomeOf(answer, withinSeconds);
  }

  #quit(): void {
    if (!this.#hasQuit) this.#options.onQuit();
    this.#hasQuit = true;
  }

  /** Which case asks, about whom; `undefined`: as before. */
  #newHeading({ caseId, identity }: OperatorRequest): string | undefined {
    const title = this.#options.titleOf(caseId);
    const heading = `${caseId}${title === undefined ? "" : ` ${title}`} · ${identity}`;
    if (heading === this.#heading) return undefined;
    this.#heading = heading;
    return heading;
  }
}

const QUIT = cannot("the run was ended at the prompt");

function outcomeOf(answer: Answer, withinSeconds: number): OperatorOutcome {
  switch (answer.kind) {
    case "done":
      return { kind: "done" };
    case "cannot":
      return cannot(answer.reason || "it cannot be done, says the person at the prompt");
    case "skip":
      return cannot("skipped at the prompt");
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
