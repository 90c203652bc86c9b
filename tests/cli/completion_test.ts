/**
 * `ocpp completion`: the scripts in the shells that they are for.
 */
import assert from "node:assert/strict";
import { CALL_ACTIONS } from "../../src/cli/call/action_guide.ts";
import { SHELLS } from "../../src/cli/completion/command.ts";
import { completionScript } from "../../src/cli/completion/script.ts";
import { createProgram } from "../../src/cli/program.ts";
import { needs } from "../support/needs.ts";
import { within } from "../support/within.ts";

const program = createProgram({ version: "0.0.0-test", finish: () => {} });
const COMMANDS = ["call", "completion", "database", "demo", "help", "serve", "simulate"];

/** What is typed, and what is offered: all of it, or some. */
const LINES: readonly {
  readonly typed: string;
  readonly all?: readonly string[];
  readonly some?: readonly string[];
}[] = [
  { typed: "ocpp ", some: COMMANDS },
  { typed: "ocpp serv", all: ["serve"] },
  { typed: "ocpp serve --reg", all: ["--registration"] },
  { typed: "ocpp serve --registration ", all: ["closed", "open"] },
  { typed: "ocpp serve --port 9001 --validation st", all: ["strict"] },
  { typed: "ocpp call CP1 ", some: CALL_ACTIONS },
  {
    typed: "ocpp call CP1 Res",
    all: ["Reserve", "Reset"].map((one) => one === "Reserve" ? "ReserveNow" : one),
  },
  { typed: "ocpp call --server http://cs:9000 CP1 Reset ", all: ["type=Hard", "type=Soft"] },
  { typed: "ocpp call CP1 ReserveNow reservationId=1 expiry", all: ["expiryDate="] },
  {
    typed: "ocpp call CP1 SetChargingProfile csChargingProfiles.chargingSchedule.chargingRateUnit=",
    all: [
      "csChargingProfiles.chargingSchedule.chargingRateUnit=A",
      "csChargingProfiles.chargingSchedule.chargingRateUnit=W",
    ],
  },
  { typed: "ocpp completion f", all: ["fish"] },
  { typed: "ocpp database ", all: ["backup", "check", "vacuum"] },
  { typed: "ocpp help sim", all: ["simulate"] },
];

function has(shell: string): boolean {
  if (Deno.permissions.querySync({ name: "run" }).state !== "granted") return false;
  try {
    return new Deno.Command(shell, { args: ["-c", "exit 0"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/** A test that is ignored, and says so, where there is no such shell. */
function inShell(shell: string, name: string) {
  const test = needs("run")(`completion, ${shell}: ${name}`);
  const isThere = has(shell);
  return {
    name: isThere || test.ignore ? test.name : `${test.name} (needs ${shell})`,
    ignore: test.ignore || !isThere,
  };
}

async function run(command: string, args: readonly string[], input: string): Promise<string> {
  const child = new Deno.Command(command, {
    args: [...args],
    ...{ stdin: "piped", stdout: "piped", stderr: "piped" } as const,
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { stdout, stderr } = await within(child.output(), `${command} ${args.join(" ")}`);
  assert.equal(new TextDecoder().decode(stderr), "", command);
  return new TextDecoder().decode(stdout);
}

function assertOffered({ typed, all, some = [] }: typeof LINES[number], offered: readonly string[]): void {
  const words = [...new Set(offered)].sort();
  if (all !== undefined) assert.deepEqual(words, [...all].sort(), typed);
  for (const word of some) assert.ok(words.includes(word), `${typed}: ${word} among ${words}`);
}

Deno.test({
  ...inShell("bash", "commands, options, choices, Actions and fields"),
  async fn() {
    for (const breaks of ["=", ""]) {
      for (const line of LINES) {
        // As readline calls it; with `=` among the breaks, only what comes behind it is replaced.
        const script = `${completionScript("bash", program)}
COMP_WORDBREAKS=$' \\t\\n${breaks}'; COMP_LINE='${line.typed}'; COMP_POINT=\${#COMP_LINE}
_ocpp 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`;
        const offered = (await run("bash", ["--norc", "--noprofile"], script)).trim().split("\n");
        const word = line.typed.split(" ").at(-1)!;
        const before = breaks === "=" && word.includes("=") ? word.slice(0, word.lastIndexOf("=") + 1) : "";
        assertOffered(line, offered.map((one) => `${before}${one}`));
      }
    }
  },
});

Deno.test({
  ...inShell("fish", "commands, options, choices, Actions and fields"),
  async fn() {
    for (const line of LINES) {
      const script = `${completionScript("fish", program)}\ncomplete -C '${line.typed}'\n`;
      const offered = await run("fish", ["--no-config"], script);
      assertOffered(line, offered.trim().split("\n").map((one) => one.split("\t")[0]!));
    }
  },
});

Deno.test({
  ...inShell("zsh", "commands, options, choices, Actions and fields"),
  async fn() {
    for (const line of LINES) {
      // What would be offered is written down where zsh would have listed it.
      const script = `compdef() { : }
${completionScript("zsh", program)}
typeset -a offered
compadd() {
  local -a given; local -a opts
  zparseopts -D -a opts S: a=isArray x: X: J: V: d: l o+: M: F: E: O: A: D: U Q f: n q r: R: 1 2 W: p: P: s: i: I: e
  [[ $1 == -- || $1 == - ]] && shift
  if (( $#isArray )); then for name in $@; do given+=(\${(P)name}); done; else given=("$@"); fi
  offered+=(\${(M)given:#\${words[CURRENT]}*})
}
_describe() { local name=\${@[-1]} one; for one in \${(P)name}; do compadd -- "\${one%%:*}"; done }
_message() { : }
words=(\${(s: :)$(print -r -- '${line.typed}')}); [[ '${line.typed}' == *' ' ]] && words+=('')
CURRENT=$#words
_ocpp
print -rl -- $offered
`;
      assertOffered(line, (await run("zsh", ["-f"], script)).trim().split("\n"));
    }
  },
});

Deno.test("completion: every option of every command is in every script", () => {
  for (const shell of SHELLS) {
    const script = completionScript(shell, program);
    for (const command of program.commands) {
      for (const { long } of command.options) {
        assert.ok(script.includes(shell === "fish" ? `-l ${long!.slice(2)} ` : long!), `${shell}: ${long}`);
      }
    }
    for (const action of CALL_ACTIONS) assert.ok(script.includes(action), `${shell}: ${action}`);
  }
});
