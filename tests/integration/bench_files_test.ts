/** The web server of the bench: what it gives, what it takes, and its bounds. */
import assert from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { UrlFileTransfer } from "../../src/adapters/file_transfer.ts";
import { ListenError } from "../../src/adapters/listen_address.ts";
import {
  BenchFileServer,
  FILES_MAX,
  UPLOADS_AT_ONCE_MAX,
  UPLOADS_MAX,
} from "../../src/adapters/test_bench/file_server.ts";
import { HttpTestBench } from "../../src/adapters/test_bench/http_test_bench.ts";
import { needs } from "../support/needs.ts";
import { RawHttp } from "../support/raw_http.ts";
import { within } from "../support/within.ts";

const net = needs("net");

const UPLOAD_BYTES_MAX = 10_000;

/** A server for one test; `url` makes a URL of a path. */
function test(
  name: string,
  fn: (server: BenchFileServer, url: (path: string) => string) => Promise<void>,
): void {
  Deno.test({
    ...net(name),
    async fn() {
      const server = new BenchFileServer({ hostname: "127.0.0.1", port: 0 }, {
        uploadBytesMax: UPLOAD_BYTES_MAX,
      });
      try {
        await fn(server, (path) => `http://127.0.0.1:${server.port}${path}`);
      } finally {
        await server.close();
      }
    },
  });
}

