/**
 * Files that the Central System wants to see: diagnostics, and the logs of the white paper.
 *
 * Spec: OCPP 1.6 §4.4, §5.9, §7.24; Security, GetLog.
 */
import type { Req } from "../../../src/ocpp/registry.ts";
import { type Handlers, Refusal } from "./handler.ts";
import type { Memory } from "./memory.ts";
import { upload } from "./transfers.ts";

/** How stages are told. */
export interface DiagnosticsEvents {
  tellDiagnostics(status: Req<"DiagnosticsStatusNotification">["status"]): void;
  tellLog(payload: Req<"LogStatusNotification">): void;
}

/** One device's. */
export class Diagnostics {
  readonly #memory: Memory;
  readonly #isSupported: boolean;
  readonly #events: DiagnosticsEvents;
  /** The next upload comes to nothing. */
  failsNextUpload = false;
  status: "Idle" | "Uploading" = "Idle";
  /** The log that is on its way. */
  logRequestId: number | undefined;
  #files = 0;

  constructor(
    options: { readonly memory: Memory; readonly isSupported: boolean; readonly events: DiagnosticsEvents },
  ) {
    this.#memory = options.memory;
    this.#isSupported = options.isSupported;
    this.#events = options.events;
  }

  readonly handlers: Handlers = {
    GetDiagnostics: ({ location, retries, retryInterval }) => {
      if (!this.#isSupported) throw new Refusal("NotSupported");
      const fileName = this.#newName("diagnostics");
      return {
        conf: { fileName },
        afterwards: async () => {
          this.status = "Uploading";
          this.#events.tellDiagnostics("Uploading");
          const text = `firmware ${this.#memory.firmwareVersion}\n`;
          const isThere = await this.#upload({ directory: location, fileName, text }, {
            retries,
            retryInterval,
          });
          this.status = "Idle";
          this.#events.tellDiagnostics(isThere ? "Uploaded" : "UploadFailed");
        },
      };
    },
    GetLog: ({ log, logType, requestId, retries, retryInterval }) => {
      const filename = this.#newName(logType);
      const isCanceled = this.logRequestId !== undefined;
      return {
        conf: { status: isCanceled ? "AcceptedCanceled" : "Accepted", filename },
        afterwards: async () => {
          this.logRequestId = requestId;
          this.#events.tellLog({ status: "Uploading", requestId });
          const text = this.#memory.securityLog.map((line) => `${line}\n`).join("");
          const file = { directory: log.remoteLocation, fileName: filename, text };
          const isThere = await this.#upload(file, { retries, retryInterval });
          if (this.logRequestId !== requestId) return; // another one has taken its place
          this.logRequestId = undefined;
          this.#events.tellLog({ status: isThere ? "Uploaded" : "UploadFailure", requestId });
        },
      };
    },
  };

  async #upload(...args: Parameters<typeof upload>): Promise<boolean> {
    const fails = this.failsNextUpload;
    this.failsNextUpload = false;
    return fails ? false : await upload(...args);
  }

  #newName(kind: string): string {
    return `${kind.toLowerCase()}-${++this.#files}.txt`;
  }
}
