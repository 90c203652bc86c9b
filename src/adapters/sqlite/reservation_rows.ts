/**
 * Reservations, as rows.
 */
import type { DatabaseSync } from "node:sqlite";
import type {
  ListedReservation,
  ReservationEndRecord,
  ReservationRecord,
  ReservationsNeeded,
} from "../../central_system/told_record.ts";
import type { Identities } from "./identities.ts";
import { peerText, storedText } from "./peer_text.ts";
import type { Row } from "./rows.ts";

/** Reads and writes reservations by key. */
export class ReservationRows {
  readonly #identities: Identities;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync, identities: Identities) {
    this.#identities = identities;
    this.#statements = prepare(database);
  }

  /** By Charge Point and reservationId. */
  load(needed: readonly ReservationsNeeded[]): Map<string, Map<number, ReservationRecord>> {
    const found = new Map<string, Map<number, ReservationRecord>>();
    for (const { chargePoint, reservationId, heldAtMs } of needed) {
      const id = this.#identities.find(chargePoint);
      if (id === undefined) continue;
      const rows = this.#statements.held.all(id, heldAtMs);
      const latest = reservationId === undefined ? undefined : this.#statements.latest.get(id, reservationId);
      if (latest !== undefined) rows.push(latest);
      if (rows.length === 0) continue;
      const own = found.get(chargePoint) ?? new Map<number, ReservationRecord>();
      found.set(chargePoint, own);
      for (const row of rows) {
        const { id: _, ...record } = reservationOf({ ...row, identity: chargePoint });
        own.set(record.reservationId, record);
      }
    }
    return found;
  }

  one(id: number): ListedReservation | undefined {
    const row = this.#statements.one.get(id);
    return row === undefined ? undefined : reservationOf(row);
  }

  add(record: ReservationRecord): void {
    const { end } = record;
    this.#statements.add.run(
      this.#identities.give(record.chargePoint),
      record.reservationId,
      record.connectorId,
      storedText(record.idTag),
      record.parentIdTag === undefined ? null : storedText(record.parentIdTag),
      record.expiryAtMs,
      record.madeAtMs,
      record.madeBoot,
      record.isDoubtful ? 1 : 0,
      end?.by ?? null,
      end?.atMs ?? null,
      end?.transactionId ?? null,
    );
  }

  /** Ends the latest one with this id. */
  end(chargePoint: string, reservationId: number, { by, atMs, transactionId }: ReservationEndRecord): void {
    const id = this.#identities.give(chargePoint);
    this.#statements.end.run(by, atMs, transactionId ?? null, id, reservationId);
  }
}

/** A reservation, with the identity joined in. */
export function reservationOf(row: Row): ListedReservation {
  const parentIdTag = row["parent_id_tag"] as string | null;
  const by = row["ended_by"] as ReservationEndRecord["by"] | null;
  const transactionId = row["transaction_id"] as number | null;
  return {
    id: row["id"] as number,
    chargePoint: row["identity"] as string,
    reservationId: row["reservation_id"] as number,
    connectorId: row["connector_id"] as number,
    idTag: peerText(row["id_tag"] as string),
    ...(parentIdTag === null ? {} : { parentIdTag: peerText(parentIdTag) }),
    expiryAtMs: row["expiry_at"] as number,
    madeAtMs: row["made_at"] as number,
    madeBoot: row["made_boot"] as number,
    isDoubtful: row["is_doubtful"] !== 0,
    ...(by === null ? {} : {
      end: {
        by,
        atMs: row["ended_at"] as number,
        ...(transactionId === null ? {} : { transactionId }),
      },
    }),
  };
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    held: sql("SELECT * FROM reservations WHERE charge_point = ? AND expiry_at > ? AND ended_by IS NULL"),
    latest: sql(
      "SELECT * FROM reservations WHERE charge_point = ? AND reservation_id = ? ORDER BY id DESC LIMIT 1",
    ),
    one: sql(`
      SELECT reservations.*, identities.identity FROM reservations
      JOIN identities ON identities.id = reservations.charge_point WHERE reservations.id = ?`),
    add: sql(`
      INSERT INTO reservations (charge_point, reservation_id, connector_id, id_tag, parent_id_tag, expiry_at,
        made_at, made_boot, is_doubtful, ended_by, ended_at, transaction_id)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    end: sql(`
      UPDATE reservations SET ended_by = ?, ended_at = ?, transaction_id = ? WHERE id =
        (SELECT id FROM reservations WHERE charge_point = ? AND reservation_id = ? ORDER BY id DESC LIMIT 1)`),
  };
}
