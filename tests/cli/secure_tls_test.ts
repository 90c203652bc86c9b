/**
 * `ocpp secure` with everything real: from no security to TLS with a certificate of its own, with `ocpp certs`,
 * `ocpp serve` and `ocpp simulate` as their users start them.
 */
import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { runProgram, startProgram } from "../support/program.ts";

const PERMISSIONS = ["--allow-net", "--allow-read", "--allow-write", "--allow-env=OCPP_*", "--ignore-env"];
const permissions = PERMISSIONS;

Deno.test({
  ...needs("net", "run", "read", "write")(
    "ocpp secure: a Charge Point goes from profile 0 over 2 to 3, and is refused without its certificate",
  ),
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "ocpp-secure-" });
    try {
      const file = (name: string) => `${folder}/${name}`;
      // Elliptic keys are made at once; RSA ones take seconds.
      const certs = ["certs", "--dir", folder, "--key-type", "ec", "--cpo-name", "Test CPO"];
      assert.equal((await runProgram(certs, { permissions })).code, 0);
      await using serve = startProgram([
        ...[
          "serve",
          "--json",
          "--host",
          "localhost",
          "--port",
          "0",
          "--database",
          ":memory:",
          "--tls-port",
          "0",
        ],
        ...[
          "--tls-cert",
          file("server.pem"),
          "--tls-key",
          file("server.key"),
          "--client-ca",
          file("root.pem"),
        ],
        ...["--client-ca-key", file("root.key"), "--cpo-name", "Test CPO"],
      ], { permissions });
      await serve.printed("listeningTls");
      const { listening, listeningTls, api } = JSON.parse(serve.stdout().split("\n")[0]!);
      await using simulate = startProgram([
        ...["simulate", listening, "--tls-url", listeningTls, "--serial", "SN-77", "--idle", "--id", "CP1"],
      ], { permissions });
      await serve.printed('"action":"Heartbeat"');
      const secure = (...args: readonly string[]) =>
        runProgram(["secure", "CP1", "--server", api, "--json", "--timeout", "20", ...args], { permissions });
      const steps = ({ stdout }: { stdout: string }) =>
        stdout.trim().split("\n").map((line) => JSON.parse(line).step);

      const toTwo = await secure("--profile", "2", "--root", file("root.pem"));
      assert.deepEqual([toTwo.code, toTwo.stderr], [0, ""]);
      const last = ["SecurityProfile", "reset", "first link on it"];
      assert.deepEqual(steps(toTwo), ["AuthorizationKey", "root certificate", ...last]);
      const toThree = await secure("--profile", "3", "--cpo-name", "Test CPO");
      assert.deepEqual([toThree.code, toThree.stderr], [0, ""]);
      const certificate = ["certificate serial number", "CpoName", "certificate of its own"];
      assert.deepEqual(steps(toThree), [...certificate, ...last]);

      const shown = await (await fetch(`${api}api/v1/charge-points/CP1`)).json();
      assert.deepEqual(shown.security, {
        connectedProfile: 3,
        profile: 3,
        hasPassword: true,
        isPasswordPending: false,
        certificateSerialNumber: "SN-77",
      });
      // Another one that comes as it did before is nobody any more.
      const late = await runProgram(
        ["simulate", listening, "--id", "CP1", "--connect-timeout", "1", "--json"],
        { permissions },
      );
      assert.equal(late.code, 1);
      assert.match(late.stderr, /403/);
      simulate.signal("SIGINT");
      await simulate.ended;
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
