/** `--driver`: what may stand behind it. */
import assert from "node:assert/strict";
import { UsageError } from "../../src/cli/exit_code.ts";
import { driverChoice } from "../../src/cli/test/drivers/driver.ts";

const CHOICES: readonly (readonly [words: readonly string[], choice: unknown])[] = [
  [["manual"], { kind: "manual" }],
  [["command", "./drive.sh"], { kind: "command", command: ["./drive.sh"] }],
  [["command ./drive.sh --site 'lab 2'"], { kind: "command", command: ["./drive.sh", "--site", "lab 2"] }],
  [["command", `"C:\\Program Files\\drive.exe" a"b 'c"'d "e' ""`], {
    kind: "command",
    command: ["C:\\Program Files\\drive.exe", "ab 'cd \"e", ""],
  }],
  [["command", "drive $HOME * `x` > y | z; q && r \\ #"], {
    kind: "command",
    command: ["drive", "$HOME", "*", "`x`", ">", "y", "|", "z;", "q", "&&", "r", "\\", "#"],
  }],
  [["command", "sh", '-c \'echo "$2" > "$OUT"\''], {
    kind: "command",
    command: ["sh", "-c", 'echo "$2" > "$OUT"'],
  }],
  [["http", "http://localhost:8080/drive?rig=1"], { kind: "http", url: "http://localhost:8080/drive?rig=1" }],
  [["http https://rig.test"], { kind: "http", url: "https://rig.test/" }],
];

Deno.test("a driver is read from one word or from several; only quotes mean something in a program", () => {
  for (const [words, choice] of CHOICES) assert.deepEqual(driverChoice(words), choice, words.join(" "));
});

const FAULTS: readonly (readonly [words: readonly string[], fault: RegExp])[] = [
  [[], /must be ocpp, manual, command '<program>' or http <url>, not nothing/],
  [["ftp"], /must be ocpp, manual, .* not ftp/],
  [["manual", "now"], /manual has nothing behind it/],
  [["command"], /needs a program/],
  [["command", " '' x"], /needs a program/],
  [["command", "drive 'lab 2"], /a quote that is not closed/],
  [["command", 'drive "lab'], /a quote that is not closed/],
  [["http"], /needs a URL like/],
  [["http", "localhost:80"], /needs a URL like/],
  [["http", "http://user:word@localhost/"], /a token goes into OCPP_DRIVER_TOKEN$/],
];

Deno.test("what is no driver is told in a line that quotes no secret", () => {
  for (const [words, fault] of FAULTS) {
    assert.throws(() => driverChoice(words), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, fault);
      assert.equal(error.message.includes("word@"), false);
      return true;
    });
  }
});
