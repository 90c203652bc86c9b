/**
 * The frames of a case as a sequence: what each is, which Call an answer belongs to, when it went.
 *
 * Shape of frames: `[2, uniqueId, action, payload]`, `[3, uniqueId, payload]`,
 * `[4, uniqueId, errorCode, errorDescription, errorDetails]`; every other text is malformed.
 * Spec: OCPP-J 1.6 §4.2.
 */
import { jsonParts } from "./json_layout.ts";
import type { ReportedFrame } from "./suite_report.ts";

/** What a text is, as far as a drawing needs it. `payload`: as it is written. */
export type FrameView =
  | { readonly kind: "call"; readonly uniqueId: string; readonly action: string; readonly payload: string }
  | { readonly kind: "callResult"; readonly uniqueId: string; readonly payload: string }
  | {
    readonly kind: "callError";
    readonly uniqueId: string;
    readonly errorCode: string;
    readonly errorDescription: string;
  }
  | { readonly kind: "malformed"; readonly why: string };

/** One arrow. */
export interface SequenceRow {
  /** From 1. */
  readonly number: number;
  readonly frame: ReportedFrame;
  readonly view: FrameView;
  /** Since the case began. */
  readonly afterMs: number;
  /** Of an answer: its Call, where that was seen. */
  readonly answers?: { readonly number: number; readonly action: string; readonly tookMs: number };
  /** Of a Call: the number of its answer, where there was one. */
  answeredBy?: number;
}

/** Longer texts are not read. Units: UTF-16 code units; no WebSocket of ours takes more bytes. */
export const FRAME_READ_MAX = 1_048_576;

/** All frames, in order. */
export function sequenceOf(frames: readonly ReportedFrame[], beganAtMs: number): readonly SequenceRow[] {
  const rows: SequenceRow[] = [];
  /** Calls without an answer, by who sent them and uniqueId. */
  const open = new Map<string, SequenceRow>();
  for (const frame of frames) {
    const view = frameView(frame.text);
    const isAnswer = view.kind === "callResult" || view.kind === "callError";
    const key = isAnswer ? `${frame.from === "system" ? "tester" : "system"} ${view.uniqueId}` : "";
    const call = open.get(key);
    const row: SequenceRow = {
      number: rows.length + 1,
      frame,
      view,
      afterMs: frame.atMs - beganAtMs,
      ...(call?.view.kind !== "call" ? {} : {
        answers: {
          number: call.number,
          action: call.view.action,
          tookMs: frame.atMs - call.frame.atMs,
        },
      }),
    };
    if (call !== undefined) {
      call.answeredBy = row.number;
      open.delete(key);
    }
    if (view.kind === "call") open.set(`${frame.from} ${view.uniqueId}`, row);
    rows.push(row);
  }
  return rows;
}

/** What a frame is called, e.g. `Authorize`, `Authorize.conf`, `CALLERROR NotSupported`. */
export function frameName({ view, answers }: Pick<SequenceRow, "view" | "answers">): string {
  switch (view.kind) {
    case "call":
      return view.action;
    case "callResult":
      return answers === undefined ? "CALLRESULT to no Call" : `${answers.action}.conf`;
    case "callError":
      return `CALLERROR ${view.errorCode}`;
    case "malformed":
      return "no frame";
  }
}

/** Reads a text, whatever it is. */
export function frameView(text: string): FrameView {
  if (text.length > FRAME_READ_MAX) return malformed("too long to be read");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return malformed("not JSON");
  }
  if (!Array.isArray(json)) return malformed("not an array");
  const [type, uniqueId, third, fourth] = json as readonly unknown[];
  if (type !== 2 && type !== 3 && type !== 4) return malformed("unknown message type");
  if (typeof uniqueId !== "string") return malformed("no uniqueId");
  if (type === 3) {
    if (json.length !== 3) return malformed("not a CALLRESULT of three elements");
    return { kind: "callResult", uniqueId, payload: jsonParts(text)[2] ?? "" };
  }
  if (typeof third !== "string") return malformed(type === 2 ? "no Action" : "no error code");
  if (type === 2) {
    if (json.length !== 4) return malformed("not a CALL of four elements");
    return { kind: "call", uniqueId, action: third, payload: jsonParts(text)[3] ?? "" };
  }
  return {
    kind: "callError",
    uniqueId,
    errorCode: third,
    errorDescription: typeof fourth === "string" ? fourth : "",
  };
}

function malformed(why: string): FrameView {
  return { kind: "malformed", why };
}
