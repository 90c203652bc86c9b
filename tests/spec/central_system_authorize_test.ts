/**
 * What the Central System says of an idTag. Spec: OCPP 1.6 §4.1, §7.2, §7.27, §7.28.
 */
import assert from "node:assert/strict";
import type { IdTagRecord } from "../../src/central_system/store.ts";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import { DECIDING_BEGINS_AT_MS, DecidingCentralSystem } from "../support/deciding_central_system.ts";

const BEFORE_MS = DECIDING_BEGINS_AT_MS - 1;
const AFTER_MS = DECIDING_BEGINS_AT_MS + 1;

/** What is known of the idTag, and its status under each mode. */
const ROWS: readonly {
  readonly what: string;
  readonly record: Partial<IdTagRecord> | undefined;
  readonly open: string;
  readonly closed: string;
}[] = [
  { what: "unknown", record: undefined, open: "Accepted", closed: "Invalid" },
  { what: "entered by an operator", record: {}, open: "Accepted", closed: "Accepted" },
  { what: "learned and never confirmed", record: { source: "learned" }, open: "Accepted", closed: "Invalid" },
  { what: "blocked", record: { blocked: true }, open: "Blocked", closed: "Blocked" },
  {
    what: "blocked and expired",
    record: { blocked: true, expiryAtMs: BEFORE_MS },
    open: "Blocked",
    closed: "Blocked",
  },
  { what: "expired", record: { expiryAtMs: BEFORE_MS }, open: "Expired", closed: "Expired" },
  {
    what: "expiring at this instant",
    record: { expiryAtMs: DECIDING_BEGINS_AT_MS },
    open: "Expired",
    closed: "Expired",
  },
  { what: "expiring later", record: { expiryAtMs: AFTER_MS }, open: "Accepted", closed: "Accepted" },
];

for (const { what, record, ...statuses } of ROWS) {
  for (const authorization of ["open", "closed"] as const) {
    const status = statuses[authorization];
    Deno.test(`§4.1 ${authorization}, idTag ${what}: ${status}`, () => {
      const system = new DecidingCentralSystem({ authorization });
      system.boot();
      if (record !== undefined) system.addIdTag("Tag1", record);
      assert.equal(system.result("Authorize", { idTag: "TAG1" }).idTagInfo.status, status);
    });
  }
}

Deno.test("§4.1 open: an unknown idTag is learned once, as it was spelt", () => {
  const system = new DecidingCentralSystem();
  system.boot();
  assert.equal(system.call("Authorize", { idTag: "Tag1" }).writes.length, 1);
  assert.equal(system.call("Authorize", { idTag: "tAG1" }).writes.length, 0);
  assert.deepEqual(system.store.idTag("TAG1"), {
    key: "tag1",
    idTag: "Tag1",
    blocked: false,
    source: "learned",
  });
});

Deno.test("§4.1 closed: an unknown idTag is not learned", () => {
  const system = new DecidingCentralSystem({ authorization: "closed" });
  system.boot();
  system.call("Authorize", { idTag: "Tag1" });
  assert.equal(system.store.idTag("Tag1"), undefined);
});

Deno.test("§7.27 expiryDate and parentIdTag are told where they are known, of a refused idTag too", () => {
  const system = new DecidingCentralSystem();
  system.boot();
  const known = { parentIdTag: "Group", expiryAtMs: AFTER_MS };
  system.addIdTag("Tag1", known);
  system.addIdTag("Tag2", { ...known, blocked: true });
  const told = { expiryDate: dateTimeOf(AFTER_MS), parentIdTag: "Group" };
  assert.deepEqual(system.result("Authorize", { idTag: "Tag1" }).idTagInfo, { status: "Accepted", ...told });
  assert.deepEqual(system.result("Authorize", { idTag: "Tag2" }).idTagInfo, { status: "Blocked", ...told });
});

Deno.test("§7.2 a running transaction makes no idTag ConcurrentTx unless an operator limits it", () => {
  const system = new DecidingCentralSystem();
  system.boot();
  const timestamp = dateTimeOf(system.nowMs);
  for (const connectorId of [1, 2]) {
    const { idTagInfo } = system.result("StartTransaction", {
      connectorId,
      idTag: "Tag1",
      meterStart: 0,
      timestamp,
    });
    assert.equal(idTagInfo.status, "Accepted");
  }
  assert.equal(system.result("Authorize", { idTag: "Tag1" }).idTagInfo.status, "Accepted");
});
