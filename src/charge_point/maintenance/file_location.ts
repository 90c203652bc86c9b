/**
 * Where files come from and go to, as far as it can be judged without going there.
 */
import { type Configuration, listItems, textOf } from "../configuration/configuration.ts";
import type { TransferOutcome } from "../job.ts";

/** Why a URL will not do; `undefined` where it may. Spec: errata 1.6, SupportedFileTransferProtocols. */
export function locationFault(url: string, configuration: Configuration): TransferOutcome | undefined {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):\/\/[^/]/i.exec(url)?.[1];
  if (scheme === undefined) return { status: "badUrl", message: "the location is not a URL with a host" };
  const isSpoken = listItems(textOf(configuration, "SupportedFileTransferProtocols"))
    .includes(scheme.toUpperCase());
  // A Charge Point without the profile of that key has no such list: whoever does the job decides.
  return isSpoken || configuration.SupportedFileTransferProtocols === undefined
    ? undefined
    : { status: "notSupported", message: `${scheme} is not among SupportedFileTransferProtocols` };
}

/** The longest part of a file's name that comes from elsewhere. */
const FILE_NAME_TEXT_MAX_LENGTH = 100;

/** A text as part of a file's name: no separators, nothing that a server would stumble over. */
export function fileNameText(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]+/g, "_").slice(0, FILE_NAME_TEXT_MAX_LENGTH);
}

/** The longest firmwareVersion. Spec: OCPP 1.6 §6.3. */
const VERSION_MAX_LENGTH = 50;

/**
 * The version of a firmware file: what its head line says (`ocpp-firmware 2.1.0`), else what the name of the file says
 * (`…/fw-2.1.0.bin`), else the present one counted up. `undefined` where the file is no image: it is empty, or its head
 * line begins like one and names no version.
 */
export function versionOf(
  file: { head: string; sizeBytes: number; location: string; present: string | undefined },
): string | undefined {
  const { head, sizeBytes, location, present } = file;
  if (sizeBytes === 0 || /^ocpp-firmware\s*$/.test(head)) return undefined;
  const told = /^ocpp-firmware +([\x21-\x7e]+)/.exec(head)?.[1];
  const named = /(\d+(?:\.\d+)+)[^/]*$/.exec(location.replace(/[?#].*$/, ""))?.[1];
  return (told ?? named ?? countedUp(present)).slice(0, VERSION_MAX_LENGTH);
}

/** E.g. `1.0.9` → `1.0.10`; without a number at its end `…-2`. */
function countedUp(version: string | undefined): string {
  if (version === undefined) return "2";
  const [, before, digits] = /^(.*?)(\d{1,15})$/.exec(version) ?? [];
  return digits === undefined ? `${version.slice(0, 48)}-2` : `${before}${Number(digits) + 1}`;
}
