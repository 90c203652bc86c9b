/**
 * No secret is printed or logged by `ocpp serve`, in any format and at the most talkative level, nor left in its file.
 *
 * Spec: Security §A.
 */
import assert from "node:assert/strict";
import { Canaries, playCanaries } from "../support/canaries.ts";
import { filesIn } from "../support/files_in.ts";
import { needs } from "../support/needs.ts";
import { startProgram } from "../support/program.ts";
import { SocketClient } from "../support/socket_client.ts";
import { within } from "../support/within.ts";

const program = needs("net", "read", "write", "run", "env");

const RUNS: readonly (readonly string[])[] = [
  ["--listener", "native", "--log-format", "json"],
  ["--listener", "hardened", "--log-format", "pretty", "--json"],
];

for (const args of RUNS) {
  Deno.test({
    ...program(`secrets: serve ${args.join(" ")} prints, logs and keeps no canary`),
    async fn() {
      const directory = await Deno.makeTempDir({ prefix: "ocpp-secrets-" });
      const canaries = new Canaries();
      const token = canaries.at("the token of the API");
      try {
        await using serve = startProgram([
          ...["serve", "--host", "127.0.0.1", "--port", "0", "--database", `${directory}/ocpp.db`],
          ...["--log-level", "trace", ...args],
        ], {
          permissions: ["--allow-net", "--allow-read", "--allow-write", "--allow-env"],
          env: { OCPP_API_TOKEN: token },
        });
        await serve.printed(/ws:\/\/127\.0\.0\.1:\d+/);
        const port = Number(serve.stdout().match(/ws:\/\/127\.0\.0\.1:(\d+)/)![1]);
        const chargePoint = await SocketClient.open(`ws://127.0.0.1:${port}/CP1`);
        await chargePoint.boot();
        const ask = async (path: string, init: RequestInit = {}) => {
          const headers = { authorization: `Bearer ${token}`, ...init.headers };
          return await (await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers })).text();
        };
        await playCanaries({ canaries, port, chargePoint, ask });
        await chargePoint.close();
        await serve.printed(/CP1[^\n]* disconnected: 1005/);
        // They are looked for where they are: what was exchanged is told, without them.
        const told = `${serve.stdout()}${serve.stderr()}`;
        assert.ok(told.split("[redacted]").length > 25, told);
        for (const where of [serve.stdout(), serve.stderr()]) assert.match(where, /ChangeConfiguration/);
        assert.deepEqual(canaries.leaksIn(serve.stdout()), [], "on stdout");
        assert.deepEqual(canaries.leaksIn(serve.stderr()), [], "in the log");

        if (Deno.build.os === "windows") return; // no SIGINT that one program could send another
        serve.signal("SIGINT");
        const { code, stdout, stderr } = await within(serve.ended, "its end");
        assert.equal(code, 0);
        assert.deepEqual(canaries.leaksIn(`${stdout}${stderr}`), [], "at the end");
        for (const { name, text } of await filesIn(directory)) {
          assert.deepEqual(canaries.leaksIn(text), [], `in the file ${name}`);
        }
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    },
  });
}
