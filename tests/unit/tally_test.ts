import assert from "node:assert/strict";
import { deviationMark } from "../../src/cli/deviation_text.ts";
import { summaryObject, summaryText } from "../../src/cli/simulate/summary.ts";
import { Tally, TRANSACTIONS_KEPT_MAX } from "../../src/cli/simulate/tally.ts";
import type { RepairRule } from "../../src/ocpp/repair_rule.ts";
import { durationText, energyText, latencyText, tableLines } from "../../src/cli/table.ts";
import { styleFor } from "../../src/cli/terminal.ts";

function call(tally: Tally, latencyMs: number | undefined): void {
  tally.observe("CP001", { kind: "callSent", uniqueId: "1", action: "Heartbeat", payload: {} }, 0);
  const about = { uniqueId: "1", action: "Heartbeat" } as const;
  tally.observe(
    "CP001",
    latencyMs === undefined
      ? { kind: "callFailed", ...about, reason: "timeout", detail: "", latencyMs: 30_000 }
      : { kind: "callAnswered", ...about, payload: {}, latencyMs },
    0,
  );
}

function transact(tally: Tally, transactionId: number | undefined): void {
  tally.observe(
    "CP001",
    { kind: "transactionStarted", connectorId: 1, idTag: "TAG001", meterStartWh: 100 },
    0,
  );
  tally.observe("CP001", {
    kind: "transactionStopped",
    connectorId: 1,
    transactionId,
    reason: "Local",
    meterStartWh: 100,
    meterStopWh: 283,
  }, 6_000);
}

Deno.test("Tally: Calls by Action with median and longest latency, failures apart", () => {
  const tally = new Tally({ speed: 1 });
  for (const latencyMs of [5, 1, 9, 2, undefined]) call(tally, latencyMs);
  assert.deepEqual(tally.actions(), [{
    action: "Heartbeat",
    direction: "sent",
    count: 5,
    answered: 4,
    failed: 1,
    latencyMsP50: 2,
    latencyMsMax: 9,
  }]);
});

Deno.test("Tally: a transaction has its energy and its simulated duration", () => {
  const tally = new Tally({ speed: 10 });
  transact(tally, 7);
  assert.deepEqual(tally.transactions, [{
    chargePoint: "CP001",
    transactionId: 7,
    connectorId: 1,
    idTag: "TAG001",
    durationMs: 60_000,
    energyWh: 183,
    reason: "Local",
  }]);
});

Deno.test("Tally: of a transaction that began before this run the duration is not known", () => {
  const tally = new Tally({ speed: 1 });
  tally.observe("CP001", {
    kind: "transactionStopped",
    connectorId: 1,
    transactionId: 7,
    reason: "PowerLoss",
    meterStartWh: 0,
    meterStopWh: 9,
  }, 60_000);
  assert.equal(tally.transactions[0]!.durationMs, undefined);
  const text = summaryText(tally, { manyChargePoints: false }, styleFor({ colours: false }));
  assert.match(text, /\n +7 +1 +9 Wh +PowerLoss\n/);
});

Deno.test("Tally: a transactionId that comes after the end is added", () => {
  const tally = new Tally({ speed: 1 });
  transact(tally, undefined);
  tally.observe(
    "CP001",
    { kind: "transactionConfirmed", connectorId: 1, transactionId: 8, status: "Accepted" },
    0,
  );
  assert.equal(tally.transactions[0]!.transactionId, 8);
});

Deno.test("Tally: beyond a number transactions are only counted", () => {
  const tally = new Tally({ speed: 1 });
  for (let count = 0; count <= TRANSACTIONS_KEPT_MAX; count++) transact(tally, count);
  assert.equal(tally.transactions.length, TRANSACTIONS_KEPT_MAX);
  assert.equal(tally.transactionCount, TRANSACTIONS_KEPT_MAX + 1);
  assert.equal(tally.energyWh, 183 * (TRANSACTIONS_KEPT_MAX + 1));
});

function deviate(tally: Tally, rule: RepairRule, path: string): void {
  const about = {
    uniqueId: "1",
    action: "StartTransaction",
    detail: "dropped",
    spec: "OCPP 1.6 §6",
  } as const;
  tally.observe("CP001", { kind: "deviation", ...about, rule, path }, 0);
}

Deno.test("Tally: deviations by rule and Action, with the first of each", () => {
  const tally = new Tally({ speed: 1 });
  assert.deepEqual(tally.deviations(), []);
  deviate(tally, "extraField", "foo");
  deviate(tally, "extraField", "bar");
  deviate(tally, "nullForOptional", "idTagInfo.expiryDate");
  const action = "StartTransaction";
  const detail = "dropped";
  assert.deepEqual(tally.deviations(), [
    { rule: "extraField", action, count: 2, path: "foo", detail },
    { rule: "nullForOptional", action, count: 1, path: "idTagInfo.expiryDate", detail },
  ]);
});

Deno.test("summary: deviations have a section of their own, where there are any", () => {
  const tally = new Tally({ speed: 1 });
  const style = styleFor({ colours: false });
  const text = () => summaryText(tally, { manyChargePoints: false }, style);
  assert.ok(!text().includes("Deviations"));
  assert.deepEqual(summaryObject(tally)["deviations"], []);
  deviate(tally, "extraField", "foo\x1b[2J");
  assert.match(
    text(),
    /\nDeviations of the Central System\n.*\n {2}extraField +StartTransaction +1 +foo·\[2J: dropped\n$/,
  );
  assert.deepEqual(summaryObject(tally)["deviations"], tally.deviations());
});

Deno.test("deviationMark: names two, counts the rest, and lets nothing through to the terminal", () => {
  assert.equal(deviationMark([]), "");
  assert.equal(deviationMark([{ rule: "noBoot", path: "" }]), "  ! noBoot");
  const extra = (path: string) => ({ rule: "extraField", path });
  assert.equal(
    deviationMark([extra("a\n"), extra("b"), extra("c"), extra("d")]),
    "  ! extraField a·, extraField b +2",
  );
});

Deno.test("table: columns are as wide as what stands in them", () => {
  const lines = tableLines(
    [{ title: "Action", align: "left" }, { title: "n", align: "right" }],
    [["Heartbeat", "12"], ["Reset", "3"]],
    { dim: (text) => text },
  );
  assert.deepEqual(lines, ["Action      n", "Heartbeat  12", "Reset       3"]);
});

Deno.test("table: numbers are written as a person reads them", () => {
  assert.deepEqual([0, 59_400, 60_000, 7_380_000].map(durationText), [
    "0 s",
    "59 s",
    "1 min 00 s",
    "2 h 03 min",
  ]);
  assert.deepEqual([183, 9_999, 12_345].map(energyText), ["183 Wh", "9999 Wh", "12.35 kWh"]);
  assert.deepEqual([0, 12, 12_345].map(latencyText), ["<1 ms", "12 ms", "12.3 s"]);
});

Deno.test("Tally: Actions that a Central System invents are counted together", () => {
  const tally = new Tally({ speed: 1 });
  const answer = { kind: "error", errorCode: "NotImplemented", errorDescription: "" } as const;
  for (const action of ["Nonsense", "__proto__", "Reset"]) {
    tally.observe("CP001", { kind: "callReceived", uniqueId: "1", action, payload: {}, answer }, 0);
  }
  assert.deepEqual(tally.actions().map(({ action, count }) => [action, count]), [["(unknown)", 2], [
    "Reset",
    1,
  ]]);
});
