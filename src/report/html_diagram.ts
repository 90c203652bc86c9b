/**
 * The sequence diagram of a case: two lifelines, an arrow for each frame, its text a click away.
 *
 * Every row is a drawing as wide as its place, so that the diagram fits a telephone as well as a sheet of paper, and
 * a `details` element, so that it opens by keyboard and without a script. The drawings' parts are symbols that stand
 * once in the page.
 */
import { type Markup, markup, trusted } from "./html_markup.ts";
import { indentedJson, jsonParts, memberOf } from "./json_layout.ts";
import { clipped, cutText, durationText, thousands } from "./legible.ts";
import { frameName, sequenceOf, type SequenceRow } from "./sequence.ts";
import type { CaseReport, SuiteReport } from "./suite_report.ts";

/** How many frames of a case are drawn: its first ones, and as many of its last ones as still fit. */
export const FRAMES_DRAWN_MAX = 400;
const FIRST_FRAMES = 50;

/** The longest text that is shown of one frame. Units: UTF-16 code units, like all lengths here. */
export const FRAME_TEXT_MAX_LENGTH = 16_384;

/** All that is shown of the frames of one case; the last ones come first. */
export const CASE_TEXT_MAX_LENGTH = 262_144;

const SUMMARY_MAX_LENGTH = 160;
const NAME_MAX_LENGTH = 60;
const TITLE_MAX_LENGTH = 1_000;

/** Arrows and bars: to be put once into a page that has diagrams. */
export function diagramSymbols(): Markup {
  return trusted(symbols());
}

/** The diagram; where no frame went, a sentence. */
export function diagram(played: CaseReport, systemUnderTest: SuiteReport["systemUnderTest"]): Markup {
  const { frames } = played;
  if (frames.length === 0) return markup`<p class="quiet">No frame went between the two.</p>`;
  const rows = sequenceOf(frames, played.startedAtMs);
  const isCut = rows.length > FRAMES_DRAWN_MAX;
  const first = isCut ? rows.slice(0, FIRST_FRAMES) : rows;
  const last = isCut ? rows.slice(-(FRAMES_DRAWN_MAX - FIRST_FRAMES)) : [];
  const missing = rows.length - first.length - last.length;
  const failed = played.verdict === "FAIL" || played.verdict === "INCONCLUSIVE" ? rows.length : 0;
  const [system, tester] = systemUnderTest === "chargePoint"
    ? ["Charge Point", "Central System"]
    : ["Central System", "Charge Point"];
  const texts = shownTexts([...first, ...last]);
  const busy = busyRows(rows);
  const drawn = (row: SequenceRow) =>
    rowMarkup(row, {
      isLast: row.number === failed,
      sender: row.frame.from === "system" ? system : tester,
      text: texts.get(row.number) ?? "",
      busy: busy[row.number - 1]!,
    });
  const gap = missing > 0 && markup`<p class="gap">${thousands(missing)} frames are not drawn</p>\n`;
  return markup`<figure class="sequence">
<figcaption><span>Tester <i>as ${tester}</i></span><span>${system} <i>under test</i></span></figcaption>
${first.map(drawn)}${gap}${last.map(drawn)}</figure>`;
}

/** Who owes an answer when a row begins. */
interface Busy {
  readonly tester: boolean;
  readonly system: boolean;
}

function busyRows(rows: readonly SequenceRow[]): readonly Busy[] {
  const owed = { tester: 0, system: 0 };
  return rows.map(({ frame, view, answers, answeredBy }) => {
    const busy = { tester: owed.tester > 0, system: owed.system > 0 };
    const other = frame.from === "system" ? "tester" : "system";
    if (view.kind === "call" && answeredBy !== undefined) owed[other]++;
    if (answers !== undefined) owed[frame.from]--;
    return busy;
  });
}

/** Frames in full, as far as the case's share of the page goes, from the last one on. */
function shownTexts(rows: readonly SequenceRow[]): ReadonlyMap<number, string> {
  const texts = new Map<number, string>();
  let left = CASE_TEXT_MAX_LENGTH;
  for (const { number, frame, view } of rows.toReversed()) {
    const text = shownText(frame.text, { isJson: view.kind !== "malformed" });
    const fits = text.length <= left;
    texts.set(number, fits ? text : cutText(frame.text, TITLE_MAX_LENGTH));
    if (fits) left -= text.length;
  }
  return texts;
}

function shownText(text: string, { isJson }: { isJson: boolean }): string {
  if (!isJson || text.length > FRAME_TEXT_MAX_LENGTH) return cutText(text, FRAME_TEXT_MAX_LENGTH);
  const laidOut = indentedJson(text);
  return laidOut.length > FRAME_TEXT_MAX_LENGTH ? text : laidOut;
}

interface RowOptions {
  readonly isLast: boolean;
  readonly sender: string;
  readonly text: string;
  readonly busy: Busy;
}

