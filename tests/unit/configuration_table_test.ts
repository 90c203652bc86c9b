/**
 * The README's table of configuration keys is made from the keys themselves and from what is said to prove them.
 *
 * `UPDATE_README=1 deno test -A tests/unit/configuration_table_test.ts` writes it.
 */
import assert from "node:assert/strict";
import {
  factoryConfiguration,
  hasKey,
  isReadOnly,
} from "../../src/charge_point/configuration/configuration.ts";
import { STANDARD } from "../../src/charge_point/description.ts";
import {
  CONFIGURATION_KEY_NAMES,
  CONFIGURATION_KEYS,
  type ConfigurationKey,
} from "../../src/ocpp/configuration_key.ts";
import { hasTest, proofOf, PROVED_KEYS } from "../support/configuration_key_proofs.ts";
import { needs } from "../support/needs.ts";

const BEGIN = "<!-- configuration -->";
const END = "<!-- /configuration -->";

function tableLines(): string[] {
  return [
    "| key | type | access | default | what it changes | proved by |",
    "| --- | --- | --- | --- | --- | --- |",
    ...CONFIGURATION_KEY_NAMES.map((key) => {
      const { does, file, test } = proofOf(key);
      const { type, unit } = CONFIGURATION_KEYS[key];
      const value = factoryConfiguration(STANDARD)[key];
      const cells = [
        `\`${key}\``,
        unit === undefined ? type : `${type}, ${unit}`,
        accessOf(key),
        value === undefined || value === "" ? "–" : `\`${value.replaceAll(",", ", ")}\``,
        does,
        `[${test}](tests/${file})`,
      ];
      return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    }),
  ];
}

function accessOf(key: ConfigurationKey): string {
  if (CONFIGURATION_KEYS[key].access === "W") return "W";
  return isReadOnly(STANDARD, key) ? "R" : "RW";
}

/** The cells of a table, whatever the formatter made of their widths. */
function cellsOf(lines: readonly string[]): string[][] {
  return lines.filter((line) => line.startsWith("|") && !/^\|[\s|-]+$/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim()));
}

Deno.test({
  ...needs("read")("the README's table of configuration keys is up to date"),
  async fn() {
    const readme = await Deno.readTextFile("README.md");
    const [before, after] = [readme.indexOf(BEGIN), readme.indexOf(END)];
    assert.ok(before >= 0 && after > before, "the README has no place for the table");
    if (updates()) {
      const head = readme.slice(0, before + BEGIN.length);
      await Deno.writeTextFile(
        "README.md",
        `${head}\n\n${tableLines().join("\n")}\n\n${readme.slice(after)}`,
      );
      return;
    }
    const shown = readme.slice(before + BEGIN.length, after).split("\n");
    assert.deepEqual(cellsOf(shown), cellsOf(tableLines()));
  },
});

function updates(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "UPDATE_README" });
  return state === "granted" && Deno.env.get("UPDATE_README") === "1";
}

Deno.test("every standard configuration key has its row, and a Charge Point that knows all has it", () => {
  assert.deepEqual([...PROVED_KEYS].sort(), [...CONFIGURATION_KEY_NAMES].sort());
  for (const key of CONFIGURATION_KEY_NAMES) assert.ok(hasKey(STANDARD, key), key);
});

Deno.test({
  ...needs("read")("every test that is said to prove a key is there"),
  async fn() {
    const missing: string[] = [];
    for (const key of CONFIGURATION_KEY_NAMES) {
      const { file, test } = proofOf(key);
      const source = await Deno.readTextFile(`tests/${file}`).catch(() => "");
      if (!hasTest(source, test)) missing.push(`${key}: ${file}: ${test}`);
    }
    assert.deepEqual(missing, []);
  },
});

Deno.test("hasTest: a name that nobody has is not found, one that is put together is", () => {
  const source =
    'Deno.test("plain name", fn);\nconst ROWS = ["that row"];\nDeno.test(`§1 ${what} is ${status({ a: 1 })}`, fn);';
  assert.equal(hasTest(source, "plain name"), true);
  assert.equal(hasTest(source, "plain"), false);
  assert.equal(hasTest(source, "§1 that row is good"), true);
  assert.equal(hasTest(source, "§1 another row is good"), false);
});
