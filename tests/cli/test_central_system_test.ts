/**
 * `ocpp test central-system` as its users start it, against `ocpp serve` as its users start it, and against what is no
 * whole Central System.
 */
import assert from "node:assert/strict";
import type { CaseReport, SuiteReport } from "../../src/report/suite_report.ts";
import { needs } from "../support/needs.ts";
import { type RunningProgram, runProgram, startProgram } from "../support/program.ts";
import { type ScriptedServer, scriptedServer } from "../support/scripted_server.ts";

const program = needs("net", "run", "read", "write", "env");

/** What the task grants. */
const PERMISSIONS = [
  ...["--allow-net", "--allow-read", "--allow-write", "--allow-env=OCPP_*", "--ignore-env"],
];

function test(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return runProgram(["test", "central-system", ...args], { permissions: PERMISSIONS, env });
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ocpp-test-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A running `ocpp serve`, and where it listens. */
async function startServe(args: readonly string[]): Promise<{
  readonly serve: RunningProgram;
  readonly url: string;
  readonly tlsUrl: string | undefined;
}> {
  const common = ["serve", "--port", "0", "--database", ":memory:", "--json", "--validation", "strict"];
  const serve = startProgram([...common, ...args], { permissions: PERMISSIONS });
  await serve.printed(/"listening"[^\n]*\n/);
  const { listening, listeningTls } = JSON.parse(serve.stdout().split("\n")[0]!);
  return { serve, url: listening, tlsUrl: listeningTls };
}

/** A port at which nobody listens. */
function closedPort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

async function reportIn(path: string): Promise<SuiteReport> {
  return JSON.parse(await Deno.readTextFile(path));
}

function verdicts({ cases }: { readonly cases: readonly CaseReport[] }): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { verdict } of cases) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

Deno.test({
  ...program("ocpp test central-system: ocpp serve passes every case, on every security profile"),
  fn: () =>
    inFolder(async (folder) => {
      const certs = (name: string) => `${folder}/${name}`;
      const made = await runProgram(
        ["certs", "--dir", folder, "--key-type", "ec", "--serial", "CP1", "--serial", "CP2"],
        { permissions: PERMISSIONS },
      );
      assert.equal(made.code, 0, made.stderr);
      const { serve, url, tlsUrl } = await startServe([
        ...["--tls-port", "0", "--tls-cert", certs("server.pem"), "--tls-key", certs("server.key")],
        ...["--client-ca", certs("root.pem"), "--client-ca-key", certs("root.key"), "--cpo-name", "Test CPO"],
      ]);
      await using _ = serve;
      const { code, stdout, stderr } = await test([
        ...[url, "--tls-url", tlsUrl!.replace("127.0.0.1", "localhost"), "--ca", certs("root.pem")],
        ...["--cert", certs("client-CP1.pem"), "--key", certs("client-CP1.key")],
        ...["--other-cert", certs("client-CP2.pem"), "--other-key", certs("client-CP2.key")],
        ...["--report", `json=${certs("r.json")}`, "--report", `junit=${certs("r.xml")}`],
        ...["--report", `html=${certs("r.html")}`],
      ]);
      assert.equal(code, 0, stdout + stderr);
      const report = await reportIn(certs("r.json"));
      assert.deepEqual(verdicts(report), { PASS: 77 });
      assert.deepEqual(report.cases.flatMap(({ remarks }) => remarks), []);
      const playedOn = new Set(report.cases.map((one) => one.playedOn));
      assert.deepEqual([...playedOn].sort(), [0, 1, 2, 3].map((profile) => `security profile ${profile}`));
      assert.match(stdout, /77 cases in [^:]+: 77 PASS\n/);
      assert.match(stdout, /left out +cipher suites/);
      assert.match(await Deno.readTextFile(certs("r.xml")), /TC_003_CSMS/);
      assert.match(await Deno.readTextFile(certs("r.html")), /TC_003_CSMS/);
      console.log(`77 cases in ${((report.endedAtMs - report.startedAtMs) / 1_000).toFixed(1)} s`);
      // Nothing of what was entered is left.
      const api = url.replace("ws:", "http:");
      for (const path of ["charge-points", "id-tags"]) {
        const response = await fetch(new URL(`/api/v1/${path}`, api));
        assert.deepEqual((await response.json()).items, []);
      }
    }),
});

Deno.test({
  ...program("ocpp test central-system: some cases, twice, as JSON; what TLS is needed for does not apply"),
  async fn() {
    const { serve, url } = await startServe([]);
    await using _ = serve;
    const ended = await test([
      ...[
        url,
        "--json",
        "--repeat",
        "2",
        "--case",
        "TC_003",
        "--case",
        "TC_08*",
        "--skip",
        "TC_080_CSMS,TC_081",
      ],
    ]);
    assert.equal(ended.code, 0, ended.stderr);
    const cases: CaseReport[] = ended.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(cases.length, 12);
    assert.deepEqual(verdicts({ cases }), { PASS: 6, "NOT APPLICABLE": 6 });
    assert.ok(
      cases.filter(({ verdict }) => verdict === "NOT APPLICABLE").every(({ frames }) => frames.length === 0),
    );
  },
});

