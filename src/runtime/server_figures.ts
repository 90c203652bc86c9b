/**
 * All figures of a running Central System, for whoever shows them.
 */
import type { CountingObserver } from "./counters.ts";
import type { CountingStore } from "./counting_store.ts";
import type { EventLoopLag } from "./event_loop_lag.ts";

/** Where the figures are kept. */
export interface ServerFigures {
  readonly counters: CountingObserver;
  readonly store: CountingStore;
  readonly eventLoop: EventLoopLag;
  readonly startedAtMs: number;
  /** What the machine says of this program. */
  readonly program: () => ProgramFigures;
}

/** The running program as the machine sees it. */
export interface ProgramFigures {
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  readonly cpuSeconds: number;
  /** E.g. `deno 2.9.1`. */
  readonly engine: string;
}
