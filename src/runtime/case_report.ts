/**
 * What came of a case as anybody may read it: without the passwords, keys and tokens that it was played with.
 *
 * It is taken out here, once, of whatever leaves the player: no report and no view has to remember it.
 * Rules: what a frame told as a secret is one in every later text of the case too, where a step or a failure quotes it.
 * Spec: Security §A: AuthorizationKey is never logged, whichever way it travels.
 */
import type { CaseDefinition } from "../conformance/case.ts";
import type { CaseResult, RecordedFrame } from "../conformance/contract.ts";
import { jsonText, parseJson } from "../ocpp/json.ts";
import { redactedAnswerText, redactedPayload, redactedText } from "../ocpp/redaction.ts";
import { REDACTED, textWithoutSecrets } from "../ocpp/secret_text.ts";
import type { CaseReport, ReportedFrame } from "../report/suite_report.ts";

const CALL = 2;

/** Shorter ones would be found in every other text. */
const SECRET_MIN_LENGTH = 4;

/** The most Calls whose answers are waited for; that of an earlier one is taken for an answer to any Action. */
const CALLS_MAX = 1_000;

/** What a secret of a payload is looked for as: that of no Action in particular. */
const ANY_ACTION = "";

/** Takes secrets out of the texts of one case, in the order in which they came. */
export class CaseRedactor {
  readonly #secrets: Set<string>;
  /** Calls that may still be answered, by who sent them and their uniqueId. */
  readonly #calls = new Map<string, { readonly action: string; readonly payload: unknown }>();

  /** `secrets`: those that the tester was given. */
  constructor(secrets: readonly string[]) {
    this.#secrets = new Set(secrets.filter(({ length }) => length >= SECRET_MIN_LENGTH));
  }

  frame({ atMs, from, text }: RecordedFrame): ReportedFrame {
    return { atMs, from, text: this.#withoutKnown(this.#frameText(from, text)) };
  }

  /** A sentence that may hold JSON, such as a step. */
  text(text: string): string {
    const json = /^([^{[]*)([{[].*[}\]])([^}\]]*)$/s.exec(text);
    const parsed = json === null ? undefined : parseJson(json[2]!);
    if (json === null || parsed?.ok !== true) return textWithoutSecrets(this.#withoutKnown(text));
    this.#learn(parsed.value);
    const redacted = redactedPayload(ANY_ACTION, parsed.value);
    return this.#withoutKnown(
      redacted === parsed.value ? text : `${json[1]}${jsonText(redacted)}${json[3]}`,
    );
  }

  #frameText(from: RecordedFrame["from"], text: string): string {
    const json = parseJson(text);
    if (!json.ok || !Array.isArray(json.value)) return redactedText(ANY_ACTION, text);
    const [type, uniqueId, action, payload] = json.value as unknown[];
    if (type === CALL && typeof action === "string") {
      if (this.#calls.size >= CALLS_MAX) this.#calls.clear();
      this.#calls.set(`${from} ${uniqueId}`, { action, payload });
      this.#learn(payload);
      return redactedText(action, text);
    }
    const asker = from === "system" ? "tester" : "system";
    const call = this.#calls.get(`${asker} ${uniqueId}`);
    this.#calls.delete(`${asker} ${uniqueId}`);
    return call === undefined ? redactedText(ANY_ACTION, text) : redactedAnswerText(call, text);
  }

  /** The new value of AuthorizationKey is a secret wherever it stands. */
  #learn(payload: unknown): void {
    const { key, value } = (typeof payload === "object" && payload !== null ? payload : {}) as {
      readonly key?: unknown;
      readonly value?: unknown;
    };
    if (typeof key !== "string" || typeof value !== "string" || value.length < SECRET_MIN_LENGTH) return;
    const isSecret = jsonText(redactedPayload(ANY_ACTION, { key, value })).includes(REDACTED);
    if (isSecret) this.#secrets.add(value);
  }

  #withoutKnown(text: string): string {
    return [...this.#secrets].reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
  }
}

/** When a case was played, and on what. */
export interface PlayedAt {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly playedOn?: string;
}

/** What every report shows of a case. */
export function caseReportOf(
  { id, title, profile, purpose, spec }: CaseDefinition,
  { verdict, failure, share, steps, frames, leftOut, remarks }: CaseResult,
  { startedAtMs, endedAtMs, playedOn, secrets }: PlayedAt & { readonly secrets: readonly string[] },
): CaseReport {
  const redactor = new CaseRedactor(secrets);
  const shown = (text: string) => redactor.text(text);
  // In the order in which they came: what these tell is known in the failure.
  const shownFrames = frames.map((frame) => redactor.frame(frame));
  const shownSteps = steps.map(shown);
  return {
    ...{ id, title, profile, purpose, spec, verdict, startedAtMs },
    durationMs: Math.max(0, endedAtMs - startedAtMs),
    ...(playedOn === undefined ? {} : { playedOn }),
    ...(failure === undefined ? {} : {
      failure: {
        step: shown(failure.step),
        expected: shown(failure.expected),
        came: shown(failure.came),
      },
    }),
    ...(share === undefined ? {} : { share }),
    steps: shownSteps,
    frames: shownFrames,
    leftOut: leftOut.map(shown),
    remarks: remarks.map(shown),
  };
}
