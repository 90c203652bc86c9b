/**
 * Keeps the arrows of the house: which folder imports which, what pure folders may not touch, and the habits that
 * a reader relies on. It reads the sources as text.
 */
import assert from "node:assert/strict";
import { needs } from "./support/needs.ts";

/** What the files of a folder may import: folders or single files of `src`, and packages. */
interface Row {
  readonly folders: readonly string[];
  /** Single files, each for the reason beside it. */
  readonly files?: readonly string[];
  readonly packages: readonly string[];
  readonly isPure?: boolean;
}

const PORTS = [
  ...["runtime/clock.ts", "runtime/transport.ts", "runtime/listener.ts"],
  ...["runtime/file_transfer.ts", "runtime/cryptography.ts", "runtime/state_store.ts"],
  ...["runtime/password_hasher.ts", "runtime/file_store.ts"],
  "runtime/certificate_authority.ts",
  ...["runtime/tester_link.ts", "runtime/test_operator.ts", "runtime/test_bench.ts"],
];

const TABLE: Readonly<Record<string, Row>> = {
  ocpp: { folders: [], packages: ["zod"], isPure: true },
  rpc: { folders: ["ocpp"], packages: [], isPure: true },
  charge_point: { folders: ["ocpp", "rpc"], packages: [], isPure: true },
  central_system: { folders: ["ocpp", "rpc"], packages: [], isPure: true },
  conformance: { folders: ["ocpp", "rpc"], packages: [], isPure: true },
  scenario: { folders: ["ocpp", "rpc", "charge_point"], packages: ["zod", "yaml"], isPure: true },
  report: { folders: [], packages: [], isPure: true },
  runtime: {
    folders: ["ocpp", "rpc", "charge_point", "central_system", "conformance", "scenario", "report"],
    packages: ["@logtape/logtape"],
  },
  adapters: {
    folders: ["ocpp"],
    files: [
      ...PORTS,
      "central_system/store.ts",
      "central_system/told_record.ts", // rows too
      "central_system/transaction_record.ts",
      "runtime/subprotocol.ts", // the name that a client offers
      "runtime/request_path.ts", // what a path may not hold
      ...["conformance/operator_action.ts", "conformance/bench.ts"], // what cases ask for
    ],
    packages: [
      ...["ws", "kysely", "node:sqlite", "node:crypto", "node:http", "node:net", "@logtape/logtape"],
      ...["@peculiar/x509", "reflect-metadata", "basic-ftp", "node:stream", "node:https", "node:tls"],
    ],
  },
  http: {
    folders: ["runtime", "central_system", "charge_point", "scenario", "ocpp"],
    packages: ["hono", "@hono/zod-openapi", "zod", "@logtape/logtape", "node:crypto"],
  },
  dashboard: { folders: [], packages: ["preact", "uplot"] },
  cli: {
    folders: [
      ...["ocpp", "rpc", "charge_point", "central_system", "conformance", "scenario", "report"],
      ...["runtime", "adapters", "http", "dashboard"],
    ],
    packages: [
      ...["commander", "@commander-js/extra-typings", "@logtape/logtape", "@logtape/pretty", "node:timers"],
      "node:process",
    ],
  },
};

/** What makes a function give another answer for the same arguments, or reach outside. */
const WORLD = [
  ...[/\bDeno\b/, /\bprocess\b/, /\bfetch\s*\(/, /\bWebSocket\b(?!\w)\s*\(/, /\bcrypto\b/],
  ...[/\bset(Timeout|Interval|Immediate)\b/, /\bqueueMicrotask\b/, /\bMath\.random\b/],
  ...[/\bDate\.now\b/, /\bnew Date\(\s*\)/, /\bperformance\b/, /\bconsole\b/],
];

/** Pure folders are synchronous. */
const ASYNCHRONY = [/\basync\b/, /\bawait\b/, /\bnew Promise\b/, /\bPromise\./];

const LINES_MAX = 400;

/** A source file. `code` is its text without comments and without what stands in quotes. */
interface Source {
  /** Below `src`, e.g. `ocpp/frame.ts`. */
  readonly path: string;
  readonly text: string;
  readonly code: string;
  readonly imports: readonly Import[];
}

interface Import {
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

const SRC = new URL("../src/", import.meta.url);
const reading = needs("read");
let sources: readonly Source[] | undefined;

/** Every TypeScript file below `src`, read once. */
function allSources(): readonly Source[] {
  return sources ??= [...pathsIn("")].sort().map(sourceOf);
}

function* pathsIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, SRC))) {
    if (isDirectory) yield* pathsIn(`${folder}${name}/`);
    else if (/\.tsx?$/.test(name)) yield `${folder}${name}`;
  }
}

function sourceOf(path: string): Source {
  const text = Deno.readTextFileSync(new URL(path, SRC));
  return { path, text, code: withoutProse(text), imports: importsOf(text) };
}

