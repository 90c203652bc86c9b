/** Group 25, certificates: the Charge Point's own, and the roots that it trusts. Spec: Security §3, §4.4, §5. */
import type { Req } from "../../ocpp/registry.ts";
import type { BenchReplies, BenchRequest } from "../bench.ts";
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { arrayContaining, ciString, type Matcher, not, oneOf, textLike } from "../matcher.ts";
import { call, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";

const NEEDS = { profiles: ["Security"] } as const;

type RootUse = Extract<BenchRequest, { kind: "rootCertificate" }>["use"];

/** Installs a root that the bench has; it is deleted when the case is over. */
export function* installRoot(t: Tester, use: RootUse): Steps<BenchReplies["rootCertificate"]> {
  const root = yield* t.bench({ kind: "rootCertificate", use });
  const { certificate } = root;
  yield* t.send(
    "InstallCertificate",
    { certificateType: `${use}RootCertificate`, certificate },
    { status: "Accepted" },
  );
  t.record.certificates.push(root.hashes);
  return root;
}

/**
 * How a certificate is listed: with hashes of any algorithm, of which ours are known. The white paper does not say in
 * which case of letters.
 */
function entryOf(hashes: BenchReplies["rootCertificate"]["hashes"]): Matcher {
  const { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } = hashes;
  const known = { issuerNameHash: ciString(issuerNameHash), issuerKeyHash: ciString(issuerKeyHash) };
  return oneOf(
    { hashAlgorithm, ...known, serialNumber: ciString(serialNumber) },
    { hashAlgorithm: not(hashAlgorithm), serialNumber: ciString(serialNumber) },
  );
}

/** Has the Charge Point ask for a certificate; gives its request. Spec: Security, ExtendedTriggerMessage. */
function* requestOfChargePoint(t: Tester): Steps<string> {
  yield* t.prepare(t.configure({ CpoName: t.setup.cpoName }));
  yield* t.prepare(installRoot(t, "CentralSystem"));
  yield* t.send(
    "ExtendedTriggerMessage",
    { requestedMessage: "SignChargePointCertificate" },
    { status: "Accepted" },
  );
  const isRequest = textLike(/-----BEGIN (NEW )?CERTIFICATE REQUEST-----/);
  const { payload } = yield* t.expect(call("SignCertificate", { csr: isRequest }));
  return (payload as Req<"SignCertificate">).csr;
}

function installCase(
  { id, use }: { id: string; use: RootUse },
): CaseDefinition {
  return chargePointCase({
    id,
    title: `Install a certificate – ${use}RootCertificate`,
    profile: "Security",
    purpose: `A ${use}RootCertificate is installed, and listed with its hashes.`,
    spec: ["Security §5.10", "Security, InstallCertificate", "Security, GetInstalledCertificateIds"],
    needs: NEEDS,
    *run(t) {
      const { hashes } = yield* installRoot(t, use);
      yield* t.send(
        "GetInstalledCertificateIds",
        { certificateType: `${use}RootCertificate` },
        {
          status: "Accepted",
          certificateHashData: arrayContaining(entryOf(hashes)),
        },
      );
    },
  });
}

export const SECURITY_CERTIFICATES: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_074_CS",
    title: "Update the Charge Point's certificate by request of the Central System",
    profile: "Security",
    purpose: "The Charge Point makes a request for a new key pair and takes the certificate for it.",
    spec: ["Security §4.4", "Security, SignCertificate", "Security, CertificateSigned"],
    needs: NEEDS,
    *run(t) {
      const csr = yield* requestOfChargePoint(t);
      const { certificateChain } = yield* t.bench({ kind: "signCertificate", csr });
      yield* t.send("CertificateSigned", { certificateChain }, { status: "Accepted" });
      // With profile 3 it may connect anew at once to use it.
      if (t.capabilities.securityProfile === 3) yield* t.wait(t.setup.withinSeconds);
      yield* t.expectConnection();
    },
  }),
  installCase({ id: "TC_075_1_CS", use: "Manufacturer" }),
  installCase({ id: "TC_075_2_CS", use: "CentralSystem" }),
  chargePointCase({
    id: "TC_076_CS",
    title: "Delete a specific certificate",
    profile: "Security",
    purpose: "An installed certificate is deleted; once it is gone it cannot be found.",
    spec: ["Security, DeleteCertificate", "Security, GetInstalledCertificateIds"],
    needs: NEEDS,
    *run(t) {
      const { hashes } = yield* t.prepare(installRoot(t, "Manufacturer"));
      const serialNumber = ciString(hashes.serialNumber);
      const listed = yield* t.send(
        "GetInstalledCertificateIds",
        { certificateType: "ManufacturerRootCertificate" },
        {
          status: "Accepted",
          certificateHashData: arrayContaining(entryOf(hashes)),
        },
      );
      // Deleted by what the Charge Point itself says of it.
      const certificateHashData = listed.certificateHashData?.find((one) =>
        serialNumber.test(one.serialNumber)
      ) ?? hashes;
      yield* t.send("DeleteCertificate", { certificateHashData }, { status: "Accepted" });
      yield* t.send("DeleteCertificate", { certificateHashData }, { status: "NotFound" });
    },
  }),
  chargePointCase({
    id: "TC_077_CS",
    title: "Invalid Charge Point certificate – security event",
    profile: "Security",
    purpose: "A certificate by an authority that is not trusted is rejected, and told as a security event.",
    spec: ["Security, CertificateSigned", "Security, Appendix (InvalidChargePointCertificate)"],
    needs: NEEDS,
    *run(t) {
      const csr = yield* requestOfChargePoint(t);
      const { certificateChain } = yield* t.bench({ kind: "signCertificate", csr, flaw: "untrusted" });
      yield* t.send("CertificateSigned", { certificateChain }, { status: "Rejected" });
      yield* t.expect(call("SecurityEventNotification", { type: "InvalidChargePointCertificate" }));
    },
  }),
];