async function statusOf(url: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.status;
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test("a file is given whole, HEAD tells its size, and nothing is put there", async (server, url) => {
  const bytes = new Uint8Array(100_000).map((_, index) => index % 251);
  const location = url(server.offer("fw 2.0.bin", bytes));
  assert.match(location, /\/firmware\/fw%202\.0\.bin$/);
  const response = await fetch(location);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/octet-stream");
  assert.deepEqual(await response.bytes(), bytes);
  const head = await fetch(location, { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), "100000");
  assert.equal((await head.bytes()).length, 0);
  const put = await fetch(location, { method: "PUT", body: "x" });
  assert.deepEqual([put.status, put.headers.get("allow")], [405, "GET, HEAD"]);
  await put.body?.cancel();
});

test("what is not offered is not there, and nothing without the path's secret", async (server, url) => {
  const path = server.offer("fw.bin", new Uint8Array([1]));
  const { path: uploads } = server.newLocation();
  assert.equal(await statusOf(url(path)), 200);
  assert.equal(await statusOf(url(server.offer("gone.bin", undefined))), 404);
  assert.equal(await statusOf(url(path.replace(/^\/[0-9a-f]{24}/, `/${"0".repeat(24)}`))), 404);
  assert.equal(await statusOf(url("/firmware/fw.bin")), 404);
  assert.equal(await statusOf(url("/")), 404);
  const put = { method: "PUT", body: "x" };
  assert.equal(await statusOf(url(`${uploads.replace(/^\/[0-9a-f]{24}/, "/x")}log`), put), 404);
  assert.equal(await statusOf(url(`${uploads.replace(/1\/$/, "2/")}log`), put), 404, "nobody was sent there");
  assert.equal(await statusOf(url(`${server.newLocation("missing").path}log`), put), 404);
  assert.deepEqual(server.uploads, []);
});

test("the oldest of too many files goes", async (server, url) => {
  const first = url(server.offer("first.bin", new Uint8Array([1])));
  const second = url(server.offer("second.bin", new Uint8Array([1])));
  for (let count = 2; count <= FILES_MAX; count++) server.offer(`${count}.bin`, new Uint8Array([2]));
  assert.deepEqual([await statusOf(first), await statusOf(second)], [404, 200]);
});

test(
  "uploads come as PUT below the location or as POST to it, with and without a name",
  async (server, url) => {
    const one = server.newLocation();
    const other = server.newLocation();
    assert.equal(await statusOf(url(`${one.path}log%20%C3%A4.gz`), { method: "PUT", body: "first" }), 201);
    assert.equal(await statusOf(url(other.path), { method: "POST", body: "second" }), 201);
    assert.equal(await statusOf(url(other.path.replace(/\/$/, "")), { method: "POST", body: "third" }), 201);
    assert.equal(await statusOf(url(`${one.path}a/b/%E0%A4%A`), { method: "PUT" }), 201);
    assert.deepEqual(
      server.uploads.map(({ locationId, fileName, bytes }) => [locationId, fileName, textOf(bytes)]),
      [[1, "log ä.gz", "first"], [2, "", "second"], [2, "", "third"], [1, "%E0%A4%A", ""]],
    );
    const get = await fetch(url(one.path));
    assert.deepEqual([get.status, get.headers.get("allow")], [405, "PUT, POST"]);
    await get.body?.cancel();
  },
);

test(
  "an upload that is too large is refused, announced or not, and nothing of it is kept",
  async (server, url) => {
    const { path } = server.newLocation();
    const largest = "x".repeat(UPLOAD_BYTES_MAX);
    assert.equal(await statusOf(url(`${path}fits`), { method: "PUT", body: largest }), 201);
    assert.equal(await statusOf(url(`${path}announced`), { method: "PUT", body: `${largest}x` }), 413);
    const announcing = `Content-Length: ${UPLOAD_BYTES_MAX + 1}`;
    using announced = await RawHttp.begin(server.port, `PUT ${path}early HTTP/1.1`, announcing);
    assert.equal(await announced.status(), 413, "before anything of it has come");
    using silent = await RawHttp.begin(
      server.port,
      `PUT ${path}silent HTTP/1.1`,
      "Transfer-Encoding: chunked",
    );
    await silent.write(`${(UPLOAD_BYTES_MAX + 1).toString(16)}\r\n${largest}x\r\n`);
    assert.equal(await silent.status(), 413);
    assert.deepEqual(server.uploads.map(({ fileName }) => fileName), ["fits"]);
  },
);

test("an upload that breaks off leaves nothing, and makes room", async (server, url) => {
  const { path } = server.newLocation();
  for (let times = 0; times < UPLOADS_AT_ONCE_MAX + 1; times++) {
    const upload = await RawHttp.begin(server.port, `PUT ${path}half HTTP/1.1`, "Content-Length: 100");
    await upload.write("half");
    upload[Symbol.dispose]();
  }
  // Whoever comes while they are there is told to come later.
  let status = 503;
  for (let tries = 0; status === 503 && tries < 1_000; tries++) {
    status = await statusOf(url(`${path}whole`), { method: "PUT", body: "whole" });
  }
  assert.equal(status, 201);
  assert.deepEqual(server.uploads.map(({ fileName }) => fileName), ["whole"]);
});

test(
  "too many uploads at once are told to come later; those that are under way go on",
  async (server, url) => {
    const { path } = server.newLocation();
    const under: RawHttp[] = [];
    for (let count = 0; count < UPLOADS_AT_ONCE_MAX; count++) {
      const head = ["Content-Length: 4", "Expect: 100-continue"];
      const upload = await RawHttp.begin(server.port, `PUT ${path}${count} HTTP/1.1`, ...head);
      assert.equal(await upload.status(), 100, "the server reads");
      under.push(upload);
    }
    const refused = await fetch(url(`${path}late`), { method: "PUT", body: "late" });
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "5"]);
    await refused.body?.cancel();
    for (const upload of under) {
      await upload.write("done");
      assert.equal(await upload.status(), 201);
      upload[Symbol.dispose]();
    }
    assert.equal(server.uploads.length, UPLOADS_AT_ONCE_MAX);
  },
);

test("the oldest of too many uploads goes", async (server, url) => {
  const { path } = server.newLocation();
  for (let count = 0; count <= UPLOADS_MAX; count++) {
    await statusOf(url(`${path}${count}`), { method: "PUT", body: "x" });
  }
  assert.equal(server.uploads.length, UPLOADS_MAX);
  assert.equal(server.uploads[0]?.fileName, "1");
});

