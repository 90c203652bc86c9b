/**
 * Identities as the short numbers under which the growing tables know them.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Numbers kept in memory; beyond this they are looked up again. */
export const IDENTITIES_CACHED_MAX = 100_000;

/** Looks numbers up and gives new ones inside the transaction that needs them. */
export class Identities {
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #numbers = new Map<string, number>();

  constructor(database: DatabaseSync) {
    this.#select = database.prepare("SELECT id FROM identities WHERE identity = ?");
    this.#insert = database.prepare("INSERT INTO identities (identity) VALUES (?)");
  }

  /** The number, if this identity ever had one. */
  find(identity: string): number | undefined {
    const cached = this.#numbers.get(identity);
    if (cached !== undefined) return cached;
    const id = this.#select.get(identity)?.["id"] as number | undefined;
    if (id !== undefined) this.#keep(identity, id);
    return id;
  }

  /** The number, given now if there is none. */
  give(identity: string): number {
    const known = this.find(identity);
    if (known !== undefined) return known;
    const id = Number(this.#insert.run(identity).lastInsertRowid);
    this.#keep(identity, id);
    return id;
  }

  /** After a rollback numbers given in it are void. */
  forgetAll(): void {
    this.#numbers.clear();
  }

  #keep(identity: string, id: number): void {
    if (this.#numbers.size >= IDENTITIES_CACHED_MAX) this.#numbers.clear();
    this.#numbers.set(identity, id);
  }
}
