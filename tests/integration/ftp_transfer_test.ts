/**
 * Files over FTP and FTPS, against a server on this machine.
 */
import assert from "node:assert/strict";
import type { UploadRequest } from "../../src/runtime/file_transfer.ts";
import { UrlFileTransfer } from "../../src/adapters/file_transfer.ts";
import { makeRoot, makeServer } from "../support/certificates.ts";
import { FtpServer, type FtpServerOptions } from "../support/ftp_server.ts";
import { needs } from "../support/needs.ts";
import { within } from "../support/within.ts";

const networking = needs("net");
const FIRMWARE = new TextEncoder().encode("v2.0\n".repeat(50_000));
const BYTES_MAX = 1_000_000;
const transfer = new UrlFileTransfer();

function download(url: string, bytesMax = BYTES_MAX, signal = new AbortController().signal) {
  return within(transfer.download({ url, bytesMax, signal }), `the download of ${url}`);
}

function upload(url: string, rest: Partial<UploadRequest> = {}) {
  const request = {
    url,
    fileName: "log.gz",
    bytes: new Uint8Array([1, 2, 3]),
    signal: new AbortController().signal,
  };
  return within(transfer.upload({ ...request, ...rest }), `the upload to ${url}`);
}

function test(
  name: string,
  options: FtpServerOptions,
  run: (server: FtpServer, url: string) => Promise<void>,
): void {
  Deno.test({
    ...networking(name),
    async fn() {
      await using server = await FtpServer.start(options);
      await run(server, `ftp://127.0.0.1:${server.port}`);
    },
  });
}

test(
  "FTP: a file is fetched as it is, logged in with the URL's user and password",
  { user: "cp@acme", password: "p:w/1", files: { "/fw/v2.bin": FIRMWARE } },
  async (server) => {
    const { outcome, bytes } = await download(
      `ftp://cp%40acme:p%3Aw%2F1@127.0.0.1:${server.port}/fw/v2.bin`,
    );
    assert.deepEqual(outcome, { status: "done", message: "250000 bytes" });
    assert.deepEqual(bytes, new Uint8Array(FIRMWARE));
  },
);

test(
  "FTP: without a user it is anonymous",
  { files: { "/v2.bin": FIRMWARE } },
  async (server, url) => {
    assert.equal((await download(`${url}/v2.bin`)).outcome.status, "done");
    assert.equal(server.commands.includes("USER anonymous"), true);
  },
);

test(
  "FTP: an upload goes into the directory under its name, whole",
  { directories: ["/logs", "/logs/cp 1"] },
  async (server, url) => {
    const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
    const outcome = await upload(`${url}/logs/cp%201/`, { bytes });
    assert.deepEqual(outcome, { status: "done", message: "300000 bytes" });
    assert.deepEqual(server.files.get("/logs/cp 1/log.gz"), bytes);
  },
);

test(
  "FTP: a server without EPSV is asked for PASV",
  { files: { "/v2.bin": FIRMWARE }, replies: { EPSV: "502 not known here" } },
  async (server, url) => {
    assert.equal((await download(`${url}/v2.bin`)).outcome.status, "done");
    assert.equal(server.commands.includes("PASV"), true);
  },
);

test("FTP: a wrong password is permissionDenied, and stands in no text", {
  user: "cp",
  password: "right",
}, async (server) => {
  const { outcome, bytes } = await download(`ftp://cp:wrong@127.0.0.1:${server.port}/v2.bin`);
  assert.deepEqual(outcome, { status: "permissionDenied", message: "the server answered FTP 530" });
  assert.equal(bytes, undefined);
  assert.equal((await upload(`ftp://cp:wrong@127.0.0.1:${server.port}/`)).status, "permissionDenied");
});

test("FTP: what is not there is notFound: a file, a directory", {}, async (_server, url) => {
  assert.equal((await download(`${url}/v2.bin`)).outcome.status, "notFound");
  assert.equal((await upload(`${url}/logs/`)).status, "notFound");
});

/** What a server may say to STOR, and what it is taken for. Spec: RFC 959 §4.2. */
const REFUSALS = [
  ["550 Permission denied", "permissionDenied"],
  ["550 No such file or directory", "notFound"],
  ["553 file name not allowed", "permissionDenied"],
  ["552 quota exceeded", "tooLarge"],
  ["502 read only", "notSupported"],
  ["451 disk broken", "failed"],
  ["421 going down", "unreachable"],
] as const;

