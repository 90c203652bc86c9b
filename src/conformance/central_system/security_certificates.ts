/** Certificates of Charge Points: signed by the Central System's authority. Spec: Security §2.6, §4.4, §5. */
import { type CaseDefinition, centralSystemCase } from "../case.ts";
import { textLike } from "../matcher.ts";
import { call } from "../step.ts";
import { booted, ordered } from "./states.ts";

/** One or more, and nothing behind the last but line ends. */
const CERTIFICATES = /^(-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\s*)+$/;

export const SECURITY_CERTIFICATES: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_074_CSMS",
    title: "Update Charge Point Certificate on request of CS",
    profile: "Security",
    purpose:
      "The operator has a Charge Point renew its certificate: its request is accepted, and answered by a certificate " +
      "for the key and the name in it.",
    spec: ["Security §4.4", "Security, ExtendedTriggerMessage", "Security, CertificateSigned"],
    needs: { profiles: ["Security"] },
    *run(t) {
      const { cpoName: organization, certificateSerialNumber: commonName = t.setup.identity } = t.setup;
      const { csr } = yield* t.prepare(t.bench({ kind: "signingRequest", commonName, organization }));
      yield* t.prepare(booted(t));
      yield* ordered(t, "ExtendedTriggerMessage", { requestedMessage: "SignChargePointCertificate" }, {
        status: "Accepted",
      });
      yield* t.send("SignCertificate", { csr }, { status: "Accepted" });
      // The answer comes before what follows from it.
      yield* t.quiet({ for: 0 });
      const { payload: { certificateChain } } = yield* t.expect(
        call("CertificateSigned", { certificateChain: textLike(CERTIFICATES) }, { status: "Accepted" }),
      );
      const { problem } = yield* t.bench({ kind: "examineCertificate", csr, certificateChain });
      yield* t.check(
        "the certificate is for the key and the name of the request",
        problem ?? "it is",
        problem === undefined,
      );
      yield* t.quiet({ for: t.setup.quietSeconds });
    },
  }),
];
