/** The bench from the command line: files, and what is wrong with them. */
import assert from "node:assert/strict";
import { openBench } from "../../src/cli/test/bench_options.ts";
import { CommandError, UsageError } from "../../src/cli/exit_code.ts";
import { makeClient, makeRoot, makeSubAuthority } from "../support/certificates.ts";
import { needs } from "../support/needs.ts";

const files = needs("net", "read", "write");

async function inFolder(fn: (write: (name: string, text: string) => string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await fn((name, text) => {
      Deno.writeTextFileSync(`${dir}/${name}`, text);
      return `${dir}/${name}`;
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test({
  ...files("authorities and firmware come from files"),
  fn: () =>
    inFolder(async (write) => {
      const root = await makeRoot({ commonName: "Own Root" });
      const sub = await makeSubAuthority(root, { commonName: "Own Sub" });
      const maker = await makeRoot({ commonName: "Maker" });
      const bench = await openBench({
        ca: write("ca.pem", root.certificate + sub.certificate),
        caKey: write("ca.key", sub.privateKey),
        manufacturerCa: write("maker.pem", maker.certificate),
        manufacturerCaKey: write("maker.key", maker.privateKey),
        firmware: write("fw 3.bin", "an image"),
        firmwareVersion: "3.0",
        signatureScheme: "ECDSA",
      });
      try {
        assert.equal(bench.certificates.authorities.centralSystem.certificate, sub.certificate);
        const told = await bench.get({ kind: "rootCertificate", use: "CentralSystem" });
        assert.equal(told?.certificate, root.certificate);
        const other = await bench.get({ kind: "rootCertificate", use: "Manufacturer" });
        assert.equal(other?.certificate, maker.certificate);
        const firmware = (await bench.get({ kind: "firmware" }))!;
        assert.equal(firmware.firmwareVersion, "3.0");
        assert.match(firmware.location, /\/fw%203\.bin$/);
        assert.equal(await (await fetch(firmware.location)).text(), "an image");
      } finally {
        await bench.close();
      }
    }),
});

Deno.test({
  ...files("what is wrong with the files is one line that names the option"),
  fn: () =>
    inFolder(async (write) => {
      const root = await makeRoot({ commonName: "Root" });
      const other = await makeRoot({ commonName: "Other" });
      const leaf = await makeClient(root, { commonName: "CP001" });
      const ca = write("ca.pem", root.certificate);
      const key = write("ca.key", root.privateKey);
      const faults: readonly (readonly [Parameters<typeof openBench>[0], RegExp])[] = [
        [{ ca }, /^--ca needs --ca-key too$/],
        [{ caKey: key }, /^--ca-key needs --ca too$/],
        [{ manufacturerCa: ca }, /^--manufacturer-ca needs --manufacturer-ca-key too$/],
        [{ ca: "/nowhere.pem", caKey: key }, /^cannot read \/nowhere\.pem \(--ca\): /],
        [
          { ca, caKey: write("other.key", other.privateKey) },
          /\(--ca-key\): .*does not belong to the certif/,
        ],
        [
          { ca: write("leaf.pem", leaf.certificate), caKey: write("leaf.key", leaf.privateKey) },
          /\(--ca\): .* no certificate authority's$/,
        ],
        [{ firmware: "/nowhere.bin" }, /^cannot read \/nowhere\.bin \(--firmware\): /],
        [{ firmwareVersion: "3.0" }, /^--firmware-version needs --firmware too: whose version is it\?$/],
        [{ host: "192.0.2.1" }, /--host/],
        [{ host: "0.0.0.0" }, /^--host 0\.0\.0\.0 is everywhere: say with --public-host how it is reached$/],
        [{ host: "::", advertisedHost: "0.0.0.0" }, /^--host :: is everywhere/],
      ];
      for (const [options, fault] of faults) {
        await assert.rejects(openBench({ ...options, signatureScheme: "ECDSA" }), (error: Error) => {
          assert.ok(error instanceof CommandError, String(error));
          assert.equal(error instanceof UsageError, / needs | everywhere/.test(error.message));
          assert.match(error.message, fault);
          assert.equal(error.message.includes("\n"), false);
          return true;
        });
      }
    }),
});
