/**
 * The time, as the runtime needs it: the only place from which `nowMs` comes.
 */

/** A clock; `adapters/system_clock.ts` is the real one, tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970 UTC. */
  nowMs(): number;
  /** Calls `run` once, at `atMs` or as soon as possible after; returns what calls it off. */
  at(atMs: number, run: () => void): () => void;
}
