/**
 * How the page looks: by day and by night, on a telephone, on paper. No font and no picture comes from elsewhere.
 */
import { DARK, LIGHT, type Palette } from "./html_palette.ts";

function variables(palette: Palette): string {
  return Object.entries(palette).map(([name, colour]) => `--${name}: ${colour};`).join(" ");
}

/** The style sheet, whole. */
export const STYLE = `
:root { color-scheme: light dark; ${variables(LIGHT)} }
@media (prefers-color-scheme: dark) { :root { ${variables(DARK)} } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif; }
.page { max-width: 64rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.015em; margin: 0 0 0.25rem; text-wrap: balance; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 2.5rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 1.75rem 0 0.5rem; }
h3 small { color: var(--quiet); font-weight: 400; font-size: 0.875rem; margin-left: 0.5rem; }
h4 { font-size: 0.8125rem; color: var(--quiet); margin: 1.25rem 0 0.35rem; }
p { margin: 0 0 0.5rem; }
a { color: var(--link); text-underline-offset: 0.15em; }
code, pre { font: 0.8125rem/1.5 ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono",
  monospace; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px; }
.quiet, .kicker { color: var(--quiet); }
.kicker { font-size: 0.875rem; margin: 0 0 0.35rem; }
.target { overflow-wrap: anywhere; color: var(--quiet); margin-bottom: 1.25rem; }
.unseen, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
.symbols { position: absolute; width: 0; height: 0; }

.verdict { font-size: 0.75rem; font-weight: 650; letter-spacing: 0.02em; white-space: nowrap; }
.pass { color: var(--pass); } .fail { color: var(--fail); }
.inconclusive { color: var(--inconclusive); } .absent { color: var(--absent); }

.outcome { font-size: 1.25rem; font-weight: 600; margin: 0 0 0.5rem; }
.bar { display: block; width: 100%; height: 0.625rem; border-radius: 0.3125rem; background: var(--line); }
.bar rect { fill: currentColor; stroke: var(--paper); stroke-width: 1; vector-effect: non-scaling-stroke; }
.counts { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; margin: 0.6rem 0 0; padding: 0; }
.counts b { font-variant-numeric: tabular-nums; margin-right: 0.25rem; }
.counts span { font-size: 0.8125rem; font-weight: 600; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1.25rem; margin: 1.5rem 0 0;
  font-size: 0.875rem; }
.facts dt { color: var(--quiet); } .facts dd { margin: 0; overflow-wrap: anywhere; }

table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 0.45rem 0 0.45rem 1rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal; }
thead th { font-size: 0.75rem; color: var(--quiet); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; } tfoot th, tfoot td { border-bottom: 0; font-weight: 650; }
td.share { width: 30%; } td.none { color: var(--quiet); }
.short { display: none; }

.missed { list-style: none; margin: 0; padding: 0; }
.missed li { padding: 0.6rem 0 0.6rem 0.9rem; border-left: 3px solid currentColor; margin-bottom: 0.75rem; }
.missed li > * { color: var(--ink); }
.missed li > .verdict { color: inherit; margin-right: 0.5rem; }
.missed p { margin: 0.2rem 0 0; font-size: 0.875rem; overflow-wrap: anywhere; }

#filter { display: flex; flex-wrap: wrap; gap: 0.75rem 1.25rem; align-items: center; margin: 0 0 0.5rem;
  font-size: 0.875rem; }
#filter fieldset { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; border: 0; margin: 0; padding: 0; }
#filter label { display: inline-flex; align-items: center; gap: 0.35rem; }
#filter input[type="search"], #filter select, #filter button { font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--quiet); border-radius: 6px; padding: 0.35rem 0.6rem; min-height: 2.25rem; max-width: 100%; }
#filter input[type="search"] { flex: 1 1 14rem; min-width: 0; }
#shown { color: var(--quiet); min-height: 1.5em; font-size: 0.875rem; margin: 0; }

.case { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin-bottom: 0.4rem;
  content-visibility: auto; contain-intrinsic-block-size: auto 2.6rem; }
.case > summary { display: grid; grid-template-columns: 8rem minmax(0, 8.5rem) minmax(0, 1fr) auto; gap: 0 0.75rem;
  align-items: baseline; padding: 0.55rem 0.9rem; cursor: pointer; border-radius: 8px; }
summary { list-style: none; } summary::-webkit-details-marker { display: none; }
.case > summary .id { font: 0.8125rem/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  overflow-wrap: anywhere; }
.case > summary .title { font-weight: 550; overflow-wrap: anywhere; }
.case > summary .took { color: var(--quiet); font-size: 0.8125rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.case > summary .took::after { content: ""; display: inline-block; width: 0.4rem; height: 0.4rem; margin-left: 0.6rem;
  border: solid currentColor; border-width: 0 1.5px 1.5px 0; transform: translateY(-0.1rem) rotate(45deg); }
.case[open] > summary .took::after { transform: translateY(0.1rem) rotate(225deg); }
.case > summary:hover { background: var(--well); }
.case .inside { padding: 0.25rem 0.9rem 1.1rem; border-top: 1px solid var(--line); }
.about { margin-top: 0.75rem; max-width: 46rem; }
.about .spec { font-size: 0.875rem; color: var(--quiet); }
.failure { background: var(--failTint); border-left: 3px solid currentColor; border-radius: 0 6px 6px 0;
  padding: 0.6rem 0.9rem; margin: 1rem 0 0; display: grid; grid-template-columns: max-content minmax(0, 1fr);
  gap: 0.2rem 1rem; }
.failure.absent, .failure.inconclusive { background: var(--well); }
.failure dt { color: inherit; font-size: 0.8125rem; font-weight: 600; line-height: 1.5rem; }
.failure dd { margin: 0; color: var(--ink); font-size: 0.9375rem; overflow-wrap: anywhere; white-space: pre-wrap; max-height: 16rem; overflow: auto; }
.notes { margin: 0; padding-left: 1.1rem; font-size: 0.9375rem; overflow-wrap: anywhere; }
.steps { margin: 0; padding-left: 1.9rem; font-size: 0.875rem; }
.steps li { padding: 0.1rem 0; overflow-wrap: anywhere; } .steps li::marker { color: var(--quiet); }
.steps .missed-step { color: var(--fail); font-weight: 600; }
.steps .missed-step.inconclusive { color: var(--inconclusive); }

.sequence { margin: 0; }
.sequence figcaption { display: flex; justify-content: space-between; gap: 1rem; margin-left: 4rem; position: sticky;
  top: 0; z-index: 2; pointer-events: none; }
.sequence figcaption span { border: 1px solid var(--line); background: var(--well); border-radius: 6px;
  padding: 0.2rem 0.6rem; font-size: 0.8125rem; font-weight: 600; line-height: 1.35; }
.sequence figcaption i { font-style: normal; font-weight: 400; color: var(--quiet); }
.frame > summary { display: grid; grid-template-columns: 3.5rem minmax(0, 1fr); gap: 0 0.5rem; cursor: pointer; }
.frame > summary:hover { background: var(--well); }
.at { color: var(--quiet); font-size: 0.75rem; text-align: right; padding-top: 0.55rem; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
.lane { position: relative; display: block; padding: 0.4rem 1.9rem 0.95rem; min-height: 2.6rem; }
.lane > svg { position: absolute; top: 0; left: 1.1rem; width: calc(100% - 2.2rem); height: 100%; overflow: visible;
  pointer-events: none; fill: none; stroke: currentColor; stroke-width: 1.5; }
.life { stroke: var(--lifeline); } .busy { fill: var(--card); stroke: var(--quiet); stroke-width: 1; }
.head { fill: currentColor; stroke: none; } .answer line:not(.life) { stroke-dasharray: 5 4; }
.broken line:not(.life) { stroke-dasharray: 1.5 4; }
.tst { color: var(--tester); } .sys { color: var(--system); }
.frame.callError, .frame.malformed { color: var(--fail); }
.said { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; line-height: 1.35; }
.sys .said { text-align: right; }
.said b { font-size: 0.875rem; font-weight: 650; }
.said code { color: var(--ink); font-size: 0.75rem; white-space: pre; }
.said code i { font-style: normal; color: var(--quiet); } .said .to { font-size: 0.8125rem; color: var(--quiet); }
.frame.last > summary { background: var(--failTint); box-shadow: inset 3px 0 var(--fail); }
.tag { display: block; font-size: 0.75rem; font-weight: 600; color: var(--fail); line-height: 1.35; }
.sys .tag { text-align: right; }
.open { margin-left: calc(5.1rem - 0.75px); margin-right: calc(1.1rem - 0.75px); border: solid var(--lifeline); border-width: 0 1.5px;
  padding: 0.4rem 0.9rem 0.6rem; color: var(--ink); }
.open p { font-size: 0.75rem; color: var(--quiet); margin: 0 0 0.25rem; }
.open pre { background: var(--well); border-radius: 6px; padding: 0.6rem 0.8rem; margin: 0; white-space: pre-wrap;
  overflow-wrap: anywhere; max-height: 24rem; overflow: auto; }
.gap { text-align: center; color: var(--quiet); font-size: 0.8125rem; padding: 0.75rem 0; margin: 0; }
footer { margin-top: 3rem; font-size: 0.8125rem; color: var(--quiet); }

@media (max-width: 40rem) {
  .page { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.5rem; }
  table { font-size: 0.875rem; } th, td { padding-left: 0.5rem; } thead th { font-size: 0.6875rem; }
  th:first-child { overflow-wrap: anywhere; } td.share, th.share, .long { display: none; } .short { display: inline; }
  .case > summary { grid-template-columns: minmax(0, 1fr) auto; padding: 0.6rem 0.75rem; }
  .case > summary .verdict { order: -2; } .case > summary .took { order: -1; }
  .case > summary .id, .case > summary .title { grid-column: 1 / -1; }
  .case .inside { padding: 0.25rem 0.75rem 1rem; }
  .failure { grid-template-columns: minmax(0, 1fr); } .failure dd { margin-bottom: 0.35rem; }
  .facts { grid-template-columns: fit-content(40%) minmax(0, 1fr); gap: 0.2rem 0.9rem; }
  .case { contain-intrinsic-block-size: auto 5.5rem; }
  .sequence figcaption { margin-left: 0; }
  .frame > summary { display: block; position: relative; }
  .at { position: absolute; right: 1.5rem; top: 0; padding: 0.45rem 0 0; z-index: 1; } .sys .at { right: auto; left: 1.5rem; }
  .lane { padding: 0.4rem 1.1rem 0.95rem; } .lane > svg { left: 0.5rem; width: calc(100% - 1rem); }
  .said { white-space: normal; } .said b { display: block; font-size: 0.8125rem; overflow-wrap: anywhere; } .said code { white-space: normal; overflow-wrap: anywhere;
    display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
  .tst .said b { padding-right: 3.5rem; } .sys .said b { padding-left: 3.5rem; }
  .open { margin: 0 calc(0.5rem - 0.75px); padding: 0.4rem 0.5rem 0.6rem; }
}
@media (prefers-reduced-motion: no-preference) { .case > summary .took::after { transition: transform 0.15s; } }
@media (prefers-contrast: more) { :root { --line: var(--quiet); } }
@media (forced-colors: active) { .bar rect { fill: CanvasText; } .case, .failure { border: 1px solid; } }
@media print {
  :root { ${variables(LIGHT)} }
  body { background: none; font-size: 10pt; }
  .page { max-width: none; padding: 0; }
  #filter, #shown, .skip { display: none; }
  .sequence figcaption { position: static; }
  .said { white-space: normal; } .said code { white-space: normal; overflow-wrap: anywhere; }
  .case { content-visibility: visible; border-radius: 0; border-width: 1px 0 0; }
  .case > summary { break-after: avoid; }
  .case > summary .took::after { display: none; }
  .case::details-content { content-visibility: visible; display: block; block-size: auto; }
  .frame, .failure, tr, .missed li { break-inside: avoid; }
  .bar rect, .failure, .frame.last > summary { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;

/** Of `STYLE`, for the page's Content-Security-Policy; a test computes it anew. */
export const STYLE_HASH = "sha256-a5F2FnXUOGYH7+aPwzDKOwGFvkjLxKFp+6tZuAIrGCM=";
