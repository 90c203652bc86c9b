/** `--driver`: what may stand behind it. */
import assert from "node:assert/strict";
import { UsageError } from "../../src/cli/exit_code.ts";
import { driverChoice } from "../../src/cli/test/drivers/driver_choice.ts";

const CHOICES: readonly (readonly [words: readonly string[], choice: unknown])[] = [
  [["ocpp"], { kind: "ocpp" }],
  [["manual"], { kind: "manual" }],
  [[" manual "], { kind: "manual" }],
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
  [["command", 'sh -c \'echo "$2" > "$OUT"\''], {
    kind: "command",
    command: ["sh", "-c", 'echo "$2" > "$OUT"'],
  }],
  [["http", "http://localhost:8080/drive?rig=1"], { kind: "http", url: "http://localhost:8080/drive?rig=1" }],
  [["http https://rig.test"], { kind: "http", url: "https://rig.test/" }],
];

Deno.test("a driver is read from one word or from two; only quotes mean something in a program", () => {
  for (const [words, driver] of CHOICES) {
    assert.deepEqual(driverChoice(words), { driver, places: [] }, words.join(" "));
  }
});

Deno.test("URLs behind a driver are no words of it", () => {
  for (const [words, driver] of CHOICES) {
    for (const places of [["ws://localhost:9000"], ["wss://a.test", "http://b.test"]]) {
      assert.deepEqual(driverChoice([...words, ...places]), { driver, places }, words.join(" "));
    }
  }
});

const FAULTS: readonly (readonly [words: readonly string[], fault: RegExp])[] = [
  [[], /must be ocpp, manual, command '<program>' or http <url>, not nothing$/],
  [["ftp"], /must be ocpp, manual, .* not ftp/],
  [["comand", "./x"], /not comand, did you mean command\?$/],
  [["./drive.sh"], /not \.\/drive\.sh, did you mean --driver command \.\/drive\.sh\?$/],
  [["http://user:word@localhost/"], /not a URL, did you mean --driver http <url>\?$/],
  [["manual now"], /manual takes no further word$/],
  [["manual", "now"], /manual takes no further word, and now is no URL$/],
  [["ocpp", "serve"], /ocpp takes no further word, and serve is no URL$/],
  [["command"], /needs a program/],
  [["command", " '' x"], /needs a program/],
  [["command", "ws://localhost:9000"], /needs a program/],
  [
    ["command", "./drive.sh", "fast", "ws://localhost:9000"],
    /fast is one too many: quotes keep .*, --driver command "\.\/drive\.sh fast"$/,
  ],
  [["command", "drive 'lab 2"], /a quote that is not closed/],
  [["command", 'drive "lab'], /a quote that is not closed/],
  [["http"], /needs a URL like/],
  [["http", "localhost:80"], /needs a URL like/],
  [["http", "ws://localhost:80"], /needs a URL like/],
  [["http", "http://localhost/", "fast"], /takes one URL, and fast is one word too many/],
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
