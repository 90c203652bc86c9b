/**
 * The README is the manual: its help texts are those of the program.
 */
import assert from "node:assert/strict";
import { CONDUCT_RULES } from "../../src/central_system/deviation.ts";
import { REPAIR_RULES } from "../../src/ocpp/repair_rule.ts";
import { needs } from "../support/needs.ts";
import { startProgram } from "../support/program.ts";

const needsAll = needs("run", "read");

for (
  const command of [
    "",
    "serve",
    "simulate",
    "test",
    "test central-system",
    "test charge-point",
    "call",
    "local-list",
    "secure",
    "database",
    "certs",
    "demo",
    "completion",
  ]
) {
  Deno.test({
    ...needsAll(`the README has the help of ${`ocpp ${command}`.trim()}`),
    async fn() {
      const readme = await Deno.readTextFile("README.md");
      const begin = `<!-- help: ${command} -->`.replace("  ", " ");
      const block = readme.split(begin)[1]?.split("<!-- /help -->")[0] ?? "";
      await using program = startProgram([...command.split(" ").filter((word) => word !== ""), "--help"]);
      const { stdout } = await program.ended;
      assert.equal(block.trim(), `\`\`\`text\n${stdout.trim()}\n\`\`\``);
    },
  });
}

for (const [name, rules] of [["repairs", REPAIR_RULES], ["conduct", CONDUCT_RULES]] as const) {
  Deno.test({
    ...needs("read")(`the README has every rule of the table: ${name}`),
    async fn() {
      const readme = await Deno.readTextFile("README.md");
      const block = readme.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0] ?? "";
      const rows = block.trim().split("\n").slice(2)
        .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
      assert.deepEqual(rows, rules.map(({ rule, what, done, spec }) => [`\`${rule}\``, what, done, spec]));
    },
  });
}

Deno.test({
  ...needs("read")("the README says that TLS has no static RSA key exchange"),
  async fn() {
    const readme = (await Deno.readTextFile("README.md")).replaceAll(/\s+/g, " ");
    for (const section of ["### TLS at the Central System", "### Security profiles"]) {
      const text = readme.split(section)[1]?.split(" ### ")[0] ?? "";
      assert.match(
        text,
        /1\.2 or 1\.3, without static RSA key exchange, which Deno's TLS does not have/,
        section,
      );
    }
  },
});
