/**
 * Files over HTTP and HTTPS, against servers on this machine.
 */
import assert from "node:assert/strict";
import { UrlFileTransfer } from "../../src/adapters/file_transfer.ts";
import { REDIRECTS_MAX } from "../../src/adapters/http_transfer.ts";
import { JobRunner } from "../../src/runtime/job_runner.ts";
import { TRANSFER_MAX_MS, type UploadRequest } from "../../src/runtime/file_transfer.ts";
import type { JobResult } from "../../src/charge_point/job.ts";
import { makeRoot, makeServer } from "../support/certificates.ts";
import { needs } from "../support/needs.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { within } from "../support/within.ts";

const networking = needs("net");
const BYTES_MAX = 1_000_000;
const FIRMWARE = new Uint8Array(300_000).map((_, index) => index % 251);
const transfer = new UrlFileTransfer();

/** One request as the server saw it. */
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
  readonly bytes: Uint8Array;
}

type Answer = (seen: Seen) => Response | Promise<Response>;

/** A server on a free port that remembers what it was asked. */
class FileServer implements AsyncDisposable {
  readonly seen: Seen[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(answer: Answer, tls: { cert: string; key: string } | undefined = undefined) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {}, ...tls },
      async (request) => {
        const { pathname, search } = new URL(request.url);
        const seen = {
          method: request.method,
          path: pathname + search,
          authorization: request.headers.get("authorization"),
          bytes: await request.bytes(),
        };
        this.seen.push(seen);
        return await answer(seen);
      },
    );
  }

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  get methods(): string[] {
    return this.seen.map(({ method }) => method);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function test(name: string, answer: Answer, run: (server: FileServer) => Promise<void>): void {
  Deno.test({
    ...networking(name),
    async fn() {
      await using server = new FileServer(answer);
      await run(server);
    },
  });
}

function download(url: string, { bytesMax = BYTES_MAX, signal = new AbortController().signal } = {}) {
  return within(transfer.download({ url, bytesMax, signal }), `the download of ${url}`);
}

function upload(url: string, rest: Partial<UploadRequest> = {}) {
  const signal = new AbortController().signal;
  return within(
    transfer.upload({ url, fileName: "log 1.gz", bytes: FIRMWARE, signal, ...rest }),
    `the upload to ${url}`,
  );
}

function redirect(status: number, location: string): Response {
  return new Response("moved", { status, headers: { location } });
}

test("HTTP: a file is fetched as it is", () => new Response(FIRMWARE), async ({ host }) => {
  const { outcome, bytes } = await download(`http://${host}/fw/v2.bin?channel=beta`);
  assert.deepEqual(outcome, { status: "done", message: "300000 bytes" });
  assert.deepEqual(bytes, FIRMWARE);
});

test(
  "HTTP: an upload is a PUT below the directory, its query kept",
  () => new Response(null, { status: 201 }),
  async (server) => {
    for (const directory of ["/logs", "/logs/"]) {
      const outcome = await upload(`http://${server.host}${directory}?token=1`);
      assert.deepEqual(outcome, { status: "done", message: "HTTP 201" });
    }
    for (const { method, path, bytes } of server.seen) {
      assert.deepEqual({ method, path }, { method: "PUT", path: "/logs/log%201.gz?token=1" });
      assert.deepEqual(bytes, FIRMWARE);
    }
  },
);

for (const status of [405, 501]) {
  test(
    `HTTP: a server that answers ${status} to PUT gets the same as a POST`,
    ({ method }) => new Response("body", { status: method === "PUT" ? status : 200 }),
    async (server) => {
      assert.equal((await upload(`http://${server.host}/logs/`)).status, "done");
      assert.deepEqual(server.methods, ["PUT", "POST"]);
      assert.deepEqual(server.seen[1]!.bytes, FIRMWARE);
    },
  );
}

test(
  "HTTP: a server that takes neither PUT nor POST does not support uploads",
  () => new Response(null, { status: 405 }),
  async (server) => {
    assert.equal((await upload(`http://${server.host}/`)).status, "notSupported");
    assert.deepEqual(server.methods, ["PUT", "POST"]);
  },
);

test(
  "HTTP: credentials in the URL go out as Basic, percent-decoded",
  ({ authorization }) =>
    new Response(null, { status: authorization === `Basic ${btoa("cp@acme:p:w/1")}` ? 200 : 401 }),
  async ({ host }) => {
    assert.equal((await download(`http://cp%40acme:p%3Aw%2F1@${host}/v2.bin`)).outcome.status, "done");
    assert.equal((await upload(`http://cp%40acme:p%3Aw%2F1@${host}/`)).status, "done");
    const refused = await download(`http://cp:secret@${host}/v2.bin`);
    assert.deepEqual(refused, {
      outcome: { status: "permissionDenied", message: "the server answered HTTP 401" },
    });
  },
);

/** What a status is taken for, the same both ways. */
const REFUSALS = [
  [401, "permissionDenied"],
  [403, "permissionDenied"],
  [404, "notFound"],
  [410, "notFound"],
  [413, "tooLarge"],
  [507, "tooLarge"],
  [503, "unreachable"],
  [500, "failed"],
  [418, "failed"],
] as const;

for (const [status, expected] of REFUSALS) {
  test(`HTTP ${status} is ${expected}`, () => new Response("no", { status }), async ({ host }) => {
    assert.equal((await download(`http://${host}/v2.bin`)).outcome.status, expected);
    assert.equal((await upload(`http://${host}/`)).status, expected);
  });
}

for (const status of [301, 302, 307, 308]) {
  test(
    `HTTP: a redirect (${status}) is followed both ways, method and body kept`,
    ({ path }) => path.startsWith("/old") ? redirect(status, "/new/log.gz") : new Response("ok"),
    async (server) => {
      assert.equal((await download(`http://cp:pw@${server.host}/old`)).outcome.status, "done");
      assert.equal((await upload(`http://cp:pw@${server.host}/old`)).status, "done");
      assert.deepEqual(server.methods, ["GET", "GET", "PUT", "PUT"]);
      assert.equal(server.seen[3]!.path, "/new/log.gz");
      assert.deepEqual(server.seen[3]!.bytes, FIRMWARE);
      assert.equal(server.seen[3]!.authorization, `Basic ${btoa("cp:pw")}`);
    },
  );
}

test("HTTP: 303 after an upload means that it is done", () => redirect(303, "/thanks"), async (server) => {
  assert.equal((await upload(`http://${server.host}/`)).status, "done");
  assert.deepEqual(server.methods, ["PUT"]);
});

Deno.test({
  ...networking("HTTP: another server that a redirect leads to does not learn the credentials"),
  async fn() {
    await using other = new FileServer(() => new Response("firmware"));
    await using server = new FileServer(() => redirect(302, `http://${other.host}/v2.bin`));
    assert.equal((await download(`http://cp:secret@${server.host}/v2.bin`)).outcome.status, "done");
    assert.notEqual(server.seen[0]!.authorization, null);
    assert.equal(other.seen[0]!.authorization, null);
  },
});

test("HTTP: redirects without end are given up", () => redirect(302, "/again"), async (server) => {
  assert.equal((await download(`http://${server.host}/`)).outcome.status, "failed");
  assert.equal(server.seen.length, REDIRECTS_MAX + 1);
});

test(
  "HTTP: a redirect to another protocol is notSupported",
  () => redirect(302, "ftp://files.test/v2.bin"),
  async ({ host }) => {
    assert.equal((await download(`http://${host}/`)).outcome.status, "notSupported");
  },
);

test(
  "HTTP: a file above the bound is tooLarge, by what content-length says",
  () => new Response(FIRMWARE),
  async ({ host }) => {
    const got = await download(`http://${host}/v2.bin`, { bytesMax: 1000 });
    assert.deepEqual(got, { outcome: { status: "tooLarge", message: "the file has more than 1000 bytes" } });
  },
);

test("HTTP: a file without end is tooLarge as soon as it is above the bound", () => {
  return new Response(
    new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(10_000));
      },
    }),
  );
}, async ({ host }) => {
  assert.equal((await download(`http://${host}/v2.bin`)).outcome.status, "tooLarge");
});

