/**
 * The report as one page that needs nothing else: no network, no other file, no script to be read.
 *
 * Whatever a peer sent is text on it and never markup (`html_markup.ts`), and should that ever fail, its
 * Content-Security-Policy lets nothing run or load but the style sheet and the script that stand in it, by their
 * hashes. It is well-formed XML too, but for script and style sheet. Its size is bounded by the number of cases: `html_diagram.ts` and `html_case.ts` name the bounds.
 */
import { caseMarkup, VERDICT_CLASS } from "./html_case.ts";
import { diagramSymbols } from "./html_diagram.ts";
import { type Markup, markup, trusted } from "./html_markup.ts";
import { SCRIPT, SCRIPT_HASH } from "./html_script.ts";
import { STYLE, STYLE_HASH } from "./html_style.ts";
import { clipped, cutText, durationText, instantText } from "./legible.ts";
import { CASE_VERDICTS, type CaseReport, type CaseVerdict, type SuiteReport } from "./suite_report.ts";
import { countsText, type ProfileTally, tallyByProfile, type VerdictCounts, verdictCounts } from "./tally.ts";

/** Longer texts of what was expected and came are cut in the list of failures; the case has more of them. */
const MISSED_MAX_LENGTH = 300;

const SETUP_MAX_LENGTH = 2_000;

const POLICY = [
  ...["default-src 'none'", `script-src '${SCRIPT_HASH}'`, `style-src '${STYLE_HASH}'`],
  ...["base-uri 'none'", "form-action 'none'"],
].join("; ");

/** The whole page. */
export function htmlReport(report: SuiteReport): string {
  const { cases, systemUnderTest } = report;
  const name = systemUnderTest === "chargePoint" ? "Charge Point" : "Central System";
  const profiles = tallyByProfile(cases);
  const numbers = new Map(cases.map((played, index) => [played, index + 1]));
  const numberOf = (played: CaseReport) => numbers.get(played)!;
  const groups = profiles.map(({ profile, cases, counts }) =>
    markup`<section class="profile"><h3>${profile} <small>${countsText(counts)}</small></h3>
${cases.map((played) => caseMarkup(played, { number: numberOf(played), systemUnderTest }))}</section>
`
  );
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="referrer" content="no-referrer"/>
<meta name="color-scheme" content="light dark"/>
<title>${outcomeText(cases)}: ${name} ${clipped(report.target, 80)}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
${diagramSymbols()}
<div class="page">
<a class="skip" href="#cases">To the cases</a>
${header(report, name)}
<main>
<h2>By feature profile</h2>
${profileTable(profiles, cases)}
${missedList(cases, numberOf)}
<section id="cases">
<h2>Cases</h2>
${filterForm(profiles)}
${groups}</section>
</main>
<footer>Verdicts rest on the frames alone. Times of frames are seconds since their case began.</footer>
</div>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.text;
}

/** `105 of 107 cases pass`, or `91 of 93 cases that apply pass`. */
function outcomeText(cases: readonly CaseReport[]): string {
  const counts = verdictCounts(cases);
  const without = counts["NOT APPLICABLE"];
  const applicable = cases.length - without;
  const [noun, verb, apply] = applicable === 1 ? ["case", "passes", "applies"] : ["cases", "pass", "apply"];
  return `${counts.PASS} of ${applicable} ${noun}${without === 0 ? "" : ` that ${apply}`} ${verb}`;
}

function header(report: SuiteReport, name: string): Markup {
  const { cases, target, tool, startedAtMs, endedAtMs, setup } = report;
  const counts = verdictCounts(cases);
  const facts = [
    ["Begun", instantText(startedAtMs)],
    ["Took", durationText(endedAtMs - startedAtMs)],
    ["By", tool],
    ...Object.entries(setup),
  ].map(([fact = "", value = ""]) =>
    markup`<dt>${clipped(fact, 100)}</dt><dd>${cutText(value, SETUP_MAX_LENGTH)}</dd>\n`
  );
  const counted = CASE_VERDICTS.map((verdict) =>
    markup`<li class="${VERDICT_CLASS[verdict]}"><b>${counts[verdict]}</b><span>${verdict}</span></li>\n`
  );
  return markup`<header>
<p class="kicker">OCPP 1.6 conformance</p>
<h1>${name}</h1>
<p class="target">${cutText(target, SETUP_MAX_LENGTH)}</p>
<p class="outcome">${outcomeText(cases)}</p>
${bar(counts)}
<ul class="counts">${counted}</ul>
<dl class="facts">${facts}</dl>
</header>`;
}

