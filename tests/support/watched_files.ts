/**
 * A directory of files for a test: it says when something happens in it, fails as told, and is gone at the end.
 */
import { DirectoryFiles } from "../../src/adapters/directory_files.ts";
import {
  type FileSink,
  type FileStore,
  FileStoreError,
  type StoredFile,
} from "../../src/runtime/file_store.ts";
import { Happenings } from "./within.ts";

/** Wraps `DirectoryFiles`. */
export class WatchedFiles extends Happenings implements FileStore, AsyncDisposable {
  readonly directory = Deno.makeTempDirSync({ prefix: "ocpp-test-files-" });
  /** Bytes that were written so far, of whichever file. */
  bytesWritten = 0;
  /** Files that were opened to be read. */
  reads = 0;
  /** Bytes that fit on the disk. */
  room = Infinity;
  readonly #files = new DirectoryFiles(this.directory);

  /** What lies in the directory. */
  names(): string[] {
    return [...Deno.readDirSync(this.directory)].map(({ name }) => name).sort();
  }

  list(): Promise<readonly StoredFile[]> {
    return this.#files.list();
  }

  async create(fileId: string): Promise<FileSink> {
    const sink = await this.#files.create(fileId);
    return {
      write: async (chunk) => {
        if (this.bytesWritten + chunk.length > this.room) {
          throw new FileStoreError("cannot write a file: no room on the disk", { isFull: true });
        }
        await sink.write(chunk);
        this.bytesWritten += chunk.length;
        this.happened();
      },
      finish: (file) => sink.finish(file),
      discard: async () => {
        await sink.discard();
        this.happened();
      },
    };
  }

  async read(fileId: string, range: { start: number; end: number }): Promise<ReadableStream<Uint8Array>> {
    const stream = await this.#files.read(fileId, range);
    this.reads += 1;
    this.happened();
    return stream;
  }

  remove(fileId: string): Promise<void> {
    return this.#files.remove(fileId);
  }

  close(): Promise<void> {
    return this.#files.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.directory, { recursive: true });
  }
}
