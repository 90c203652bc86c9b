/**
 * How SQLite goes about the questions of the API: by key, so that a page costs the same however much there is.
 */
import assert from "node:assert/strict";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { openDatabase } from "../../src/adapters/sqlite/open.ts";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import type { Queries, QueryKind } from "../../src/central_system/store.ts";
import { needs } from "../support/needs.ts";

const PAGE = { limit: 20 };
const CURSOR = { limit: 20, cursor: "5" };

/** Each list with what it may be asked. */
const ASKED: { readonly [Q in QueryKind]?: readonly Queries[Q]["parameters"][] } = {
  chargePoints: [PAGE, CURSOR],
  idTags: [PAGE, CURSOR],
  transactions: [
    PAGE,
    CURSOR,
    { ...PAGE, chargePoint: "CP1" },
    { ...CURSOR, chargePoint: "CP1" },
    { ...PAGE, idTag: "TAG1" },
    { ...CURSOR, idTag: "TAG1" },
    { ...PAGE, active: true },
    { ...PAGE, chargePoint: "CP1", active: true },
  ],
  meterValues: [
    { ...PAGE, chargePoint: "CP1", transactionId: 1 },
    { ...CURSOR, chargePoint: "CP1", transactionId: 1 },
    { ...PAGE, chargePoint: "CP1", transactionId: 1, guessed: true },
  ],
  frames: [
    { ...PAGE, chargePoint: "CP1" },
    { ...CURSOR, chargePoint: "CP1" },
    { ...PAGE, chargePoint: "CP1", action: "Heartbeat", outcome: "result", sinceMs: 1 },
  ],
  reports: [{ ...PAGE, chargePoint: "CP1" }, {
    ...CURSOR,
    chargePoint: "CP1",
    action: "SecurityEventNotification",
  }],
  reservations: [{ ...PAGE, chargePoint: "CP1" }],
};

/** A pass through a whole table that ends with the page, since its rows come in the order of the list. */
const ENDS_WITH_THE_PAGE: ReadonlySet<string> = new Set([
  "SCAN transactions",
  "SCAN identities USING COVERING INDEX sqlite_autoindex_identities_1",
  "SCAN id_tags",
  "SCAN transactions USING INDEX transactions_active_newest",
]);

for (const [kind, questions] of Object.entries(ASKED)) {
  for (const parameters of questions) {
    Deno.test({
      // The query builder looks at the environment when it is loaded.
      ...needs("env")(`query plan: ${kind} ${JSON.stringify(parameters)} goes by key`),
      async fn() {
        const { database, statements } = watched();
        const store = new SqliteStore(database);
        statements.length = 0;
        await store.query(kind as QueryKind, parameters as never);
        assert.ok(statements.length > 0);
        for (const sql of [...statements]) {
          const plan = planOf(database, sql);
          const passes = plan.filter((step) => /^SCAN (?!chain|CONSTANT)/.test(step));
          assert.deepEqual(passes.filter((step) => !ENDS_WITH_THE_PAGE.has(step)), [], plan.join("; "));
          if (passes.length > 0) {
            assert.ok(!plan.some((step) => step.includes("TEMP B-TREE")), plan.join("; "));
          }
        }
        store.close();
      },
    });
  }
}

/** A database that tells which statements are prepared. */
function watched(): { database: DatabaseSync; statements: string[] } {
  const database = openDatabase(":memory:");
  const statements: string[] = [];
  const prepare = database.prepare.bind(database);
  database.prepare = (sql: string) => {
    statements.push(sql);
    return prepare(sql);
  };
  return { database, statements };
}

function planOf(database: DatabaseSync, sql: string): readonly string[] {
  const values = Array.from(sql.matchAll(/\?/g), (): SQLInputValue => 1);
  return database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values).map((row) => String(row["detail"]));
}
