/**
 * The port to servers that give and take files: what `adapters/file_transfer.ts` makes real.
 */
import type { TransferOutcome } from "../charge_point/job.ts";

/** The largest firmware file that is taken; real ones have some tens of MiB. */
export const FIRMWARE_BYTES_MAX = 64 * 1024 * 1024;
/** The most that is put anywhere, before compression. */
export const UPLOAD_BYTES_MAX = 16 * 1024 * 1024;
/** How long one transfer may take, from the first packet to the last. */
export const TRANSFER_MAX_MS = 300_000;

/** How a transfer ended, in the words of `charge_point/job.ts`. */
export type TransferResult = TransferOutcome;

/** A file to be put somewhere. */
export interface UploadRequest {
  /** Names a directory; may hold `user:password@`. */
  readonly url: string;
  readonly fileName: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Breaks the transfer off; its reason is an `Error` whose message is told. */
  readonly signal: AbortSignal;
}

/** A file to be fetched. */
export interface DownloadRequest {
  /** May hold `user:password@`. */
  readonly url: string;
  /** More than this is `tooLarge`; nothing beyond is kept in memory. */
  readonly bytesMax: number;
  /** Breaks the transfer off; its reason is an `Error` whose message is told. */
  readonly signal: AbortSignal;
}

/** What came of a download; `bytes` only with the status `done`. */
export interface Download {
  readonly outcome: TransferResult;
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

/** Takes files to servers and gets them from there. Errors: none; whatever goes wrong is an outcome. */
export interface FileTransfer {
  upload(request: UploadRequest): Promise<TransferResult>;
  download(request: DownloadRequest): Promise<Download>;
}
