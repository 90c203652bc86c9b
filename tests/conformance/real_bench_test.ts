/**
 * Cases about files over real sockets: our Charge Point with its real jobs and file transfer, the real bench.
 */
import assert from "node:assert/strict";
import { webCryptography } from "../../src/adapters/cryptography.ts";
import { UrlFileTransfer } from "../../src/adapters/file_transfer.ts";
import { systemClock } from "../../src/adapters/system_clock.ts";
import { HttpTestBench } from "../../src/adapters/test_bench/http_test_bench.ts";
import type { BenchRequest } from "../../src/conformance/bench.ts";
import type { CaseResult } from "../../src/conformance/contract.ts";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import { JobRunner } from "../../src/runtime/job_runner.ts";
import { resultText } from "../support/conformance_result.ts";
import { playOverSockets, type PlaySurroundings } from "../support/conformance_sockets.ts";
import { needs } from "../support/needs.ts";

const sockets = needs("net", "env");

/** Plays a case with the real bench, and looks at that afterwards. */
async function play(
  id: string,
  { get, look = () => {} }: {
    /** Another bench: what it gives instead. */
    readonly get?: (bench: HttpTestBench) => PlaySurroundings["bench"]["get"];
    readonly look?: (bench: HttpTestBench) => void | Promise<void>;
  } = {},
): Promise<CaseResult> {
  const definition = CHARGE_POINT_CASES.find((one) => one.id === id);
  assert.ok(definition !== undefined, id);
  // An RSA key takes its time, so that one case has to do with it.
  const signatureScheme = id === "TC_080_CS" ? "RSA-PSS" : "ECDSA";
  const bench = await HttpTestBench.open({ signatureScheme });
  const fileTransfer = new UrlFileTransfer();
  try {
    const result = await playOverSockets(definition, {
      surroundings: {
        bench: get === undefined ? bench : { get: get(bench) },
        jobs: new JobRunner({ clock: systemClock, fileTransfer, cryptography: webCryptography }),
      },
    });
    await look(bench);
    return result;
  } finally {
    fileTransfer.close();
    await bench.close();
  }
}

async function uploadedText({ uploads }: HttpTestBench): Promise<string> {
  assert.equal(uploads.length, 1);
  const file = new Blob([uploads[0]!.bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(file).text();
}

Deno.test({
  ...sockets("TC_079_CS the security log that the Charge Point uploads is at the bench"),
  async fn() {
    const result = await play("TC_079_CS", {
      look: async (bench) => {
        assert.match(await uploadedText(bench), /StartupOfTheDevice/);
        assert.notEqual(bench.uploads[0]!.fileName, "");
      },
    });
    assert.equal(result.verdict, "PASS", resultText(result));
  },
});

for (const id of ["TC_045_1_CS", "TC_045_2_CS", "TC_044_2_CS", "TC_074_CS", "TC_077_CS"]) {
  Deno.test({
    ...sockets(`${id} passes with the real bench`),
    async fn() {
      const result = await play(id, {
        look: ({ uploads }) => assert.equal(uploads.length, id === "TC_045_1_CS" ? 1 : 0),
      });
      assert.equal(result.verdict, "PASS", resultText(result));
    },
  });
}

Deno.test({
  ...sockets("TC_080_CS firmware is downloaded from the bench, its signature holds, and it is installed"),
  async fn() {
    const result = await play("TC_080_CS");
    assert.equal(result.verdict, "PASS", resultText(result));
  },
});

Deno.test({
  ...sockets("TC_081_CS firmware with a broken signature is downloaded and refused"),
  async fn() {
    const result = await play("TC_081_CS");
    assert.equal(result.verdict, "PASS", resultText(result));
  },
});

Deno.test({
  ...sockets("TC_081_CS fails where the signature is not broken: the case rests on what the bench gives"),
  async fn() {
    const result = await play("TC_081_CS", {
      get: (bench) => (request) =>
        bench.get(request.kind === "firmware" ? { kind: "firmware" } as typeof request : request),
    });
    assert.equal(result.verdict, "FAIL", resultText(result));
  },
});

Deno.test({
  ...sockets("TC_045_1_CS without a bench is INCONCLUSIVE"),
  async fn() {
    const get = <R extends BenchRequest>(_: R) => Promise.resolve(undefined);
    const result = await play("TC_045_1_CS", { get: () => get });
    assert.equal(result.verdict, "INCONCLUSIVE", resultText(result));
  },
});
