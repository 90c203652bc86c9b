/**
 * Files over real sockets, on both listeners: what devices do, what they may not, and what operators see of it.
 */
import assert from "node:assert/strict";
import { webCryptography } from "../../src/adapters/cryptography.ts";
import { UrlFileTransfer } from "../../src/adapters/file_transfer.ts";
import { systemClock } from "../../src/adapters/system_clock.ts";
import { FILE_STALL_MAX_MS, FILE_STREAM_MAX_MS, FILE_STREAMS_MAX } from "../../src/runtime/file_streams.ts";
import { JobRunner } from "../../src/runtime/job_runner.ts";
import { onBothListeners } from "../support/both_listeners.ts";
import { needs } from "../support/needs.ts";
import { RawHttp } from "../support/raw_http.ts";
import { assertProblem, overSockets, startServer, type TestServer } from "../support/server.ts";
import { Simulator } from "../support/simulator.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { WatchedFiles } from "../support/watched_files.ts";
import { within } from "../support/within.ts";

const JSON_BODY = { "content-type": "application/json" };
const TEXT = "diagnostics of a Charge Point\n";

// deno-lint-ignore no-explicit-any -- tests look into bodies freely
type Json = any;

function post(server: TestServer, path: string, body: unknown) {
  return server.fetch(path, { method: "POST", headers: JSON_BODY, body: JSON.stringify(body) });
}

/** A path to upload to. */
async function expectUpload(server: TestServer, more: Json = {}): Promise<{ path: string; fileId: string }> {
  const { status, body } = await post(server, "/api/v1/files/uploads", { chargePoint: "CP1", ...more });
  assert.equal(status, 201, JSON.stringify(body));
  return { path: new URL(body.url).pathname, fileId: body.fileId };
}

function put(server: TestServer, path: string, body: BodyInit = TEXT, init: RequestInit = {}) {
  return server.fetch(path, { method: "PUT", body, headers: {}, ...init });
}

async function filesOf(server: TestServer): Promise<Json[]> {
  return (await server.get("/api/v1/files")).body.items;
}