function rowMarkup(row: SequenceRow, { isLast, sender, text, busy }: RowOptions): Markup {
  const { frame, view, afterMs } = row;
  const way = frame.from === "system" ? "sys" : "tst";
  const arrow = view.kind === "call" ? "call" : view.kind === "malformed" ? "broken" : "answer";
  const parts = [
    `${arrow}-${way}`,
    ...(busy.tester ? ["busy-tst"] : []),
    ...(busy.system ? ["busy-sys"] : []),
  ].map((part) => markup`<use href="#${part}"/>`);
  const name = clipped(frameName(row), NAME_MAX_LENGTH);
  const said = markup`<i class="unseen">${sender}: </i><b>${name}</b> ${summaryOf(row)}`;
  const tag = isLast && markup`<span class="tag">the last frame before the failure</span>`;
  return markup`<details class="frame ${way} ${view.kind}${isLast && " last"}">
<summary title="${cutText(frame.text, TITLE_MAX_LENGTH)}"><span class="at">${secondsOf(afterMs)}</span>
<span class="lane"><svg aria-hidden="true">${parts}</svg><span class="said">${said}</span> ${tag}</span></summary>
<div class="open"><p>${captionOf(row)}</p><pre>${text}</pre></div></details>
`;
}

/** `+0.02`: seconds since the case began. */
function secondsOf(afterMs: number): string {
  const seconds = afterMs / 1_000;
  return `${seconds < 0 ? "−" : "+"}${Math.abs(seconds).toFixed(seconds < 1_000 ? 2 : 0)}`;
}

function captionOf({ number, frame, view, answers, answeredBy }: SequenceRow): string {
  const told = [`frame ${number}`];
  if (answers !== undefined) {
    told.push(`answers frame ${answers.number} after ${durationText(answers.tookMs)}`);
  }
  if (answeredBy !== undefined) told.push(`answered by frame ${answeredBy}`);
  if (view.kind === "call" && answeredBy === undefined) told.push("never answered");
  told.push(`${thousands(frame.text.length)} characters`);
  return told.join(" · ");
}

function summaryOf({ view, frame, answers }: SequenceRow): Markup {
  switch (view.kind) {
    case "call":
    case "callResult":
      return markup`<code>${members(view.payload)}</code>`;
    case "callError": {
      const told = clipped(view.errorDescription, SUMMARY_MAX_LENGTH);
      const to = answers !== undefined && markup`<span class="to">to ${answers.action}</span> `;
      return markup`${to}<code>${told}</code>`;
    }
    case "malformed": {
      const told = clipped(frame.text, SUMMARY_MAX_LENGTH);
      return markup`<span class="to">${view.why}</span> <code>${told}</code>`;
    }
  }
}

/** The members of a payload, as they are written, as long as a line may be. */
function members(payload: string): Markup {
  if (!payload.startsWith("{")) return markup`${clipped(payload, SUMMARY_MAX_LENGTH)}`;
  const shown: Markup[] = [];
  let left = SUMMARY_MAX_LENGTH;
  for (const part of jsonParts(payload)) {
    if (left <= 0) return markup`${shown} …`;
    const { key, value } = memberOf(part);
    const name = clipped(key.slice(1, -1), left);
    const told = clipped(value, left);
    shown.push(markup`${shown.length > 0 && "  "}<i>${name}</i> ${told}`);
    left -= name.length + told.length + 2;
  }
  return markup`${shown}`;
}

/**
 * Rows are as high as their text: an arrow lies `ARROW_PX` above the lower end, and a bar reaches up to the arrow of
 * the row before.
 */
const ARROW_PX = 9;

function symbols(): string {
  const at = `transform="translate(0 -${ARROW_PX})"`;
  const line = `<line x1="0" y1="100%" x2="100%" y2="100%" ${at}/>`;
  const end = (isRight: boolean, shape: string) =>
    `<svg x="${isRight ? "100%" : "0"}" y="100%" width="1" height="1" overflow="visible">${
      shape.replace("<path", `<path transform="translate(0 -${ARROW_PX})${isRight ? "" : " scale(-1 1)"}"`)
    }</svg>`;
  const life = (x: string) => `<line class="life" x1="${x}" y1="0" x2="${x}" y2="100%"/>`;
  const lifelines = life("0") + life("100%");
  const both = (name: string, shape: string) =>
    `<g id="${name}-tst" class="${name}">${lifelines}${line}${end(true, shape)}</g>` +
    `<g id="${name}-sys" class="${name}">${lifelines}${line}${end(false, shape)}</g>`;
  const busy = (name: string, x: string) =>
    `<g id="busy-${name}" class="busy"><svg x="${x}" width="1" height="100%" overflow="visible">` +
    `<rect x="-3" width="6" height="100%" transform="translate(0 -${ARROW_PX})"/></svg></g>`;
  return `<svg class="symbols" aria-hidden="true"><defs>` +
    busy("tst", "0") + busy("sys", "100%") +
    both("call", '<path class="head" d="M-1 0l-10-5v10z"/>') +
    both("answer", '<path d="M-10-5l9 5l-9 5"/>') +
    both("broken", '<path d="M-12-5l10 10m0-10l-10 10"/>') +
    `</defs></svg>`;
}
