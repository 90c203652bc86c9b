/**
 * Reads what belongs into a Charge Point's Local Authorization List, and how far that is from what it has.
 *
 * idTags are read in pages, each in its place among the inputs of the turns: Charge Points are answered in between,
 * and no more of them are held than a list may have.
 */
import { allowedKeys } from "../central_system/authorization.ts";
import { changesOf, listEntryOf, LOCAL_LIST_ENTRIES_MAX } from "../central_system/local_list_plan.ts";
import type { ChargePointRecord, Page, Store } from "../central_system/store.ts";
import type { LocalListEntry } from "../central_system/told_record.ts";
import type { Clock } from "./clock.ts";
import type { TurnLoop } from "./turn.ts";

/** Rows that are read at once. */
const PAGE_ROWS = 1_000;

/** What is read from. */
export interface LocalListSources {
  readonly store: Pick<Store, "query">;
  readonly turns: TurnLoop;
  readonly clock: Clock;
}

/** The entries by lower-case idTag. */
export type WantedList = ReadonlyMap<string, LocalListEntry>;

/** What should be in the list now; `undefined`: more than a list may have. */
export async function wantedList(
  chargePoint: ChargePointRecord,
  { store, turns, clock }: LocalListSources,
): Promise<WantedList | undefined> {
  const terms = { allowed: allowedKeys(chargePoint), nowMs: clock.nowMs() };
  const wanted = new Map<string, LocalListEntry>();
  const pages = pagesOf(
    turns,
    (cursor) => store.query("idTags", { limit: PAGE_ROWS, source: "entered", ...cursor }),
  );
  for await (const records of pages) {
    for (const record of records) {
      const entry = listEntryOf(record, terms);
      if (entry !== undefined) wanted.set(entry.key, entry);
    }
    if (wanted.size > LOCAL_LIST_ENTRIES_MAX) return undefined;
  }
  return wanted;
}

/** What would have to be sent to bring the list from what it is known to be to what is wanted. */
export interface KnownDifference {
  /** Entries that it has. */
  readonly listed: number;
  readonly changes: ReturnType<typeof changesOf>;
}

/** `undefined`: what is in the list is not known, or it is more than one should be. */
export async function differenceFrom(
  wanted: WantedList,
  chargePoint: string,
  { store, turns, clock }: LocalListSources,
): Promise<KnownDifference | undefined> {
  const listed: LocalListEntry[] = [];
  const pages = pagesOf(
    turns,
    (cursor) => store.query("localListEntries", { limit: PAGE_ROWS, chargePoint, ...cursor }),
  );
  for await (const entries of pages) {
    listed.push(...entries);
    if (listed.length > LOCAL_LIST_ENTRIES_MAX) return undefined;
  }
  const record = await store.query("localList", { chargePoint });
  if (record?.isContentKnown !== true) return undefined;
  return { listed: listed.length, changes: changesOf(listed, wanted, clock.nowMs()) };
}

async function* pagesOf<T>(
  turns: TurnLoop,
  read: (cursor: { cursor?: string }) => Page<T> | Promise<Page<T>>,
): AsyncGenerator<readonly T[]> {
  let cursor: string | undefined;
  do {
    await new Promise<void>((resolve) => turns.addStep(resolve));
    const page: Page<T> = await read(cursor === undefined ? {} : { cursor });
    yield page.items;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