async function putFirmware(server: TestServer, name: string, body: BodyInit): Promise<Json> {
  const answer = await put(server, `/api/v1/files/firmware/${name}`, body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

/** Everything that operators may look at, as one text. */
async function everythingShown(server: TestServer): Promise<string> {
  const { body } = await server.get("/api/v1/charge-points/CP1/messages?limit=1000");
  return JSON.stringify(body);
}

onBothListeners(
  "files: GetDiagnostics, and the operator has the file",
  async (start) => {
    await using store = new WatchedFiles();
    await using server = await start({ files: store });
    await using jobs = new JobRunnerOfTest();
    await using _simulator = new Simulator(server.url, { jobs: jobs.runner });
    await server.observer.until(() => server.observer.of("booted").length === 1, "the boot");
    const asked = await server.call("CP1", {
      action: "GetDiagnostics",
      payload: { location: "ocpp:upload" },
    });
    assert.equal(asked.body.outcome, "result", JSON.stringify(asked.body));
    await server.observer.until(() => statuses(server, "Diagnostics").includes("Uploaded"), "the upload");
    const [file, ...more] = await filesOf(server);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [file.fileId, file.kind, file.chargePoint, file.name],
      [asked.body.uploadId, "upload", "CP1", asked.body.payload.fileName],
    );
    const content = await fetch(`${server.api}/api/v1/files/${file.fileId}/content`);
    const unzipped = content.body!.pipeThrough(new DecompressionStream("gzip"));
    assert.match(await new Response(unzipped).text(), /BootNotification/);

    const call = server.observer.of("exchanged").find(({ exchange }) => exchange.action === "GetDiagnostics");
    const { location } = call!.exchange.payload as { location: string };
    assert.match(location, /^http:\/\/127\.0\.0\.1:\d+\/files\/token-\[redacted\]\/$/);
    const shown = await everythingShown(server);
    assert.match(shown, /token-\[redacted\]/);
    assert.doesNotMatch(shown, /token-[\w-]/, "the token is in the messages");
  },
  "read",
  "write",
);

onBothListeners(
  "files: UpdateFirmware, and the Charge Point has the file",
  async (start) => {
    await using store = new WatchedFiles();
    await using server = await start({ files: store });
    await using jobs = new JobRunnerOfTest();
    await using _simulator = new Simulator(server.url, { jobs: jobs.runner });
    await server.observer.until(() => server.observer.of("booted").length === 1, "the boot");
    await putFirmware(server, "fw-2.1.bin", "ocpp-firmware 2.1.0\n");
    const asked = await server.call("CP1", {
      action: "UpdateFirmware",
      payload: { location: "ocpp:firmware/fw-2.1.bin", retrieveDate: new Date().toISOString() },
    });
    assert.equal(asked.body.outcome, "result", JSON.stringify(asked.body));
    await server.observer.until(() => statuses(server, "Firmware").includes("Downloaded"), "the download");
    assert.match(await everythingShown(server), /token-\[redacted\]\/fw-2\.1\.bin/);
  },
  "read",
  "write",
);

const WAYS: readonly (readonly [way: string, path: (path: string) => string, name: string])[] = [
  ["the URL as it is", (path) => path, "upload"],
  ["without the slash at its end", (path) => path.slice(0, -1), "upload"],
  ["with a name of the device's own", (path) => `${path}log%20(1).tgz`, "log (1).tgz"],
  ["with a slash and a name", (path) => `${path}/log.tgz`, "log.tgz"],
  ["with a way out of the directory", (path) => `${path}..%2F..%2F..%5Cetc%2Fpasswd`, "passwd"],
  ["with dots for a name", (path) => `${path}a%2F..`, "upload"],
  ["with what turns writing around", (path) => `${path}a%E2%80%AE.log`, "a.log"],
];

onBothListeners(
  "files: devices upload in many ways, and names are only names",
  async (start) => {
    await using store = new WatchedFiles();
    await using server = await start({ files: store });
    for (const method of ["PUT", "POST"]) {
      for (const [way, pathOf, name] of WAYS) {
        const { path, fileId } = await expectUpload(server);
        const { status, body } = await put(server, pathOf(path), TEXT, { method });
        assert.equal(status, 201, `${method} ${way}: ${JSON.stringify(body)}`);
        const { body: file } = await server.get(`/api/v1/files/${fileId}`);
        assert.deepEqual([file.name, file.bytes, file.chargePoint], [name, TEXT.length, "CP1"], way);
        assert.equal((await server.get(`/api/v1/files/${fileId}/content`)).body, TEXT);
      }
      const { path, fileId } = await expectUpload(server);
      for (const odd of ["a%1B%5B31m.log", "50%.log", "%2e%2e/log"]) {
        assert.ok([400, 404].includes((await put(server, `${path}${odd}`, TEXT, { method })).status), odd);
      }
      const form = new FormData();
      form.append("comment", "not this");
      form.append("file", new Blob(["x".repeat(200_000)]), "../form.log");
      assert.equal((await put(server, path, form, { method })).status, 201);
      const { body: file } = await server.get(`/api/v1/files/${fileId}`);
      assert.deepEqual([file.name, file.bytes], ["form.log", 200_000]);
    }
    assert.ok(
      store.names().every((name) => /^[0-9a-f-]{36}\.(data|json)$/.test(name)),
      store.names().join(),
    );
  },
  "read",
  "write",
);

onBothListeners(
  "files: a token is for one purpose, one file and a while",
  async (start) => {
    const clock = new VirtualClock({ nowMs: Date.now() });
    await using store = new WatchedFiles();
    await using server = await start({ files: store, clock });
    const wrong = `/files/token-${"A".repeat(32)}/x`;
    assertProblem(await put(server, wrong), 404);
    assertProblem(await server.get(wrong), 404);
    assertProblem(await put(server, "/files/x"), 404);

    const { path } = await expectUpload(server);
    assertProblem(await server.get(path), 404); // not for downloads
    assertProblem(await put(server, `${path.slice(0, -1)}A/`), 404); // one character more
    assertProblem(await server.fetch(path, { method: "DELETE" }), 405);
    assert.equal((await put(server, path)).status, 201);
    const again = await put(server, path);
    assertProblem(again, 409);
    assert.equal(again.body.reason, "used");

    const firmware = await putFirmware(server, "fw.bin", "firmware");
    const download = new URL(firmware.url).pathname;
    assertProblem(await put(server, download), 404); // not for uploads
    for (let times = 0; times < 2; times++) assert.equal((await server.get(download)).body, "firmware");

    const late = await expectUpload(server, { expiresInSeconds: 60 });
    clock.advance(60_000);
    assertProblem(await put(server, late.path), 410);
    clock.advance(8 * 86_400_000);
    assertProblem(await server.get(download), 410);
    const other = await post(server, `/api/v1/files/${firmware.fileId}/downloads`, {});
    assert.equal((await server.get(new URL(other.body.url).pathname)).status, 200);
    assert.equal(
      (await server.fetch(`/api/v1/files/${firmware.fileId}`, { method: "DELETE" })).status,
      204,
    );
    assertProblem(await server.get(new URL(other.body.url).pathname), 404);
    assert.equal((await filesOf(server)).length, 1);
  },
  "read",
  "write",
);

onBothListeners(
  "files: what is too large is refused, said or not, and leaves nothing",
  async (start) => {
    await using store = new WatchedFiles();
    await using server = await start({ files: store, fileBytesMax: 100_000 });
    const { path } = await expectUpload(server);
    using announced = await RawHttp.begin(server.port, `PUT ${path} HTTP/1.1`, "Content-Length: 100001");
    const refused = await announced.answer();
    assert.deepEqual([refused.status, refused.body.reason], [413, "tooLarge"]);
    assert.equal(store.bytesWritten, 0, "it was refused before any of it was taken");

    using unsaid = await RawHttp.begin(server.port, `PUT ${path} HTTP/1.1`, "Transfer-Encoding: chunked");
    await unsaid.write(`${(100_001).toString(16)}\r\n${"x".repeat(100_001)}\r\n`);
    assert.equal((await unsaid.answer()).status, 413);
    using firmware = await RawHttp.begin(
      server.port,
      "PUT /api/v1/files/firmware/fw.bin HTTP/1.1",
      "Content-Length: 100001",
    );
    assert.equal((await firmware.answer()).status, 413);
    assert.deepEqual(store.names(), []);
    assert.equal((await put(server, path, "x".repeat(100_000))).status, 201, "the URL is still good");
  },
  "read",
  "write",
);

onBothListeners(
  "files: a slow upload is ended, and its URL stays good",
  async (start) => {
    const clock = new VirtualClock({ nowMs: Date.now() });
    await using store = new WatchedFiles();
    await using server = await start({ files: store, clock });
    const { path } = await expectUpload(server);
    {
      using still = await RawHttp.begin(server.port, `PUT ${path} HTTP/1.1`, "Content-Length: 100");
      await still.write("begin");
      await store.until(() => store.bytesWritten === 5, "the beginning");
      const meanwhile = await put(server, path);
      assertProblem(meanwhile, 409);
      assert.equal(meanwhile.body.reason, "receiving");
      clock.advance(FILE_STALL_MAX_MS);
      const { status, body } = await still.answer();
      assert.deepEqual([status, body.reason], [408, "slow"]);
      assert.deepEqual(store.names(), []);
    }
    // One that moves, but not to an end.
    using endless = await RawHttp.begin(server.port, `PUT ${path} HTTP/1.1`, "Content-Length: 100000");
    let sent = 5;
    const endAtMs = clock.nowMs() + FILE_STREAM_MAX_MS;
    for (let leftMs = FILE_STREAM_MAX_MS; leftMs > 0; leftMs = endAtMs - clock.nowMs()) {
      await endless.write("x");
      sent += 1;
      await store.until(() => store.bytesWritten === sent, "a byte");
      assert.equal(store.names().length, 1);
      clock.advance(Math.min(leftMs, FILE_STALL_MAX_MS / 2)); // it never stands still for long
    }
    assert.equal((await endless.answer()).status, 408);
    assert.equal((await put(server, path)).status, 201);
  },
  "read",
  "write",
);

onBothListeners(
  "files: an upload that breaks off leaves nothing, and may be tried again",
  async (start) => {
    await using store = new WatchedFiles();
    await using server = await start({ files: store });
    const { path } = await expectUpload(server);
    for (const length of ["Content-Length: 100", "Transfer-Encoding: chunked"]) {
      store.bytesWritten = 0;
      {
        using broken = await RawHttp.begin(server.port, `PUT ${path} HTTP/1.1`, length);
        await broken.write(length.startsWith("C") ? "begin" : "5\r\nbegin\r\n");
        await store.until(() => store.bytesWritten === 5, "the beginning");
      }
      await store.until(() => store.names().length === 0, "the end of it");
    }
    const form = [
      '--b\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\nhalf',
      "multipart/form-data; boundary=b",
    ];
    const half = await put(server, path, form[0]!, { headers: { "content-type": form[1]! } });
    assertProblem(half, 400);
    assert.equal(half.body.reason, "broken");
    assert.deepEqual(store.names(), []);
    assert.equal((await put(server, path)).status, 201);
  },
  "read",
  "write",
);

onBothListeners(
  "files: a full disk is told, and leaves nothing",
  async (start) => {
    await using store = new WatchedFiles();
    await using server = await start({ files: store });
    store.room = 10;
    const { path } = await expectUpload(server);
    const full = await put(server, path);
    assertProblem(full, 507);
    assert.equal(full.body.reason, "full");
    assert.deepEqual(store.names(), []);
    store.room = Infinity;
    assert.equal((await put(server, path)).status, 201);
  },
  "read",
  "write",
);

onBothListeners(
  "files: too many at once wait, and the end of the program ends them",
  async (start) => {
    await using store = new WatchedFiles();
    const server = await start({ files: store });
    const uploads: RawHttp[] = [];
    for (let count = 1; count <= FILE_STREAMS_MAX; count++) {
      const { path } = await expectUpload(server);
      const upload = await RawHttp.begin(server.port, `PUT ${path} HTTP/1.1`, "Content-Length: 9");
      await upload.write("x");
      uploads.push(upload);
    }
    await store.until(() => store.bytesWritten === FILE_STREAMS_MAX, "all of them");
    const { path } = await expectUpload(server);
    const busy = await put(server, path);
    assertProblem(busy, 503);
    assert.ok(Number(busy.headers.get("retry-after")) > 0);
    const stopping = server.stop();
    await store.until(() => store.names().length === 0, "the end of all");
    for (const upload of uploads) upload[Symbol.dispose]();
    await stopping;
  },
  "read",
  "write",
);

onBothListeners(
  "files: a download that is not read is ended",
  async (start) => {
    const clock = new VirtualClock({ nowMs: Date.now() });
    await using store = new WatchedFiles();
    await using server = await start({ files: store, clock });
    const bytes = 32 * 1_048_576; // more than the sockets between them hold
    const { url } = await putFirmware(server, "fw.bin", new Uint8Array(bytes));
    using slow = await RawHttp.begin(server.port, `GET ${new URL(url).pathname} HTTP/1.1`);
    await store.until(() => store.reads === 1, "the download");
    clock.advance(FILE_STALL_MAX_MS);
    assert.ok(await slow.bytesToEnd() < bytes);
    const whole = await fetch(url);
    assert.equal((await whole.bytes()).length, bytes);
  },
  "read",
  "write",
);

onBothListeners(
  "files: downloads in parts, of what no browser shows",
  async (start) => {
    await using store = new WatchedFiles();
    await using server = await start({ files: store });
    const { url } = await putFirmware(server, "fä%22.html", "0123456789");
    const path = new URL(url).pathname;
    const get = (range?: string, more: Record<string, string> = {}) =>
      server.fetch(path, { headers: { ...more, ...(range === undefined ? {} : { range }) } });
    const whole = await get();
    assert.deepEqual([whole.status, whole.body], [200, "0123456789"]);
    assert.equal(whole.headers.get("content-type"), "application/octet-stream");
    assert.equal(whole.headers.get("x-content-type-options"), "nosniff");
    assert.equal(
      whole.headers.get("content-disposition"),
      `attachment; filename="f__.html"; filename*=UTF-8''f%C3%A4%22.html`,
    );
    const parts:
      readonly (readonly [range: string, status: number, text: string, contentRange: string | null])[] = [
        ["bytes=2-4", 206, "234", "bytes 2-4/10"],
        ["bytes=7-", 206, "789", "bytes 7-9/10"],
        ["bytes=-3", 206, "789", "bytes 7-9/10"],
        ["bytes=0-99", 206, "0123456789", "bytes 0-9/10"],
        ["bytes=4-2", 200, "0123456789", null],
        ["bytes=0-1,3-4", 200, "0123456789", null],
        ["lines=1-2", 200, "0123456789", null],
      ];
    for (const [range, status, text, contentRange] of parts) {
      const part = await get(range);
      assert.deepEqual([part.status, part.body, part.headers.get("content-range")], [
        status,
        text,
        contentRange,
      ], range);
    }
    const beyond = await get("bytes=10-");
    assertProblem(beyond, 416);
    assert.equal(beyond.headers.get("content-range"), "bytes */10");
    const etag = whole.headers.get("etag")!;
    assert.equal((await get("bytes=2-4", { "if-range": etag })).status, 206);
    assert.equal((await get("bytes=2-4", { "if-range": '"another"' })).status, 200);
    const head = await server.fetch(path, { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("content-length"), head.body], [200, "10", ""]);
  },
  "read",
  "write",
);

/** The real runner of jobs, which really transfers. */
class JobRunnerOfTest implements AsyncDisposable {
  readonly #transfer = new UrlFileTransfer();
  readonly runner = new JobRunner({
    clock: systemClock,
    fileTransfer: this.#transfer,
    cryptography: webCryptography,
  });

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transfer.close();
  }
}

