/**
 * How the Central System misbehaves on purpose towards one Charge Point: rules for the next Calls of an Action,
 * and what becomes of an answer under a rule.
 *
 * Rules of the rules: the first one that fits a Call is used, and used up after its number of times. With `decide`
 * the Call is processed and committed as ever and only its answer is spoilt; without, it is as if it had never
 * come. Nothing here touches what is stored, nor any other Charge Point.
 */
import { type Action, isAction, maySend } from "../ocpp/action.ts";
import { checkConf } from "../ocpp/check.ts";
import { callErrorText, callResultText } from "../ocpp/frame.ts";
import { jsonText } from "../ocpp/json.ts";
import type { Answer } from "./decision.ts";

/** As many rules one Charge Point may have. */
export const BEHAVIOUR_RULES_MAX = 20;

/** All rules of one Charge Point together, in characters of JSON: their payloads may be held a while. */
export const BEHAVIOUR_TEXT_MAX = 65_536;

/** The longest that an answer is held back, in milliseconds. */
export const DELAY_MAX_MS = 600_000;

/** What is done to the answer of a Charge Point's Call. */
export type AnswerSpoiling =
  /** Answered as it should be, after `delayMs`. */
  | { readonly do: "delay" }
  | { readonly do: "noAnswer" }
  | {
    readonly do: "callError";
    readonly errorCode: string;
    readonly errorDescription?: string;
    readonly errorDetails?: unknown;
  }
  /** A CallResult with this payload, whether or not it fits. */
  | { readonly do: "payload"; readonly payload: unknown }
  /** As it should be, but for another Call. */
  | { readonly do: "wrongUniqueId" }
  | { readonly do: "twice" }
  /** This text instead, or one that breaks off. */
  | { readonly do: "malformed"; readonly text?: string }
  | { readonly do: "close"; readonly code: number; readonly reason?: string }
  /** The link goes without a close frame, where the listener can do that. */
  | { readonly do: "drop" };

/** What is done to a Call of our own. */
export type CallSpoiling =
  | { readonly do: "sendTwice" }
  /** Taken for none: the Call times out. */
  | { readonly do: "ignoreAnswer" };

/** One rule. */
export type BehaviourRule = (AnswerSpoiling | CallSpoiling) & {
  /** `*`: any, malformed ones too. */
  readonly action: Action | "*";
  /** How many Calls it is for; absent: all of them. */
  readonly times?: number;
  /** Whether the Call is decided and committed all the same. */
  readonly decide: boolean;
  /** How long what is left of the answer is held back. */
  readonly delayMs: number;
};

/** A rule for the answers of Calls that a Charge Point sends. */
export type AnswerRule = BehaviourRule & AnswerSpoiling;

/** A rule for our own Calls. */
export type CallRule = BehaviourRule & CallSpoiling;

const OF_OWN_CALLS: ReadonlySet<string> = new Set<CallSpoiling["do"]>(["sendTwice", "ignoreAnswer"]);

/** Spoilt forms of the answer that was decided: without a decision there is none. */
const NEEDS_DECISION: ReadonlySet<string> = new Set<AnswerSpoiling["do"]>([
  "delay",
  "wrongUniqueId",
  "twice",
]);

/** Whether a rule is for our own Calls. */
export function isCallRule(rule: BehaviourRule): rule is CallRule {
  return OF_OWN_CALLS.has(rule.do);
}

/** What is wrong with a rule, if anything. */
export function ruleFault(rule: BehaviourRule): string | undefined {
  const { action, decide, delayMs } = rule;
  const sender = isCallRule(rule) ? "centralSystem" : "chargePoint";
  if (action !== "*" && !(isAction(action) && maySend(sender, action))) {
    return `${rule.do} is for Calls of a ${sender === "chargePoint" ? "Charge Point" : "Central System"}, ` +
      `and ${action} is none of those`;
  }
  if (isCallRule(rule)) {
    if (!decide || delayMs > 0) return `${rule.do} is of our own Calls: decide and delayMs have no meaning`;
    return undefined;
  }
  if (!decide && NEEDS_DECISION.has(rule.do)) {
    return `${rule.do} needs the answer that decide: false leaves out`;
  }
  if (rule.do === "delay" && delayMs === 0) return "a delay needs delayMs";
  return undefined;
}

/** Whether a rule's payload breaks the schema of its Action, as far as one Action is named. */
export function breaksSchema(rule: BehaviourRule, action: string = rule.action): boolean {
  return rule.do === "payload" && isAction(action) && !checkConf(action, rule.payload).ok;
}

/** The rules of one Charge Point, with what is left of them. */
export class Behaviour {
  readonly #active: { readonly rule: BehaviourRule; left: number }[];

  constructor(rules: readonly BehaviourRule[]) {
    this.#active = rules.map((rule) => ({ rule, left: rule.times ?? Infinity }));
  }

