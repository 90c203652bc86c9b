/**
 * Certificate authorities in PEM files that were named on the command line.
 */
import { authorityFault, validityFault } from "../adapters/pem.ts";
import { cannotUse, certificatesIn, type NamedFile, privateKeyIn } from "./pem_file.ts";

/** Every certificate of a file, each of which may sign others now. Errors: `CommandError`. */
export async function authoritiesIn(file: NamedFile, nowMs: number): Promise<readonly string[]> {
  const certificates = await certificatesIn(file);
  for (const certificate of certificates) {
    const why = authorityFault(certificate) ?? validityFault(certificate, nowMs);
    if (why !== undefined) throw cannotUse(file, why);
  }
  return certificates;
}

/** The certificate whose key is in a file: there may be several to choose from. Errors: `CommandError`. */
export async function ownCertificate(
  file: NamedFile,
  certificates: readonly string[],
): Promise<readonly [certificate: string, privateKey: string]> {
  let failure: unknown;
  for (const certificate of certificates) {
    try {
      return [certificate, await privateKeyIn(file, { certificate })];
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}