function statuses(server: TestServer, of: "Diagnostics" | "Firmware"): string[] {
  return server.observer.of("exchanged")
    .filter(({ exchange }) => exchange.action === `${of}StatusNotification`)
    .map(({ exchange }) => (exchange.payload as { status: string }).status);
}

Deno.test({
  ...needs("env")("files: the hardened listener leaves an upload the time that it may take"),
  async fn() {
    const { REQUEST_MAX_MS } = await import("../../src/adapters/hardened_listener.ts");
    assert.ok(REQUEST_MAX_MS > FILE_STREAM_MAX_MS);
  },
});

Deno.test({
  ...overSockets("files: operators' routes want the API's token, devices' only their own", "read", "write"),
  async fn() {
    await using store = new WatchedFiles();
    await using server = startServer({
      files: store,
      apiToken: "s3cret",
      publicUrl: "https://csms.test/ocpp/",
    });
    const made = await server.fetch("/api/v1/files/uploads", {
      method: "POST",
      headers: { ...JSON_BODY, authorization: "Bearer s3cret" },
      body: '{"chargePoint":"CP1"}',
    });
    assert.match(made.body.url, /^https:\/\/csms\.test\/ocpp\/files\/token-[\w-]{32}\/$/);
    const path = new URL(made.body.url).pathname.replace("/ocpp", "");
    assert.equal((await put(server, path)).status, 201);
    for (
      const [method, route] of [
        ["GET", "/api/v1/files"],
        ["POST", "/api/v1/files/uploads"],
        ["PUT", "/api/v1/files/firmware/x"],
        ["GET", `/api/v1/files/${made.body.fileId}`],
        ["GET", `/api/v1/files/${made.body.fileId}/content`],
        ["DELETE", `/api/v1/files/${made.body.fileId}`],
        ["GET", "/files/../api/v1/files"],
        ["GET", "/files/%2e%2e/api/v1/files"],
      ] as const
    ) {
      const body = method === "PUT" || method === "POST" ? { body: "{}" } : {};
      assertProblem(await server.fetch(route, { method, headers: JSON_BODY, ...body }), 401);
    }
  },
});

