/**
 * `GET /metrics`: every figure of a Central System, filled in at scrape. `grafana_dashboard.json` shows them.
 *
 * Labels: `direction` is `in` for a Charge Point's Call and `out` for one of ours; `action` is `unknown` for Actions
 * that OCPP 1.6 does not know and for texts that were no frame. No label comes from outside: identities, origins and
 * idTags are in the logs and in the API.
 */
import type { Store } from "../../central_system/store.ts";
import type { CentralSystemHost } from "../../runtime/central_system_host.ts";
import type { ActionFigures, CountingObserver, LabelledCounter } from "../../runtime/counters.ts";
import type { CountingStore } from "../../runtime/counting_store.ts";
import type { ServerFigures } from "../../runtime/server_figures.ts";
import { counter, gauge, histogram, type Labels, type Sample } from "./exposition.ts";

/** Where the figures come from. */
export interface MetricsSources {
  readonly host: CentralSystemHost;
  readonly store: Store;
  readonly figures: ServerFigures;
  readonly version: string;
}

/** The whole text. */
export async function metricsText(sources: MetricsSources): Promise<string> {
  const { host, store, figures } = sources;
  return [
    connections(host, figures.counters),
    messages(figures.counters),
    ownCalls(host),
    transactions(figures.counters, await activeTransactions(store)),
    database(host, figures),
    program(sources),
  ].join("");
}

function connections(host: CentralSystemHost, counters: CountingObserver): string {
  return gauge("ocpp_connections", "Charge Points that are connected", host.connections.size) +
    counter(
      "ocpp_connects_total",
      "WebSockets that were opened; replacing: the identity's older one was closed for it",
      labelled("kind", counters.connects),
    ) +
    counter(
      "ocpp_disconnects_total",
      "Charge Points that went away, by WebSocket close code; 1006: without a word",
      labelled("code", counters.disconnects),
    ) +
    counter(
      "ocpp_refused_upgrades_total",
      "WebSocket upgrades that were refused; who and why is at /api/v1/refusals",
      labelled("reason", counters.refusedUpgrades),
    );
}

function messages(counters: CountingObserver): string {
  const { callErrors, deviations } = counters;
  return counter(
    "ocpp_messages_total",
    "exchanges; direction in: a Charge Point's Call, out: one of ours",
    [...outcomes("in", counters.in), ...outcomes("out", counters.out)],
  ) +
    histogram(
      "ocpp_answer_duration_seconds",
      "from a Charge Point's Call to our answer, the commit included",
      latencies(counters.in),
    ) +
    histogram(
      "ocpp_charge_point_answer_duration_seconds",
      "from a Call of ours to the Charge Point's answer; without those that were never answered",
      latencies(counters.out),
    ) +
    counter(
      "ocpp_call_errors_total",
      "CALLERRORs; direction in: our answers to Charge Points' Calls, out: theirs to ours",
      [
        ...labelled("code", callErrors.in, { direction: "in" }),
        ...labelled("code", callErrors.out, { direction: "out" }),
      ],
    ) +
    counter("ocpp_deviations_total", "deviations that were put up with", labelled("rule", deviations));
}

function ownCalls(host: CentralSystemHost): string {
  let queued = 0;
  let inFlight = 0;
  for (const connection of host.connections.values()) {
    queued += connection.queuedCalls;
    if (connection.isCallInFlight) inFlight += 1;
  }
  return gauge("ocpp_own_calls_queued", "our own Calls that wait for their turn", queued) +
    gauge("ocpp_own_calls_in_flight", "our own Calls that wait for their answer", inFlight);
}

function transactions(counters: CountingObserver, active: number | undefined): string {
  return counter("ocpp_transactions_started_total", "StartTransactions", counters.transactionsStarted) +
    counter(
      "ocpp_transactions_stopped_total",
      "transactions that ended, by who closed them",
      labelled("closed_by", counters.transactionsStopped),
    ) +
    gauge(
      "ocpp_transactions_active",
      "transactions that have not ended; absent while the database cannot be read",
      active ?? [],
    );
}

/** An index holds the active ones alone: counting them reads nothing else. */
async function activeTransactions(store: Store): Promise<number | undefined> {
  try {
    return await store.query("activeTransactions", {});
  } catch {
    return undefined; // figures are wanted most while the database fails
  }
}

function database({ frameLog, isReady }: CentralSystemHost, { counters, store }: ServerFigures): string {
  const kinds = (of: (name: "turns" | "frames") => number): Sample[] => [
    [{ of: "turns" }, of("turns")],
    [{ of: "frames" }, of("frames")],
  ];
  return gauge("ocpp_ready", "1 while upgrades are taken and Calls answered", isReady ? 1 : 0) +
    histogram(
      "ocpp_store_commit_duration_seconds",
      "commits; turns: what is durable before it is acknowledged, frames: the frame log",
      durations(store),
    ) +
    counter("ocpp_store_rows_total", "rows that were committed", kinds((name) => store[name].rows)) +
    counter(
      "ocpp_store_failures_total",
      "times that the database could no longer be written",
      counters.storeFailures,
    ) +
    counter("ocpp_frame_log_dropped_total", "rows of the frame log that were lost", frameLog.dropped) +
    gauge("ocpp_frame_log_unwritten", "rows of the frame log that wait for the database", frameLog.unwritten);
}

function* durations({ turns, frames }: CountingStore) {
  yield [{ of: "turns" }, turns.duration] as const;
  yield [{ of: "frames" }, frames.duration] as const;
}

function program({ figures, version }: MetricsSources): string {
  const { counters, eventLoop, startedAtMs } = figures;
  const { residentBytes, heapUsedBytes, cpuSeconds, engine } = figures.program();
  return histogram(
    "ocpp_event_loop_lag_seconds",
    "how late a timer was that is due four times a second",
    [[{}, eventLoop.lag]],
  ) +
    counter(
      "ocpp_mistakes_total",
      "Calls that met a mistake of ours; the log has each",
      counters.mistakeCount,
    ) +
    gauge("ocpp_build_info", "1; the labels tell what is running", [[{ version, engine }, 1]]) +
    gauge("process_start_time_seconds", "when it was started, since 1970", startedAtMs / 1_000) +
    counter("process_cpu_seconds_total", "CPU time of all its threads", cpuSeconds) +
    gauge("process_resident_memory_bytes", "memory that it occupies", residentBytes) +
    gauge("ocpp_heap_used_bytes", "memory that its JavaScript objects occupy", heapUsedBytes);
}

function* outcomes(direction: string, actions: ReadonlyMap<string, ActionFigures>): Iterable<Sample> {
  for (const [action, figures] of actions) {
    for (const [outcome, count] of Object.entries(figures.outcomes)) {
      if (count > 0) yield [{ direction, action, outcome }, count];
    }
  }
}

function* latencies(actions: ReadonlyMap<string, ActionFigures>) {
  for (const [action, { latency }] of actions) {
    if (latency.count > 0) yield [{ action }, latency] as const;
  }
}

function* labelled(label: string, from: LabelledCounter, more: Labels = {}): Iterable<Sample> {
  for (const [value, count] of from.rows()) yield [{ ...more, [label]: value }, count];
}
