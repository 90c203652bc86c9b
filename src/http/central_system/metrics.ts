/**
 * `GET /metrics` in Prometheus' text format, written at scrape from plain counters.
 *
 * Shape: `# HELP name …`, `# TYPE name counter`, then a line each: `name{label="value"} 5`.
 */
import type { CentralSystemHost } from "../../runtime/central_system_host.ts";
import type { CountingObserver, LabelledCounter } from "../../runtime/counters.ts";

/** What a scraper is told about the form of the text. */
export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** The whole text. */
export function metricsText(
  { host, counters }: { host: CentralSystemHost; counters: CountingObserver },
): string {
  return [
    gauge("ocpp_connections", "Charge Points that are connected", host.connectionCount),
    gauge(
      "ocpp_frame_log_dropped",
      "rows of the frame log that were lost since the start",
      host.frameLog.dropped,
    ),
    counter(
      "ocpp_messages_total",
      "exchanges; direction in: a Charge Point's Call",
      ["direction", "action", "outcome"],
      counters.messages,
    ),
    counter(
      "ocpp_call_errors_total",
      "CALLERRORs that answered a Call",
      ["direction", "code"],
      counters.callErrors,
    ),
    counter("ocpp_deviations_total", "deviations that were put up with", ["rule"], counters.deviations),
    counter(
      "ocpp_refused_upgrades_total",
      "WebSocket upgrades that were refused",
      ["status"],
      counters.refusedUpgrades,
    ),
    counter(
      "ocpp_transactions_total",
      "transactions by what became of them",
      ["what"],
      counters.transactions,
    ),
    counter(
      "ocpp_store_failures_total",
      "times that the database could not be written",
      [],
      counters.storeFailures,
    ),
  ].join("");
}

function gauge(name: string, help: string, value: number): string {
  return `${head(name, help, "gauge")}${name} ${value}\n`;
}

function counter(name: string, help: string, labels: readonly string[], from: LabelledCounter): string {
  let text = head(name, help, "counter");
  for (const [values, count] of from.rows()) {
    const pairs = labels.map((label, index) => `${label}="${escaped(values[index]!)}"`);
    text += `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${count}\n`;
  }
  return text;
}

function head(name: string, help: string, type: "gauge" | "counter"): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