Deno.test({
  ...overSockets("files: a location is filled in where it belongs, and nowhere else", "read", "write"),
  async fn() {
    await using store = new WatchedFiles();
    await using server = startServer({ files: store });
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const refusals = [
      ["GetDiagnostics", { location: "ocpp:firmware/x" }, 400],
      ["UpdateFirmware", { location: "ocpp:upload", retrieveDate: "2030-01-01T00:00:00Z" }, 400],
      ["UpdateFirmware", { location: "ocpp:firmware/none", retrieveDate: "2030-01-01T00:00:00Z" }, 404],
    ] as const;
    for (const [action, payload, status] of refusals) {
      assertProblem(await server.call("CP1", { action, payload }), status);
    }
    const sent = async (action: string, payload: unknown, answer: unknown): Promise<Json> => {
      const asked = server.call("CP1", { action, payload });
      const call = await chargePoint.takeCall();
      chargePoint.answer(call, answer);
      assert.equal((await asked).status, 200);
      return call[3];
    };
    const log = await sent("GetLog", {
      logType: "SecurityLog",
      requestId: 1,
      log: { remoteLocation: "ocpp:upload", oldestTimestamp: "2024-01-01T00:00:00Z" },
    }, { status: "Accepted" });
    assert.match(log.log.remoteLocation, /\/files\/token-[\w-]{32}\/$/);
    assert.equal(log.log.oldestTimestamp, "2024-01-01T00:00:00Z");
    assert.equal((await put(server, new URL(log.log.remoteLocation).pathname)).status, 201);

    await putFirmware(server, "fw 1.bin", "firmware");
    const update = await sent("SignedUpdateFirmware", {
      requestId: 2,
      firmware: {
        location: "ocpp:firmware/fw 1.bin",
        retrieveDateTime: "2030-01-01T00:00:00Z",
        signingCertificate: "c",
        signature: "s",
      },
    }, { status: "Accepted" });
    assert.match(update.firmware.location, /\/files\/token-[\w-]{32}\/fw%201\.bin$/);
    assert.equal((await server.get(new URL(update.firmware.location).pathname)).body, "firmware");

    const refused = server.call("CP1", { action: "GetDiagnostics", payload: { location: "ocpp:upload" } });
    const [, uniqueId, , { location }] = await chargePoint.takeCall();
    chargePoint.sendText(JSON.stringify([4, uniqueId, "NotSupported", "", {}]));
    const { body } = await refused;
    assert.deepEqual([body.outcome, body.uploadId], ["error", undefined]);
    assertProblem(await put(server, new URL(location).pathname), 404); // who refuses uploads nothing

    const own = await sent("GetDiagnostics", { location: "ftp://files.test/x" }, {});
    assert.equal(own.location, "ftp://files.test/x");
  },
});

