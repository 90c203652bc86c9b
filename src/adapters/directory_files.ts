/**
 * Files in one directory: `<fileId>.data` with the bytes and `<fileId>.json` with what is known of them.
 *
 * A file is written under the name `<fileId>.part`, which must not exist, and gets its own when it is whole. Names
 * are made of ids alone, whatever else lies in the directory is left alone, and what is no plain file (a link,
 * say) is never opened.
 */
import { type FileSink, type FileStore, FileStoreError, type StoredFile } from "../runtime/file_store.ts";

/** How much of a file is read at once. */
const CHUNK_BYTES = 65_536;

/** More than this no description of a file has. */
const DESCRIPTION_BYTES_MAX = 4_096;

const FILE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Keeps files in a directory. */
export class DirectoryFiles implements FileStore {
  /** `undefined` while there is none: a directory of this run only is made when it is needed. */
  #directory: string | undefined;
  readonly #isTemporary: boolean;
  #isClosed = false;

  /** `directory`: made if it is not there; absent: one that goes at the end. Errors: `FileStoreError`. */
  constructor(directory?: string) {
    this.#isTemporary = directory === undefined;
    this.#directory = directory;
    if (directory === undefined) return;
    try {
      Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
      for (const _ of Deno.readDirSync(directory)) break;
    } catch (cause) {
      throw failure(`cannot keep files in ${directory}`, cause);
    }
  }

  async list(): Promise<readonly StoredFile[]> {
    const directory = this.#directory;
    if (directory === undefined) return [];
    try {
      const names = new Set<string>();
      for await (const { name, isFile } of Deno.readDir(directory)) if (isFile) names.add(name);
      const files: StoredFile[] = [];
      for (const name of names) {
        const [fileId = "", kind] = name.split(".");
        if (!FILE_ID.test(fileId) || name !== `${fileId}.${kind}`) continue;
        // Left by a run that ended in the midst of it.
        if (kind === "part" || kind === "data" && !names.has(`${fileId}.json`)) {
          await Deno.remove(`${directory}/${name}`);
        }
        if (kind === "json" && names.has(`${fileId}.data`)) {
          const file = await describedIn(`${directory}/${name}`, fileId);
          if (file !== undefined) files.push(file);
        }
      }
      return files;
    } catch (cause) {
      throw failure("cannot list the files", cause);
    }
  }

  async create(fileId: string): Promise<FileSink> {
    const [part, data, json] = [
      this.#path(fileId, "part"),
      this.#path(fileId, "data"),
      this.#path(fileId, "json"),
    ];
    let file: Deno.FsFile;
    try {
      file = await Deno.open(part, { write: true, createNew: true, mode: 0o600 });
    } catch (cause) {
      throw failure("cannot create a file", cause);
    }
    let isOpen = true;
    const close = () => {
      if (isOpen) file.close();
      isOpen = false;
    };
    return {
      write: async (chunk) => {
        try {
          for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
        } catch (cause) {
          throw failure("cannot write a file", cause);
        }
      },
      finish: async (described) => {
        try {
          await file.sync();
          close();
          await Deno.rename(part, data);
          // The description makes it one that is kept, so that it comes last.
          await Deno.writeTextFile(part, JSON.stringify(described), { createNew: true, mode: 0o600 });
          await Deno.rename(part, json);
        } catch (cause) {
          close();
          await removeIfThere(part, data);
          throw failure("cannot write a file", cause);
        }
      },
      discard: async () => {
        close();
        await removeIfThere(part);
      },
    };
  }

  async read(fileId: string, { start, end }: { start: number; end: number }) {
    const path = this.#path(fileId, "data");
    let file: Deno.FsFile;
    try {
      await assertPlainFile(path);
      file = await Deno.open(path, { read: true });
      await file.seek(start, Deno.SeekMode.Start);
    } catch (cause) {
      throw failure("cannot read a file", cause);
    }
    let left = end - start;
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const chunk = new Uint8Array(Math.min(CHUNK_BYTES, left));
        try {
          const count = left === 0 ? 0 : await file.read(chunk);
          if (count === null) throw new Error("it is shorter than it was");
          left -= count;
          if (count > 0) controller.enqueue(chunk.subarray(0, count));
        } catch (cause) {
          file.close();
          throw failure("cannot read a file", cause);
        }
        if (left > 0) return;
        file.close();
        controller.close();
      },
      cancel: () => file.close(),
    }, { highWaterMark: 0 });
  }

  async remove(fileId: string): Promise<void> {
    try {
      await removeIfThere(this.#path(fileId, "json"), this.#path(fileId, "data"));
    } catch (cause) {
      throw failure("cannot delete a file", cause);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (!this.#isTemporary || this.#directory === undefined) return;
    await Deno.remove(this.#directory, { recursive: true }).catch(() => {}); // the system tidies up as well
  }

  #path(fileId: string, kind: "part" | "data" | "json"): string {
    if (!FILE_ID.test(fileId)) throw new FileStoreError("no id of a file");
    return `${this.#directoryNow()}/${fileId}.${kind}`;
  }

  #directoryNow(): string {
    if (this.#directory !== undefined) return this.#directory;
    if (this.#isClosed) throw new FileStoreError("the program ends");
    try {
      return this.#directory = Deno.makeTempDirSync({ prefix: "ocpp-files-" });
    } catch (cause) {
      throw failure("cannot make a directory for files", cause);
    }
  }
}

/** What a description says; nothing where it is not one of ours. */
async function describedIn(path: string, fileId: string): Promise<StoredFile | undefined> {
  if ((await Deno.lstat(path)).size > DESCRIPTION_BYTES_MAX) return undefined;
  let file: Partial<Record<keyof StoredFile, unknown>>;
  try {
    file = JSON.parse(await Deno.readTextFile(path));
  } catch {
    return undefined;
  }
  const isFile = file.fileId === fileId && (file.kind === "upload" || file.kind === "firmware") &&
    typeof file.name === "string" && Number.isSafeInteger(file.bytes) &&
    Number.isSafeInteger(file.storedAtMs) &&
    (file.chargePoint === undefined || typeof file.chargePoint === "string");
  return isFile ? file as StoredFile : undefined;
}

async function assertPlainFile(path: string): Promise<void> {
  if (!(await Deno.lstat(path)).isFile) throw new Error("it is no plain file");
}

async function removeIfThere(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    try {
      await Deno.remove(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** What the world's error is to us, in one line. */
export function failure(what: string, cause: unknown): FileStoreError {
  if (cause instanceof FileStoreError) return cause;
  const code = (cause as { code?: unknown }).code;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new FileStoreError(`${what}: no room on the disk`, { cause, isFull: true });
  }
  const why = cause instanceof Deno.errors.NotCapable
    ? "this program may not (--allow-read, --allow-write)"
    : (cause as Error).message;
  return new FileStoreError(`${what}: ${why}`, { cause });
}
