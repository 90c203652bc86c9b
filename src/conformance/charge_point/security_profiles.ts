/**
 * Group 25, security profiles: passwords, TLS, and going from one profile to the next. Spec: Security §2–§4.
 *
 * What the Charge Point shows of itself stands in its upgrade request and its TLS handshake.
 */
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { call, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { becomeTrusted, mayReconnect } from "./security_certificates.ts";
import { booted, tolerateBoot } from "./states.ts";

/** Two passwords of sixteen bytes, as few as there may be: one of them is another than the one in use. */
const NEW_KEYS = ["00112233445566778899AABBCCDDEEFF", "FFEEDDCCBBAA99887766554433221100"] as const;

/** Digits of a password that a message may set. Spec: Security §2.4: 16 to 20 bytes. */
const SETTABLE = /^([0-9A-F]{2}){16,20}$/i;

/** TLS versions that will do. Spec: Security §2.3. */
const TLS_VERSIONS = ["TLSv1.2", "TLSv1.3"];

/** Breaks the connection and waits for the next one. */
function* reconnected(t: Tester): Steps {
  yield* tolerateBoot(t);
  yield* t.disconnect("connect anew, please");
  yield* t.expectDisconnection();
  yield* t.expectConnection();
}

/** The connection carries messages: both ways, where the Charge Point can be asked for one of its own. */
function* works(t: Tester): Steps {
  if (t.capabilities.profiles.includes("RemoteTrigger")) {
    yield* t.send("TriggerMessage", { requestedMessage: "Heartbeat" }, { status: "Accepted" });
    yield* t.expect(call("Heartbeat"));
  } else yield* t.send("GetConfiguration", { key: ["HeartbeatInterval"] });
}

/** The password that it connected with last; hexadecimal, upper case. */
function passwordShown(t: Tester): string | undefined {
  return t.upgradeRequest?.credentials?.passwordHex.toUpperCase();
}

/** The Charge Point shows this password, and its identity as the user. */
function* checkCredentials(t: Tester, passwordHex: string | undefined): Steps {
  const shown = passwordShown(t);
  // The password itself is no part of a report.
  yield* t.check("Basic credentials are sent", shown === undefined ? "none" : "some", shown !== undefined);
  if (passwordHex === undefined) return;
  const isRight = shown === passwordHex.toUpperCase();
  yield* t.check("the password is the AuthorizationKey's bytes", isRight ? "it is" : "another one", isRight);
}

/** Sets a key that the next connection goes by. Where the Charge Point wants a reboot for it, it gets one. */
function* setLinkKey(t: Tester, key: "AuthorizationKey" | "SecurityProfile", value: string): Steps {
  const { status } = yield* t.send("ChangeConfiguration", { key, value });
  yield* t.check(`${key} is changed`, status, status === "Accepted" || status === "RebootRequired");
  if (status === "Accepted") yield* mayReconnect(t);
  else yield* restarted(t);
}

function* restarted(t: Tester): Steps {
  yield* t.send("Reset", { type: "Hard" }, { status: "Accepted" });
  yield* booted(t);
  yield* t.expectConnection();
}

/** The password in use, as the Charge Point shows it; it has to be one that can be put back. */
function* passwordInUse(t: Tester): Steps<string> {
  yield* reconnected(t);
  const shown = passwordShown(t) ?? "";
  const came = shown === "" ? "none" : `one of ${shown.length / 2} bytes`;
  yield* t.check("the password can be put back: it has 16 to 20 bytes", came, SETTABLE.test(shown));
  return shown;
}

/** A new password, in use. */
function* changePassword(t: Tester, passwordHex: string): Steps {
  yield* setLinkKey(t, "AuthorizationKey", passwordHex);
  if (passwordShown(t) !== passwordHex) yield* reconnected(t); // it waits for its next connection
  yield* checkCredentials(t, passwordHex);
}

/** Whether the last connection was one of this profile. */
function isUsed(t: Tester, securityProfile: 2 | 3): boolean {
  const { tls } = t.upgradeRequest ?? {};
  return securityProfile === 2 ? tls !== undefined : tls?.clientCertificate !== undefined;
}

/** Says, where it is so, that the Charge Point will never be as it was. */
function* tellOfRise(t: Tester, { before, next }: { before: number; next: 2 | 3 }): Steps {
  yield* t.check(
    `security profile ${before} again`,
    `${next}: no message lowers it, only what its manufacturer has for that`,
    !isUsed(t, next),
  );
}

/** Has a Charge Point that booted before anybody looked say who it is. */
function* tellSerialNumber(t: Tester): Steps {
  if (t.session.hasBooted || !t.capabilities.profiles.includes("RemoteTrigger")) return;
  yield* t.send("TriggerMessage", { requestedMessage: "BootNotification" }, { status: "Accepted" });
  yield* t.expect(call("BootNotification"));
}

export const SECURITY_PROFILES: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_073_CS",
    title: "Update the password for HTTP Basic Authentication",
    profile: "Security",
    purpose: "A new AuthorizationKey is used from the next connection on.",
    spec: ["Security §2.4", "OCPP-J 1.6 §6.2.2"],
    needs: { securityProfile: [1, 2] },
    *run(t) {
      const before = yield* t.prepare(passwordInUse(t));
      t.record.putBack.push(() => changePassword(t, before));
      yield* changePassword(t, NEW_KEYS[0] === before ? NEW_KEYS[1] : NEW_KEYS[0]);
    },
  }),
  chargePointCase({
    id: "TC_083_CS",
    title: "Upgrade the security profile",
    profile: "Security",
    purpose: "The Charge Point connects with the next security profile, at once or after a Hard reset.",
    spec: ["Security §2.3", "Security, key SecurityProfile"],
    needs: { securityProfile: [1, 2] },
    isForGood: true,
    *run(t) {
      const before = t.capabilities.securityProfile;
      const next = before === 1 ? 2 : 3;
      yield* t.prepare(becomeTrusted(t, next));
      yield* t.listen({ securityProfile: next });
      t.record.putBack.push(() => tellOfRise(t, { before, next }));
      yield* setLinkKey(t, "SecurityProfile", String(next));
      if (!isUsed(t, next)) yield* restarted(t);
      const { tls } = t.upgradeRequest ?? {};
      yield* t.check("the connection is secured by TLS", tls?.version ?? "no TLS", tls !== undefined);
      if (next === 2) return yield* checkCredentials(t, t.setup.authorizationKey);
      yield* t.check("a client certificate is shown", "none", tls?.clientCertificate !== undefined);
    },
  }),
  chargePointCase({
    id: "TC_084_CS",
    title: "Downgrade the security profile – rejected",
    profile: "Security",
    purpose: "A security profile is never lowered by a message.",
    spec: ["Security §2.3", "Security, key SecurityProfile"],
    needs: { securityProfile: [1, 2, 3] },
    *run(t) {
      const value = String(t.capabilities.securityProfile - 1);
      yield* t.send("ChangeConfiguration", { key: "SecurityProfile", value }, { status: "Rejected" });
      yield* t.quiet({ for: 5 });
    },
  }),
  chargePointCase({
    id: "TC_085_CS",
    title: "Basic authentication – valid user and password",
    profile: "Security",
    purpose: "The Charge Point shows its identity and its password when it connects.",
    spec: ["Security §2.4", "OCPP-J 1.6 §6.2.2"],
    needs: { securityProfile: [1, 2] },
    *run(t) {
      yield* reconnected(t);
      yield* checkCredentials(t, t.setup.authorizationKey);
      yield* works(t);
    },
  }),
  chargePointCase({
    id: "TC_078_CS",
    title: "Invalid Central System certificate – security event",
    profile: "Security",
    purpose:
      "A Central System whose certificate is not to be trusted gets no connection, and is told of it later.",
    spec: ["Security §2.5", "Security, Appendix (InvalidCentralSystemCertificate)"],
    needs: { securityProfile: [2, 3] },
    *run(t) {
      const { securityProfile } = t.capabilities;
      yield* tolerateBoot(t);
      yield* t.listen({ securityProfile, flaw: "untrusted" });
      yield* t.disconnect("connect anew, please");
      yield* t.expectRefusedConnection();
      yield* t.listen({ securityProfile });
      yield* t.expectConnection();
      yield* t.expect(call("SecurityEventNotification", { type: "InvalidCentralSystemCertificate" }));
    },
  }),
  chargePointCase({
    id: "TC_086_CS",
    title: "TLS – server certificate valid",
    profile: "Security",
    purpose: "The Charge Point connects by TLS 1.2 or later to a Central System that it trusts.",
    spec: ["Security §2.5"],
    needs: { securityProfile: [2, 3] },
    *run(t) {
      yield* reconnected(t);
      const version = t.upgradeRequest?.tls?.version ?? "no TLS";
      yield* t.check(`TLS is of ${TLS_VERSIONS.join(" or ")}`, version, TLS_VERSIONS.includes(version));
      yield* t.leaveOut("cipher suites with RSA key exchange: the tester's TLS has none to choose");
      yield* works(t);
    },
  }),
  chargePointCase({
    id: "TC_087_CS",
    title: "TLS – client certificate valid",
    profile: "Security",
    purpose: "The Charge Point shows a certificate with its serial number and its operator.",
    spec: ["Security §2.6", "Security §4.1"],
    needs: { securityProfile: [3] },
    *run(t) {
      const { cpoName } = t.setup;
      yield* t.prepare(tellSerialNumber(t));
      yield* reconnected(t);
      const certificate = t.upgradeRequest?.tls?.clientCertificate;
      yield* t.check("a client certificate is shown", certificate ?? "none", certificate !== undefined);
      const { commonName = "", organization } = certificate ?? {};
      const { serialNumbers } = t.session;
      if (serialNumbers.length === 0) yield* t.leaveOut("whether the CN is its serial number: it tells none");
      else {
        const expected = `its CN is its serial number, ${serialNumbers.join(" or ")}`;
        yield* t.check(expected, commonName, serialNumbers.includes(commonName));
      }
      yield* t.check(`its O is the operator, ${cpoName}`, organization ?? "none", organization === cpoName);
      yield* works(t);
    },
  }),
];
