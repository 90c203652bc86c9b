/**
 * Firmware files for compliance cases, good ones and broken ones, with their signatures.
 */
import type { BenchRequest } from "../../conformance/bench.ts";
import type { BenchCertificates } from "./certificates.ts";

/** A firmware file that the Charge Point under test takes. */
export interface FirmwareImage {
  /** The last part of its URL. */
  readonly fileName: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What BootNotification tells when it is installed, where that is known. */
  readonly version?: string | undefined;
}

/** What is wrong with a file; `undefined`: nothing. */
export type FirmwareFlaw = Extract<BenchRequest, { kind: "firmware" }>["flaw"];

/** A file to be had, with what is told of it. */
export interface BenchFirmware {
  readonly fileName: string;
  /** `undefined`: there is no such file. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  readonly signingCertificate: string;
  readonly signature: string;
  readonly firmwareVersion?: string;
}

const VERSION = "2.0.0";

/** For our simulator: its first line names its version. */
export const SIMULATED_IMAGE: FirmwareImage = {
  fileName: "firmware.bin",
  bytes: new TextEncoder().encode(`ocpp-firmware ${VERSION}\n${"x".repeat(2_000)}`),
  version: VERSION,
};

/** Makes the file that a case asks for. */
export async function firmwareWith(
  flaw: FirmwareFlaw,
  { certificates, image = SIMULATED_IMAGE }: {
    readonly certificates: BenchCertificates;
    readonly image?: FirmwareImage | undefined;
  },
): Promise<BenchFirmware> {
  const bytes = flaw === "corrupt" ? corrupted(image) : image.bytes;
  const signed = await certificates.signFirmware(
    flaw === "badSignature" ? bytes.slice(1) : bytes,
    flaw === "badCertificate" ? "untrusted" : "trusted",
  );
  const { version } = image;
  return {
    // A name of its own for each, for whatever keeps files by their names on the way.
    fileName: flaw === undefined ? image.fileName : `${flaw}-${image.fileName}`,
    bytes: flaw === "missing" ? undefined : bytes,
    ...signed,
    ...(flaw === undefined && version !== undefined ? { firmwareVersion: version } : {}),
  };
}

/** A file that downloads well and cannot be installed. */
function corrupted(image: FirmwareImage): Uint8Array<ArrayBuffer> {
  // An image of the simulator is none without its version.
  if (image === SIMULATED_IMAGE) return new TextEncoder().encode(`ocpp-firmware\n${"x".repeat(2_000)}`);
  const middle = Math.floor(image.bytes.length / 2);
  return image.bytes.map((byte, index) => index < middle ? byte : byte ^ 0xFF);
}