Deno.test({
  ...overSockets(
    "files: the list pages, filters, and outlives a restart; firmware replaces its namesake",
    "read",
    "write",
  ),
  async fn() {
    await using store = new WatchedFiles();
    {
      await using server = startServer({ files: store.directory });
      for (const chargePoint of ["CP1", "CP2", "CP1"]) {
        const { path } = await expectUpload(server, { chargePoint });
        await put(server, `${path}log.txt`);
      }
      await putFirmware(server, "fw.bin", "first");
      await putFirmware(server, "fw.bin", "second");
    }
    Deno.writeTextFileSync(`${store.directory}/6c0c8a36-0000-4000-8000-000000000000.part`, "left over");
    Deno.writeTextFileSync(`${store.directory}/notes.txt`, "not ours");
    await using server = startServer({ files: store.directory });
    const files = await filesOf(server);
    assert.deepEqual(files.map(({ kind, bytes }) => [kind, bytes]), [
      ["firmware", 6],
      ["upload", TEXT.length],
      ["upload", TEXT.length],
      ["upload", TEXT.length],
    ]);
    const first = await server.get("/api/v1/files?kind=upload&chargePoint=CP1&limit=1");
    const next = await server.get(
      `/api/v1/files?kind=upload&chargePoint=CP1&limit=1&cursor=${first.body.nextCursor}`,
    );
    assert.deepEqual([first.body.items.length, next.body.items.length, next.body.nextCursor], [
      1,
      1,
      undefined,
    ]);
    assert.notEqual(first.body.items[0].fileId, next.body.items[0].fileId);
    const names = store.names();
    assert.ok(names.includes("notes.txt") && !names.some((name) => name.endsWith(".part")), names.join());
  },
});

