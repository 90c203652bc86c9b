/**
 * The end of a run: a table of its transactions and one of its messages, or the same as one JSON object.
 */
import { plainText } from "../plain_text.ts";
import {
  amountText,
  type Column,
  countText,
  durationText,
  energyText,
  latencyText,
  tableLines,
} from "../table.ts";
import type { Style } from "../terminal.ts";
import type { Tally } from "./tally.ts";

/** Transactions that get a row of their own. */
const TRANSACTIONS_SHOWN_MAX = 20;

const left = (title: string): Column => ({ title, align: "left" });
const right = (title: string): Column => ({ title, align: "right" });

/** The summary as text; `manyChargePoints` adds their identities. */
export function summaryText(
  tally: Tally,
  { manyChargePoints }: { manyChargePoints: boolean },
  style: Style,
): string {
  const sections = [
    ["Transactions", transactionLines(tally, manyChargePoints, style)],
    ["Messages", messageLines(tally, style)],
    ["Deviations of the Central System", deviationLines(tally, style)],
  ] as const;
  return sections.filter(([, lines]) => lines.length > 0).map(([title, lines]) =>
    `\n${style.bold(title)}\n${lines.map((line) => `  ${line}\n`).join("")}`
  ).join("");
}

function transactionLines(tally: Tally, manyChargePoints: boolean, style: Style): readonly string[] {
  if (tally.transactionCount === 0) return ["none"];
  const total = `${amountText(tally.transactionCount, "transaction")}, ${energyText(tally.energyWh)}`;
  if (tally.transactionCount > TRANSACTIONS_SHOWN_MAX) return [total];
  const columns = [
    ...manyChargePoints ? [left("Charge Point")] : [],
    right("transactionId"),
    right("connector"),
    left("idTag"),
    right("duration"),
    right("energy"),
    left("stopped by"),
  ];
  const rows = tally.transactions.map((one) => [
    ...manyChargePoints ? [one.chargePoint] : [],
    String(one.transactionId ?? "none"),
    String(one.connectorId),
    one.idTag,
    one.durationMs === undefined ? "" : durationText(one.durationMs),
    energyText(one.energyWh),
    one.reason,
  ]);
  const lines = tableLines(columns, rows, style);
  return rows.length > 1 ? [...lines, total] : lines;
}

function messageLines(tally: Tally, style: Style): readonly string[] {
  const actions = tally.actions();
  if (actions.length === 0) return ["none"];
  const rows = actions.map((one) => [
    `${one.direction === "sent" ? "→" : "←"} ${one.action}`,
    countText(one.count),
    countText(one.answered),
    countText(one.failed),
    one.latencyMsP50 === undefined ? "" : latencyText(one.latencyMsP50),
    one.latencyMsMax === undefined ? "" : latencyText(one.latencyMsMax),
  ]);
  const columns = [
    left("Action"),
    right("messages"),
    right("answered"),
    right("failed"),
    right("p50"),
    right("max"),
  ];
  return tableLines(columns, rows, style);
}

/** Only where there are any. */
function deviationLines(tally: Tally, style: Style): readonly string[] {
  const deviations = tally.deviations();
  if (deviations.length === 0) return [];
  const rows = deviations.map(({ rule, action, count, path, detail }) => [
    rule,
    action,
    countText(count),
    plainText(path === "" ? detail : `${path}: ${detail}`),
  ]);
  return tableLines([left("rule"), left("Action"), right("times"), left("the first")], rows, style);
}

/** The summary as a plain object. */
export function summaryObject(tally: Tally): Record<string, unknown> {
  return {
    transactionCount: tally.transactionCount,
    energyWh: tally.energyWh,
    transactions: tally.transactions,
    messages: tally.actions(),
    deviations: tally.deviations(),
  };
}
