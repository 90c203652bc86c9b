/**
 * Lists of the API: `?limit=&cursor=` in, `{ items, nextCursor }` out.
 */
import { z } from "@hono/zod-openapi";

/** Items of a page when nobody says how many. */
export const PAGE_LIMIT_DEFAULT = 100;

/** The most items of one page. */
export const PAGE_LIMIT_MAX = 1_000;

const LIMIT_RANGE = { error: `it is a whole number from 1 to ${PAGE_LIMIT_MAX}` };

/** The two parameters of every list. */
export const pageParameters = {
  limit: z.coerce.number(LIMIT_RANGE).int(LIMIT_RANGE).min(1, LIMIT_RANGE).max(PAGE_LIMIT_MAX, LIMIT_RANGE)
    .default(PAGE_LIMIT_DEFAULT),
  cursor: z.string().max(300).optional().openapi({ description: "`nextCursor` of the page before" }),
};

/** A cursor where the key is a number. */
export const numericCursor = z.string().regex(/^\d{1,16}$/).optional();

/** A page of `item`. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() });

/** Parameters that were given, without those that were not. */
export function given<T extends object>(parameters: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined)) as never;
}