Deno.test({
  ...overSockets("files: a directory that is gone is told as such, and the URL stays good", "read", "write"),
  async fn() {
    await using store = new WatchedFiles();
    await using server = startServer({ files: store });
    const { path } = await expectUpload(server);
    await Deno.remove(store.directory);
    const refused = await put(server, path);
    assertProblem(refused, 503);
    assert.equal(refused.body.detail.includes(store.directory), false);
    assertProblem(await put(server, "/api/v1/files/firmware/fw.bin"), 503);
    await Deno.mkdir(store.directory);
    assert.equal((await put(server, path)).status, 201);
  },
});

Deno.test({
  ...overSockets("files: an upload is an event", "read", "write"),
  async fn() {
    await using store = new WatchedFiles();
    await using server = startServer({ files: store });
    const { path, fileId } = await expectUpload(server);
    await put(server, `${path}log.txt`);
    const abort = new AbortController();
    const response = await fetch(`${server.api}/api/v1/events?chargePoint=CP1`, {
      headers: { "last-event-id": "none" },
      signal: abort.signal,
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    await reader.read();
    const second = await expectUpload(server);
    await put(server, `${second.path}more.txt`);
    let text = "";
    while (!text.includes("more.txt")) text += (await within(reader.read(), "the event")).value;
    assert.match(text, new RegExp(`"kind":"fileReceived","fileId":"${second.fileId}","name":"more.txt"`));
    assert.notEqual(fileId, second.fileId);
    abort.abort();
    await reader.cancel().catch(() => {});
  },
});
