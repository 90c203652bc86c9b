/**
 * What a case has somebody do, one thing after the other, and what it gets from the bench.
 *
 * Rules: a case asks for the next thing only when the one before is done or given up, so that whatever is still under
 * way then is called off. Whoever is asked and takes no heed is not waited for beyond `HEED_MS`.
 */
import type { BenchRequest } from "../conformance/bench.ts";
import type { RunInput } from "../conformance/contract.ts";
import type { OperatorAction } from "../conformance/operator_action.ts";
import type { Clock } from "./clock.ts";
import type { TestBench } from "./test_bench.ts";
import type { OperatorOutcome, TestOperator } from "./test_operator.ts";

/** How long somebody may need to tell that a thing is done whose effect has been seen. */
const TELL_MS = 2_000;

/** How long somebody may need to stop when called off. */
const HEED_MS = 2_000;

/** Who is asked, and on whose behalf. */
export interface DeedMeans {
  readonly clock: Clock;
  readonly operator: TestOperator;
  readonly bench: TestBench;
  readonly caseId: string;
  readonly identity: string;
  readonly withinSeconds: number;
  /** Where the outcomes go. */
  readonly input: (input: RunInput) => void;
}

interface Deed {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** Of one run. */
export class CaseDeeds {
  readonly #means: DeedMeans;
  #deed: Deed | undefined;
  #benchEnded: Promise<void> = Promise.resolve();
  /** What has to be over before anything else begins, e.g. that somebody listens. */
  #before: Promise<void> = Promise.resolve();

  constructor(means: DeedMeans) {
    this.#means = means;
  }

  /** Whatever is asked for from here on waits for this, which never rejects. */
  waitFor(work: Promise<void>): void {
    this.#before = this.#before.then(() => work);
  }

  /** Has somebody do something. */
  do(actionId: number, action: OperatorAction): void {
    const earlier = this.#deed;
    earlier?.controller.abort();
    const controller = new AbortController();
    this.#deed = { controller, ended: this.#carryOut(actionId, action, { controller, earlier }) };
  }

  /** Gets something from the bench. */
  get(requestId: number, request: BenchRequest): void {
    this.#benchEnded = Promise.all([this.#benchEnded, this.#askBench(requestId, request)]).then(() => {});
  }

  /** The case is over: what is nearly done may end, what hangs is called off. */
  async end(): Promise<void> {
    const ended = Promise.all([this.#deed?.ended, this.#benchEnded]).then(() => {});
    await this.#atMost(ended, TELL_MS);
    this.#deed?.controller.abort();
    await this.#atMost(ended, HEED_MS);
  }

  async #carryOut(
    actionId: number,
    action: OperatorAction,
    { controller, earlier }: { readonly controller: AbortController; readonly earlier: Deed | undefined },
  ): Promise<void> {
    await this.#before;
    if (earlier !== undefined) await this.#atMost(earlier.ended, HEED_MS);
    const { operator, caseId, identity, withinSeconds } = this.#means;
    let outcome: OperatorOutcome;
    try {
      outcome = await operator.do({ caseId, identity, action, withinSeconds }, controller.signal);
    } catch (error) {
      outcome = { kind: "cannot", reason: error instanceof Error ? error.message : String(error) };
    }
    this.#means.input({ kind: "operatorDone", actionId, outcome });
  }

  async #askBench(requestId: number, request: BenchRequest): Promise<void> {
    await this.#before;
    // A bench that fails has not what is asked for.
    const reply = await this.#means.bench.get(request).catch(() => undefined);
    this.#means.input({ kind: "benchDone", requestId, reply });
  }

  /** Waits for it, but no longer than this. */
  async #atMost(work: Promise<void>, limitMs: number): Promise<void> {
    const { clock } = this.#means;
    const over = Promise.withResolvers<void>();
    const cancel = clock.at(clock.nowMs() + limitMs, over.resolve);
    await Promise.race([work, over.promise]);
    cancel();
  }
}
