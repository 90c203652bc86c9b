/**
 * Updates of the firmware, with and without signature: download, verification, installation, restart.
 *
 * An image is a text: `FOREIGN <version> <SHA-256 of the rest, hexadecimal>` in its first line, and the rest.
 * Spec: OCPP 1.6 §4.5, §5.19, §7.25; Security §5, SignedUpdateFirmware.
 */
import { createHash } from "node:crypto";
import type { Req } from "../../../src/ocpp/registry.ts";
import type { Connector } from "./connector.ts";
import type { Description } from "./description.ts";
import { type Handlers, Refusal } from "./handler.ts";
import type { Life } from "./life.ts";
import type { Memory } from "./memory.ts";
import { download, type Retries } from "./transfers.ts";
import type { Transactions } from "./transactions.ts";

type PlainStatus = Req<"FirmwareStatusNotification">["status"];
type SignedStatus = Req<"SignedFirmwareStatusNotification">["status"];

/** What it has to do with. */
export interface FirmwareParts {
  readonly description: Description;
  readonly memory: Memory;
  readonly connectors: readonly Connector[];
  readonly transactions: Transactions;
  readonly life: () => Life;
  /** Whether somebody's certificate may sign firmware, and whether its signature is right. */
  readonly isTrustedSigner: (chain: string) => boolean;
  readonly isSignedBy: (chain: string, bytes: Uint8Array, signature: string) => boolean;
  readonly tellPlain: (status: PlainStatus) => void;
  readonly tellSigned: (status: SignedStatus, requestId: number) => void;
  readonly onEvent: (type: string) => void;
  readonly onChange: () => void;
  /** Once nothing is left to be told. */
  readonly restart: () => void;
}

/** What is to be fetched. */
interface Update extends Retries {
  readonly location: string;
  readonly atMs: number;
  readonly signed?: {
    readonly requestId: number;
    readonly chain: string;
    readonly signature: string;
    readonly installAtMs: number;
  };
}

/** How long the device takes to look whether it is idle. Units: milliseconds. */
const LOOK_MS = 100;

/** One device's. */
export class Firmware {
  readonly #parts: FirmwareParts;
  failsNextDownload = false;
  failsNextInstallation = false;
  /** The last of a plain and of a signed update that was told. */
  plainStatus: PlainStatus = "Idle";
  signed: { readonly status: SignedStatus; readonly requestId: number } | undefined;

  constructor(parts: FirmwareParts) {
    this.#parts = parts;
  }