Deno.test({
  ...net("an upload that stands still ends when its time is over, and nothing of it is kept"),
  async fn() {
    const server = new BenchFileServer({ hostname: "127.0.0.1", port: 0 }, { uploadMaxMs: 100 });
    const { path } = server.newLocation();
    using upload = await RawHttp.begin(server.port, `PUT ${path}slow HTTP/1.1`, "Content-Length: 9");
    await upload.write("half");
    assert.equal(await upload.status(), 408);
    assert.deepEqual(server.uploads, []);
    await server.close();
  },
});

Deno.test({
  ...net("a server that ends ends what is under way, and its port is free again"),
  async fn() {
    const server = new BenchFileServer({ hostname: "127.0.0.1", port: 0 });
    const { port } = server;
    const { path } = server.newLocation();
    using upload = await RawHttp.begin(
      port,
      `PUT ${path}x HTTP/1.1`,
      "Content-Length: 9",
      "Expect: 100-continue",
    );
    assert.equal(await upload.status(), 100);
    await within(server.close(), "the end");
    await upload.bytesToEnd();
    await new BenchFileServer({ hostname: "127.0.0.1", port }).close();
  },
});

Deno.test({
  ...net("a port that is taken is an error that names the option"),
  async fn() {
    const server = new BenchFileServer({ hostname: "127.0.0.1", port: 0 });
    const optionNames = { port: "--bench-port", host: "--bench-host" };
    assert.throws(
      () => new BenchFileServer({ hostname: "127.0.0.1", port: server.port, optionNames }),
      (error: Error) => error instanceof ListenError && error.message.includes("--bench-port"),
    );
    await server.close();
  },
});

Deno.test({
  ...net("the bench names files by the host that it listens on, or is told"),
  async fn() {
    const hostOf = async (options: Parameters<typeof HttpTestBench.open>[0]) => {
      const bench = await HttpTestBench.open({ ...options, signatureScheme: "ECDSA" });
      const upload = await bench.get({ kind: "uploadLocation" });
      const firmware = await bench.get({ kind: "firmware" });
      await bench.close();
      const [one, other] = [new URL(upload!.location), new URL(firmware!.location)];
      assert.deepEqual([one.port, one.host], [String(bench.port), other.host]);
      return one.hostname;
    };
    const everywhere = { address: { hostname: "0.0.0.0", port: 0 } };
    assert.equal(await hostOf({}), "127.0.0.1");
    assert.equal(await hostOf({ ...everywhere, advertisedHost: "bench.test" }), "bench.test");
    assert.equal(await hostOf({ ...everywhere, advertisedHost: "fd00::7" }), "[fd00::7]");
  },
});

Deno.test({
  ...net("what the bench logs has neither the secret of its paths nor a key in it"),
  async fn() {
    const records: LogRecord[] = [];
    await configure({
      sinks: { records: (record) => records.push(record) },
      loggers: [
        { category: ["ocpp"], sinks: ["records"], lowestLevel: "trace" },
        { category: ["logtape", "meta"], sinks: [], lowestLevel: "error" },
      ],
    });
    const bench = await HttpTestBench.open({ signatureScheme: "ECDSA" });
    const fileTransfer = new UrlFileTransfer();
    try {
      const { signal } = new AbortController();
      const { location } = (await bench.get({ kind: "firmware" }))!;
      const { outcome } = await fileTransfer.download({ url: location, bytesMax: 10_000, signal });
      assert.equal(outcome.status, "done");
      // What is wrong with a request is told to the case, and is no news for a log.
      const signed = await bench.get({ kind: "signCertificate", csr: "no request" });
      assert.match(signed?.problem ?? "", /./);
      await statusOf(`http://127.0.0.1:${bench.port}/elsewhere?secret`);
      const [, token = ""] = new URL(location).pathname.split("/");
      const told = JSON.stringify(records.map(({ message, properties }) => ({ message, properties })));
      assert.match(told, /firmware\/firmware\.bin/);
      assert.ok(token.length >= 24 && !told.includes(token), told);
      assert.doesNotMatch(told, /PRIVATE|secret|elsewhere\?/);
    } finally {
      fileTransfer.close();
      await bench.close();
      await reset();
    }
  },
});
