/**
 * Prometheus' text format, written from plain numbers.
 *
 * Shape: `# HELP name …`, `# TYPE name counter`, then a line each: `name{label="value"} 5`. A histogram has a line
 * for each bucket with all that is not above `le`, then `name_sum` and `name_count`.
 * Units: base units, so that durations are seconds.
 */
import type { Histogram } from "../../runtime/histogram.ts";

/** What a scraper is told about the form of the text. */
export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Names of labels with their values. */
export type Labels = Readonly<Record<string, string>>;

/** A number, and whose it is. */
export type Sample = readonly [labels: Labels, value: number];

/** A metric that goes up and down; without samples its name stands there all the same. */
export function gauge(name: string, help: string, samples: number | Iterable<Sample>): string {
  return family("gauge", name, help, samples);
}

/** One that only goes up; its name ends in `_total`. */
export function counter(name: string, help: string, samples: number | Iterable<Sample>): string {
  return family("counter", name, help, samples);
}

/** Durations; the name ends in `_seconds`. */
export function histogram(
  name: string,
  help: string,
  histograms: Iterable<readonly [labels: Labels, of: Histogram]>,
): string {
  let text = head("histogram", name, help);
  for (const [labels, { boundsMs, counts, sumMs, count }] of histograms) {
    let below = 0;
    for (const [index, boundMs] of boundsMs.entries()) {
      below += counts[index]!;
      text += line(`${name}_bucket`, { ...labels, le: String(boundMs / 1_000) }, below);
    }
    text += line(`${name}_bucket`, { ...labels, le: "+Inf" }, count);
    text += line(`${name}_sum`, labels, sumMs / 1_000) + line(`${name}_count`, labels, count);
  }
  return text;
}

function family(
  type: "gauge" | "counter",
  name: string,
  help: string,
  samples: number | Iterable<Sample>,
): string {
  let text = head(type, name, help);
  for (const [labels, value] of typeof samples === "number" ? [[{}, samples] as const] : samples) {
    text += line(name, labels, value);
  }
  return text;
}

function head(type: string, name: string, help: string): string {
  return `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n`;
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${numberText(value)}\n`;
}

function numberText(value: number): string {
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
