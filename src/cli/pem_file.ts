/**
 * PEM files that were named on the command line. What is wrong with one is one line, with the option that named it and
 * without anything secret.
 */
import { readCertificates, readPrivateKey } from "../adapters/pem.ts";
import { CommandError } from "./exit_code.ts";
import { whyUnreadable } from "./unreadable.ts";

/** A file, and the option that named it. */
export interface NamedFile {
  readonly path: string;
  readonly option: string;
}

/** Every certificate of a file, each as a PEM text. Errors: `CommandError`. */
export async function certificatesIn(file: NamedFile): Promise<readonly string[]> {
  const read = readCertificates(await textIn(file));
  if (!read.ok) throw cannotUse(file, read.why);
  return read.certificates;
}

/** The private key of a file, PKCS#8; it must belong to the certificate. Errors: `CommandError`. */
export async function privateKeyIn(
  file: NamedFile,
  { certificate }: { readonly certificate: string },
): Promise<string> {
  const read = readPrivateKey(await textIn(file), { certificate });
  if (!read.ok) throw cannotUse(file, read.why);
  return read.privateKey;
}

/** The error for a file that can be read and is of no use. */
export function cannotUse({ path, option }: NamedFile, why: string): CommandError {
  return new CommandError(`cannot use ${path} (${option}): ${why}`);
}

async function textIn({ path, option }: NamedFile): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new CommandError(`cannot read ${path} (${option}): ${whyUnreadable(cause)}`, { cause });
  }
}