  /** What is not used up, in order; `left` is absent where there is no end. */
  get active(): readonly { readonly rule: BehaviourRule; readonly left?: number }[] {
    return this.#active.map(({ rule, left }) => ({ rule, ...(left === Infinity ? {} : { left }) }));
  }

  /** The rule for the answer to this Call of the Charge Point, which counts as used. */
  takeForAnswer(action: string): AnswerRule | undefined {
    return this.#take(action, (rule): rule is AnswerRule => !isCallRule(rule));
  }

  /** The rule for this Call of ours, likewise. */
  takeForCall(action: string): CallRule | undefined {
    return this.#take(action, isCallRule);
  }

  #take<R extends BehaviourRule>(
    action: string,
    isWanted: (rule: BehaviourRule) => rule is R,
  ): R | undefined {
    const index = this.#active.findIndex(({ rule }) =>
      isWanted(rule) && (rule.action === "*" || rule.action === action)
    );
    const found = this.#active[index];
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.#active.splice(index, 1);
    return found.rule as R;
  }
}

/** An answer as it goes on the wire. */
export interface SpokenAnswer {
  /** In order; mostly one. */
  readonly texts: readonly string[];
  /** `lost`: nothing that a Charge Point could take for an answer. */
  readonly outcome: "result" | "error" | "lost";
  /** The payload of a CallResult, or code and description. */
  readonly payload: unknown;
  /** What becomes of the link afterwards. */
  readonly end?: { readonly code: number; readonly reason: string; readonly isDropped: boolean };
  /** What was done to it on purpose, e.g. `noAnswer`. */
  readonly deliberate?: string;
}

/** The code with which a link is closed that this listener cannot drop. */
const DROPPED = { code: 1011, reason: "misbehaviour on purpose" } as const;

/** A Call as far as its answer needs it. */
export interface AnsweredCall {
  readonly uniqueId: string;
  readonly body: { readonly action: string };
  /** How its answer is spoilt. */
  readonly rule?: AnswerRule;
}

/** What goes out for a Call: its answer, or what a rule makes of it. `answer` is absent without a decision. */
export function spokenAnswer(
  { uniqueId, body, rule }: AnsweredCall,
  answer: Answer | undefined,
  ids: { newUniqueId(): string },
): SpokenAnswer {
  if (rule === undefined) return honestAnswer(uniqueId, answer);
  const remarks = [
    rule.do,
    ...(rule.delayMs > 0 ? [`${rule.delayMs} ms`] : []),
    ...(breaksSchema(rule, body.action) ? ["breaks its schema"] : []),
    ...(rule.decide ? [] : ["not decided"]),
  ];
  return { ...spoiltAnswer(rule, uniqueId, answer, ids), deliberate: remarks.join(", ") };
}

function honestAnswer(uniqueId: string, answer: Answer | undefined): SpokenAnswer {
  if (answer === undefined) return NOTHING;
  return answer.kind === "result"
    ? {
      texts: [callResultText({ uniqueId, payload: answer.payload })],
      outcome: "result",
      payload: answer.payload,
    }
    : { texts: [callErrorText({ uniqueId, ...answer })], outcome: "error", payload: answer };
}

const NOTHING: SpokenAnswer = { texts: [], outcome: "lost", payload: undefined };

function spoiltAnswer(
  rule: AnswerRule,
  uniqueId: string,
  answer: Answer | undefined,
  ids: { newUniqueId(): string },
): SpokenAnswer {
  switch (rule.do) {
    case "delay":
      return honestAnswer(uniqueId, answer);
    case "noAnswer":
      return NOTHING;
    case "callError": {
      const { errorCode, errorDescription = "", errorDetails } = rule;
      const text = callErrorText({ uniqueId, errorCode, errorDescription, errorDetails });
      return { texts: [text], outcome: "error", payload: { errorCode, errorDescription, errorDetails } };
    }
    case "payload":
      return {
        texts: [callResultText({ uniqueId, payload: rule.payload })],
        outcome: "result",
        payload: rule.payload,
      };
    case "wrongUniqueId":
      return honestAnswer(ids.newUniqueId(), answer);
    case "twice": {
      const honest = honestAnswer(uniqueId, answer);
      return { ...honest, texts: [...honest.texts, ...honest.texts] };
    }
    case "malformed":
      return { ...NOTHING, texts: [rule.text ?? `[3,${jsonText(uniqueId)},{"status":"Acc`] };
    case "close":
      return { ...NOTHING, end: { code: rule.code, reason: rule.reason ?? "", isDropped: false } };
    case "drop":
      return { ...NOTHING, end: { ...DROPPED, isDropped: true } };
  }
}

/** What is left of an answer whose link went while it was held back. */
export function lostAnswer({ deliberate }: SpokenAnswer): SpokenAnswer {
  return { ...NOTHING, ...(deliberate === undefined ? {} : { deliberate }) };
}

/** An answer that waited behind one that was held back on purpose. */
export function heldAnswer(answer: SpokenAnswer): SpokenAnswer {
  return { ...answer, deliberate: answer.deliberate ?? "held back behind a delayed answer" };
}
