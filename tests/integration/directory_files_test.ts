/**
 * Files in a real directory: what lies there is trusted no further than it has to be.
 */
import assert from "node:assert/strict";
import { DirectoryFiles, failure } from "../../src/adapters/directory_files.ts";
import { FileStoreError, type StoredFile } from "../../src/runtime/file_store.ts";
import { needs } from "../support/needs.ts";

const onDisk = needs("read", "write");
const ID = "6c0c8a36-0000-4000-8000-000000000000";
const FILE: StoredFile = { fileId: ID, kind: "upload", name: "log", bytes: 5, storedAtMs: 1 };

async function inDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "ocpp-files-" });
  try {
    await use(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function store(files: DirectoryFiles, text = "bytes"): Promise<void> {
  const sink = await files.create(ID);
  await sink.write(new TextEncoder().encode(text));
  await sink.finish(FILE);
}

async function textOf(files: DirectoryFiles): Promise<string> {
  const stream = await files.read(ID, { start: 0, end: 5 });
  return await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
}

Deno.test({
  ...onDisk("files: a link is not followed, neither to read nor to write"),
  ignore: Deno.build.os === "windows" || onDisk("").ignore,
  fn: () =>
    inDirectory(async (directory) => {
      await Deno.mkdir(`${directory}/files`);
      await Deno.writeTextFile(`${directory}/secret`, "secret");
      const files = new DirectoryFiles(`${directory}/files`);
      await Deno.symlink(`${directory}/secret`, `${directory}/files/${ID}.part`);
      await assert.rejects(files.create(ID), FileStoreError);
      await Deno.remove(`${directory}/files/${ID}.part`);

      await store(files);
      await Deno.remove(`${directory}/files/${ID}.data`);
      await Deno.symlink(`${directory}/secret`, `${directory}/files/${ID}.data`);
      await assert.rejects(files.read(ID, { start: 0, end: 5 }), FileStoreError);
      assert.deepEqual(await files.list(), []);
      await store(files);
      assert.equal(await Deno.readTextFile(`${directory}/secret`), "secret");
      assert.equal(await textOf(files), "bytes");
    }),
});

Deno.test({
  ...onDisk("files: names that are no ids reach nothing"),
  fn: () =>
    inDirectory(async (directory) => {
      const files = new DirectoryFiles(directory);
      for (const name of ["../x", "x", `${ID}/../x`, ""]) {
        await assert.rejects(files.create(name), FileStoreError);
        await assert.rejects(files.read(name, { start: 0, end: 1 }), FileStoreError);
        await assert.rejects(files.remove(name), FileStoreError);
      }
    }),
});

Deno.test({
  ...onDisk("files: what a run left unfinished goes, what is damaged is not listed, the rest stays"),
  fn: () =>
    inDirectory(async (directory) => {
      await store(new DirectoryFiles(directory));
      const other = ID.replace("6c", "7d");
      const third = ID.replace("6c", "8e");
      for (
        const [name, text] of [
          [`${other}.part`, "half"],
          [`${other}.data`, "without a description"],
          [`${third}.data`, "x"],
          [`${third}.json`, '{"fileId":"another"}'],
          ["mine.txt", "not ours"],
        ] as const
      ) await Deno.writeTextFile(`${directory}/${name}`, text);
      assert.deepEqual(await new DirectoryFiles(directory).list(), [FILE]);
      const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
      assert.deepEqual(names, [`${ID}.data`, `${ID}.json`, `${third}.data`, `${third}.json`, "mine.txt"]);
    }),
});

Deno.test({
  ...onDisk("files: a discarded file leaves nothing, and a directory of this run goes at the end"),
  async fn() {
    const files = new DirectoryFiles();
    assert.deepEqual(await files.list(), []);
    const sink = await files.create(ID);
    await sink.write(new Uint8Array(10));
    await sink.discard();
    await store(files);
    assert.equal(await textOf(files), "bytes");
    await files.close();
    await assert.rejects(files.read(ID, { start: 0, end: 5 }), FileStoreError);
  },
});

Deno.test("files: a full disk is told apart from other failures", () => {
  const full = failure("cannot write a file", Object.assign(new Error("os error 28"), { code: "ENOSPC" }));
  assert.deepEqual([full.isFull, full.message], [true, "cannot write a file: no room on the disk"]);
  assert.equal(failure("cannot write a file", new Error("os error 5")).isFull, false);
});