/** A TCP server that says this to whoever comes, and then does as told. */
function rawServer(text: string, then: (connection: Deno.Conn) => void): Deno.TcpListener {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(65_536));
      await connection.write(new TextEncoder().encode(text));
      then(connection);
    }
  })();
  return listener;
}

Deno.test({
  ...networking("HTTP: a download that breaks off is unreachable, not a shorter file"),
  async fn() {
    using listener = rawServer("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf", (one) => one.close());
    const { outcome, bytes } = await download(`http://127.0.0.1:${listener.addr.port}/v2.bin`);
    assert.deepEqual(outcome, { status: "unreachable", message: "the connection broke off" });
    assert.equal(bytes, undefined);
  },
});

Deno.test({
  ...networking("HTTP: a server that says nothing more is given up after TRANSFER_MAX_MS"),
  async fn() {
    const hanging = Promise.withResolvers<Deno.Conn>();
    using listener = rawServer("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf", hanging.resolve);
    const clock = new VirtualClock();
    const unused = () => Promise.reject(new Error("not part of this test"));
    const runner = new JobRunner({
      clock,
      fileTransfer: transfer,
      cryptography: { createSigningRequest: unused, readCertificate: unused, verifySignature: unused },
    });
    const done = Promise.withResolvers<JobResult>();
    const url = `http://127.0.0.1:${listener.addr.port}/v2.bin`;
    runner.run({ jobDone: (_, result) => done.resolve(result) }, 1, { kind: "download", url });
    using _connection = await within(hanging.promise, "the server has sent the half");
    clock.advance(TRANSFER_MAX_MS);
    assert.deepEqual(await within(done.promise, "the result"), {
      kind: "download",
      outcome: { status: "unreachable", message: "not done within 300 s" },
    });
  },
});

