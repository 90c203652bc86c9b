/**
 * The jobs of a Charge Point need no more permissions than `deno task simulate` has.
 */
import assert from "node:assert/strict";
import type { JobResult } from "../../src/charge_point/job.ts";
import { FtpServer } from "../support/ftp_server.ts";
import { needs } from "../support/needs.ts";
import { OPENSSL_FILE } from "../support/openssl_samples.ts";

const needsAll = needs("net", "run", "read");
const FIRMWARE = new TextEncoder().encode(OPENSSL_FILE);

async function permissionsOfSimulate(): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  return tasks.simulate.command.replaceAll("'", "").split(" ").filter((word: string) =>
    word.startsWith("--allow")
  );
}

Deno.test({
  ...needsAll("every kind of job is done with the permissions of `deno task simulate`"),
  async fn() {
    const permissions = await permissionsOfSimulate();
    assert.ok(permissions.includes("--allow-net"));
    await using ftp = await FtpServer.start({ files: { "/firmware": FIRMWARE } });
    await using http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        await request.bytes();
        return new Response(request.method === "GET" ? FIRMWARE : null);
      },
    );
    const program = new URL("../support/jobs_program.ts", import.meta.url).pathname;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--quiet", ...permissions, program],
        ...[`ftp://127.0.0.1:${ftp.port}/`, `http://127.0.0.1:${http.addr.port}/`],
      ],
      env: { NO_COLOR: "1" },
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const results: JobResult[] = new TextDecoder().decode(stdout).trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    assert.deepEqual(
      results.map((result) =>
        "outcome" in result
          ? result.outcome.status
          : result.kind === "verifyFirmware"
          ? result.isValid
          : result.kind === "readCertificate"
          ? result.reason
          : result.request !== undefined
      ),
      ["done", "done", "done", "done", true, "the certificate of CN=Signer, O=Maker, C=NL is in order", true],
    );
  },
});
