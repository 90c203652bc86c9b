/** Security extension: TLS, client certificates, and going from one security profile to the next. */
import { type CaseDefinition, centralSystemCase } from "../case.ts";
import type { AgreedTls, OwnLink } from "../contract.ts";
import type { ConnectOutcome, Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { accepted, allTold, booted, connected, ordered, quietOrGone } from "./states.ts";

const PROFILE = "Security";

/** TLS versions that will do. Spec: Security §2.3. */
const TLS_VERSIONS = ["TLSv1.2", "TLSv1.3"];

/** What a cipher suite must be where the version is 1.2: forward secret, and authenticated encryption. */
const GOOD_SUITE = /^(TLS_)?ECDHE[-_](ECDSA|RSA)[-_](WITH_)?(AES[-_]?(128|256)[-_]GCM|CHACHA20)/;

/** What the tester's own TLS does not have, and what it therefore says nothing about. Spec: Security §2.3. */
const SUITES =
  "cipher suites with RSA key exchange (TLS_RSA_WITH_AES_…_GCM_…): the tester's TLS has none to offer";
const OLD_VERSIONS = "refusing TLS 1.0 and 1.1: the tester's TLS does not speak them";

/** Connected by TLS, as good as there must be. */
function* connectedByTls(t: Tester): Steps<AgreedTls | undefined> {
  const outcome = yield* t.connect(t.ownLink);
  yield* t.check("the connection is accepted", outcome, outcome.kind === "up");
  return outcome.kind === "up" ? outcome.tls : undefined;
}

function* checkTls(t: Tester, tls: AgreedTls | undefined): Steps {
  const version = tls?.version ?? "no TLS";
  yield* t.check(`TLS is of ${TLS_VERSIONS.join(" or ")}`, version, TLS_VERSIONS.includes(version));
  const suite = tls?.cipherSuite;
  if (suite !== undefined && version === "TLSv1.2") {
    yield* t.check("the cipher suite is ECDHE with AES-GCM or ChaCha20", suite, GOOD_SUITE.test(suite));
  }
  yield* t.leaveOut(SUITES);
  yield* t.leaveOut(OLD_VERSIONS);
}

/** Refused by TLS itself, or by an HTTP status. */
function* refusedCertificate(t: Tester, tls: OwnLink["tls"], who: string): Steps {
  const outcome = yield* t.connect({ tls: tls ?? {} });
  const holds = outcome.kind === "refused" && (outcome.status === undefined || outcome.status === 401);
  yield* t.check(`the link is refused ${who}`, outcome, holds);
}

/** Raises the security profile by one: the connection is there again under the next one, and the one before is over. */
function* raised(t: Tester, next: 2 | 3): Steps {
  const before = next === 2 ? 1 : 2;
  yield* ordered(t, "ChangeConfiguration", { key: "SecurityProfile", value: String(next) }, {
    status: "Accepted",
  });
  if (yield* quietOrGone(t)) {
    yield* ordered(t, "Reset", { type: "Hard" }, { status: "Accepted" });
    yield* quietOrGone(t);
  }
  yield* t.disconnect("the Charge Point restarts");
  const outcome = yield* t.connect(t.linkOf(next));
  yield* t.check(`security profile ${next} is accepted`, outcome, outcome.kind === "up");
  yield* accepted(t);
  yield* allTold(t);
  yield* t.disconnect("the profile before is tried");
  const old = yield* t.connect(t.linkOf(before));
  yield* t.check(`security profile ${before} is refused`, old, isRefused(old));
  const again = yield* t.connect(t.linkOf(next));
  yield* t.check(`security profile ${next} is still accepted`, again, again.kind === "up");
  yield* accepted(t);
  yield* allTold(t);
}

/** Refused, however: by TLS, by its end, or by an HTTP status that says that it is the Charge Point's fault. */
function isRefused(outcome: ConnectOutcome): boolean {
  return outcome.kind === "refused" &&
    (outcome.status === undefined || Math.floor(outcome.status / 100) === 4);
}

export const SECURITY_PROFILES: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_083_CSMS",
    title: "Upgrade security profile – accepted",
    profile: PROFILE,
    purpose:
      "After a higher security profile was accepted and used, the one before is refused; so for each step.",
    spec: ["Security §2.1", "Security §2.3", "Security, key SecurityProfile"],
    needs: { securityProfile: [1, 2], offersNextSecurityProfile: true },
    isForGood: true,
    *run(t) {
      const { securityProfile: first, highestSecurityProfile: highest = first + 1 } = t.capabilities;
      yield* t.prepare(booted(t));
      // Each step that it offers, one after the other.
      for (let next = first + 1; next <= highest; next++) yield* raised(t, next as 2 | 3);
    },
  }),
  centralSystemCase({
    id: "TC_086_CSMS",
    title: "TLS – server-side certificate valid",
    profile: PROFILE,
    purpose: "The Central System shows a certificate that leads to the root that the Charge Point trusts.",
    spec: ["Security §2.3", "Security §2.5"],
    needs: { securityProfile: [2, 3] },
    *run(t) {
      yield* checkTls(t, yield* connectedByTls(t));
      yield* accepted(t);
      yield* allTold(t);
    },
  }),
  centralSystemCase({
    id: "TC_087_CSMS",
    title: "TLS – client-side certificate valid",
    profile: PROFILE,
    purpose: "Only the Charge Point's own certificate, of an authority that is trusted, opens the link.",
    spec: ["Security §2.3", "Security §2.6"],
    needs: { securityProfile: [3] },
    *run(t) {
      yield* refusedCertificate(t, undefined, "without a certificate");
      yield* refusedCertificate(t, { certificate: "untrusted" }, "with a certificate of nobody's authority");
      yield* refusedCertificate(t, { certificate: "another" }, "with another Charge Point's certificate");
      yield* connected(t);
      yield* accepted(t);
      yield* allTold(t);
      yield* t.leaveOut(SUITES);
    },
  }),
];
