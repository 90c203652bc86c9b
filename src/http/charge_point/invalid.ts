/**
 * A body that breaks its schema, told as a person who wrote it by hand can use it.
 */
import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { issueText } from "../../scenario/issue_text.ts";
import { invalidRequest, problem } from "../shared/problem.ts";

/** What came of validating a part of a request; `data` is what was sent. */
type Validation =
  & { readonly target: string; readonly data?: unknown }
  & ({ readonly success: true } | { readonly success: false; readonly error: z.ZodError });

/** The answer to a request that is not valid, for the hook of a route whose body has this schema. */
export function refuseInvalid(result: Validation, context: Context, schema: z.ZodType) {
  if (result.success) return undefined;
  const { issues } = result.error;
  if (result.target !== "json") return invalidRequest(context, issues);
  const faults = issues.flatMap((issue) =>
    issueText(issue, { schema, value: result.data, root: "the body" })
      .map(({ path, text }) => ({ path: path.join("."), kind: issue.code, message: text }))
  );
  return problem(context, 400, faults[0]?.message ?? "the body does not fit", { faults });
}
