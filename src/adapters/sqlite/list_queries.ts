/**
 * The API's filtered lists. Loaded at the first question, since the query builder is not small.
 *
 * Lists page by key: a cursor is the last key of the page before, so that a page costs the same wherever it
 * stands and rows that come meanwhile shift nothing.
 */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { DummyDriver, Kysely, type SelectQueryBuilder, SqliteAdapter, SqliteIntrospector } from "kysely";
import { SqliteQueryCompiler } from "kysely";
import type { Page, PageWanted, Queries, QueryKind, ReportRecord } from "../../central_system/store.ts";
import { type ChainedTable, type Chains, NO_TRANSACTION } from "./chains.ts";
import type { Identities } from "./identities.ts";
import type { Reader } from "./reader.ts";
import { localListEntryOf } from "./local_list_rows.ts";
import { storedText } from "./peer_text.ts";
import { reservationOf } from "./reservation_rows.ts";
import { frameOf, idTagOf, type Row, transactionOf } from "./rows.ts";

/** The columns that filters name; rows come back whole. */
interface Tables {
  charge_points: { id: number };
  identities: { id: number; identity: string };
  id_tags: { key: string; source: string };
  transactions: {
    transaction_id: number;
    charge_point: number;
    id_tag: string;
    started_at: number;
    closed_by: string | null;
  };
  reports: { id: number; charge_point: number; action: string };
  local_list_entries: { charge_point: number; key: string };
  reservations: { id: number; charge_point: number; expiry_at: number; ended_by: string | null };
  meter_values: {
    id: number;
    previous: number | null;
    charge_point: number;
    guessed_transaction_id: number | null;
  };
  frames: {
    id: number;
    previous: number | null;
    charge_point: number;
    received_at: number;
    action: string;
    outcome: string;
  };
}

/** Builds SQL and runs nothing: statements are run by `node:sqlite`. */
const builder = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** What the lists read from. */
export interface ListSources {
  readonly database: DatabaseSync;
  readonly identities: Identities;
  readonly reader: Reader;
  readonly readingChains: Chains;
  readonly frameChains: Chains;
}

type Lists = {
  [
    Q in Extract<
      QueryKind,
      | "chargePoints"
      | "idTags"
      | "transactions"
      | "localListEntries"
      | "reservations"
      | "meterValues"
      | "frames"
      | "reports"
    >
  ]: (
    sources: ListSources,
    parameters: Queries[Q]["parameters"],
  ) => Queries[Q]["result"];
};

