/**
 * The port to where files are kept: what `adapters/directory_files.ts` makes real. Names that come from outside are
 * metadata; where a file lies follows from its `fileId` alone, which is made here.
 */

/** What is known of a file. */
export interface StoredFile {
  readonly fileId: string;
  /** `upload`: of a Charge Point; `firmware`: for Charge Points. */
  readonly kind: "upload" | "firmware";
  /** As its sender calls it; no path. */
  readonly name: string;
  /** Of uploads. */
  readonly chargePoint?: string;
  readonly bytes: number;
  readonly storedAtMs: number;
}

/** A file that is coming in; nobody sees it before `finish`. */
export interface FileSink {
  /** Errors: `FileStoreError`. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes it one that is kept. Errors: `FileStoreError`. */
  finish(file: StoredFile): Promise<void>;
  /** Leaves nothing of it. */
  discard(): Promise<void>;
}

/** Keeps files. Errors: `FileStoreError` from each. */
export interface FileStore {
  /** What was kept before. */
  list(): Promise<readonly StoredFile[]>;
  create(fileId: string): Promise<FileSink>;
  /** The bytes from `start` up to `end`, which is not included. */
  read(fileId: string, range: { start: number; end: number }): Promise<ReadableStream<Uint8Array>>;
  remove(fileId: string): Promise<void>;
  /** What is kept only as long as the program runs goes now. */
  close(): Promise<void>;
}

/** The files could not be read or written; `isFull`: there is no room on the disk. */
export class FileStoreError extends Error {
  override readonly name = "FileStoreError";
  readonly isFull: boolean;

  constructor(message: string, { cause, isFull = false }: { cause?: unknown; isFull?: boolean } = {}) {
    super(message, { cause });
    this.isFull = isFull;
  }
}