Deno.test({
  ...program("ocpp test central-system: a description says what does not apply"),
  fn: () =>
    inFolder(async (folder) => {
      const { serve, url } = await startServe([]);
      await using _ = serve;
      const description = `${folder}/small.yaml`;
      await Deno.writeTextFile(description, "name: small\nprofiles: [Core]\nsecurityProfiles: [0]\n");
      const { code, stdout } = await test([
        url,
        "--description",
        description,
        "--case",
        "TC_05*",
        "--case",
        "TC_001",
      ]);
      assert.equal(code, 0, stdout);
      assert.match(stdout, /NOT APPLICABLE {2}TC_053_CSMS .*\n +because +needs the Reservation profile/);
      assert.match(stdout, /9 cases in [\d.]+ s: 1 PASS, 8 NOT APPLICABLE\n/);
      await Deno.writeTextFile(description, "profiles: [Core]\nsecurityProfile: 0\n");
      const wrong = await test([url, "--description", description]);
      assert.equal(wrong.code, 2);
      assert.match(
        wrong.stderr,
        /small\.yaml: there is no field "securityProfile", did you mean securityProfiles\?/,
      );
    }),
});

Deno.test({
  ...program("ocpp test central-system: a strict ocpp serve refuses every broken message"),
  async fn() {
    const { serve, url } = await startServe([]);
    await using _ = serve;
    const { code, stdout, stderr } = await test([url, "--json", "--case", "NEG_*"]);
    assert.equal(code, 0, stdout + stderr);
    const cases: CaseReport[] = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(verdicts({ cases }), { PASS: cases.length });
    const shares = cases.map(({ share }) => share!);
    assert.ok(shares.every(({ refused, sent }) => refused === sent && sent > 0));
    assert.ok(shares.reduce((sum, { sent }) => sum + sent, 0) > 200);
    const both = await test(["--list", "--negative"]);
    assert.match(both.stdout, new RegExp(`\n${77 + cases.length} cases\n$`));
  },
});

/** What cannot work, the exit code, and the one line that says so. */
const WRONG: readonly (readonly [name: string, args: readonly string[], code: number, line: RegExp])[] = [
  ["no URL", [], 2, /^ocpp: where is the Central System\? /],
  ["a URL of another kind", ["http://localhost"], 2, /begins with http:/],
  [
    "a case that there is not",
    ["ws://x", "--case", "TC_0033"],
    2,
    /no case is TC_0033, did you mean TC_003\?/,
  ],
  [
    "the beginning of some cases",
    ["ws://x", "--case", "tc_03"],
    2,
    /no case is tc_03; tc_03\* is 6 cases$/m,
  ],
  [
    "one idTag for two",
    ["ws://x", "--refused-id-tag", "conformance-a"],
    2,
    /--id-tag and --refused-id-tag are the same idTag, conformance-a/i,
  ],
  [
    "a pattern that no case fits",
    ["ws://x", "--case", "tc_08[367]*"],
    2,
    /no case is tc_08\[367\]\*; see --list/,
  ],
  ["a profile that there is not", ["ws://x", "--profile", "Cor"], 2, /no such profile, did you mean Core\?/],
  ["nothing left", ["ws://x", "--case", "TC_003", "--skip", "TC_003"], 2, /leave no case; see --list/],
  [
    "a format that there is not",
    ["ws://x", "--report", "xml=a"],
    2,
    /no format xml; there are json, junit, html/,
  ],
  ["a report that cannot be written", ["ws://x", "--report", "json=/no/such/a"], 1, /no such directory/],
  ["a driver that there is not", ["ws://x", "--driver", "magic"], 2, /--driver must be ocpp, manual/],
  ["a certificate without TLS", ["ws://x", "--cert", "a.pem"], 2, /^ocpp: --cert is of no use without TLS/],
  ["a certificate without its key", ["wss://x", "--cert", "a.pem"], 2, /add --key <file>/],
  [
    "TLS with nothing to show",
    ["wss://x", "--driver", "http", "http://y"],
    2,
    /needs a --password, or a --cert/,
  ],
  [
    "nobody at the API",
    ["ws://127.0.0.1:CLOSED"],
    1,
    /^ocpp: nothing can be played: cannot reach http:\/\/127\.0\.0\.1:\d+: is `ocpp serve` running there\?/,
  ],
];

for (const [name, args, code, line] of WRONG) {
  Deno.test({
    ...program(`ocpp test central-system: ${name} is one line`),
    async fn() {
      const ended = await test(args.map((arg) => arg.replace("CLOSED", () => String(closedPort()))));
      assert.deepEqual([ended.code, ended.stdout], [code, ""], ended.stderr);
      assert.match(ended.stderr, line);
      assert.match(ended.stderr, /^[^\n]+\n$/);
    },
  });
}

