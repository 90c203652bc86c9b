/**
 * One case on the page: what it is for, what came of it, its frames and steps. Closed until somebody opens it.
 */
import { diagram } from "./html_diagram.ts";
import { type Markup, markup } from "./html_markup.ts";
import { cutText, durationText, instantText, thousands } from "./legible.ts";
import type { CaseReport, CaseVerdict, SuiteReport } from "./suite_report.ts";
import { shareText } from "./tally.ts";

/** The longest text of a step, a remark, or what came. Units: UTF-16 code units. */
export const TOLD_MAX_LENGTH = 8_000;

/** The most steps, remarks or parts that were left out. */
export const TOLD_MAX = 500;

/** The style sheet's class of each verdict. */
export const VERDICT_CLASS: Readonly<Record<CaseVerdict, string>> = {
  "PASS": "pass",
  "FAIL": "fail",
  "INCONCLUSIVE": "inconclusive",
  "NOT APPLICABLE": "absent",
};

/** A case; `number` is its place in the run, which links know it by. */
export function caseMarkup(
  played: CaseReport,
  { number, systemUnderTest }: { readonly number: number } & Pick<SuiteReport, "systemUnderTest">,
): Markup {
  const { id, title, profile, verdict, durationMs, frames, steps, leftOut, remarks } = played;
  const frameCount = frames.length === 1 ? "1 frame" : `${thousands(frames.length)} frames`;
  const data = markup`data-verdict="${verdict}" data-profile="${profile}"`;
  return markup`<details class="case" id="case-${number}" ${data}>
<summary><span class="verdict ${VERDICT_CLASS[verdict]}">${verdict}</span> <span class="id">${id}</span>
<span class="title">${title}</span> <span class="took">${durationText(durationMs)}</span></summary>
<div class="inside">
<div class="about"><p>${played.purpose}</p><p class="spec">${aboutLine(played)}</p></div>
${failureMarkup(played)}${list("Left out", leftOut)}${list("Remarks", remarks)}
<h4>${frames.length === 0 ? "Frames" : `${frameCount}; open one for its whole text`}</h4>
${diagram(played, systemUnderTest)}
${steps.length > 0 && markup`<h4>Steps</h4>\n${stepsMarkup(played)}`}
</div></details>
`;
}

function aboutLine({ spec, playedOn, share, startedAtMs }: CaseReport): string {
  const parts = [
    spec.join("; "),
    ...playedOn === undefined ? [] : [`played on: ${playedOn}`],
    ...share === undefined ? [] : [shareText(share)],
  ];
  return [...parts, `begun ${instantText(startedAtMs)}`].join(" · ");
}

function failureMarkup({ verdict, failure }: CaseReport): Markup | undefined {
  if (failure === undefined) return undefined;
  const told = (text: string) => cutText(text, TOLD_MAX_LENGTH);
  return markup`<dl class="failure ${VERDICT_CLASS[verdict]}">
<dt>Step</dt><dd>${told(failure.step)}</dd>
<dt>Expected</dt><dd>${told(failure.expected)}</dd>
<dt>Came</dt><dd>${told(failure.came)}</dd></dl>
`;
}

function list(title: string, items: readonly string[]): Markup | undefined {
  if (items.length === 0) return undefined;
  const shown = items.slice(0, TOLD_MAX).map((item) => markup`<li>${cutText(item, TOLD_MAX_LENGTH)}</li>`);
  const missing = items.length - shown.length;
  const more = missing > 0 && markup`<li>${thousands(missing)} more</li>`;
  return markup`<h4>${title}</h4>\n<ul class="notes">${shown}${more}</ul>\n`;
}

function stepsMarkup({ steps, verdict }: CaseReport): Markup {
  const shown = steps.slice(-TOLD_MAX);
  const first = steps.length - shown.length + 1;
  const isMissed = verdict === "FAIL" || verdict === "INCONCLUSIVE";
  const items = shown.map((step, index) => {
    const told = cutText(step, TOLD_MAX_LENGTH);
    return isMissed && index === shown.length - 1
      ? markup`<li class="missed-step ${VERDICT_CLASS[verdict]}">${told}</li>\n`
      : markup`<li>${told}</li>\n`;
  });
  return markup`<ol class="steps" start="${first}">${items}</ol>`;
}