for (const [reply, status] of REFUSALS) {
  test(
    `FTP: an upload that is answered "${reply}" is ${status}`,
    { replies: { STOR: reply } },
    async (_, url) => {
      assert.equal((await upload(`${url}/`)).status, status);
    },
  );
}

test("FTP: a file above the bound is tooLarge, by what SIZE says", {
  files: { "/v2.bin": FIRMWARE },
}, async (server, url) => {
  assert.equal((await download(`${url}/v2.bin`, 1000)).outcome.status, "tooLarge");
  assert.equal(server.commands.some((line) => line.startsWith("RETR")), false);
});

test("FTP: a file above the bound is tooLarge, where the server knows no SIZE", {
  files: { "/v2.bin": FIRMWARE },
  replies: { SIZE: "502 not known here" },
}, async (_server, url) => {
  const { outcome, bytes } = await download(`${url}/v2.bin`, 1000);
  assert.equal(outcome.status, "tooLarge");
  assert.equal(bytes, undefined);
});

test("FTP: a download that breaks off is unreachable", {
  files: { "/v2.bin": FIRMWARE },
  breakOffAfterBytes: 70_000,
}, async (_server, url) => {
  const { outcome, bytes } = await download(`${url}/v2.bin`);
  assert.equal(outcome.status, "unreachable");
  assert.equal(bytes, undefined);
});

test("FTP: a server that says nothing more is left when the signal says so", {
  files: { "/v2.bin": FIRMWARE },
  isStalling: true,
}, async (server, url) => {
  const controller = new AbortController();
  const pending = download(`${url}/v2.bin`, BYTES_MAX, controller.signal);
  await within(server.stalled, "the transfer hangs");
  controller.abort(new Error("not done within 300 s"));
  assert.deepEqual((await pending).outcome, { status: "unreachable", message: "not done within 300 s" });
});

test(
  "FTP: control characters in a path or a file name are a badUrl; nothing reaches the server",
  {},
  async (server, url) => {
    assert.equal((await download(`${url}/a%0d%0aDELE%20b`)).outcome.status, "badUrl");
    assert.equal((await upload(`${url}/`, { fileName: "a\r\nDELE b" })).status, "badUrl");
    assert.equal((await upload(`${url}/`, { fileName: "../b" })).status, "badUrl");
    assert.deepEqual(server.commands, []);
  },
);

Deno.test({
  ...networking("FTP: nobody at the port, no such host: unreachable, in plain words"),
  async fn() {
    const server = await FtpServer.start();
    const { port } = server;
    await server[Symbol.asyncDispose]();
    assert.deepEqual(await upload(`ftp://127.0.0.1:${port}/`), {
      status: "unreachable",
      message: "connection refused",
    });
    assert.equal((await upload("ftp://no-such-host.invalid/")).status, "unreachable");
  },
});

Deno.test({
  ...networking(
    "FTPS: TLS before the login and on the data, with a certificate that builds on the given root",
  ),
  async fn() {
    const root = await makeRoot({ commonName: "root" });
    const { chain, privateKey } = await makeServer(root, { commonName: "ftp" });
    await using server = await FtpServer.start({
      files: { "/v2.bin": FIRMWARE },
      tls: { cert: chain, key: privateKey },
    });
    const secured = new UrlFileTransfer({ roots: [root.certificate] });
    const { signal } = new AbortController();
    const url = `ftps://localhost:${server.port}`;
    const got = await within(
      secured.download({ url: `${url}/v2.bin`, bytesMax: BYTES_MAX, signal }),
      "download",
    );
    assert.equal(got.outcome.message, "250000 bytes");
    const put = { url: `${url}/`, fileName: "log.gz", bytes: new Uint8Array([1, 2, 3]), signal };
    assert.equal((await within(secured.upload(put), "upload")).status, "done");
    assert.deepEqual(server.files.get("/log.gz"), new Uint8Array([1, 2, 3]));
    const stranger = await download(`${url}/v2.bin`);
    assert.equal(stranger.outcome.status, "unreachable");
    assert.match(stranger.outcome.message, /the server's certificate is not valid/);
    assert.equal(server.commands.filter((line) => line.startsWith("PASS")).length, 2);
  },
});
