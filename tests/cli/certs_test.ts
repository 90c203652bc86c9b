/**
 * `ocpp certs`, and what its certificates are for: Central System and Charge Points with security profiles 2 and 3, and
 * the renewal of a Charge Point's certificate.
 */
import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { type RunningProgram, runProgram, startProgram } from "../support/program.ts";
import { within } from "../support/within.ts";

const program = needs("net", "run", "read", "write", "env");
const files = needs("run", "read", "write");

/** What the tasks grant. */
const FILES = ["--allow-read", "--allow-write", "--allow-env=OCPP_*", "--ignore-env"];
const NETWORK = ["--allow-net", ...FILES];
const QUICK = ["--speed", "100", "--duration", "50", "--interval", "25"];
const PASSWORD = "sixteen byte pwd";

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ocpp-certs-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Keys on a curve take no time. */
function certs(dir: string, ...args: string[]) {
  return runProgram(["certs", "--dir", dir, "--key-type", "ec", ...args], { permissions: FILES });
}

/** The words of a printed command line without the program's name. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!).slice(1);
}

/** With another value for some of its options. */
function withOptions(words: readonly string[], options: Readonly<Record<string, string>>): string[] {
  const changed = [...words];
  for (const [name, value] of Object.entries(options)) {
    const at = changed.indexOf(name);
    if (at < 0) changed.push(name, value);
    else changed[at + 1] = value;
  }
  return changed;
}