/** Shares of verdicts, side by side; the numbers stand beside it. */
function bar(counts: VerdictCounts): Markup {
  let all = 0;
  const shares: Markup[] = [];
  for (const verdict of CASE_VERDICTS) {
    const count = counts[verdict];
    if (count === 0) continue;
    shares.push(markup`<rect class="${VERDICT_CLASS[verdict]}" x="${all}" width="${count}" height="1"/>`);
    all += count;
  }
  const box = markup`viewBox="0 0 ${Math.max(1, all)} 1" preserveAspectRatio="none"`;
  return markup`<svg class="bar" ${box} aria-hidden="true">${shares}</svg>`;
}

/** Where there is no room. */
const SHORT: Readonly<Record<CaseVerdict, string>> = {
  "PASS": "PASS",
  "FAIL": "FAIL",
  "INCONCLUSIVE": "INC.",
  "NOT APPLICABLE": "N/A",
};

function profileTable(profiles: readonly ProfileTally[], cases: readonly CaseReport[]): Markup {
  const heads = CASE_VERDICTS.map((verdict) =>
    markup`<th scope="col"><span class="long">${verdict}</span><span class="short">${
      SHORT[verdict]
    }</span></th>`
  );
  const cells = (own: readonly CaseReport[]) => {
    const counts = verdictCounts(own);
    const counted = CASE_VERDICTS.map((verdict) =>
      markup`<td class="${counts[verdict] === 0 ? "none" : VERDICT_CLASS[verdict]}">${counts[verdict]}</td>`
    );
    return markup`<td class="share">${bar(counts)}</td>${counted}<td>${own.length}</td>`;
  };
  const rows = profiles.map(({ profile, cases }) =>
    markup`<tr><th scope="row">${profile}</th>${cells(cases)}</tr>\n`
  );
  return markup`<table>
<thead><tr><th scope="col">Profile</th><th class="share" scope="col"><span class="unseen">Share</span></th>${heads}
<th scope="col">Cases</th></tr></thead>
<tbody>${rows}</tbody>
<tfoot><tr><th scope="row">All</th>${cells(cases)}</tr></tfoot>
</table>`;
}

/** What a reader came for: what has not passed, and why. */
function missedList(
  cases: readonly CaseReport[],
  numberOf: (played: CaseReport) => number,
): Markup | undefined {
  const missed = (["FAIL", "INCONCLUSIVE"] as const).flatMap((verdict) =>
    cases.filter((played) => played.verdict === verdict)
  );
  if (missed.length === 0) return undefined;
  const told = (what: string, text: string) =>
    markup`<p><span class="quiet">${what}</span> ${cutText(text, MISSED_MAX_LENGTH)}</p>`;
  const items = missed.map((played) => {
    const { id, title, verdict, failure } = played;
    const why = failure !== undefined && [told("expected", failure.expected), told("came", failure.came)];
    return markup`<li class="${VERDICT_CLASS[verdict]}"><span class="verdict">${verdict}</span>
<a href="#case-${numberOf(played)}">${id} ${title}</a>${why}</li>
`;
  });
  return markup`<h2>Not passed</h2>\n<ul class="missed">${items}</ul>`;
}

function filterForm(profiles: readonly ProfileTally[]): Markup {
  const options = profiles.map(({ profile }) => markup`<option value="${profile}">${profile}</option>`);
  const boxes = CASE_VERDICTS.map((verdict) =>
    markup`<label><input type="checkbox" name="verdict" value="${verdict}" checked=""/>
<span class="verdict ${VERDICT_CLASS[verdict]}">${verdict}</span></label>
`
  );
  const placeholder = "Id, title, purpose, failure";
  return markup`<form id="filter" hidden="">
<input type="search" name="text" aria-label="Text in the cases" placeholder="${placeholder}" maxlength="200"/>
<select name="profile" aria-label="Feature profile"><option value="">Every profile</option>${options}</select>
<fieldset><legend class="unseen">Verdicts</legend>${boxes}</fieldset>
<button type="reset">Show all</button>
</form>
<p id="shown" role="status"></p>`;
}
