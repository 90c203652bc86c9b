/**
 * `ocpp test`: what the options about files, firmware and its signers do, with either system under test.
 */
import assert from "node:assert/strict";
import { constants, verify, X509Certificate } from "node:crypto";
import type { OperatorOrder } from "../../src/adapters/test_operator/order.ts";
import type { CaseReport } from "../../src/report/suite_report.ts";
import { makeRoot } from "../support/certificates.ts";
import { needs } from "../support/needs.ts";
import { runProgram, startProgram } from "../support/program.ts";

const program = needs("net", "run", "read", "write", "env");

/** What the task grants. */
const PERMISSIONS = [
  ...["--allow-net", "--allow-read", "--allow-write", "--allow-run", "--allow-env=OCPP_*", "--ignore-env"],
];

/** The simulator can install it. */
const IMAGE = "ocpp-firmware 9.9\nan image of somebody's own";

/** What stands in the Calls of a run. */
// deno-lint-ignore no-explicit-any -- tests look into payloads freely
type Payloads = ReadonlyMap<string, any>;

/** Options with their files, and the root that stands behind them. */
interface Given {
  readonly args: readonly string[];
  readonly port: number;
  readonly maker: string;
}

async function withOptions(use: (given: Given) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const maker = await makeRoot({ commonName: "Maker" });
    await Deno.writeTextFile(`${dir}/maker.pem`, maker.certificate);
    await Deno.writeTextFile(`${dir}/maker.key`, maker.privateKey);
    await Deno.writeTextFile(`${dir}/fw 3.bin`, IMAGE);
    const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = free.addr as Deno.NetAddr;
    free.close();
    await use({
      args: [
        ...["--bench-port", String(port), "--public-host", "127.0.0.1", "--firmware", `${dir}/fw 3.bin`],
        ...["--manufacturer-ca", `${dir}/maker.pem`, "--manufacturer-ca-key", `${dir}/maker.key`],
        ...["--signature-scheme", "RSA-PSS"],
      ],
      ...{ port, maker: maker.certificate },
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** The Calls say what the options say. */
function assertHeeded(payloads: Payloads, { port, maker }: Given): void {
  const update = new URL(payloads.get("UpdateFirmware").location);
  assert.equal(update.host, `127.0.0.1:${port}`);
  assert.match(update.pathname, /\/fw%203\.bin$/);
  const diagnostics = new URL(payloads.get("GetDiagnostics").location);
  assert.equal(diagnostics.host, `127.0.0.1:${port}`);
  const { location, signingCertificate, signature } = payloads.get("SignedUpdateFirmware").firmware;
  assert.match(location, /\/fw%203\.bin$/);
  const signer = new X509Certificate(signingCertificate);
  assert.ok(signer.checkIssued(new X509Certificate(maker)), "another authority has signed");
  const key = {
    key: signer.publicKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
  const bytes = new TextEncoder().encode(IMAGE);
  const signatureBytes = Uint8Array.fromBase64(signature);
  assert.ok(
    verify("sha256", bytes, key, signatureBytes),
    "the signature is another one, or over another file",
  );
  const pkcs1 = { key: signer.publicKey, padding: constants.RSA_PKCS1_PADDING };
  assert.equal(verify("sha256", bytes, pkcs1, signatureBytes), false);
  const installed = payloads.get("InstallCertificate");
  assert.equal(installed.certificateType, "ManufacturerRootCertificate");
  assert.equal(installed.certificate.trim(), maker.trim());
}

const CASES = "TC_044_1,TC_045_1,TC_080,TC_075_1";

Deno.test({
  ...program(
    "ocpp test central-system: each option about files is seen in what the Central System is to send",
  ),
  fn: () =>
    withOptions(async (given) => {
      const serve = startProgram(["serve", "--port", "0", "--database", ":memory:", "--json"], {
        permissions: PERMISSIONS,
      });
      await using _ = serve;
      await serve.printed(/"listening"[^\n]*\n/);
      const { listening } = JSON.parse(serve.stdout().split("\n")[0]!);
      const payloads = new Map<string, unknown>();
      let image = "";
      const driver = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
        const { action }: OperatorOrder = await request.json();
        if (action.kind !== "sendCall") return Response.json({ cannot: "this one only looks on" });
        payloads.set(action.action, action.payload);
        const { location } = action.payload as { readonly location: string };
        if (action.action === "UpdateFirmware") image = await (await fetch(location)).text();
        return Response.json({ cannot: "this one only looks on" });
      });
      try {
        const { code, stderr } = await runProgram([
          ...[
            "test",
            "central-system",
            listening,
            "--driver",
            "http",
            `http://127.0.0.1:${driver.addr.port}`,
          ],
          ...[
            "--json",
            "--settle",
            "0",
            "--quiet",
            "0",
            "--case",
            CASES,
            "--bench-host",
            "0.0.0.0",
            ...given.args,
          ],
        ], { permissions: PERMISSIONS });
        assert.equal(code, 1, stderr);
        assertHeeded(payloads, given);
        assert.equal(image, IMAGE);
      } finally {
        await driver.shutdown();
      }
    }),
});

Deno.test({
  ...program("ocpp test charge-point: each option about files is seen in what a Charge Point gets"),
  fn: () =>
    withOptions(async (given) => {
      const simulate = startProgram(
        ["simulate", "ws://127.0.0.1:1", "--control-port", "0", "--control-host", "127.0.0.1"],
        { permissions: PERMISSIONS },
      );
      await using _ = simulate;
      await simulate.printed(/API http:\/\/127\.0\.0\.1:\d+\/\n/);
      const api = /API (\S+)\/\n/.exec(simulate.stdout())![1]!;
      const play = async (version: string, names: string) => {
        const { stdout, stderr } = await runProgram([
          ...["test", "charge-point", "--control", api, "--port", "0", "--host", "0.0.0.0", "--json"],
          ...["--timeout", "10", "--case", names, ...given.args, "--firmware-version", version],
        ], { permissions: PERMISSIONS });
        const cases: CaseReport[] = stdout.split("\n").filter((line) => line !== "").map((line) =>
          JSON.parse(line)
        );
        assert.equal(cases.length, names.split(",").length, stderr);
        return cases;
      };
      const cases = await play("9.9", CASES);
      assert.deepEqual(
        cases.map(({ id, verdict }) => [id, verdict]).toSorted(),
        ["TC_044_1_CS", "TC_045_1_CS", "TC_075_1_CS", "TC_080_CS"].map((id) => [id, "PASS"]),
        JSON.stringify(cases.map(({ failure }) => failure)),
      );
      const calls = cases.flatMap(({ frames }) => frames).filter(({ from }) => from === "tester")
        .map(({ text }) => JSON.parse(text)).filter(([type]) => type === 2);
      assertHeeded(new Map(calls.map(([, , action, payload]) => [action, payload])), given);
      const otherwise = (await play("9.8", "TC_044_1"))[0]!;
      assert.equal(otherwise.verdict, "FAIL");
      assert.match(otherwise.failure!.expected, /"firmwareVersion":"9\.8"/);
    }),
});
