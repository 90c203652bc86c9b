/**
 * The README is the manual: its help texts are those of the program.
 */
import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { startProgram } from "../support/program.ts";

const needsAll = needs("run", "read");

for (const command of ["", "serve", "simulate", "demo"]) {
  Deno.test({
    ...needsAll(`the README has the help of ${`ocpp ${command}`.trim()}`),
    async fn() {
      const readme = await Deno.readTextFile("README.md");
      const begin = `<!-- help: ${command} -->`.replace("  ", " ");
      const block = readme.split(begin)[1]?.split("<!-- /help -->")[0] ?? "";
      await using program = startProgram([...(command === "" ? [] : [command]), "--help"]);
      const { stdout } = await program.ended;
      assert.equal(block.trim(), `\`\`\`text\n${stdout.trim()}\n\`\`\``);
    },
  });
}