  /** After a restart, once it is accepted. */
  tellFinished(): void {
    const { finishedUpdate } = this.#parts.memory;
    if (finishedUpdate === undefined) return;
    this.#parts.memory.finishedUpdate = undefined;
    const { requestId } = finishedUpdate;
    if (requestId === undefined) this.#tellPlain("Installed");
    else this.#tellSigned("Installed", requestId);
    this.#parts.onEvent("FirmwareUpdated");
    for (const connector of this.#parts.connectors) connector.isUpdating = false;
    this.#parts.onChange();
  }

  readonly handlers: Handlers = {
    UpdateFirmware: ({ location, retrieveDate, retries, retryInterval }) => {
      const { profiles, firmwareUpdate } = this.#parts.description;
      // Security §5: whoever knows signed updates takes no others.
      if (!profiles.includes("FirmwareManagement") || firmwareUpdate !== "plain") {
        throw new Refusal("NotSupported");
      }
      const update = { location, atMs: Date.parse(retrieveDate), retries, retryInterval };
      return { conf: {}, afterwards: () => void this.#carryOut(update) };
    },
    SignedUpdateFirmware: ({ requestId, retries, retryInterval, firmware }) => {
      if (this.#parts.description.firmwareUpdate !== "signed") throw new Refusal("NotSupported");
      const { location, retrieveDateTime, installDateTime, signingCertificate: chain, signature } = firmware;
      if (!this.#parts.isTrustedSigner(chain)) {
        this.#parts.onEvent("InvalidFirmwareSigningCertificate");
        return { conf: { status: "InvalidCertificate" } };
      }
      const installAtMs = installDateTime === undefined ? 0 : Date.parse(installDateTime);
      const signed = { requestId, chain, signature, installAtMs };
      const update = { location, atMs: Date.parse(retrieveDateTime), retries, retryInterval, signed };
      return { conf: { status: "Accepted" }, afterwards: () => void this.#carryOut(update) };
    },
  };

  async #carryOut(update: Update): Promise<void> {
    const { signed } = update;
    const life = this.#parts.life();
    await life.sleep(update.atMs - Date.now());
    if (life.isOver) return;
    this.#tell("Downloading", signed);
    const bytes = await this.#download(update);
    if (life.isOver) return;
    if (bytes === undefined) return this.#tell("DownloadFailed", signed);
    this.#tell("Downloaded", signed);
    if (signed !== undefined && !this.#isVerified(bytes, signed)) return;
    await life.sleep((signed?.installAtMs ?? 0) - Date.now());
    // Signed updates have connectors out of operation, others need not.
    await this.#idle(life, signed !== undefined || !this.#parts.description.habits.installsInPlace);
    if (!life.isOver) this.#install(bytes, signed);
  }

  async #download({ location, retries, retryInterval }: Update) {
    const fails = this.failsNextDownload;
    this.failsNextDownload = false;
    return fails ? undefined : await download(location, { retries, retryInterval });
  }

  #isVerified(bytes: Uint8Array, { chain, signature, requestId }: NonNullable<Update["signed"]>): boolean {
    if (this.#parts.isSignedBy(chain, bytes, signature)) {
      this.#tellSigned("SignatureVerified", requestId);
      return true;
    }
    this.#tellSigned("InvalidSignature", requestId);
    this.#parts.onEvent("InvalidFirmwareSignature");
    return false;
  }

  /** Nobody new comes, and whoever charges may end. */
  async #idle(life: Life, mustClose: boolean): Promise<void> {
    const { connectors, description, transactions, onChange } = this.#parts;
    const isCharging = () => connectors.some(({ id }) => transactions.at(id) !== undefined);
    for (const connector of connectors) connector.isUpdating = mustClose;
    onChange();
    await life.sleep(description.habits.statusDelayMs); // so that it is known before anything else happens
    while (isCharging() && !life.isOver) await life.sleep(LOOK_MS);
  }

  #install(bytes: Uint8Array, signed: Update["signed"]): void {
    const { connectors, memory, onChange, restart } = this.#parts;
    this.#tell("Installing", signed);
    const version = this.failsNextInstallation ? undefined : versionOf(bytes);
    this.failsNextInstallation = false;
    if (version === undefined) {
      for (const connector of connectors) connector.isUpdating = false;
      this.#tell("InstallationFailed", signed);
      return onChange();
    }
    memory.firmwareVersion = version;
    memory.finishedUpdate = signed === undefined ? {} : { requestId: signed.requestId };
    if (this.#parts.description.habits.installsInPlace) return this.tellFinished();
    if (signed !== undefined) this.#tellSigned("InstallRebooting", signed.requestId);
    restart();
  }

  #tell(status: PlainStatus & SignedStatus, signed: Update["signed"]): void {
    if (signed === undefined) this.#tellPlain(status);
    else this.#tellSigned(status, signed.requestId);
  }

  #tellPlain(status: PlainStatus): void {
    this.plainStatus = status;
    this.#parts.tellPlain(status);
  }

  #tellSigned(status: SignedStatus, requestId: number): void {
    this.signed = { status, requestId };
    this.#parts.tellSigned(status, requestId);
  }
}

/** An image of this version. */
export function imageOf(version: string): Uint8Array<ArrayBuffer> {
  const rest = `${version} `.repeat(500);
  return new TextEncoder().encode(`FOREIGN ${version} ${hashOf(rest)}\n${rest}`);
}

/** The version of an image; `undefined` where it is none, or is broken. */
function versionOf(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(bytes);
  const [, version, hash, rest] = /^FOREIGN (\S+) ([0-9a-f]{64})\n(.*)$/s.exec(text) ?? [];
  return rest !== undefined && hashOf(rest) === hash ? version : undefined;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
