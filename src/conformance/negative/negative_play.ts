/**
 * Sends broken messages one after the other, and counts how many are refused as they may be.
 *
 * After each a valid Call must still be answered. A system that goes down is connected to again, a few times; what
 * it accepts is put back in the end like everything else that cases leave behind.
 */
import { type Action, ACTIONS, maySend, type Role } from "../../ocpp/action.ts";
import { checkConf } from "../../ocpp/check.ts";
import { callText } from "../../ocpp/frame.ts";
import { call, type RawAnswer, type Steps, type Tally } from "../step.ts";
import type { Tester } from "../tester.ts";
import { allowedText, type Met, wrongAnswer } from "./allowed_answer.ts";
import type { BrokenMessage } from "./broken_message.ts";

/** What there is to send. */
export interface NegativePlan {
  /** What the messages are broken of, e.g. `Authorize`. */
  readonly name: string;
  readonly messages: readonly BrokenMessage[];
  /** The valid Call that they were made from; what is accepted of them is put back as if it had been this one. */
  readonly origin?: { readonly action: Action; readonly payload: unknown };
  /** A valid Call that is answered by a CALLRESULT. */
  readonly probe: { readonly action: Action; readonly payload: unknown };
  /** Connects again; tells whether that was possible. */
  revive(t: Tester): Steps<boolean>;
}

/** How often a system may have to be connected to again. */
const OUTAGES_MAX = 6;

/** How long each further message is waited for where one was left without an answer. Units: seconds. */
const IMPATIENT_SECONDS = 2;

/** How long a Reset may take to be carried out. Units: seconds. */
const RESET_SECONDS = 60;

/** The most messages that are named in a failure, and in the remarks. */
const NAMED_MAX = 3;
const REMARKS_MAX = 200;

/** Calls of the system under test are none of our business here. */
export function* tolerateEverything(t: Tester, systemUnderTest: Role): Steps {
  const actions = (Object.keys(ACTIONS) as Action[]).filter((action) => maySend(systemUnderTest, action));
  yield* t.tolerate(...actions.map((action) => call(action)));
}

/** Sends them all. */
export function* sendBroken(t: Tester, plan: NegativePlan): Steps {
  const count = new Count(plan.messages.length);
  let outages = 0;
  for (const message of plan.messages) {
    const met = yield* meet(t, message, plan.probe, count.hasSilence);
    count.add(message, met);
    yield* t.tally(count.tally);
    const restarts = yield* carriedOut(t, plan, met);
    if (met.isLinkUp && met.isAlive && !restarts) continue;
    if (++outages >= OUTAGES_MAX || !(yield* plan.revive(t))) break;
  }
  yield* t.tally(count.tally);
  yield* t.check(`every broken ${plan.name} is refused`, count.text, count.areAllRefused);
}

/** Sends one, and then the valid Call. */
function* meet(
  t: Tester,
  message: BrokenMessage,
  probe: NegativePlan["probe"],
  hasSilence: boolean,
): Steps<Met> {
  const { withinSeconds } = t.setup;
  const patience = hasSilence ? Math.min(withinSeconds, IMPATIENT_SECONDS) : withinSeconds;
  const sent = yield* t.sendRaw(`broken: ${message.what}`, message.texts, {
    within: message.allowed.silence === true ? 0 : patience,
    isBinary: message.isBinary === true,
  });
  const { uniqueId } = sent;
  if (!sent.isLinkUp) return { uniqueId, answers: sent.answers, isLinkUp: false, isAlive: false };
  const valid = yield* t.sendRaw(`a valid ${probe.action}`, (id) => [callText({ uniqueId: id, ...probe })]);
  const isOfProbe = (answer: RawAnswer) => answer.uniqueId === valid.uniqueId;
  return {
    uniqueId,
    answers: [...sent.answers, ...valid.answers.filter((answer) => !isOfProbe(answer))],
    isLinkUp: valid.isLinkUp,
    isAlive: valid.answers.some((answer) => isOfProbe(answer) && answer.kind === "result"),
  };
}

/** Notes what was accepted after all; tells whether the system restarts for it. */
function* carriedOut(t: Tester, { origin }: NegativePlan, { answers, isLinkUp }: Met): Steps<boolean> {
  const accepted = answers.find((answer) => answer.kind === "result");
  if (origin === undefined || accepted === undefined) return false;
  const { action, payload } = origin;
  const conf = checkConf(action, accepted.payload);
  t.record.noteCall(action, payload);
  if (!conf.ok) return false;
  t.record.noteSent(action, payload, conf.payload);
  if (action !== "Reset" || (conf.payload as { status: string }).status !== "Accepted") return false;
  if (isLinkUp) yield* t.attemptLink("down", { within: RESET_SECONDS });
  return true;
}

/** What has come of the messages so far. */
class Count {
  readonly #all: number;
  readonly #wrong: { readonly message: BrokenMessage; readonly came: string }[] = [];
  #sent = 0;
  #last = "";
  /** Whether one was left without an answer that has to have one. */
  hasSilence = false;

  constructor(all: number) {
    this.#all = all;
  }

  add(message: BrokenMessage, met: Met): void {
    this.#sent++;
    this.#last = message.what;
    const came = wrongAnswer(message.allowed, met);
    if (came !== undefined) this.#wrong.push({ message, came });
    this.hasSilence ||= met.answers.length === 0 && message.allowed.silence !== true;
  }

  get #refused(): number {
    return this.#sent - this.#wrong.length;
  }

  get areAllRefused(): boolean {
    return this.#refused === this.#all;
  }

  get tally(): Tally {
    const shown = this.#wrong.slice(0, REMARKS_MAX).map(({ message: { what, allowed }, came }) =>
      `not refused: ${what}: came ${came}; may be ${allowedText(allowed)}`
    );
    const unsent = this.#all - this.#sent;
    return {
      share: { refused: this.#refused, sent: this.#sent },
      remarks: unsent === 0 ? shown : [...shown, `${unsent} messages were not sent after: ${this.#last}`],
    };
  }

  /** `refused 41 of 43; not idTag too long (CALLRESULT {}), …`. */
  get text(): string {
    const named = this.#wrong.slice(0, NAMED_MAX).map(({ message, came }) => `${message.what} (${came})`);
    const more = this.#wrong.length - named.length;
    const unsent = this.#all - this.#sent;
    return [
      `refused ${this.#refused} of ${this.#sent}`,
      ...(named.length === 0 ? [] : [`not ${named.join(", ")}${more === 0 ? "" : `, and ${more} more`}`]),
      ...(unsent === 0 ? [] : [`${unsent} were not sent`]),
    ].join("; ");
  }
}
