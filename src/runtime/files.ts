/**
 * The files of a Central System: diagnostics and logs that Charge Points upload, firmware that they download.
 *
 * Rules: an upload has a URL of its own, which takes one file; a broken one leaves nothing, and its URL is good for
 * another try. Everything is bounded, and nothing is ever whole in memory.
 */
import type { Clock } from "./clock.ts";
import { type FileGrant, FileGrants, type IssuedGrant } from "./file_grants.ts";
import { type FileStore, FileStoreError, type StoredFile } from "./file_store.ts";
import { type FileStream, FileStreams, type StreamEnd, unlessAborted } from "./file_streams.ts";

/** The largest file unless somebody says otherwise. */
export const FILE_BYTES_MAX_DEFAULT = 64 * 1024 * 1024;

/** As many files are kept. */
export const FILES_MAX = 1_000;

/** All files together: this many of the largest. */
export const FILES_TOTAL_FACTOR = 16;

/** A file on its way in. */
export interface IncomingFile {
  readonly body: ReadableStream<Uint8Array>;
  /** What the sender says that it has; perhaps nothing. */
  readonly announcedBytes: number | undefined;
  /** Asked for at the end: some say it in the body. */
  readonly name: () => string | undefined;
}

/** Why a file was not taken. */
export type FileRefusal =
  | "unknown"
  | "expired"
  | "used"
  | "receiving"
  | "tooLarge"
  | "full"
  | "busy"
  | "broken"
  | StreamEnd;

/** What became of a file. */
export type Received =
  | { readonly stored: true; readonly file: StoredFile }
  | { readonly stored: false; readonly why: FileRefusal };

/** Keeps files. Errors: `FileStoreError` where the disk cannot be used at all. */
export class Files {
  readonly bytesMax: number;
  readonly #store: FileStore;
  readonly #clock: Clock;
  readonly #newFileId: () => string;
  readonly #grants: FileGrants;
  readonly #streams: FileStreams;
  readonly #files = new Map<string, StoredFile>();
  #loading: Promise<void> | undefined;
  /** Bytes and number of those that are coming in. */
  #incomingBytes = 0;
  #incoming = 0;

  constructor({ store, clock, newToken, newFileId, bytesMax = FILE_BYTES_MAX_DEFAULT }: {
    store: FileStore;
    clock: Clock;
    newToken: () => string;
    newFileId: () => string;
    bytesMax?: number;
  }) {
    this.bytesMax = bytesMax;
    this.#store = store;
    this.#clock = clock;
    this.#newFileId = newFileId;
    this.#grants = new FileGrants({ clock, newToken });
    this.#streams = new FileStreams(clock);
  }

  // --- what is kept ------------------------------------------------------------------------------------------

