/**
 * What is known of Local Authorization Lists, as rows.
 */
import type { DatabaseSync } from "node:sqlite";
import type { LocalListChange, LocalListEntry, LocalListRecord } from "../../central_system/told_record.ts";
import type { Identities } from "./identities.ts";
import { peerText, storedText } from "./peer_text.ts";
import type { Row } from "./rows.ts";

/** Reads and writes the head of a list by its Charge Point, and changes its entries. */
export class LocalListRows {
  readonly #identities: Identities;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync, identities: Identities) {
    this.#identities = identities;
    this.#statements = prepare(database);
  }

  read(chargePoint: string): LocalListRecord | undefined {
    const id = this.#identities.find(chargePoint);
    const row = id === undefined ? undefined : this.#statements.read.get(id);
    if (row === undefined) return undefined;
    const { version, confirmed_at: confirmedAtMs, doubtful_version: doubtfulVersion } = row;
    return {
      chargePoint,
      ...(version === null ? {} : { version: version as number }),
      ...(confirmedAtMs === null ? {} : { confirmedAtMs: confirmedAtMs as number }),
      isContentKnown: row["is_content_known"] !== 0,
      ...(doubtfulVersion === null ? {} : { doubtfulVersion: doubtfulVersion as number }),
    };
  }

  put(record: LocalListRecord, change: LocalListChange | undefined): void {
    const id = this.#identities.give(record.chargePoint);
    this.#statements.put.run(
      id,
      record.version ?? null,
      record.confirmedAtMs ?? null,
      record.isContentKnown ? 1 : 0,
      record.doubtfulVersion ?? null,
    );
    if (change === undefined) return;
    if (change.isFull) this.#statements.clear.run(id);
    for (const { key, idTag, idTagInfo } of change.entries) {
      if (idTagInfo === undefined) this.#statements.remove.run(id, storedText(key));
      else this.#statements.set.run(id, storedText(key), storedText(idTag), JSON.stringify(idTagInfo));
    }
  }

  /** Its Charge Point's record is deleted: another device may come by that name. */
  forget(id: number): void {
    this.#statements.clear.run(id);
    this.#statements.forget.run(id);
  }
}

/** An entry of a list. */
export function localListEntryOf(row: Row): LocalListEntry {
  return {
    key: peerText(row["key"] as string),
    idTag: peerText(row["id_tag"] as string),
    idTagInfo: JSON.parse(row["id_tag_info"] as string),
  };
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    read: sql("SELECT * FROM local_lists WHERE charge_point = ?"),
    put: sql(`
      INSERT OR REPLACE INTO local_lists
        (charge_point, version, confirmed_at, is_content_known, doubtful_version)
      VALUES (?, ?, ?, ?, ?)`),
    forget: sql("DELETE FROM local_lists WHERE charge_point = ?"),
    clear: sql("DELETE FROM local_list_entries WHERE charge_point = ?"),
    remove: sql("DELETE FROM local_list_entries WHERE charge_point = ? AND key = ?"),
    set: sql(`
      INSERT OR REPLACE INTO local_list_entries (charge_point, key, id_tag, id_tag_info)
      VALUES (?, ?, ?, ?)`),
  };
}
