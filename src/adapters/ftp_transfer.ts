/**
 * Files over FTP and FTPS, always passive and binary.
 *
 * `ftps:` means TLS on the control connection before anything is said (implicit) at port 990, and AUTH TLS
 * anywhere else; both protect the data too. The path is relative to where the login leads, as RFC 1738 has it.
 * Without a user the login is `anonymous`.
 */
import { Readable, Writable } from "node:stream";
import { Client, FTPError } from "basic-ftp";
import type {
  Download,
  DownloadRequest,
  FileTransfer,
  TransferResult,
  UploadRequest,
} from "../runtime/file_transfer.ts";
import {
  BoundedBytes,
  brokenOffOutcome,
  outcome,
  type Target,
  targetOf,
  tooLargeOutcome,
} from "./transfer_outcome.ts";

/** How long a server may be silent. */
export const FTP_SILENCE_MAX_MS = 30_000;

const IMPLICIT_TLS_PORT = 990;

/** Transfers with `basic-ftp`; one connection each. */
export class FtpTransfer implements FileTransfer {
  readonly #roots: readonly string[];

  /** `roots`: certificates (PEM) that FTPS servers must build on; none: those of the system. */
  constructor({ roots = [] }: { readonly roots?: readonly string[] } = {}) {
    this.#roots = roots;
  }

  upload({ url, fileName, bytes, signal }: UploadRequest): Promise<TransferResult> {
    const target = targetOf(url);
    if (target === undefined || /[\p{Cc}/]/u.test(fileName)) {
      return Promise.resolve(outcome("badUrl", "the URL cannot be understood"));
    }
    return this.#connected(target, signal, async (client) => {
      const directory = pathOf(target).replace(/(?<=.)\/+$/, "");
      if (directory !== "") await client.cd(directory);
      await client.uploadFrom(Readable.from([bytes]), fileName);
      return outcome("done", `${bytes.length} bytes`);
    });
  }

  async download({ url, bytesMax, signal }: DownloadRequest): Promise<Download> {
    const target = targetOf(url);
    if (target === undefined) return { outcome: outcome("badUrl", "the URL cannot be understood") };
    const body = new BoundedBytes(bytesMax);
    const result = await this.#connected(target, signal, async (client) => {
      const path = pathOf(target);
      const sizeBytes = await client.size(path).catch(() => 0); // not every server knows
      if (sizeBytes > bytesMax) return tooLargeOutcome(bytesMax);
      let isTooLarge = false;
      const destination = new Writable({
        write(chunk: Uint8Array, _encoding, next) {
          isTooLarge = !body.add(new Uint8Array(chunk));
          next(isTooLarge ? new Error("too large") : undefined);
        },
      });
      try {
        await client.downloadTo(destination, path);
      } catch (error) {
        if (isTooLarge) return tooLargeOutcome(bytesMax);
        throw error;
      }
      return outcome("done", `${body.length} bytes`);
    });
    return result.status === "done" ? { outcome: result, bytes: body.joined() } : { outcome: result };
  }

  async #connected(
    { url, user, password }: Target,
    signal: AbortSignal,
    work: (client: Client) => Promise<TransferResult>,
  ): Promise<TransferResult> {
    const client = new Client(FTP_SILENCE_MAX_MS);
    const breakOff = () => client.close();
    signal.addEventListener("abort", breakOff, { once: true });
    try {
      if (signal.aborted) throw signal.reason;
      const port = Number(url.port) || 21;
      await client.access({
        host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
        port,
        ...(user === undefined ? {} : { user, password }),
        secure: url.protocol === "ftps:" && (port === IMPLICIT_TLS_PORT ? "implicit" : true),
        ...(this.#roots.length === 0 ? {} : { secureOptions: { ca: [...this.#roots] } }),
      });
      return await work(client);
    } catch (error) {
      return brokenOffOutcome(signal) ?? outcomeOfError(error);
    } finally {
      signal.removeEventListener("abort", breakOff);
      client.close();
    }
  }
}

/** Percent-decoded, without the slash that only separates it from the host. */
function pathOf({ url }: Target): string {
  return decodeURIComponent(url.pathname).replace(/^\//, "");
}

function outcomeOfError(error: unknown): TransferResult {
  if (error instanceof FTPError) return outcomeOfReply(error.code, error.message);
  if (error instanceof Deno.errors.NotCapable) {
    return outcome("failed", "this program has no permission to connect there (--allow-net)");
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // E.g. CERT_HAS_EXPIRED, UNABLE_TO_VERIFY_LEAF_SIGNATURE.
  if (/CERT|SIGNATURE/.test(code)) {
    return outcome("unreachable", `the server's certificate is not valid (${code})`);
  }
  return outcome("unreachable", MEANING_OF_CODE[code] ?? "the connection broke off");
}

const MEANING_OF_CODE: Readonly<Record<string, string>> = {
  ENOTFOUND: "the host name is unknown",
  ECONNREFUSED: "connection refused",
  ETIMEDOUT: "no answer",
};

/** Spec: RFC 959 §4.2. */
const STATUS_OF_REPLY: Readonly<Record<number, TransferResult["status"]>> = {
  331: "permissionDenied", // a password is wanted where none was given
  332: "permissionDenied",
  530: "permissionDenied",
  532: "permissionDenied",
  534: "permissionDenied",
  553: "permissionDenied",
  450: "notFound",
  500: "notSupported",
  501: "notSupported",
  502: "notSupported",
  504: "notSupported",
  452: "tooLarge",
  552: "tooLarge",
  421: "unreachable",
  425: "unreachable",
  426: "unreachable",
};

function outcomeOfReply(code: number, text: string): TransferResult {
  // 550 is said of what is not there and of what one may not have; only the text tells them apart.
  const status = code === 550
    ? /permission|denied|not permitted|not allowed|access/i.test(text) ? "permissionDenied" : "notFound"
    : STATUS_OF_REPLY[code] ?? "failed";
  return outcome(status, `the server answered FTP ${code}`);
}