Deno.test({
  ...program("ocpp test central-system: nobody there is one line, and every case INCONCLUSIVE"),
  fn: () =>
    inFolder(async (folder) => {
      const file = `${folder}/r.json`;
      const url = `ws://127.0.0.1:${closedPort()}`;
      const driver = ["--driver", "http", "http://127.0.0.1:9/"];
      const { code, stdout, stderr } = await test([url, "--report", `json=${file}`, ...driver, "--json"]);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /^ocpp: nothing can be played: cannot connect to ws:\S+ as CONFORMANCE: connection refused; is .* running there\?\n$/,
      );
      const report = await reportIn(file);
      const counts = verdicts(report);
      assert.equal(counts["FAIL"], undefined);
      assert.equal(counts["INCONCLUSIVE"]! + counts["NOT APPLICABLE"]!, 77);
      assert.equal(stdout.trim().split("\n").length, 77);
    }),
});

/** It keeps nothing of transactions, and is quick to want a Heartbeat. */
const LITTLE = {
  BootNotification: () => ({ status: "Accepted", currentTime: new Date().toISOString(), interval: 1 }),
  StopTransaction: () => undefined,
};

async function against(
  script: Parameters<typeof scriptedServer>[0],
  use: (server: ScriptedServer) => Promise<void>,
) {
  await using server = scriptedServer(script);
  await use(server);
}

Deno.test({
  ...program("ocpp test central-system: a URL without the subprotocol is one line, and no verdict on it"),
  fn: () =>
    against({ subprotocol: null }, async ({ url }) => {
      const { code, stderr } = await test([url, "--driver", "http", "http://127.0.0.1:9/", "--json"]);
      assert.equal(code, 1);
      assert.match(stderr, /^ocpp: nothing can be played: .* chose no subprotocol; ocpp1\.6 was offered\n$/);
    }),
});

Deno.test({
  ...program("ocpp test central-system: a peer that does little, and a driver that fails, come to an end"),
  fn: () =>
    against({ answers: LITTLE }, async ({ url }) => {
      const driver = ["--driver", "http", "http://127.0.0.1:9/"];
      const times = ["--timeout", "0.5", "--quiet", "0", "--settle", "0"];
      const { code, stdout, stderr } = await test([
        url,
        ...driver,
        ...times,
        ...["--case", "TC_00*", "--case", "TC_01*", "--case", "TC_064"],
      ]);
      assert.equal(code, 3, stderr);
      assert.match(stderr, /Charge Point CONFORMANCE, security profile 0, without a password/);
      assert.match(stdout, /PASS +TC_064_CSMS/);
      assert.match(
        stdout,
        /FAIL +TC_003_CSMS .*\n +step +send StopTransaction .*\n +expected +an answer to StopTransaction within 0\.5 s\n +came +nothing/,
      );
      assert.match(stdout, /0\.\d\d s ← \[2,"[^"]+","StopTransaction"/);
      assert.match(
        stdout,
        /INCONCLUSIVE +TC_013_CSMS .*\n(.*\n)? +expected +somebody to have the Central System send .*\n( +.*\n)*?  +came +\S/,
      );
      assert.match(stdout, /\nprofile +cases +PASS +FAIL +INCONCLUSIVE .*\nCore +\d+ +\d+ +\d+ +\d+ /);
    }),
});

Deno.test({
  ...program("ocpp test central-system: Ctrl-C ends it in order, with a report"),
  fn: () =>
    inFolder(async (folder) => {
      await against({ answers: { Authorize: () => undefined } }, async (server) => {
        const file = `${folder}/r.json`;
        const args = [server.url, "--driver", "http", "http://127.0.0.1:9/", "--report", `json=${file}`];
        await using running = startProgram(
          ["test", "central-system", ...args, "--settle", "0", "--case", "TC_003", "--case", "TC_004_1"],
          { permissions: PERMISSIONS },
        );
        await server.until(() => server.calls.some(({ action }) => action === "Authorize"), "Authorize");
        running.signal("SIGINT");
        const { code } = await running.ended;
        assert.equal(code, 1);
        const report = await reportIn(file);
        assert.deepEqual(report.cases.map(({ verdict, failure }) => [verdict, failure?.came]), [
          ["INCONCLUSIVE", "it was interrupted"],
          ["INCONCLUSIVE", "it was interrupted"],
        ]);
        // What it had told is taken back.
        assert.equal(server.calls.at(-1)!.payload.status, "Available");
      });
    }),
});

Deno.test({
  ...program("ocpp test central-system --list: every case with what it shows, for people and for programs"),
  async fn() {
    const { code, stdout } = await test(["--list"]);
    assert.equal(code, 0);
    assert.match(stdout, /^Core\n {2}TC_001_CSMS +Cold boot Charge Point\n +A Charge Point that starts/);
    assert.match(stdout, /TC_087_CSMS .* \(needs securityProfile 3\)/);
    assert.match(stdout, /\n77 cases\n$/);
    const json = await test(["--list", "--json", "--profile", "reservation"]);
    const cases = json.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(cases.length, 10);
    assert.ok(cases.every(({ profile, id, purpose }) => profile === "Reservation" && id && purpose));
  },
});
