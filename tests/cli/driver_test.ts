/** Drivers in a process of their own: with a terminal and without, with permissions and without. */
import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { type ProgramOptions, runProgram, startProgram } from "../support/program.ts";
import { hasTerminals } from "../support/terminals.ts";
import { within } from "../support/within.ts";

const processes = needs("run", "read", "write");

const DRIVER: ProgramOptions = { main: "tests/support/driver_program.ts", permissions: [] };

/** On a terminal; without a program that makes one it is ignored. */
const terminal = {
  ...processes("the keys of a real terminal answer, beside a view that makes room"),
  ignore: processes("").ignore || !hasTerminals(),
};

Deno.test({
  ...terminal,
  async fn() {
    await using program = startProgram(["manual"], { ...DRIVER, isOnTerminal: true });
    await program.printed("0 of 2");
    await program.printed("1. switch off the power of the Charge Point\r\n");
    await program.printed(/q: end the run · \d:\d\d left/);
    await program.type("\r");
    await program.printed(/done\r\n[^{]*\{"kind":"done"\}\r\n/);
    await program.printed(/2\. switch on [\s\S]* left/);
    await program.type("cno fuse\r");
    const { code, stdout } = await program.ended;
    assert.match(stdout, /cannot: no fuse\r\n[^{]*\{"kind":"cannot","reason":"no fuse"\}/);
    assert.equal(code, 0);
    assert.deepEqual(stdout.match(/Regular charging session · CP001/g)?.length, 1);
  },
});

Deno.test({
  ...terminal,
  name: terminal.name.replace("answer, beside a view that makes room", "end a run, and time ends a question"),
  async fn() {
    const options = { ...DRIVER, isOnTerminal: true };
    await using quitting = startProgram(["manual"], options);
    await quitting.printed(" left");
    await quitting.type("q");
    const { stdout } = await quitting.ended;
    assert.match(stdout, /\[the run ends\]/);
    assert.equal(stdout.split('"the run was ended at the prompt"').length, 3);
    await using late = startProgram(["manual", "1"], options);
    assert.match((await late.ended).stdout, /"nobody answered the prompt within 1 s"/);
  },
});

Deno.test({
  ...processes("without a terminal --driver manual ends with 2 and one line"),
  async fn() {
    const { code, stdout, stderr } = await runProgram(["manual"], DRIVER);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.equal(
      stderr,
      "ocpp: --driver manual asks a person at a terminal, and there is none; choose --driver command or http\n",
    );
  },
});

Deno.test({
  ...processes("a program that may not be run ends --driver command with 1 and one line"),
  async fn() {
    const { code, stderr } = await runProgram(["command true"], DRIVER);
    assert.equal(code, 1);
    assert.equal(stderr, "ocpp: cannot run true: this program may not run others; it needs --allow-run\n");
  },
});

Deno.test({
  ...processes("a program that is not there ends --driver command with 1 before anything is asked of it"),
  ignore: processes("").ignore || Deno.build.os === "windows",
  async fn() {
    const options = { ...DRIVER, permissions: ["--allow-run", "--allow-read"] };
    const { code, stdout, stderr } = await runProgram(["command ./no/such word"], options);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.equal(stderr, "ocpp: cannot run ./no/such: there is no such program\n");
  },
});

Deno.test({
  ...processes("no command but test keeps the permission to run programs"),
  async fn() {
    const permissions = ["--allow-run", "--allow-env", "--preload=tests/support/tell_run_permission.ts"];
    const told = async (...args: readonly string[]) =>
      /may run others: (\w+)/.exec((await runProgram(args, { permissions })).stdout)?.[1];
    assert.equal(await told("test", "--help"), "granted");
    for (const command of ["serve", "simulate", "certs", "demo"]) {
      assert.equal(await told(command, "--help"), "prompt", command);
    }
  },
});

Deno.test({
  ...processes("the permission to run one program is enough to run it, and to end it when it hangs"),
  ignore: processes("").ignore || Deno.build.os === "windows",
  async fn() {
    const dir = await Deno.makeTempDir();
    try {
      const path = `${dir}/drive.sh`;
      await Deno.writeTextFile(path, `#!/bin/sh\ntest "$3" = powerOff || exec sleep 600\n`, { mode: 0o700 });
      const options = { ...DRIVER, permissions: [`--allow-run=${path}`] };
      const { code, stdout, stderr } = await runProgram([`command ${path}`, "2"], options);
      assert.equal(stderr, "");
      assert.deepEqual(stdout.trim().split("\n").map((line) => JSON.parse(line)), [
        { kind: "done" },
        { kind: "cannot", reason: "the program did not end within 2 s" },
      ]);
      assert.equal(code, 0);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
});

Deno.test({
  ...processes("a program and what it has started end when this one is ended at once"),
  ignore: processes("").ignore || Deno.build.os === "windows",
  async fn() {
    const dir = await Deno.makeTempDir();
    try {
      const path = `${dir}/drive.sh`;
      const script = `#!/bin/sh\nsleep 600 > "${dir}/held" &\ntest "$3" = powerOff || wait\n`;
      await Deno.writeTextFile(path, script, { mode: 0o700 });
      await new Deno.Command("mkfifo", { args: [`${dir}/held`] }).output();
      const options = { ...DRIVER, permissions: ["--allow-run"] };
      await using program = startProgram([`command ${path}`], options);
      await program.printed('{"kind":"done"}'); // the second one hangs
      const { readable } = await within(Deno.open(`${dir}/held`), "what both have started");
      await program.type("x");
      assert.equal((await program.ended).code, 130);
      assert.equal(await within(new Response(readable).text(), "the end of both"), "");
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
});

Deno.test({
  ...processes("without the network --driver http says so"),
  async fn() {
    const { stdout } = await runProgram(["http http://127.0.0.1:9999"], DRIVER);
    assert.match(
      stdout,
      /"cannot reach http:\/\/127.0.0.1:9999: this program may not use the network; it needs --allow-net"/,
    );
  },
});
