/**
 * What a Central System asks of `ocpp simulate` and finds done on a file server: the program as its users start
 * it, with the permissions of its task.
 */
import assert from "node:assert/strict";
import { FtpServer } from "../support/ftp_server.ts";
import { makeFirmwareSigner, makeRoot } from "../support/certificates.ts";
import { needs } from "../support/needs.ts";
import { startProgram } from "../support/program.ts";
import { type ScriptedServer, scriptedServer } from "../support/scripted_server.ts";

const program = needs("net", "run", "read");

async function permissionsOfSimulate(): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  return tasks.simulate.command.replaceAll("'", "").split(" ").filter((word: string) =>
    word.startsWith("--allow")
  );
}

/** A Charge Point that has booted, and only obeys. */
async function obedient(server: ScriptedServer) {
  const running = startProgram(["simulate", server.url, "--idle"], {
    permissions: await permissionsOfSimulate(),
  });
  await server.until(
    () => server.calls.some(({ action }) => action === "StatusNotification"),
    "the Charge Point has booted",
  );
  return running;
}

async function answerTo(server: ScriptedServer, action: string, payload: unknown): Promise<unknown> {
  const uniqueId = crypto.randomUUID();
  server.send([2, uniqueId, action, payload]);
  const found = () => server.answers.find(([, id]) => id === uniqueId);
  await server.until(() => found() !== undefined, `an answer to ${action}`);
  return found()![2];
}

function statuses(server: ScriptedServer, action: string): string[] {
  return server.calls.filter((call) => call.action === action).map(({ payload }) => payload.status);
}

Deno.test({
  ...program("simulate: GetDiagnostics brings the log to an HTTP server that takes POST only"),
  async fn() {
    const uploads: { path: string; bytes: Uint8Array<ArrayBuffer> }[] = [];
    await using files = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const bytes = await request.bytes();
      if (request.method !== "POST") return new Response(null, { status: 405 });
      uploads.push({ path: new URL(request.url).pathname, bytes });
      return new Response(null, { status: 201 });
    });
    await using server = scriptedServer();
    await using _running = await obedient(server);
    const { fileName } = await answerTo(server, "GetDiagnostics", {
      location: `http://127.0.0.1:${files.addr.port}/logs`,
    }) as { fileName: string };
    await server.until(
      () => statuses(server, "DiagnosticsStatusNotification").includes("Uploaded"),
      "the upload is told",
    );
    assert.deepEqual(statuses(server, "DiagnosticsStatusNotification"), ["Uploading", "Uploaded"]);
    assert.deepEqual(uploads.map(({ path }) => path), [`/logs/${fileName}`]);
    const unzipped = new Blob([uploads[0]!.bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    assert.match(await new Response(unzipped).text(), /BootNotification/);
  },
});

Deno.test({
  ...program("simulate: SignedUpdateFirmware over FTP is verified; a tampered file is InvalidSignature"),
  async fn() {
    const root = await makeRoot({ commonName: "Maker Root", organization: "Maker" });
    const signer = await makeFirmwareSigner(root, { commonName: "Signer", organization: "Maker" });
    const firmware = new TextEncoder().encode("ocpp-firmware 2.1.0\n" + "x".repeat(50_000));
    const raw = await crypto.subtle.sign(
      { name: "ECDSA", hash: "SHA-256" },
      signer.keys.privateKey,
      firmware,
    );
    const tampered = firmware.slice();
    tampered[30_000]! ^= 1;
    await using files = await FtpServer.start({
      user: "cp",
      password: "secret",
      files: { "/good.bin": firmware, "/bad.bin": tampered },
    });
    await using server = scriptedServer();
    await using running = await obedient(server);
    const installed = await answerTo(server, "InstallCertificate", {
      certificateType: "ManufacturerRootCertificate",
      certificate: root.certificate,
    });
    assert.deepEqual(installed, { status: "Accepted" });
    const update = (requestId: number, name: string) =>
      answerTo(server, "SignedUpdateFirmware", {
        requestId,
        firmware: {
          location: `ftp://cp:secret@127.0.0.1:${files.port}/${name}`,
          retrieveDateTime: new Date().toISOString(),
          signingCertificate: signer.chain.replaceAll("\n", "\r\n"),
          signature: new Uint8Array(raw).toBase64(),
        },
      });
    const told = () => statuses(server, "SignedFirmwareStatusNotification");

    assert.deepEqual(await update(1, "bad.bin"), { status: "Accepted" });
    await server.until(() => told().includes("InvalidSignature"), "the tampered file is found out");
    assert.deepEqual(told(), ["Downloading", "Downloaded", "InvalidSignature"]);

    assert.deepEqual(await update(2, "good.bin"), { status: "Accepted" });
    await server.until(() => told().includes("SignatureVerified"), "the good file is verified");
    assert.deepEqual(told().slice(3, 6), ["Downloading", "Downloaded", "SignatureVerified"]);
    assert.doesNotMatch(running.stdout() + running.stderr(), /secret/);
  },
});
