/**
 * Files to and from wherever a URL says: HTTP, HTTPS, FTP and FTPS.
 */
import type {
  Download,
  DownloadRequest,
  FileTransfer,
  TransferResult,
  UploadRequest,
} from "../runtime/file_transfer.ts";
import type { FtpTransfer } from "./ftp_transfer.ts";
import { HttpTransfer } from "./http_transfer.ts";
import { outcome, targetOf } from "./transfer_outcome.ts";

/** Chooses by scheme; the FTP client is loaded when the first FTP URL comes. */
export class UrlFileTransfer implements FileTransfer {
  readonly #roots: readonly string[];
  readonly #http: HttpTransfer;
  #ftp: FtpTransfer | undefined;

  /** `roots`: certificates (PEM) that servers with TLS may build on. */
  constructor({ roots = [] }: { readonly roots?: readonly string[] } = {}) {
    this.#roots = roots;
    this.#http = new HttpTransfer({ roots });
  }

  async upload(request: UploadRequest): Promise<TransferResult> {
    const way = await this.#wayTo(request.url);
    return "status" in way ? way : await way.upload(request);
  }

  async download(request: DownloadRequest): Promise<Download> {
    const way = await this.#wayTo(request.url);
    return "status" in way ? { outcome: way } : await way.download(request);
  }

  /** Ends what is under way and lets go of kept connections. */
  close(): void {
    this.#http.close();
  }

  async #wayTo(url: string): Promise<FileTransfer | TransferResult> {
    const protocol = URL.parse(url.trim())?.protocol;
    switch (protocol) {
      case undefined:
        return outcome("badUrl", "the URL cannot be understood");
      case "http:":
      case "https:":
        return this.#http;
      case "ftp:":
      case "ftps:":
        if (targetOf(url) === undefined) return outcome("badUrl", "the URL cannot be understood");
        return this.#ftp ??= new (await import("./ftp_transfer.ts")).FtpTransfer({ roots: this.#roots });
      default:
        return outcome("notSupported", `${protocol} is not spoken here; http, https, ftp and ftps are`);
    }
  }
}