/** Takes out comments and what stands in quotes; what `${…}` holds in a template counts as quoted. */
function withoutProse(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`/g,
    (prose) => prose.startsWith("/") ? "" : prose.startsWith("`") ? "``" : '""',
  );
}

function importsOf(text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/[^\n]*/gm, "");
  const statements = code.matchAll(/^(import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm);
  const found = [...statements].map(([, , type, specifier]) => (
    { specifier: specifier!, isTypeOnly: type !== undefined }
  ));
  for (const [, specifier] of code.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g)) {
    found.push({ specifier: specifier!, isTypeOnly: false });
  }
  return found;
}

/** Where a relative import leads, below `src`. */
function targetOf(path: string, specifier: string): string {
  return new URL(specifier, new URL(path, SRC)).href.slice(SRC.href.length);
}

function folderOf(path: string): string {
  return path.split("/")[0]!;
}

/** The package of a specifier, e.g. `hono/utils` → `hono`. */
function packageOf(specifier: string): string {
  return specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

function mayImport(path: string, specifier: string): boolean {
  const row = TABLE[folderOf(path)];
  if (row === undefined) return false;
  if (!specifier.startsWith(".")) return row.packages.includes(packageOf(specifier));
  const target = targetOf(path, specifier);
  const folder = folderOf(target);
  return folder === folderOf(path) || row.folders.includes(folder) || row.files?.includes(target) === true;
}

function test(name: string, violationsOf: () => readonly string[]): void {
  Deno.test({
    ...reading(name),
    fn() {
      assert.ok(allSources().length > 50, "the sources were not found");
      assert.deepEqual(violationsOf(), []);
    },
  });
}

test("style §2: every folder imports only what its row of the table allows", () =>
  allSources().flatMap(({ path, imports }) =>
    imports.filter(({ specifier }) => !mayImport(path, specifier))
      .map(({ specifier }) => `${path} imports ${specifier}`)
  ));

test("style §2: pure folders reach nothing outside, and are synchronous", () =>
  allSources().filter(({ path }) => TABLE[folderOf(path)]?.isPure).flatMap(({ path, code }) =>
    [...WORLD, ...ASYNCHRONY].filter((pattern) => pattern.test(code)).map((pattern) => `${path}: ${pattern}`)
  ));

test("style §2: runtime reaches the world through its ports only", () =>
  allSources().filter(({ path }) => folderOf(path) === "runtime").flatMap(({ path, code }) =>
    WORLD.filter((pattern) => pattern.test(code)).map((pattern) => `${path}: ${pattern}`)
  ));

test("style §1: no file is longer than 400 lines", () =>
  allSources().map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > LINES_MAX).map(({ path, lines }) => `${path}: ${lines} lines`));

test("style §1: files import each other directly: nothing is passed on", () =>
  allSources().filter(({ text }) => /^export\s+(type\s+)?(\*|\{[^}]*\}\s+from\b)/m.test(text))
    .map(({ path }) => path));

test("exports have names", () =>
  allSources().filter(({ code }) => /^export default\b/m.test(code)).map(({ path }) => path));

test("design §2: import specifiers are literals, so that deno compile sees everything", () =>
  allSources().filter(({ code }) => /\bimport\((?!\s*""\s*\))/.test(code)).map(({ path }) => path));

test("no file imports itself by way of others", () => {
  const graph = new Map(
    allSources().map(({ path, imports }) => [
      path,
      imports.filter(({ specifier, isTypeOnly }) => specifier.startsWith(".") && !isTypeOnly)
        .map(({ specifier }) => targetOf(path, specifier)),
    ]),
  );
  return cyclesIn(graph);
});

/** Every cycle that a depth-first walk closes, as `a → b → a`. */
function cyclesIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    const from = way.indexOf(path);
    if (from >= 0) cycles.push([...way.slice(from), path].join(" → "));
    if (from >= 0 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}

Deno.test("the reader of sources sees imports of every form, and no prose", () => {
  const text = [
    'import { a } from "./a.ts";',
    'import type { B } from "../ocpp/b.ts";',
    "import {",
    "  c,",
    '} from "zod";',
    'import "./d.ts";',
    'const e = await import("./e.ts");',
    '// import { f } from "./f.ts";',
    '/** `Deno` and import("./g.ts") */ const h = "Deno.exit";',
  ].join("\n");
  assert.deepEqual(importsOf(text).map(({ specifier }) => specifier), [
    ...["./a.ts", "../ocpp/b.ts", "zod", "./d.ts", "./e.ts"],
  ]);
  assert.equal(withoutProse(text).includes("Deno"), false);
  assert.equal(withoutProse("import(`./${name}.ts`)"), "import(``)");
  assert.deepEqual(cyclesIn(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]]])), ["b → c → b"]);
});
