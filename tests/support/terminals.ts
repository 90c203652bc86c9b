/**
 * Whether programs can be given a terminal of their own here: `script` of util-linux makes one.
 */

/** Asks by running it, which takes the permission. */
export function hasTerminals(): boolean {
  const mayRun = Deno.permissions.querySync({ name: "run" }).state === "granted";
  if (!mayRun || Deno.build.os !== "linux") return false;
  try {
    return new Deno.Command("script", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}
