/**
 * The port to what compliance cases need besides frames: places for files, certificates, authorities.
 */
import type { BenchReplies, BenchRequest } from "../conformance/bench.ts";

/** Gives cases what they ask for. */
export interface TestBench {
  /** `undefined` where it has no such thing, which makes the case INCONCLUSIVE. Never rejects. */
  get<R extends BenchRequest>(request: R): Promise<BenchReplies[R["kind"]] | undefined>;
  close(): Promise<void>;
}
