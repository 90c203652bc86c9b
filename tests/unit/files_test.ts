/**
 * The bounds of files that only many or large ones reach, with a store in memory and time that jumps.
 */
import assert from "node:assert/strict";
import { filledIn } from "../../src/http/central_system/file_url.ts";
import { FILE_GRANTS_MAX, GRANT_REMEMBERED_MS } from "../../src/runtime/file_grants.ts";
import { FILE_NAME_MAX, fileNameOf } from "../../src/runtime/file_name.ts";
import type { FileStore } from "../../src/runtime/file_store.ts";
import { Files, FILES_MAX, FILES_TOTAL_FACTOR, type IncomingFile } from "../../src/runtime/files.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const DAY_MS = 86_400_000;

/** Takes everything and gives nothing back. */
const STORE: FileStore = {
  list: () => Promise.resolve([]),
  create: () =>
    Promise.resolve({
      write: () => Promise.resolve(),
      finish: () => Promise.resolve(),
      discard: () => Promise.resolve(),
    }),
  read: () => Promise.reject(new Error("nothing is kept")),
  remove: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

function filesOf({ bytesMax = 100, clock = new VirtualClock() } = {}) {
  let next = 0;
  return {
    clock,
    files: new Files({
      store: STORE,
      clock,
      newToken: () => `token-${next++}`,
      newFileId: () => `file-${next++}`,
      bytesMax,
    }),
  };
}

function incoming(bytes: number): IncomingFile {
  return {
    body: ReadableStream.from([new Uint8Array(bytes)]),
    announcedBytes: undefined,
    name: () => "a file",
  };
}

async function upload(files: Files, bytes: number) {
  const { token } = files.expectUpload({ chargePoint: "CP1", ttlMs: DAY_MS })!;
  return await files.receive(token, incoming(bytes));
}

Deno.test("files: their number is bounded, and one that is deleted makes room", async () => {
  const { files } = filesOf();
  for (let count = 0; count < FILES_MAX; count++) assert.equal((await upload(files, 1)).stored, true);
  assert.deepEqual(await upload(files, 1), { stored: false, why: "full" });
  const [first] = await files.all();
  assert.equal(await files.remove(first!.fileId), true);
  assert.equal((await upload(files, 1)).stored, true);
});

Deno.test("files: their size together is bounded", async () => {
  const { files } = filesOf({ bytesMax: 100 });
  for (let count = 0; count < FILES_TOTAL_FACTOR; count++) {
    assert.equal((await upload(files, 100)).stored, true);
  }
  assert.deepEqual(await upload(files, 1), { stored: false, why: "full" });
  const [first] = await files.all();
  await files.remove(first!.fileId);
  assert.equal((await upload(files, 100)).stored, true);
});

Deno.test("files: URLs are bounded; those that are over are forgotten when room is needed, not before", async () => {
  const { files, clock } = filesOf();
  const { token } = files.expectUpload({ chargePoint: "CP1", ttlMs: DAY_MS })!;
  for (let count = 1; count < FILE_GRANTS_MAX; count++) {
    assert.ok(files.expectUpload({ chargePoint: "CP1", ttlMs: DAY_MS }));
  }
  assert.equal(files.expectUpload({ chargePoint: "CP1", ttlMs: DAY_MS }), undefined);
  clock.advance(DAY_MS);
  assert.deepEqual(await files.receive(token, incoming(1)), { stored: false, why: "expired" });
  assert.equal(files.expectUpload({ chargePoint: "CP1", ttlMs: DAY_MS }), undefined);
  clock.advance(GRANT_REMEMBERED_MS);
  assert.ok(files.expectUpload({ chargePoint: "CP1", ttlMs: DAY_MS }));
  assert.deepEqual(await files.receive(token, incoming(1)), { stored: false, why: "unknown" });
});

Deno.test("files: the URL of an update in two weeks still holds then", async () => {
  const { files, clock } = filesOf();
  await files.putFirmware("fw.bin", incoming(1));
  const retrieveAtMs = clock.nowMs() + 14 * DAY_MS;
  const filled = await filledIn(files, {
    action: "UpdateFirmware",
    payload: { location: "ocpp:firmware/fw.bin", retrieveDate: new Date(retrieveAtMs).toISOString() },
    chargePoint: "CP1",
    base: "http://a.test",
    nowMs: clock.nowMs(),
  });
  assert.ok(filled.ok);
  const { location } = filled.payload as { location: string };
  const [, token] = /^http:\/\/a\.test\/files\/token-(.*)\/fw\.bin$/.exec(location)!;
  clock.advance(15 * DAY_MS);
  const offered = await files.offered(token!);
  assert.ok(typeof offered !== "string" && offered.name === "fw.bin", JSON.stringify(offered));
});

Deno.test("files: a name is what is left when nothing can harm", () => {
  const names: readonly (readonly [string | undefined, string | undefined])[] = [
    ["log.txt", "log.txt"],
    ["/var/log/../log.txt", "log.txt"],
    ["C:\\logs\\log.txt", "log.txt"],
    ["logs/", "logs"],
    ["..", undefined],
    [".hidden", ".hidden"],
    ["\u0000\u001b\u202e", undefined],
    ["a\u202egpj.exe", "agpj.exe"],
    ["  spaces  ", "spaces"],
    ["x".repeat(500), "x".repeat(FILE_NAME_MAX)],
    ["\ud800", "\ufffd"],
    ["", undefined],
    [undefined, undefined],
  ];
  for (const [text, name] of names) assert.equal(fileNameOf(text), name, JSON.stringify(text));
});
