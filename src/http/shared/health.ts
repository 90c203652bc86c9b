/**
 * What a health check answers, of `serve` and of `simulate` alike.
 */
import { z } from "@hono/zod-openapi";

export const Health = z.object({ status: z.literal("ok") }).openapi("Health");
