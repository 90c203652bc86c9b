/**
 * The report as one page that needs nothing else: no network, no other file, no script to be read.
 *
 * Whatever a peer sent is text on it and never markup (`html_markup.ts`), and should that ever fail, its
 * Content-Security-Policy lets nothing run or load but the style sheet and the script that stand in it, by their
 * hashes. Its size is bounded by the number of cases: `html_diagram.ts` and `html_case.ts` name the bounds.
 */
import { caseMarkup, VERDICT_CLASS } from "./html_case.ts";
import { diagramSymbols } from "./html_diagram.ts";
import { html, type Markup, trusted } from "./html_markup.ts";
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
  const numberOf = (played: CaseReport) => numbers.get(played) ?? 0;
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <meta name="color-scheme" content="light dark">
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
    ${profiles.map(({ profile, cases, counts }) =>
      html`
        <section class="profile"><h3>${profile} <small>${countsText(counts)}</small></h3>
        ${cases.map((played) => caseMarkup(played, { number: numberOf(played), systemUnderTest }))}</section>
      `
    )}</section>
    </main>
    <footer>Verdicts rest on the frames alone. Times of frames are seconds since their case began.</footer>
    </div>
    <script>${trusted(SCRIPT)}</script>
      </body>
    </html>
  `.text;
}

/** `105 of 107 cases pass`. */
function outcomeText(cases: readonly CaseReport[]): string {
  const { PASS } = verdictCounts(cases);
  return `${PASS} of ${cases.length} ${cases.length === 1 ? "case passes" : "cases pass"}`;
}

function header(report: SuiteReport, name: string): Markup {
  const { cases, target, tool, startedAtMs, endedAtMs, setup } = report;
  const counts = verdictCounts(cases);
  const facts = [
    ["Begun", instantText(startedAtMs)],
    ["Took", durationText(endedAtMs - startedAtMs)],
    ["By", tool],
    ...Object.entries(setup),
  ];
  return html`<header>
<p class="kicker">OCPP 1.6 conformance</p>
<h1>${name}</h1>
<p class="target">${cutText(target, SETUP_MAX_LENGTH)}</p>
<p class="outcome">${outcomeText(cases)}</p>
${bar(counts)}
<ul class="counts">${
    CASE_VERDICTS.map((verdict) =>
      html`<li class="${VERDICT_CLASS[verdict]}"><b>${counts[verdict]}</b><span>${verdict}</span></li>`
    )
  }</ul>
<dl class="facts">${
    facts.map(([fact = "", value = ""]) =>
      html`
        <dt>${clipped(fact, 100)}</dt>
        <dd>${cutText(value, SETUP_MAX_LENGTH)}</dd>
      `
    )
  }</dl>
</header>`;
}

/** Shares of verdicts, side by side; the numbers stand beside it. */
function bar(counts: VerdictCounts): Markup {
  const all = CASE_VERDICTS.reduce((sum, verdict) => sum + counts[verdict], 0);
  let x = 0;
  const shares = CASE_VERDICTS.filter((verdict) => counts[verdict] > 0).map((verdict) => {
    const share = html`
      <rect class="${VERDICT_CLASS[verdict]}" x="${x}" width="${counts[verdict]}" height="1" />
    `;
    x += counts[verdict];
    return share;
  });
  return html`<svg class="bar" viewBox="0 0 ${
    Math.max(1, all)
  } 1" preserveAspectRatio="none" aria-hidden="true">${shares}</svg>`;
}

const SHORT: Readonly<Record<CaseVerdict, string>> = {
  "PASS": "PASS",
  "FAIL": "FAIL",
  "INCONCLUSIVE": "INC.",
  "NOT APPLICABLE": "N/A",
};

function profileTable(profiles: readonly ProfileTally[], cases: readonly CaseReport[]): Markup {
  const cells = (counts: VerdictCounts) =>
    CASE_VERDICTS.map((verdict) =>
      html`<td class="${counts[verdict] === 0 ? "none" : VERDICT_CLASS[verdict]}">${counts[verdict]}</td>`
    );
  const heads = CASE_VERDICTS.map((verdict) =>
    html`<th scope="col"><span class="long">${verdict}</span><span class="short">${
      SHORT[verdict]
    }</span></th>`
  );
  const rows = profiles.map(({ profile, cases, counts }) =>
    html`
      <tr><th scope="row">${profile}</th><td class="share">${bar(counts)}</td>${cells(counts)}<td>${cases
        .length}</td></tr>
    `
  );
  return html`
    <table>
      <thead>
        <tr><th scope="col">Profile</th><th class="share" scope="col"><span class="unseen">Share</span></th>${heads}
    <th scope="col">Cases</th></tr>
      </thead>
      <tbody>${rows}</tbody>
      <tfoot>
        <tr><th scope="row">All</th><td class="share"></td>${cells(verdictCounts(cases))}<td>${cases
          .length}</td></tr>
      </tfoot>
    </table>
  `;
}

/** What a reader came for: what has not passed, and why. */
function missedList(cases: readonly CaseReport[], numberOf: (played: CaseReport) => number) {
  const missed = (["FAIL", "INCONCLUSIVE"] as const).flatMap((verdict) =>
    cases.filter((played) => played.verdict === verdict)
  );
  if (missed.length === 0) return undefined;
  const told = (text: string) => cutText(text, MISSED_MAX_LENGTH);
  return html`<h2>Not passed</h2>
<ul class="missed">${
    missed.map((played) =>
      html`
        <li class="${VERDICT_CLASS[played.verdict]}"><span class="verdict">${played.verdict}</span>
        <a href="#case-${numberOf(played)}">${played.id} ${played.title}</a>${played.failure !== undefined &&
          html`<p><span class="quiet">expected</span> ${told(played.failure.expected)}</p>
<p><span class="quiet">came</span> ${told(played.failure.came)}</p>`}</li>
      `
    )
  }</ul>`;
}

function filterForm(profiles: readonly ProfileTally[]): Markup {
  return html`
    <form id="filter" hidden>
      <input type="search" name="text" aria-label="Text in the cases" placeholder="Id, title, purpose, failure"
        maxlength="200">
      <select name="profile"
        aria-label="Feature profile"><option value="">Every profile</option>${profiles.map(({ profile }) =>
          html`<option value="${profile}">${profile}</option>`
        )}</select>
      <fieldset><legend class="unseen">Verdicts</legend>${CASE_VERDICTS.map((verdict) =>
        html`<label><input type="checkbox" name="verdict" value="${verdict}" checked><span class="verdict ${
          VERDICT_CLASS[verdict]
        }">${verdict}</span></label>`
      )}</fieldset>
      <button type="reset">Show all</button>
    </form>
    <p id="shown" role="status"></p>
  `;
}