async function verifiedByOpenssl(root: string, certificate: string, purpose: string): Promise<boolean> {
  const { success } = await new Deno.Command("openssl", {
    args: ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", root, certificate],
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

function hasOpenssl(): boolean {
  if (Deno.permissions.querySync({ name: "run" }).state !== "granted") return false;
  try {
    return new Deno.Command("openssl", { args: ["version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

const openssl = hasOpenssl();

Deno.test({
  ...files(`certs: openssl verifies what was made, RSA by default${openssl ? "" : " (needs openssl)"}`),
  ignore: !openssl || files("").ignore,
  fn: () =>
    inFolder(async (folder) => {
      for (const keyType of ["rsa", "ec"]) {
        const dir = `${folder}/${keyType}`;
        const args = ["certs", "--dir", dir, "--host", "csms.test", "--host", "192.0.2.7"];
        const more = keyType === "rsa" ? [] : ["--key-type", keyType];
        const { code, stderr } = await runProgram([...args, ...more], { permissions: FILES });
        assert.equal(code, 0, stderr);
        assert.ok(await verifiedByOpenssl(`${dir}/root.pem`, `${dir}/server.pem`, "sslserver"));
        assert.ok(await verifiedByOpenssl(`${dir}/root.pem`, `${dir}/client-CP001.pem`, "sslclient"));
        assert.ok(!await verifiedByOpenssl(`${dir}/root.pem`, `${dir}/client-CP001.pem`, "sslserver"));
        const { stdout } = await new Deno.Command("openssl", {
          args: ["x509", "-in", `${dir}/server.pem`, "-noout", "-text"],
        }).output();
        const text = new TextDecoder().decode(stdout);
        const algorithm = keyType === "rsa" ? "sha256WithRSAEncryption" : "ecdsa-with-SHA256";
        assert.match(text, new RegExp(`Signature Algorithm: ${algorithm}`));
        assert.match(text, /Subject: CN ?= ?csms\.test, O ?= ?Test CPO/);
        assert.match(text, /DNS:csms\.test, IP Address:192\.0\.2\.7/);
      }
    }),
});

Deno.test({
  ...files("certs: a second run adds a Charge Point under the same root and leaves every file as it was"),
  fn: () =>
    inFolder(async (folder) => {
      const dir = `${folder}/bench`;
      const first = await certs(dir, "--cpo-name", "My CPO", "--json");
      assert.equal(first.code, 0, first.stderr);
      const made = JSON.parse(first.stdout);
      assert.deepEqual(
        made.certificates.map(({ role, commonName, organization, isNew }: Record<string, unknown>) => [
          role,
          commonName,
          organization,
          isNew,
        ]),
        [
          ["root", "My CPO Root", "My CPO", true],
          ["server", "localhost", "My CPO", true],
          ["client", "CP001", "My CPO", true],
        ],
      );
      const before = await contents(dir);
      if (Deno.build.os !== "windows") {
        for (const name of before.keys()) {
          const mode = (await Deno.stat(`${dir}/${name}`)).mode! & 0o777;
          assert.equal(mode, name.endsWith(".key") ? 0o600 : 0o644, name);
        }
      }
      const second = await certs(dir, "--serial", "CP002", "--serial", "../x", "--host", "other.test");
      assert.equal(second.code, 0, second.stderr);
      assert.match(second.stdout, /there {2}root .*\nthere {2}server .*\nmade {3}client .*CP002\.pem/);
      assert.match(second.stdout, /--host changed nothing/);
      const after = await contents(dir);
      for (const [name, text] of before) assert.equal(after.get(name), text, name);
      assert.deepEqual([...after.keys()].filter((name) => !before.has(name)).sort(), [
        ...["client-..%2Fx.key", "client-..%2Fx.pem", "client-CP002.key", "client-CP002.pem"],
      ]);
    }),
});

async function contents(dir: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const { name } of Deno.readDir(dir)) texts.set(name, await Deno.readTextFile(`${dir}/${name}`));
  return texts;
}

Deno.test({
  ...files("certs: what is in the way is one line, and nothing is written over"),
  fn: () =>
    inFolder(async (folder) => {
      const assertLine = async (args: readonly string[], code: number, line: RegExp) => {
        const result = await certs(...args as [string]);
        assert.equal(result.code, code, result.stderr);
        assert.match(result.stderr, line);
        assert.equal(result.stderr.split("\n").length, 2);
      };
      const dir = `${folder}/a`;
      await certs(dir);
      await assertLine([dir, "--cpo-name", "Other"], 1, /^ocpp: the root in .* is that of "Test CPO": /);
      await Deno.remove(`${dir}/server.key`);
      await assertLine([dir], 1, /^ocpp: .*server\.pem is there without .*server\.key: /);
      await Deno.copyFile(`${dir}/root.key`, `${dir}/server.key`);
      await assertLine([dir], 1, /^ocpp: cannot use .*server\.key .* does not belong to the certificate/);
      await Deno.writeTextFile(`${dir}/root.pem`, "nonsense");
      await assertLine([dir], 1, /^ocpp: cannot use .*root\.pem .* holds no certificate/);
      await assertLine([`${dir}/root.pem/below`], 1, /^ocpp: cannot make the folder/);
      await assertLine([dir, "--host", "a b"], 2, /^ocpp: .*--host.*host name or an IP address/);
      await assertLine([dir, "--serial", "x".repeat(65)], 2, /^ocpp: .*--serial.*1 to 64 characters/);
    }),
});

/** A Central System started by the printed line, on free ports. */
async function started(line: string, ...more: string[]) {
  const words = withOptions(wordsOf(line), {
    "--host": "localhost",
    "--port": "0",
    "--tls-port": "0",
    "--database": ":memory:",
  });
  const serve = startProgram([...words, "--json", ...more], { permissions: NETWORK });
  await serve.printed(/"apiTls"/);
  const facts = JSON.parse(serve.stdout().split("\n")[0]!);
  return { serve, facts };
}

async function put(api: string, path: string, body: unknown): Promise<void> {
  const response = await fetch(`${api}api/v1/charge-points/${path}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, await response.text());
}

function simulateWith(line: string, url: string, args: readonly string[], env: Record<string, string> = {}) {
  const [command, , ...rest] = wordsOf(line);
  return { args: [command!, url, ...rest, ...args], options: { permissions: NETWORK, env } };
}

Deno.test({
  ...program(
    "certs → serve → simulate: the printed lines make security profiles 2 and 3 work, and nothing less",
  ),
  fn: () =>
    inFolder(async (folder) => {
      const made = JSON.parse((await certs(folder, "--serial", "CP-A", "--serial", "CP-B", "--json")).stdout);
      const { serve: running, facts } = await started(made.serve);
      await using serve = running;
      const [lineA, lineB] = made.simulate as [string, string];
      await put(facts.api, "CP-A", { registration: "Accepted", securityProfile: 3 });
      await put(facts.api, "CP-P", { registration: "Accepted", securityProfile: 2, password: PASSWORD });
      const run = async (args: readonly string[], env: Record<string, string> = {}) =>
        await runProgram(args, { permissions: NETWORK, env });

      const three = await run(simulateWith(lineA, facts.listeningTls, QUICK).args);
      assert.equal(three.code, 0, three.stderr);
      assert.match(three.stdout, /security profile 3/);

      const two = ["simulate", facts.listeningTls, "--id", "CP-P", "--ca", `${folder}/root.pem`, ...QUICK];
      const withPassword = await run(two, { OCPP_PASSWORD: PASSWORD });
      assert.equal(withPassword.code, 0, withPassword.stderr);
      assert.match(withPassword.stdout, /security profile 2/);

      // Another's certificate, no certificate, and a password over the plain port.
      const hurried = ["--connect-timeout", "0.3"];
      const other = simulateWith(lineB, facts.listeningTls, hurried).args;
      const asA = other.map((word) => word === "CP-B" ? "CP-A" : word);
      const without = [
        "simulate",
        facts.listeningTls,
        "--id",
        "CP-A",
        "--ca",
        `${folder}/root.pem`,
        ...hurried,
      ];
      const plain = ["simulate", facts.listening, "--id", "CP-P", ...hurried];
      for (
        const [args, env, status] of [[asA, {}, 401], [without, {}, 401], [
          plain,
          { OCPP_PASSWORD: PASSWORD },
          403,
        ]] as const
      ) {
        const { code, stderr } = await run(args, env);
        assert.equal(code, 1, stderr);
        assert.match(stderr, new RegExp(`the server answered HTTP ${status}`));
      }
      assert.match(serve.stderr(), /its client certificate is for \\"CP-B\\", not for \\"CP-A\\"/);
    }),
});

/** Sends a Call through the API, and gives its answer. */
async function called(api: string, identity: string, action: string, payload: unknown): Promise<unknown> {
  const response = await fetch(`${api}api/v1/charge-points/${identity}/calls`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ action, payload }),
  });
  return (await response.json()).payload;
}

function timesPrinted(serve: RunningProgram, pattern: RegExp): number {
  return [...`${serve.stdout()}${serve.stderr()}`.matchAll(new RegExp(pattern, "g"))].length;
}

Deno.test({
  ...program("a Charge Point's certificate is renewed when the operator asks for it, and used from then on"),
  fn: () =>
    inFolder(async (folder) => {
      const made = JSON.parse((await certs(folder, "--json")).stdout);
      const { serve: running, facts } = await started(made.serve);
      await using serve = running;
      await put(facts.api, "CP001", { registration: "Accepted", securityProfile: 3 });
      const { args, options } = simulateWith(made.simulate[0], facts.listeningTls, ["--idle"]);
      await using chargePoint = startProgram(args, options);
      await serve.printed(/"action":"BootNotification"/);
      assert.equal(timesPrinted(serve, /"note":"connected/), 1);
      assert.deepEqual(
        await called(facts.api, "CP001", "ExtendedTriggerMessage", {
          requestedMessage: "SignChargePointCertificate",
        }),
        { status: "Accepted" },
      );
      await within(
        serve.printed(/was sent to [\\"]*CP001[\\"]*: [\\"]*Accepted/),
        "the certificate",
      );
      // Under profile 3 it connects anew with the new certificate.
      await serve.printed(/"note":"connected[^]*"note":"connected/);
      const actions = [...serve.stdout().matchAll(/"action":"(SignCertificate|CertificateSigned)"/g)];
      assert.deepEqual(actions.map(([, action]) => action), ["SignCertificate", "CertificateSigned"]);
      chargePoint.signal("SIGKILL");
    }),
});

Deno.test({
  ...program("a CSR that names another operator is followed by no certificate, and the operator is told"),
  fn: () =>
    inFolder(async (folder) => {
      const made = JSON.parse((await certs(folder, "--json")).stdout);
      const { serve: running, facts } = await started(made.serve);
      await using serve = running;
      const { args, options } = simulateWith(made.simulate[0], facts.listeningTls, ["--idle"]);
      const asOther = args.map((word) => word.replace("CpoName=Test CPO", "CpoName=Somebody"));
      await using chargePoint = startProgram(asOther, options);
      await serve.printed(/"action":"BootNotification"/);
      await called(facts.api, "CP001", "ExtendedTriggerMessage", {
        requestedMessage: "SignChargePointCertificate",
      });
      await serve.printed(/asked for a certificate and gets none: [\\"]*the CSR is of [\\"]*Somebody/);
      assert.equal(timesPrinted(serve, /CertificateSigned/), 0);
      chargePoint.signal("SIGKILL");
    }),
});
