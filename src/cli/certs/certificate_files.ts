/**
 * Certificates with their keys in a folder: `<name>.pem` and `<name>.key`, which are written once and never again.
 */
import { authorityFault, validityFault } from "../../adapters/pem.ts";
import type { KeyedCertificate } from "../../adapters/bench_certificates.ts";
import { CommandError } from "../exit_code.ts";
import { cannotUse, certificatesIn, privateKeyIn } from "../pem_file.ts";

/** Where a certificate and its key are. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly privateKey: string;
}

/** The files of a name in a folder. Whatever a file system might not take, or take for a path, is percent-encoded. */
export function filesOf(dir: string, name: string): CertificateFiles {
  const safe = [...new TextEncoder().encode(name)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9._-]/.test(character)
      ? character
      : `%${byte.toString(16).padStart(2, "0").toUpperCase()}`;
  }).join("");
  const path = `${dir.replace(/\/+$/, "") || "/"}/${safe}`;
  return { certificate: `${path}.pem`, privateKey: `${path}.key` };
}

/** What is there already; `undefined` where neither file is. Errors: `CommandError`. */
export async function readFiles(
  files: CertificateFiles,
  { nowMs, isAuthority = false }: { readonly nowMs: number; readonly isAuthority?: boolean },
): Promise<KeyedCertificate | undefined> {
  const [hasCertificate, hasKey] = [isThere(files.certificate), isThere(files.privateKey)];
  if (!hasCertificate && !hasKey) return undefined;
  if (!hasCertificate || !hasKey) {
    const [there, missing] = hasCertificate
      ? [files.certificate, files.privateKey]
      : [files.privateKey, files.certificate];
    throw new CommandError(`${there} is there without ${missing}: remove it, or put the other one back`);
  }
  const file = { path: files.certificate, option: "--dir" };
  const [certificate = ""] = await certificatesIn(file);
  const why = validityFault(certificate, nowMs) ?? (isAuthority ? authorityFault(certificate) : undefined);
  if (why !== undefined) throw cannotUse(file, `${why}; remove it and its key, and run this again`);
  const privateKey = await privateKeyIn({ path: files.privateKey, option: "--dir" }, { certificate });
  return { certificate, privateKey };
}

/** Writes both, the key readable by its owner alone. Errors: `CommandError`, also where one is there. */
export function writeFiles(files: CertificateFiles, { certificate, privateKey }: KeyedCertificate): void {
  write(files.privateKey, privateKey, 0o600);
  write(files.certificate, certificate, 0o644);
}

function write(path: string, text: string, mode: number): void {
  try {
    Deno.writeTextFileSync(path, text, { createNew: true, mode });
  } catch (cause) {
    const why = cause instanceof Deno.errors.AlreadyExists
      ? "it is there already"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new CommandError(`cannot write ${path}: ${why}`, { cause });
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new CommandError(`cannot look at ${path}: ${(error as Error).message}`, { cause: error });
  }
}
