/**
 * What a foreign Central System knows of security: whom it lets in and how, and an authority that signs certificates.
 *
 * None of it is our Central System's. Spec: Security §2 (profiles), §2.6 and §4 (certificates, keys).
 */
import * as x509 from "@peculiar/x509";
import { answerSigningRequest, type Issued } from "./certificates.ts";
import type { RpcVisitor } from "./rpc_server.ts";

/** What is known of a Charge Point. */
interface RpcRecord {
  securityProfile: 0 | 1 | 2 | 3;
  /** Hexadecimal. */
  password: string | undefined;
  readonly serialNumber: string;
  /** Accepted by the Charge Point, not used yet. */
  pendingProfile?: 2 | 3;
}

/** Who may connect. */
export class RpcRecords {
  readonly #records = new Map<string, RpcRecord>();

  enter(identity: string, record: RpcRecord): void {
    this.#records.set(identity, record);
  }

  of(identity: string): RpcRecord | undefined {
    return this.#records.get(identity);
  }

  /** A Charge Point has taken a Call of its operator's: whether it is about the link, and its next connection. */
  noteAccepted(identity: string, action: string, payload: object): boolean {
    const record = this.#records.get(identity);
    if (record === undefined || action !== "ChangeConfiguration") return false;
    const { key, value } = payload as { readonly key: string; readonly value: string };
    if (key === "AuthorizationKey") record.password = value.toLowerCase();
    else if (key === "SecurityProfile") record.pendingProfile = Number(value) as 2 | 3;
    else return false;
    return true;
  }

  /** The HTTP status that refuses a visitor, if so. */
  readonly admit = ({ identity, subprotocols, password, tls }: RpcVisitor): number | undefined => {
    const record = this.#records.get(identity);
    if (record === undefined) return 404;
    if (!subprotocols.has("ocpp1.6")) return 400;
    const isRight = (profile: RpcRecord["securityProfile"]) => {
      if (profile >= 2 !== (tls !== undefined)) return false;
      if (profile === 3) return tls?.commonName === record.serialNumber;
      return profile === 0 ||
        (password !== undefined && new Uint8Array(password).toHex() === record.password?.toLowerCase());
    };
    const { pendingProfile } = record;
    if (pendingProfile !== undefined && isRight(pendingProfile)) {
      record.securityProfile = pendingProfile; // it can, so that the one before is over
      delete record.pendingProfile;
      return undefined;
    }
    return isRight(record.securityProfile) ? undefined : 401;
  };
}

/** Signs what a Charge Point asks for, if it may have that; gives the chain for it. */
export async function signedBy(
  authority: Issued,
  csr: string,
  { commonName, organization }: { readonly commonName: string; readonly organization: string },
): Promise<string | undefined> {
  const request = new x509.Pkcs10CertificateRequest(csr);
  const { name, modulusLength = 0, namedCurve } = request.publicKey.algorithm as
    & { readonly name: string }
    & { readonly modulusLength?: number; readonly namedCurve?: string };
  const isStrong = name === "ECDSA" ? namedCurve !== undefined : modulusLength >= 2_048;
  const isNamed = request.subjectName.getField("CN").join() === commonName &&
    request.subjectName.getField("O").join() === organization;
  if (!isStrong || !isNamed || !await request.verify()) return undefined;
  return await answerSigningRequest(authority, csr);
}
