/**
 * Whole lists as newline-delimited JSON: an item a line, page after page, as fast as the reader reads.
 *
 * Only one page is in memory. A reader that goes ends it; one that takes nothing for `EXPORT_IDLE_MS` is cut off,
 * and so is everybody when the program ends: what is cut off does not look whole.
 */
import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { z } from "@hono/zod-openapi";
import type { MaybePromise, Page, PageWanted } from "../../central_system/store.ts";
import { jsonResponse } from "./json_response.ts";
import { pageOf } from "./paging.ts";
import { problem } from "./problem.ts";

/** What such a list is called in `Accept` and `Content-Type`. */
export const NDJSON = "application/x-ndjson";

/** Exports that run at once. */
export const EXPORTS_MAX = 10;

/** Items that are read from the database at once. */
export const EXPORT_PAGE = 100;

/** How long a reader may take nothing. */
export const EXPORT_IDLE_MS = 60_000;

/** The exports of one API that are running. */
export class ExportStreams {
  readonly #cuts = new Set<(why: string) => void>();
  #isClosed = false;

  /** A stream of what `next` gives until it gives `undefined`; none when there are too many. */
  open(next: () => Promise<string | undefined>): ReadableStream<Uint8Array> | undefined {
    if (this.#isClosed || this.#cuts.size >= EXPORTS_MAX) return undefined;
    const encoder = new TextEncoder();
    let idle: ReturnType<typeof setTimeout> | undefined;
    let cut = (_why: string) => {};
    const over = () => {
      clearTimeout(idle);
      this.#cuts.delete(cut);
    };
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        cut = (why) => {
          over();
          controller.error(new Error(why));
        };
        this.#cuts.add(cut);
        idle = setTimeout(() => cut("the reader reads nothing"), EXPORT_IDLE_MS);
      },
      pull: async (controller) => {
        clearTimeout(idle);
        let text: string | undefined;
        try {
          text = await next();
        } catch (error) {
          over();
          throw error;
        }
        if (!this.#cuts.has(cut)) return; // cut off, or the reader has gone meanwhile
        if (text === undefined) {
          over();
          return controller.close();
        }
        controller.enqueue(encoder.encode(text));
        idle = setTimeout(() => cut("the reader reads nothing"), EXPORT_IDLE_MS);
      },
      cancel: over,
    }, { highWaterMark: 0 });
  }

  /** Cuts all of them off, and allows no more. */
  close(): void {
    this.#isClosed = true;
    for (const cut of [...this.#cuts]) cut("the program ends");
  }
}

/** How a list declares that it comes as a page or, where that is asked for, whole. */
export function listResponse<T extends z.ZodType>(item: T) {
  const { description, content } = jsonResponse(
    pageOf(item),
    `a page; as ${NDJSON} all of it, an item a line`,
  );
  return { description, content: { ...content, [NDJSON]: { schema: item } } };
}

/** Whether a whole list is asked for. */
export function wantsExport(context: Context): boolean {
  const supports = ["application/json", NDJSON];
  return accepts(context, { header: "Accept", supports, default: "application/json" }) === NDJSON;
}

/** Answers with a whole list. The first page is read before anything is answered: a failure has its status. */
export async function exportList<T>(
  context: Context,
  { exports, page, view }: {
    exports: ExportStreams;
    page: (wanted: PageWanted) => MaybePromise<Page<T>>;
    view: (item: T) => unknown;
  },
) {
  const read = async (wanted: PageWanted) => {
    const { items, nextCursor } = await page(wanted);
    return { nextCursor, text: items.map((item) => `${JSON.stringify(view(item))}\n`).join("") };
  };
  let ahead: Awaited<ReturnType<typeof read>> | undefined = await read({ limit: EXPORT_PAGE });
  let cursor: string | undefined;
  const body = exports.open(async () => {
    if (ahead === undefined && cursor === undefined) return undefined;
    const { text, nextCursor } = ahead ?? await read({ limit: EXPORT_PAGE, cursor: cursor! });
    ahead = undefined;
    cursor = nextCursor;
    return text === "" ? undefined : text;
  });
  if (body === undefined) {
    return problem(context, 429, `${EXPORTS_MAX} exports are the most at once`, { reason: "tooManyExports" });
  }
  return context.body(body, 200, { "content-type": NDJSON, "cache-control": "no-store" }) as never;
}
