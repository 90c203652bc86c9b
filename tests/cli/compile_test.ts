/**
 * `deno task compile`: everything that the program imports is in the executable.
 *
 * `deno compile` puts the program behind `denort`, which it downloads. Where that cannot be reached the linking
 * is still checked, with the Deno executable itself in denort's place; such a file links but does not start.
 */
import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";

const needsAll = needs("run", "read", "write", "env");

/** The flags of the task, without where its output goes. */
async function compileArgs(output: string): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  const words: string[] = tasks.compile.command.replaceAll("'", "").split(" ");
  assert.deepEqual(words.slice(0, 2), ["deno", "compile"]);
  const args = words.slice(1);
  args[args.indexOf("--output") + 1] = output;
  return args;
}

async function compile(env: Record<string, string>): Promise<{ path: string; ok: boolean; text: string }> {
  const path = `${await Deno.makeTempDir({ prefix: "ocpp-compile-" })}/ocpp`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: await compileArgs(path),
    env: { ...env, NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  return { path, ok: success, text: new TextDecoder().decode(stderr) };
}

async function sourceFiles(folder = "src"): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) files.push(...await sourceFiles(path));
    else if (!name.endsWith(".md")) files.push(path);
  }
  return files;
}

/** Nobody imports such a file at run time. */
function isOnlyTypes(file: string, text: string): boolean {
  return file.endsWith(".ts") && !/^export (const|function|async|class|abstract)/m.test(text);
}

/** A line of a file that stands in no other: its first line of comment, or description, that is long enough. */
function telltale(text: string): string {
  const line = text.split("\n").find((one) => /^( \*|\/\*\*|--| *"description":) .{30,}/.test(one));
  assert.ok(line !== undefined, `a file begins by saying what it is: ${text.slice(0, 80)}`);
  return line;
}

Deno.test({
  ...needsAll("compile links every module and migration into the executable (Linux)"),
  ignore: needsAll("").ignore || Deno.build.os !== "linux",
  async fn() {
    const { path, ok, text } = await compile({ DENORT_BIN: Deno.execPath() });
    assert.ok(ok, text);
    const executable = new TextDecoder("latin1").decode(await Deno.readFile(path));
    for (const file of await sourceFiles()) {
      const text = await Deno.readTextFile(file);
      if (isOnlyTypes(file, text)) continue;
      const wanted = telltale(text);
      const bytes = new TextDecoder("latin1").decode(new TextEncoder().encode(wanted));
      assert.ok(executable.includes(bytes), `${file} is not in the executable`);
    }
    await Deno.remove(path);
  },
});

/** Whether the real denort is in the cache or can be had; asking costs a compile, so it is asked once. */
const real = needsAll("").ignore ? undefined : await compile({});
const reason = real?.ok ? "" : " (needs denort, which cannot be downloaded here)";

Deno.test({
  name: `the executable says its version${needsAll("").ignore ? "" : reason}`,
  ignore: real === undefined || !real.ok,
  async fn() {
    const { path } = real!;
    const { stdout } = await new Deno.Command(path, { args: ["--version"] }).output();
    const { version } = JSON.parse(await Deno.readTextFile("deno.json"));
    assert.equal(new TextDecoder().decode(stdout).trim(), version);
    await Deno.remove(path);
  },
});
