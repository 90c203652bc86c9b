/**
 * The Grafana dashboard against what `/metrics` really says: nothing is asked for that is not there, and nothing that
 * is there stays unseen.
 */
import assert from "node:assert/strict";
import * as z from "zod";
import { readExposition } from "../support/exposition.ts";
import { overSockets, startServer } from "../support/server.ts";

/** Metrics that no panel shows, each for its reason. */
const NOT_SHOWN: Readonly<Record<string, string>> = {};

/** The parts of Grafana's dashboard format that this one uses, version 39; whatever else stands there is an error. */
const Position = z.strictObject({
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  w: z.int().min(1).max(24),
  h: z.int().min(1),
});
const DataSource = z.strictObject({ type: z.literal("prometheus"), uid: z.literal("${datasource}") });
const Target = z.strictObject({
  datasource: DataSource,
  editorMode: z.literal("code"),
  expr: z.string().min(1),
  format: z.literal("table").optional(),
  instant: z.boolean().optional(),
  legendFormat: z.string(),
  range: z.boolean(),
  refId: z.string().regex(/^[A-Z]$/),
});
const Steps = z.array(z.strictObject({ color: z.string(), value: z.number().nullable() })).min(1)
  .refine((steps) => steps[0]!.value === null, "the first step is the base")
  .refine((steps) => steps.slice(1).every(({ value }) => value !== null), "the others have a value");
const Panel = z.strictObject({
  type: z.enum(["stat", "timeseries", "table"]),
  id: z.int().positive(),
  title: z.string().min(1),
  description: z.string().min(10),
  datasource: DataSource,
  gridPos: Position,
  fieldConfig: z.strictObject({
    defaults: z.looseObject({
      unit: z.string().optional(),
      thresholds: z.strictObject({ mode: z.literal("absolute"), steps: Steps }),
    }),
    overrides: z.array(z.never()),
  }),
  options: z.looseObject({}),
  targets: z.array(Target).min(1),
  transformations: z.array(z.unknown()).optional(),
});
const Row = z.strictObject({
  type: z.literal("row"),
  id: z.int().positive(),
  title: z.string().min(1),
  collapsed: z.literal(false),
  gridPos: Position,
  panels: z.array(z.never()),
});
const Dashboard = z.looseObject({
  id: z.null(), // the Grafana that imports it gives it one
  uid: z.string().max(40),
  title: z.string(),
  schemaVersion: z.literal(39),
  panels: z.array(z.union([Row, Panel])),
  templating: z.strictObject({ list: z.array(z.looseObject({ name: z.string(), type: z.string() })) }),
});

async function dashboardAndMetrics() {
  await using server = startServer({ apiToken: "s3cret" });
  assert.equal((await server.fetch("/grafana.json", { headers: {} })).status, 401);
  const { status, headers, body } = await server.get("/grafana.json");
  assert.equal(status, 200);
  assert.match(headers.get("content-type") ?? "", /^application\/json/);
  const metrics = readExposition((await server.get("/metrics")).body);
  return { dashboard: Dashboard.parse(body), metrics };
}

const queriesOf = ({ panels }: z.infer<typeof Dashboard>) =>
  panels.flatMap((panel) => panel.type === "row" ? [] : panel.targets.map(({ expr }) => expr));

Deno.test({
  ...overSockets("grafana: every query asks for metrics that there are, and every metric is asked for"),
  async fn() {
    const { dashboard, metrics } = await dashboardAndMetrics();
    const there = new Set(
      [...metrics.values()].flatMap(({ name, type }) =>
        type === "histogram" ? ["_bucket", "_sum", "_count"].map((end) => `${name}${end}`) : [name]
      ),
    );
    const asked = new Set<string>();
    for (const query of queriesOf(dashboard)) {
      const names = query.match(/\b(?:ocpp|process)_\w+/g) ?? [];
      assert.ok(names.length > 0, query);
      for (const name of names) {
        assert.ok(there.has(name), `${name} of ${query} is no metric`);
        asked.add(name.replace(/_(bucket|sum|count)$/, ""));
      }
    }
    const unseen = [...metrics.keys()].filter((name) => !asked.has(name));
    assert.deepEqual(unseen, Object.keys(NOT_SHOWN));
  },
});

Deno.test({
  ...overSockets(
    "grafana: the queries speak of one data source, of chosen instances, and of rates where it counts",
  ),
  async fn() {
    const { dashboard, metrics } = await dashboardAndMetrics();
    assert.deepEqual(dashboard.templating.list.map(({ name, type }) => [name, type]), [
      ["datasource", "datasource"],
      ["instance", "query"],
    ]);
    for (const query of queriesOf(dashboard)) {
      for (const [, open, close] of [["", "(", ")"], ["", "[", "]"], ["", "{", "}"]]) {
        assert.equal(query.split(open!).length, query.split(close!).length, query);
      }
      for (const variable of query.match(/\$\w+/g) ?? []) {
        assert.ok(["$instance", "$__rate_interval"].includes(variable), `${variable} of ${query}`);
      }
      for (const [selector, name, labels] of query.matchAll(/\b((?:ocpp|process)_\w+)(\{[^}]*\})?/g)) {
        assert.match(labels ?? "", /instance=~"\$instance"/, selector);
        const type = metrics.get(name!.replace(/_(bucket|sum|count)$/, ""))!.type;
        // What only goes up says little by itself: how fast it does, or how much it is since the start.
        const isRate = query.includes(`rate(${selector}[`) || query.includes(`increase(${selector}[`);
        const isSinceStart = query === `sum(${selector})`;
        if (type !== "gauge") assert.ok(isRate || isSinceStart, query);
      }
    }
  },
});

Deno.test({
  ...overSockets("the README has a row for every metric, and none for another", "read"),
  async fn() {
    const { metrics } = await dashboardAndMetrics();
    const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
    const [, section] = readme.split("### Metrics and logs");
    const told = section!.split("\n## ")[0]!.match(/(?<=`)(?:ocpp|process)_\w+(?=`)/g) ?? [];
    assert.deepEqual(told.toSorted(), [...metrics.keys()].sort());
  },
});

Deno.test({
  ...overSockets("grafana: panels have ids of their own, lie beside each other, and say what they are about"),
  async fn() {
    const { dashboard: { panels } } = await dashboardAndMetrics();
    const ids = panels.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const taken = new Map<string, string>();
    for (const { title, gridPos: { x, y, w, h } } of panels) {
      assert.ok(x + w <= 24, `${title} is too wide`);
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          const cell = `${column}/${line}`;
          assert.equal(taken.get(cell), undefined, `${title} lies over ${taken.get(cell)}`);
          taken.set(cell, title);
        }
      }
    }
    for (const panel of panels) {
      if (panel.type === "row") continue;
      const refIds = panel.targets.map(({ refId }) => refId);
      assert.equal(new Set(refIds).size, refIds.length, panel.title);
      const values = panel.fieldConfig.defaults.thresholds.steps.slice(1).map(({ value }) => value!);
      assert.deepEqual(values, values.toSorted((one, other) => one - other), panel.title);
    }
  },
});