Deno.test({
  ...networking("HTTP: nobody at the port, no such host: unreachable, in plain words"),
  async fn() {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const refused = { status: "unreachable", message: "connection refused" } as const;
    assert.deepEqual(await upload(`http://cp:secret@127.0.0.1:${port}/`), refused);
    assert.deepEqual((await download(`http://127.0.0.1:${port}/`)).outcome, refused);
    assert.equal((await download("http://no-such-host.invalid/")).outcome.status, "unreachable");
  },
});

Deno.test({
  ...networking("HTTPS: a certificate must build on a root that is trusted"),
  async fn() {
    const root = await makeRoot({ commonName: "root" });
    const { chain, privateKey } = await makeServer(root, { commonName: "files" });
    await using server = new FileServer(() => new Response("firmware"), { cert: chain, key: privateKey });
    const { signal } = new AbortController();
    const request = { url: `https://${server.host}/v2.bin`, bytesMax: BYTES_MAX, signal };
    const trusting = new UrlFileTransfer({ roots: [root.certificate] });
    assert.equal((await within(trusting.download(request), "download")).outcome.status, "done");
    assert.deepEqual((await within(transfer.download(request), "download")).outcome, {
      status: "unreachable",
      message: "the server's certificate is not valid (UnknownIssuer)",
    });
    trusting.close();
  },
});

test("HTTPS: a redirect down to HTTP is not followed", () => new Response("firmware"), async (plain) => {
  const root = await makeRoot({ commonName: "root" });
  const { chain, privateKey } = await makeServer(root, { commonName: "files" });
  await using server = new FileServer(
    () => redirect(302, `http://${plain.host}/v2.bin`),
    { cert: chain, key: privateKey },
  );
  const trusting = new UrlFileTransfer({ roots: [root.certificate] });
  const { signal } = new AbortController();
  const got = trusting.download({ url: `https://${server.host}/v2.bin`, bytesMax: BYTES_MAX, signal });
  assert.equal((await within(got, "download")).outcome.status, "notSupported");
  assert.deepEqual(plain.seen, []);
  trusting.close();
});

Deno.test("file transfer: what is no URL is badUrl, an unknown protocol notSupported", async () => {
  for (const url of ["", "files.test/v2.bin", "http://", "http://a/%E0%A4%A", "ftp://a/%00"]) {
    assert.equal((await download(url)).outcome.status, "badUrl", url);
    assert.equal((await upload(url)).status, "badUrl", url);
  }
  for (const url of ["sftp://files.test/v2.bin", "file:///etc/passwd", "data:,v2", "localhost:8080/v2"]) {
    assert.equal((await download(url)).outcome.status, "notSupported", url);
  }
});
