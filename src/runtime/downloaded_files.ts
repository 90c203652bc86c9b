/**
 * The files that Charge Points have downloaded: the latest of each, as long as there is room.
 *
 * A fleet downloads the same firmware many times; equal contents are held once.
 */
import { FIRMWARE_BYTES_MAX } from "./file_transfer.ts";
import type { JobOwner } from "./jobs.ts";

/** What all different contents may take together; the file that was downloaded first goes first. */
export const DOWNLOADED_BYTES_MAX = 4 * FIRMWARE_BYTES_MAX;

/** A file and the name that its Charge Point knows it by. */
interface DownloadedFile {
  readonly fileId: string;
  readonly content: Content;
}

interface Content {
  readonly bytes: Uint8Array<ArrayBuffer>;
  holders: number;
}

/** Keeps at most one file for each owner. */
export class DownloadedFiles {
  /** In the order in which they were kept. */
  readonly #files = new Map<JobOwner, DownloadedFile>();
  readonly #contents = new Set<Content>();
  readonly #bytesMax: number;
  #bytes = 0;
  #nextId = 1;

  constructor({ bytesMax = DOWNLOADED_BYTES_MAX }: { bytesMax?: number } = {}) {
    this.#bytesMax = bytesMax;
  }

  /** The bytes that all contents take together. */
  get bytesHeld(): number {
    return this.#bytes;
  }

  /** Keeps a file in the place of the owner's last one; gives its `fileId`. */
  keep(owner: JobOwner, bytes: Uint8Array<ArrayBuffer>): string {
    this.drop(owner);
    const content = this.#contentOf(bytes);
    content.holders++;
    const fileId = `file-${this.#nextId++}`;
    this.#files.set(owner, { fileId, content });
    for (const [oldest] of this.#files) {
      if (this.#bytes <= this.#bytesMax || oldest === owner) break;
      this.drop(oldest);
    }
    return fileId;
  }

  /** The owner's file of that name; `undefined` once another took its place. */
  bytesOf(owner: JobOwner, fileId: string): Uint8Array<ArrayBuffer> | undefined {
    const file = this.#files.get(owner);
    return file?.fileId === fileId ? file.content.bytes : undefined;
  }

  /** Forgets the owner's file. */
  drop(owner: JobOwner): void {
    const content = this.#files.get(owner)?.content;
    if (content === undefined) return;
    this.#files.delete(owner);
    if (--content.holders > 0) return;
    this.#contents.delete(content);
    this.#bytes -= content.bytes.length;
  }

  #contentOf(bytes: Uint8Array<ArrayBuffer>): Content {
    for (const content of this.#contents) if (isEqual(content.bytes, bytes)) return content;
    const content = { bytes, holders: 0 };
    this.#contents.add(content);
    this.#bytes += bytes.length;
    return content;
  }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
