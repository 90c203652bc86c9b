/**
 * How routes declare an answer in JSON.
 */
import type { z } from "@hono/zod-openapi";

/** An answer of this shape. */
export const jsonResponse = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});