/** Each list by its name in the store's port. */
export const LISTS: Lists = {
  chargePoints({ database, reader }, { limit, cursor }) {
    let query = builder.selectFrom("charge_points")
      .innerJoin("identities", "identities.id", "charge_points.id")
      .select("identities.identity").orderBy("identities.identity").limit(limit + 1);
    if (cursor !== undefined) query = query.where("identities.identity", ">", cursor);
    const identities = all(database, query).map((row) => row["identity"] as string);
    return page({ limit }, identities, (identity) => identity, (identity) => reader.chargePoint(identity)!);
  },

  idTags({ database }, { limit, cursor, source }) {
    let query = builder.selectFrom("id_tags").selectAll().orderBy("key").limit(limit + 1);
    if (source !== undefined) query = query.where("source", "=", source);
    if (cursor !== undefined) query = query.where("key", ">", cursor);
    return page({ limit }, all(database, query), (row) => row["key"], idTagOf);
  },

  transactions({ database, identities }, { limit, cursor, chargePoint, idTag, active, sinceMs }) {
    let query = builder.selectFrom("transactions")
      .innerJoin("identities", "identities.id", "transactions.charge_point")
      .selectAll("transactions").select("identities.identity")
      .orderBy("transactions.transaction_id", "desc").limit(limit + 1);
    if (chargePoint !== undefined) {
      query = query.where("transactions.charge_point", "=", identities.find(chargePoint) ?? -1);
    }
    if (idTag !== undefined) {
      query = query.where(
        (on) => on.fn<string>("lower", ["transactions.id_tag"]),
        "=",
        storedText(idTag.toLowerCase()),
      );
    }
    if (active !== undefined) query = query.where("transactions.closed_by", active ? "is" : "is not", null);
    if (sinceMs !== undefined) query = query.where("transactions.started_at", ">=", sinceMs);
    if (cursor !== undefined) query = query.where("transactions.transaction_id", "<", Number(cursor));
    return page({ limit }, all(database, query), (row) => row["transaction_id"], transactionOf);
  },

  localListEntries({ database, identities }, { limit, cursor, chargePoint }) {
    let query = builder.selectFrom("local_list_entries").selectAll()
      .where("charge_point", "=", identities.find(chargePoint) ?? -1).orderBy("key").limit(limit + 1);
    if (cursor !== undefined) query = query.where("key", ">", cursor);
    return page({ limit }, all(database, query), (row) => row["key"], localListEntryOf);
  },

  reservations({ database, identities }, { limit, cursor, chargePoint, heldAtMs, overAtMs }) {
    let query = builder.selectFrom("reservations")
      .innerJoin("identities", "identities.id", "reservations.charge_point")
      .selectAll("reservations").select("identities.identity")
      .orderBy("reservations.id", "desc").limit(limit + 1);
    if (chargePoint !== undefined) {
      query = query.where("reservations.charge_point", "=", identities.find(chargePoint) ?? -1);
    }
    if (heldAtMs !== undefined) {
      query = query.where("reservations.ended_by", "is", null).where("reservations.expiry_at", ">", heldAtMs);
    }
    if (overAtMs !== undefined) {
      query = query.where((on) =>
        on.or([on("reservations.ended_by", "is not", null), on("reservations.expiry_at", "<=", overAtMs)])
      );
    }
    if (cursor !== undefined) query = query.where("reservations.id", "<", Number(cursor));
    return page({ limit }, all(database, query), (row) => row["id"], reservationOf);
  },

  meterValues({ database, identities, readingChains }, wanted) {
    const { limit, cursor, chargePoint, transactionId, guessed = false } = wanted;
    const identity = identities.find(chargePoint) ?? -1;
    const last = readingChains.last(identity, transactionId);
    let query: AnyQuery = guessed
      ? builder.selectFrom("meter_values").selectAll()
        .where("guessed_transaction_id", "=", transactionId).where("charge_point", "=", identity)
      : chain("meter_values", { identity, last }).selectFrom("chain")
        // A CROSS JOIN, since SQLite never reorders that: with another join it goes through all readings there are.
        .crossJoin("meter_values").whereRef("meter_values.id", "=", "chain.id").selectAll("meter_values");
    query = query.orderBy("meter_values.id").limit(limit + 1);
    if (cursor !== undefined) query = query.where("meter_values.id", ">", Number(cursor));
    return page({ limit }, all(database, query), (row) => row["id"], (row) => ({
      ...(row["transaction_id"] === null ? {} : { transactionId: row["transaction_id"] as number }),
      timestamp: row["timestamp"] as string,
      connectorId: row["connector_id"] as number,
      receivedAtMs: row["received_at"] as number,
      sampledValue: JSON.parse(row["sampled_value"] as string),
    }));
  },

  frames({ database, identities, frameChains }, { limit, cursor, chargePoint, action, outcome, sinceMs }) {
    const identity = identities.find(chargePoint) ?? -1;
    const last = cursor === undefined ? frameChains.last(identity, NO_TRANSACTION) : Number(cursor);
    // No ORDER BY: a chain comes newest first, and sorting would walk all of it for every page. A CROSS JOIN,
    // since SQLite never reorders that; with another join it may go through the frames and look into the chain.
    let query = chain("frames", { identity, last }).selectFrom("chain").crossJoin("frames")
      .whereRef("frames.id", "=", "chain.id").selectAll("frames").limit(limit + 1);
    if (cursor !== undefined) query = query.where("frames.id", "<", Number(cursor));
    if (action !== undefined) query = query.where("frames.action", "=", storedText(action));
    if (outcome !== undefined) query = query.where("frames.outcome", "=", outcome);
    if (sinceMs !== undefined) query = query.where("frames.received_at", ">=", sinceMs);
    return page({ limit }, all(database, query), (row) => row["id"], (row) => frameOf(row, chargePoint));
  },

  reports({ database, identities }, { limit, cursor, chargePoint, action }) {
    let query = builder.selectFrom("reports").selectAll()
      .where("charge_point", "=", identities.find(chargePoint) ?? -1)
      .orderBy("id", "desc").limit(limit + 1);
    if (action !== undefined) query = query.where("action", "=", action);
    if (cursor !== undefined) query = query.where("id", "<", Number(cursor));
    return page({ limit }, all(database, query), (row) => row["id"], (row) => ({
      chargePoint,
      action: row["action"] as ReportRecord["action"],
      payload: JSON.parse(row["payload"] as string),
      receivedAtMs: row["received_at"] as number,
    }));
  },
};

/**
 * The ids of a chain from `last` back to its beginning, or to where older rows were deleted. `last` may be a
 * cursor, which anybody can make up: another Charge Point's row begins no chain.
 */
function chain(table: ChainedTable, { identity, last }: { identity: number; last: number | null }) {
  const rows = table as "frames"; // both have the two columns that count here
  return builder.withRecursive(
    "chain(id, previous)",
    (db) =>
      db.selectFrom(rows).select(["id", "previous"]).where("id", "=", last ?? -1).where(
        "charge_point",
        "=",
        identity,
      )
        .unionAll(
          db.selectFrom("chain").innerJoin(rows, `${rows}.id`, "chain.previous")
            .select([`${rows}.id`, `${rows}.previous`]),
        ),
  );
}

// deno-lint-ignore no-explicit-any -- any selection of any table: only its SQL is wanted
type AnyQuery = SelectQueryBuilder<any, any, any>;

function all(database: DatabaseSync, query: AnyQuery): Row[] {
  const { sql, parameters } = query.compile();
  return database.prepare(sql).all(...parameters as SQLInputValue[]);
}

/** One more row than asked for tells that there is a next page. */
function page<R, T>(
  { limit }: PageWanted,
  rows: readonly R[],
  keyOf: (row: R) => unknown,
  recordOf: (row: R) => T,
): Page<T> {
  const items = rows.slice(0, limit).map(recordOf);
  if (rows.length <= limit) return { items };
  return { items, nextCursor: String(keyOf(rows[limit - 1]!)) };
}
