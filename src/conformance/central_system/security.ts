/** Security extension: certificates, logs, signed firmware, credentials, and the subprotocol. */
import type { Req } from "../../ocpp/registry.ts";
import type { BenchReplies } from "../bench.ts";
import { type CaseDefinition, centralSystemCase } from "../case.ts";
import type { Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { accepted, allTold, booted, connected, ordered, quietOrGone, restarted } from "./states.ts";

const PROFILE = "Security";
const REQUEST_ID = 31;

/** Messages of the security extension. */
const MESSAGES = { profiles: ["Security"] } as const;

type Root = BenchReplies["rootCertificate"];

function* rootOf(t: Tester, use: "CentralSystem" | "Manufacturer"): Steps<Root> {
  return yield* t.prepare(t.bench({ kind: "rootCertificate", use }));
}

/** A root certificate is installed, and found among those that are there. */
function* installed(t: Tester, use: "CentralSystem" | "Manufacturer"): Steps {
  const { certificate, hashes } = yield* rootOf(t, use);
  const certificateType = `${use}RootCertificate` as const;
  yield* t.prepare(booted(t));
  yield* ordered(t, "InstallCertificate", { certificateType, certificate }, { status: "Accepted" });
  yield* ordered(t, "GetInstalledCertificateIds", { certificateType }, {
    status: "Accepted",
    certificateHashData: [hashes],
  });
}

function* securityEvent(t: Tester, type: string): Steps {
  yield* t.send("SecurityEventNotification", { type, timestamp: t.dateTime() }, {});
}

function* signedUpdateOrdered(t: Tester, flaw?: "badSignature"): Steps {
  const update = yield* t.prepare(t.bench({ kind: "firmware", ...(flaw === undefined ? {} : { flaw }) }));
  const { location, signingCertificate, signature } = update;
  yield* t.prepare(booted(t));
  yield* ordered(t, "SignedUpdateFirmware", {
    requestId: REQUEST_ID,
    firmware: { location, retrieveDateTime: t.dateTime(), signingCertificate, signature },
  }, { status: "Accepted" });
}

function* signedFirmware(
  t: Tester,
  ...statuses: readonly Req<"SignedFirmwareStatusNotification">["status"][]
): Steps {
  for (const status of statuses) {
    yield* t.send("SignedFirmwareStatusNotification", { status, requestId: REQUEST_ID }, {});
  }
}

/** An upgrade that must be refused, by an HTTP status and not by closing what was opened. */
function* refused(
  t: Tester,
  how: Parameters<Tester["connect"]>[0],
  statuses: readonly number[],
): Steps {
  const outcome = yield* t.connect(how);
  const holds = outcome.kind === "refused" && statuses.includes(outcome.status ?? 0);
  yield* t.check(`the upgrade is refused with ${statuses.join(" or ")}`, outcome, holds);
}

/** The bytes of a password that is not the one before. Units: hexadecimal, 20 bytes as ChangeConfiguration has them. */
const NEW_KEYS = ["00112233445566778899AABBCCDDEEFF00112233", "FFEEDDCCBBAA99887766554433221100FFEEDDCC"];

export const SECURITY: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_073_CSMS",
    title: "Update password for HTTP Basic Authentication",
    profile: PROFILE,
    purpose: "A password that the operator has set is the one that counts from then on.",
    spec: ["Security §2.4", "OCPP-J 1.6 §6.2.2"],
    needs: { securityProfile: [1, 2] },
    *run(t) {
      const { identity: user, authorizationKey } = t.setup;
      yield* t.prepare(booted(t));
      const passwordHex = NEW_KEYS.find((key) => key !== authorizationKey)!;
      yield* ordered(t, "ChangeConfiguration", { key: "AuthorizationKey", value: passwordHex }, {
        status: "Accepted",
      });
      yield* quietOrGone(t);
      yield* t.disconnect("the password has changed");
      const outcome = yield* t.connect({ ...t.ownLink, credentials: { user, passwordHex } });
      yield* t.check("the new password is accepted", outcome, outcome.kind === "up");
      yield* accepted(t);
      yield* t.disconnect("the password before is tried");
      yield* refused(t, t.ownLink, [401]);
      yield* t.connect({ ...t.ownLink, credentials: { user, passwordHex } });
      yield* accepted(t);
      yield* allTold(t);
      // The one before comes back, so that cases to come can connect.
      if (authorizationKey === undefined) return;
      const before = { key: "AuthorizationKey", value: authorizationKey };
      yield* ordered(t, "ChangeConfiguration", before, { status: "Accepted" });
      yield* quietOrGone(t);
      yield* t.disconnect("the password is as before");
    },
  }),
  centralSystemCase({
    id: "TC_075_1_CSMS",
    title: "Install certificate – ManufacturerRootCertificate",
    profile: PROFILE,
    purpose: "A root certificate of the manufacturer is installed, and listed.",
    spec: ["Security, InstallCertificate", "Security, GetInstalledCertificateIds"],
    needs: MESSAGES,
    run: (t) => installed(t, "Manufacturer"),
  }),
  centralSystemCase({
    id: "TC_075_2_CSMS",
    title: "Install certificate – CentralSystemRootCertificate",
    profile: PROFILE,
    purpose: "A root certificate of the Central System is installed, and listed.",
    spec: ["Security, InstallCertificate", "Security, GetInstalledCertificateIds"],
    needs: MESSAGES,
    run: (t) => installed(t, "CentralSystem"),
  }),
  centralSystemCase({
    id: "TC_076_CSMS",
    title: "Delete a specific certificate",
    profile: PROFILE,
    purpose: "A certificate that the Charge Point lists is deleted by its hashes.",
    spec: ["Security, DeleteCertificate", "Security, GetInstalledCertificateIds"],
    needs: MESSAGES,
    *run(t) {
      const { hashes } = yield* rootOf(t, "CentralSystem");
      const certificateType = "CentralSystemRootCertificate";
      yield* t.prepare(booted(t));
      yield* ordered(t, "GetInstalledCertificateIds", { certificateType }, {
        status: "Accepted",
        certificateHashData: [hashes],
      });
      yield* ordered(t, "DeleteCertificate", { certificateHashData: hashes }, { status: "Accepted" });
    },
  }),
  centralSystemCase({
    id: "TC_077_CSMS",
    title: "Invalid ChargePointCertificate security event",
    profile: PROFILE,
    purpose:
      "A certificate that the Charge Point refuses, and the event that it tells of it, are taken note of.",
    spec: ["Security, CertificateSigned", "Security, Appendix (InvalidChargePointCertificate)"],
    needs: MESSAGES,
    *run(t) {
      // A root is no certificate of the Charge Point's: its key is another one.
      const { certificate: certificateChain } = yield* rootOf(t, "CentralSystem");
      yield* t.prepare(booted(t));
      yield* ordered(t, "CertificateSigned", { certificateChain }, { status: "Rejected" });
      yield* securityEvent(t, "InvalidChargePointCertificate");
    },
  }),
  centralSystemCase({
    id: "TC_078_CSMS",
    title: "Invalid CentralSystemCertificate security event",
    profile: PROFILE,
    purpose: "The event that a Charge Point tells after it saw a wrong certificate is taken note of.",
    spec: ["Security §2.5", "Security, Appendix (InvalidCentralSystemCertificate)"],
    needs: MESSAGES,
    *run(t) {
      yield* t.prepare(booted(t));
      yield* securityEvent(t, "InvalidCentralSystemCertificate");
    },
  }),
  centralSystemCase({
    id: "TC_079_CSMS",
    title: "Get Security Log",
    profile: PROFILE,
    purpose: "The security log is ordered, and that it is uploaded is taken note of.",
    spec: ["Security, GetLog", "Security, LogStatusNotification"],
    needs: MESSAGES,
    *run(t) {
      const { location: remoteLocation } = yield* t.prepare(t.bench({ kind: "uploadLocation" }));
      yield* t.prepare(booted(t));
      yield* ordered(t, "GetLog", {
        logType: "SecurityLog",
        requestId: REQUEST_ID,
        log: { remoteLocation },
      }, { status: "Accepted", filename: "security.log" });
      for (const status of ["Uploading", "Uploaded"] as const) {
        yield* t.send("LogStatusNotification", { status, requestId: REQUEST_ID }, {});
      }
    },
  }),
  centralSystemCase({
    id: "TC_080_CSMS",
    title: "Secure firmware update",
    profile: PROFILE,
    purpose: "A signed update is ordered; what comes of it is taken note of, the restart included.",
    spec: ["Security §5", "Security, SignedUpdateFirmware", "Security, SignedFirmwareStatusNotification"],
    needs: MESSAGES,
    *run(t) {
      yield* signedUpdateOrdered(t);
      yield* signedFirmware(t, "Downloading", "Downloaded", "SignatureVerified", "Installing");
      yield* signedFirmware(t, "InstallRebooting");
      yield* restarted(t);
      yield* securityEvent(t, "FirmwareUpdated");
      yield* signedFirmware(t, "Installed");
    },
  }),
  centralSystemCase({
    id: "TC_081_CSMS",
    title: "Secure firmware update – invalid signature",
    profile: PROFILE,
    purpose: "An update whose signature is wrong, and the event that is told of it, are taken note of.",
    spec: ["Security §5", "Security, Appendix (InvalidFirmwareSignature)"],
    needs: MESSAGES,
    *run(t) {
      yield* signedUpdateOrdered(t, "badSignature");
      yield* signedFirmware(t, "Downloading", "Downloaded", "InvalidSignature");
      yield* securityEvent(t, "InvalidFirmwareSignature");
    },
  }),
  centralSystemCase({
    id: "TC_085_CSMS",
    title: "Basic Authentication – valid username/password",
    profile: PROFILE,
    purpose:
      "Without credentials, and with a wrong password, the upgrade is refused; with the right ones it is not.",
    spec: ["Security §2.4", "OCPP-J 1.6 §6.2"],
    needs: { securityProfile: [1, 2] },
    *run(t) {
      const { identity: user, authorizationKey } = t.setup;
      const { credentials: _, ...link } = t.ownLink;
      yield* refused(t, link, [401]);
      const passwordHex = NEW_KEYS.find((key) => key !== authorizationKey)!;
      yield* refused(t, { ...link, credentials: { user, passwordHex } }, [401]);
      yield* connected(t);
      yield* accepted(t);
      yield* allTold(t);
    },
  }),
  centralSystemCase({
    id: "TC_088_CSMS",
    title: "WebSocket subprotocol negotiation",
    profile: PROFILE,
    purpose:
      "A subprotocol that is not spoken is refused before the upgrade; of several the right one is chosen.",
    spec: ["OCPP-J 1.6 §3.1.2", "OCPP-J 1.6 §3.2"],
    *run(t) {
      const wrong = yield* t.connect({ ...t.ownLink, subprotocols: ["ocpp0.1"] });
      yield* t.check(
        "an upgrade that offers ocpp0.1 only is refused by an HTTP status",
        wrong,
        wrong.kind === "refused" && (wrong.status ?? 0) >= 400,
      );
      const right = yield* t.connect({ ...t.ownLink, subprotocols: ["ocpp0.1", "ocpp1.6"] });
      yield* t.check(
        "of ocpp0.1 and ocpp1.6 the latter is chosen",
        right,
        right.kind === "up" && right.subprotocol === "ocpp1.6",
      );
      yield* accepted(t);
      yield* allTold(t);
    },
  }),
];