  /** Oldest first. */
  async all(): Promise<readonly StoredFile[]> {
    await this.#loaded();
    return [...this.#files.values()];
  }

  async get(fileId: string): Promise<StoredFile | undefined> {
    await this.#loaded();
    return this.#files.get(fileId);
  }

  /** The firmware of that name. */
  async firmware(name: string): Promise<StoredFile | undefined> {
    return (await this.all()).find((file) => file.kind === "firmware" && file.name === name);
  }

  /** Deletes a file, or ends the wait for an upload; false: there is neither. */
  async remove(fileId: string): Promise<boolean> {
    await this.#loaded();
    this.#grants.revoke(fileId);
    if (!this.#files.has(fileId)) return false;
    await this.#store.remove(fileId);
    return this.#files.delete(fileId);
  }

  /** The bytes of a file, or why they are not given; they end early if the reader is too slow. */
  async read(
    { fileId }: StoredFile,
    range: { start: number; end: number },
  ): Promise<ReadableStream<Uint8Array> | "busy"> {
    const stream = this.#streams.begin();
    if (stream === undefined) return "busy";
    try {
      return watched(await this.#store.read(fileId, range), stream);
    } catch (error) {
      stream.end();
      throw error;
    }
  }

  // --- URLs --------------------------------------------------------------------------------------------------

  /** A URL for one upload of a Charge Point; `undefined` where there are too many URLs. */
  expectUpload(
    { chargePoint, ttlMs }: { chargePoint: string; ttlMs: number },
  ): IssuedGrant & { fileId: string } | undefined {
    const fileId = this.#newFileId();
    const expiresAtMs = this.#clock.nowMs() + ttlMs;
    const issued = this.#grants.issue({ kind: "upload", fileId, chargePoint, expiresAtMs });
    return issued === undefined ? undefined : { ...issued, fileId };
  }

  /** A URL for downloads of one file; `undefined` where there are too many URLs. */
  offer({ fileId }: StoredFile, { ttlMs }: { ttlMs: number }): IssuedGrant | undefined {
    return this.#grants.issue({ kind: "download", fileId, expiresAtMs: this.#clock.nowMs() + ttlMs });
  }

  /** The file that a URL is for. */
  async offered(token: string): Promise<StoredFile | "unknown" | "expired"> {
    const grant = this.#grants.find(token, "download");
    return typeof grant === "string" ? grant : await this.get(grant.fileId) ?? "unknown";
  }

  // --- coming in ---------------------------------------------------------------------------------------------

  /** Takes a Charge Point's upload. */
  async receive(token: string, incoming: IncomingFile): Promise<Received> {
    const grant = this.#grants.find(token, "upload");
    if (typeof grant === "string") return { stored: false, why: grant };
    if (grant.state !== "open") return { stored: false, why: grant.state };
    grant.state = "receiving";
    const received = await this.#take(incoming, { ...grant, kind: "upload" }).catch((error) => {
      grant.state = "open";
      throw error;
    });
    grant.state = received.stored ? "used" : "open";
    return received;
  }

  /** Takes firmware of an operator, in the place of what had its name before. */
  async putFirmware(name: string, incoming: IncomingFile): Promise<Received> {
    const received = await this.#take({ ...incoming, name: () => name }, {
      fileId: this.#newFileId(),
      kind: "firmware",
    });
    if (!received.stored) return received;
    for (const file of await this.all()) {
      const isNamesake = file.kind === "firmware" && file.name === name;
      if (isNamesake && file !== received.file) await this.remove(file.fileId);
    }
    return received;
  }

  async #take(
    { body, announcedBytes, name }: IncomingFile,
    { fileId, kind, chargePoint }: Pick<FileGrant, "fileId" | "chargePoint"> & Pick<StoredFile, "kind">,
  ): Promise<Received> {
    await this.#loaded();
    if ((announcedBytes ?? 0) > this.bytesMax) return { stored: false, why: "tooLarge" };
    if (this.#files.size + this.#incoming >= FILES_MAX) return { stored: false, why: "full" };
    const stream = this.#streams.begin();
    if (stream === undefined) return { stored: false, why: "busy" };
    this.#incoming += 1;
    let bytes = 0;
    try {
      const sink = await this.#store.create(fileId);
      const why = await this.#pump(body, stream, async (chunk) => {
        bytes += chunk.length;
        this.#incomingBytes += chunk.length;
        if (bytes > this.bytesMax) return "tooLarge";
        if (this.#totalBytes() > this.bytesMax * FILES_TOTAL_FACTOR) return "full";
        await sink.write(chunk);
      }).catch(async (error) => {
        await sink.discard();
        throw error;
      });
      if (why !== undefined) {
        await sink.discard();
        return { stored: false, why };
      }
      const file: StoredFile = {
        fileId,
        kind,
        name: name() ?? kind,
        ...(chargePoint === undefined ? {} : { chargePoint }),
        bytes,
        storedAtMs: this.#clock.nowMs(),
      };
      await sink.finish(file);
      this.#files.set(fileId, file);
      return { stored: true, file };
    } catch (error) {
      if (error instanceof FileStoreError && error.isFull) return { stored: false, why: "full" };
      throw error;
    } finally {
      this.#incoming -= 1;
      this.#incomingBytes -= bytes;
      stream.end();
    }
  }

  /** Moves a body chunk by chunk; gives why it ended early, if it did. */
  async #pump(
    body: ReadableStream<Uint8Array>,
    stream: FileStream,
    put: (chunk: Uint8Array) => Promise<FileRefusal | undefined | void>,
  ): Promise<FileRefusal | undefined> {
    const reader = body.getReader();
    for (;;) {
      let next: ReadableStreamReadResult<Uint8Array>;
      try {
        next = await unlessAborted(reader.read(), stream.signal);
      } catch (cause) {
        reader.cancel().catch(() => {}); // it broke off, or is to
        return stream.signal.aborted ? cause as StreamEnd : "broken";
      }
      if (next.done) return undefined;
      stream.moved();
      const why = await put(next.value);
      if (why === undefined) continue;
      reader.cancel().catch(() => {});
      return why;
    }
  }

  #totalBytes(): number {
    let total = this.#incomingBytes;
    for (const { bytes } of this.#files.values()) total += bytes;
    return total;
  }

  #loaded(): Promise<void> {
    return this.#loading ??= this.#store.list().then(
      (files) => {
        for (const file of [...files].sort((a, b) => a.storedAtMs - b.storedAtMs)) {
          this.#files.set(file.fileId, file);
        }
      },
      (error) => {
        this.#loading = undefined; // perhaps it can be read later
        throw error;
      },
    );
  }

  /** Breaks off what is under way; what is kept for this run only goes. */
  async close(): Promise<void> {
    this.#streams.close();
    await this.#store.close();
  }
}

/** A stream that counts as under way until it is read or given up, and breaks off when it is too slow. */
function watched(source: ReadableStream<Uint8Array>, stream: FileStream): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      stream.signal.addEventListener("abort", () => {
        stream.end();
        // No `Error`: whoever reads may print it, and the stack of this tells nobody anything.
        controller.error(`a download was broken off: ${stream.signal.reason}`);
        reader.cancel().catch(() => {});
      });
    },
    pull: async (controller) => {
      stream.moved();
      try {
        const { done, value } = await reader.read();
        if (stream.signal.aborted) return;
        if (!done) return controller.enqueue(value);
        stream.end();
        controller.close();
      } catch (error) {
        stream.end();
        throw error;
      }
    },
    cancel: async () => {
      stream.end();
      await reader.cancel();
    },
  }, { highWaterMark: 0 });
}
