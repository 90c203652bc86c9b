/**
 * Which Charge Points the Central System misbehaves towards, on purpose. It outlives their connections, not the
 * program.
 */
import {
  type AnswerRule,
  Behaviour,
  type BehaviourRule,
  type CallRule,
} from "../central_system/behaviour.ts";

/** Charge Points with rules at once; beyond this no further one gets any. */
export const MISBEHAVED_TOWARDS_MAX = 1_000;

/** The rules of all Charge Points. */
export class Behaviours {
  readonly #behaviours = new Map<string, Behaviour>();

  /** Replaces the rules of a Charge Point; false where there are too many Charge Points with rules. */
  put(identity: string, rules: readonly BehaviourRule[]): boolean {
    if (rules.length === 0) return this.end(identity);
    if (!this.#behaviours.has(identity) && this.#behaviours.size >= MISBEHAVED_TOWARDS_MAX) return false;
    this.#behaviours.set(identity, new Behaviour(rules));
    return true;
  }

  /** What is active towards a Charge Point, in order. */
  activeOf(identity: string): Behaviour["active"] {
    return this.#behaviours.get(identity)?.active ?? [];
  }

  /** From here on the Central System is honest again; what is held back already still waits. */
  end(identity: string): true {
    this.#behaviours.delete(identity);
    return true;
  }

  /** The rule for the answer to a Call of this Charge Point. */
  takeForAnswer(identity: string, action: string): AnswerRule | undefined {
    return this.#take(identity, (behaviour) => behaviour.takeForAnswer(action));
  }

  /** The rule for a Call to this Charge Point. */
  takeForCall(identity: string, action: string): CallRule | undefined {
    return this.#take(identity, (behaviour) => behaviour.takeForCall(action));
  }

  #take<R>(identity: string, take: (behaviour: Behaviour) => R): R | undefined {
    if (this.#behaviours.size === 0) return undefined; // as ever
    const behaviour = this.#behaviours.get(identity);
    if (behaviour === undefined) return undefined;
    const taken = take(behaviour);
    if (behaviour.active.length === 0) this.#behaviours.delete(identity);
    return taken;
  }
}
