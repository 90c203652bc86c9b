/**
 * `GET /metrics` in Prometheus' text format. Loaded at the first scrape; the numbers are plain counters until then.
 */
import { Counter, Gauge, Registry } from "prom-client";
import type { CentralSystemHost } from "../../runtime/central_system_host.ts";
import type { CountingObserver, LabelledCounter } from "../../runtime/counters.ts";

/** Builds the registry; its metrics read the counters when they are asked for. */
export function createMetrics(
  { host, counters }: { host: CentralSystemHost; counters: CountingObserver },
): Registry {
  const registry = new Registry();
  const counter = (name: string, help: string, labelNames: readonly string[], from: LabelledCounter) =>
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      collect() {
        this.reset();
        for (const [labels, count] of from.rows()) {
          this.inc(Object.fromEntries(labelNames.map((label, index) => [label, labels[index]!])), count);
        }
      },
    });
  new Gauge({
    name: "ocpp_connections",
    help: "Charge Points that are connected",
    registers: [registry],
    collect() {
      this.set(host.connectionCount);
    },
  });
  new Gauge({
    name: "ocpp_frame_log_dropped",
    help: "rows of the frame log that were lost since the start",
    registers: [registry],
    collect() {
      this.set(host.frameLog.dropped);
    },
  });
  counter(
    "ocpp_messages_total",
    "exchanges; direction in: a Charge Point's Call",
    ["direction", "action", "outcome"],
    counters.messages,
  );
  counter(
    "ocpp_call_errors_total",
    "CALLERRORs that answered a Call",
    ["direction", "code"],
    counters.callErrors,
  );
  counter(
    "ocpp_deviations_total",
    "deviations from the specification that were put up with",
    ["rule"],
    counters.deviations,
  );
  counter(
    "ocpp_refused_upgrades_total",
    "WebSocket upgrades that were refused",
    ["status"],
    counters.refusedUpgrades,
  );
  counter("ocpp_transactions_total", "transactions by what became of them", ["what"], counters.transactions);
  counter(
    "ocpp_store_failures_total",
    "times that the database could not be written",
    [],
    counters.storeFailures,
  );
  return registry;
}
