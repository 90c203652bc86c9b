/**
 * Tests that need a permission are ignored without it, and their name says what is missing.
 */

/** What a test may need; `deno test` without flags grants nothing. */
export type Need = "net" | "read" | "write" | "env" | "run" | "sys";

/**
 * To be spread into a test's definition, its name included:
 * `Deno.test({ ...needs("net")("an upgrade is answered"), fn() { … } })`.
 */
export function needs(...permissions: readonly Need[]): (name: string) => { name: string; ignore: boolean } {
  const missing = permissions.filter((name) => Deno.permissions.querySync({ name }).state !== "granted");
  return (name) => ({
    name: missing.length === 0 ? name : `${name} (needs ${missing.map((one) => `--allow-${one}`).join(" ")})`,
    ignore: missing.length > 0,
  });
}
