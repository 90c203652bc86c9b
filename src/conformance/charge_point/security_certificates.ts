/** Group 25, certificates: the Charge Point's own, and the roots that it trusts. Spec: Security §3, §4.4, §5. */
import type { Conf, Req } from "../../ocpp/registry.ts";
import type { BenchReplies, BenchRequest } from "../bench.ts";
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { arrayContaining, ciString, type Matcher, not, oneOf, textLike } from "../matcher.ts";
import { call, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { tolerateBoot } from "./states.ts";

const NEEDS = { profiles: ["Security"] } as const;

type RootUse = Extract<BenchRequest, { kind: "rootCertificate" }>["use"];
type Root = BenchReplies["rootCertificate"];

/** A root that is in the Charge Point now. `wasThere`: before the case too. */
interface InstalledRoot extends Root {
  readonly wasThere: boolean;
}

/**
 * Installs a root that the bench has. When the case is over it is deleted, unless it was there before: a Charge Point
 * that trusts the tester has to go on trusting it.
 */
export function* installRoot(t: Tester, use: RootUse): Steps<InstalledRoot> {
  const root = yield* t.bench({ kind: "rootCertificate", use });
  const roots = yield* rootsOf(t, use);
  // Where it cannot be asked, better one too many is left than one too few.
  const wasThere = roots === undefined || isAmong(roots, root);
  if (!wasThere) t.record.certificates.push(root.hashes);
  yield* install(t, use, root);
  return { ...root, wasThere };
}

function* install(t: Tester, use: RootUse, { certificate }: Root): Steps {
  yield* t.send(
    "InstallCertificate",
    { certificateType: `${use}RootCertificate`, certificate },
    { status: "Accepted" },
  );
}

/**
 * How a certificate is listed: with hashes of any algorithm, of which ours are known. The white paper does not say in
 * which case of letters.
 */
function entryOf(hashes: Root["hashes"]): Matcher {
  const { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } = hashes;
  const known = { issuerNameHash: ciString(issuerNameHash), issuerKeyHash: ciString(issuerKeyHash) };
  return oneOf(
    { hashAlgorithm, ...known, serialNumber: ciString(serialNumber) },
    { hashAlgorithm: not(hashAlgorithm), serialNumber: ciString(serialNumber) },
  );
}

type HashData = NonNullable<Conf<"GetInstalledCertificateIds">["certificateHashData"]>;

/** The roots that the Charge Point says it has; `undefined` where it cannot be asked. */
function* rootsOf(t: Tester, use: RootUse): Steps<HashData | undefined> {
  const certificateType = `${use}RootCertificate` as const;
  const outcome = yield* t.sendForAny("GetInstalledCertificateIds", { certificateType });
  if (outcome.kind === "error") return undefined;
  return (outcome.payload as Conf<"GetInstalledCertificateIds">).certificateHashData ?? [];
}

function isAmong(roots: HashData, { hashes }: Root): boolean {
  const wanted = hashes.serialNumber.toLowerCase();
  return roots.some(({ serialNumber }) => serialNumber.toLowerCase() === wanted);
}

/**
 * A Charge Point that checks new roots takes none but what the one that it has has signed: with another authority than
 * its own nothing can be seen. Spec: Security, AdditionalRootCertificateCheck.
 */
function* canTakeRoot(t: Tester): Steps {
  const root = yield* t.bench({ kind: "rootCertificate", use: "CentralSystem" });
  const roots = yield* rootsOf(t, "CentralSystem");
  if (roots === undefined || roots.length === 0 || isAmong(roots, root)) return;
  const checks = (yield* t.configurationOf("AdditionalRootCertificateCheck"))?.toLowerCase() === "true";
  yield* t.check(
    "the root is of the authority that it trusts, as AdditionalRootCertificateCheck wants it",
    "one of another authority than its own: add --ca and --ca-key",
    !checks,
  );
}

/** The operator's name in the Charge Point; one that it has stays, since its certificates are made out to it. */
function* cpoName(t: Tester): Steps<string> {
  const known = yield* t.configurationOf("CpoName");
  if (known !== undefined && known !== "") return known;
  yield* t.configure({ CpoName: t.setup.cpoName });
  return t.setup.cpoName;
}

/** What a request for a certificate needs: the operator's name, which it gives, and the root above the certificate. */
function* readyToAsk(t: Tester): Steps<string> {
  const organization = yield* cpoName(t);
  yield* installRoot(t, "CentralSystem");
  return organization;
}

/**
 * Has the Charge Point ask for a certificate; gives the one for its request. A request that will not do is a fault of
 * the Charge Point. Spec: Security, ExtendedTriggerMessage, SignCertificate; §4 (keys), §2.6 (names).
 */
function* certificateAskedFor(
  t: Tester,
  { organization, flaw }: { readonly organization: string; readonly flaw?: "untrusted" },
): Steps<string> {
  yield* t.send(
    "ExtendedTriggerMessage",
    { requestedMessage: "SignChargePointCertificate" },
    { status: "Accepted" },
  );
  const isRequest = textLike(/-----BEGIN (NEW )?CERTIFICATE REQUEST-----/);
  const { payload } = yield* t.expect(call("SignCertificate", { csr: isRequest }));
  const { csr } = payload as Req<"SignCertificate">;
  const { serialNumbers } = t.session;
  const { problem, certificateChain = "" } = yield* t.bench({
    ...{ kind: "signCertificate", csr, organization } as const,
    ...(serialNumbers.length === 0 ? {} : { commonNames: serialNumbers }),
    ...(flaw === undefined ? {} : { flaw }),
  });
  yield* t.check("the CSR is one that can be signed", problem ?? "it is", problem === undefined);
  return certificateChain;
}

/** The Charge Point gets a new certificate below the tester's authority, and connects anew with it where it uses one. */
function* renewCertificate(t: Tester, organization: string): Steps {
  const certificateChain = yield* certificateAskedFor(t, { organization });
  yield* t.send("CertificateSigned", { certificateChain }, { status: "Accepted" });
  if (t.capabilities.securityProfile === 3) yield* mayReconnect(t);
}

/** The Charge Point trusts the tester and, for profile 3, has a certificate that the tester trusts: for good. */
export function* becomeTrusted(t: Tester, securityProfile: 2 | 3): Steps {
  yield* install(t, "CentralSystem", yield* t.bench({ kind: "rootCertificate", use: "CentralSystem" }));
  if (securityProfile === 3) yield* renewCertificate(t, yield* cpoName(t));
}

/** Time in which it may break the connection, and come back with what it has learnt. */
export function* mayReconnect(t: Tester): Steps {
  yield* tolerateBoot(t);
  yield* t.attemptLink("down", { within: t.setup.withinSeconds });
  yield* t.expectConnection();
}

function installCase(
  { id, use }: { id: string; use: RootUse },
): CaseDefinition {
  return chargePointCase({
    id,
    title: `Install a certificate – ${use}RootCertificate`,
    profile: "Security",
    purpose: `A ${use}RootCertificate is installed, and listed with its hashes.`,
    spec: [
      ...["Security §5.10", "Security, InstallCertificate", "Security, GetInstalledCertificateIds"],
      "Security, CertificateHashDataType",
    ],
    needs: NEEDS,
    *run(t) {
      if (use === "CentralSystem") yield* t.prepare(canTakeRoot(t));
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
      yield* renewCertificate(t, yield* t.prepare(readyToAsk(t)));
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
      const root = yield* t.prepare(installRoot(t, "Manufacturer"));
      if (root.wasThere) t.record.putBack.push(() => install(t, "Manufacturer", root));
      const { hashes } = root;
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
      const organization = yield* t.prepare(readyToAsk(t));
      const certificateChain = yield* certificateAskedFor(t, { organization, flaw: "untrusted" });
      yield* t.send("CertificateSigned", { certificateChain }, { status: "Rejected" });
      yield* t.expect(call("SecurityEventNotification", { type: "InvalidChargePointCertificate" }));
    },
  }),
];
