/**
 * On which links a Charge Point is let in, and how its password and security profile change.
 *
 * Spec: Security §2.1, §2.3, §2.4, §2.6; OCPP-J 1.6 §6.2.
 */
import assert from "node:assert/strict";
import {
  afterSecurityChange,
  passwordBytesOf,
  securityChangeAfter,
  securityOrderOf,
} from "../../src/central_system/security_change.ts";
import {
  judgeLink,
  type SecurityRecord,
  type SecurityTerms,
  type ShownSecurity,
} from "../../src/central_system/security_profile.ts";
import type { ChargePointRecord } from "../../src/central_system/store.ts";

const IDENTITY = "CP1";
const PLAIN: ShownSecurity = { isTls: false, password: "none", certificate: undefined };
const BASIC: ShownSecurity = { ...PLAIN, password: "current" };
const TLS: ShownSecurity = { ...PLAIN, isTls: true };
const TLS_BASIC: ShownSecurity = { ...BASIC, isTls: true };
const OWN = { commonName: IDENTITY, organization: "CPO" };
const CERTIFIED: ShownSecurity = { ...TLS, certificate: OWN };

interface Row {
  readonly what: string;
  readonly record?: SecurityRecord;
  readonly terms?: Partial<SecurityTerms>;
  readonly shown: ShownSecurity;
  /** The profile on which it is let in, or the status and a part of the reason. */
  readonly gives: 0 | 1 | 2 | 3 | readonly [401 | 403, string];
}

const ROWS: readonly Row[] = [
  { what: "nothing wanted, nothing shown", shown: PLAIN, gives: 0 },
  { what: "nothing wanted, TLS", shown: TLS, gives: 0 },
  { what: "nothing wanted, its own certificate", shown: CERTIFIED, gives: 3 },
  {
    what: "nothing wanted, another's certificate",
    shown: { ...TLS, certificate: { ...OWN, commonName: "CP2" } },
    gives: [401, 'is for "CP2", not for "CP1"'],
  },
  { what: "nothing known of the password shown", shown: { ...PLAIN, password: "uncheckable" }, gives: 0 },

  {
    what: "a password is known, none is shown",
    record: { passwordHash: "a" },
    shown: PLAIN,
    gives: [401, "no password"],
  },
  { what: "a password is known and shown", record: { passwordHash: "a" }, shown: BASIC, gives: 1 },
  { what: "… over TLS", record: { passwordHash: "a" }, shown: TLS_BASIC, gives: 2 },
  {
    what: "a wrong one is shown",
    record: { passwordHash: "a" },
    shown: { ...PLAIN, password: "wrong" },
    gives: [401, "a wrong password"],
  },
  {
    what: "another's user name",
    record: { passwordHash: "a" },
    shown: { ...PLAIN, password: "otherUser" },
    gives: [401, "the user name"],
  },
  {
    what: "something else than Basic",
    record: { passwordHash: "a" },
    shown: { ...PLAIN, password: "malformed" },
    gives: [401, "not HTTP Basic"],
  },
  {
    what: "a password is known, its certificate is shown",
    record: { passwordHash: "a" },
    shown: CERTIFIED,
    gives: 3,
  },

  { what: "least 1, no record", terms: { securityProfile: 1 }, shown: PLAIN, gives: [401, "no password"] },
  {
    what: "least 1, a password that nobody has entered",
    terms: { securityProfile: 1 },
    shown: { ...PLAIN, password: "uncheckable" },
    gives: [401, "the record has none"],
  },
  {
    what: "least 2, without TLS",
    record: { passwordHash: "a" },
    terms: { securityProfile: 2 },
    shown: BASIC,
    gives: [403, "TLS (wss)"],
  },
  {
    what: "least 2",
    record: { passwordHash: "a" },
    terms: { securityProfile: 2 },
    shown: TLS_BASIC,
    gives: 2,
  },
  {
    what: "least 3, no certificate",
    terms: { securityProfile: 3 },
    shown: TLS_BASIC,
    gives: [401, "no client certificate"],
  },
  { what: "least 3", terms: { securityProfile: 3 }, shown: CERTIFIED, gives: 3 },

  {
    what: "exactly 0",
    record: { securityProfile: 0 },
    terms: { securityProfile: 3 },
    shown: PLAIN,
    gives: 0,
  },
  { what: "exactly 0, TLS", record: { securityProfile: 0 }, shown: TLS, gives: [403, "without TLS"] },
  {
    what: "exactly 1, TLS",
    record: { securityProfile: 1, passwordHash: "a" },
    shown: TLS_BASIC,
    gives: [403, "profile 1"],
  },
  {
    what: "exactly 2, without TLS",
    record: { securityProfile: 2, passwordHash: "a" },
    shown: BASIC,
    gives: [403, "profile 2"],
  },
  { what: "exactly 2", record: { securityProfile: 2, passwordHash: "a" }, shown: TLS_BASIC, gives: 2 },
  {
    what: "exactly 2, another's certificate besides",
    record: { securityProfile: 2, passwordHash: "a" },
    shown: { ...TLS_BASIC, certificate: { ...OWN, commonName: "CP2" } },
    gives: 2,
  },
  {
    what: "exactly 3, a password instead",
    record: { securityProfile: 3, passwordHash: "a" },
    shown: TLS_BASIC,
    gives: [401, "no client certificate"],
  },
  { what: "exactly 3", record: { securityProfile: 3 }, shown: CERTIFIED, gives: 3 },
  {
    what: "the serial number of its record",
    record: { securityProfile: 3, certificateSerialNumber: "SN-1" },
    shown: { ...TLS, certificate: { ...OWN, commonName: "sn-1" } },
    gives: 3,
  },
  {
    what: "its identity where the record has another serial number",
    record: { securityProfile: 3, certificateSerialNumber: "SN-1" },
    shown: CERTIFIED,
    gives: [401, 'not for "SN-1"'],
  },
  {
    what: "another operator's certificate",
    record: { securityProfile: 3 },
    terms: { cpoName: "Other" },
    shown: CERTIFIED,
    gives: [401, 'not of "Other"'],
  },
  {
    what: "the operator's certificate",
    record: { securityProfile: 3 },
    terms: { cpoName: "CPO" },
    shown: CERTIFIED,
    gives: 3,
  },

  {
    what: "2 pending on 1, the one before",
    record: { securityProfile: 1, pendingSecurityProfile: 2, passwordHash: "a" },
    shown: BASIC,
    gives: 1,
  },
  {
    what: "2 pending on 1, the new one",
    record: { securityProfile: 1, pendingSecurityProfile: 2, passwordHash: "a" },
    shown: TLS_BASIC,
    gives: 2,
  },
  {
    what: "2 pending on 1, neither",
    record: { securityProfile: 1, pendingSecurityProfile: 2, passwordHash: "a" },
    shown: PLAIN,
    gives: [401, "profile 1 or 2"],
  },
  {
    what: "1 pending on exactly 0, the one before",
    record: { securityProfile: 0, pendingSecurityProfile: 1, pendingPasswordHash: "b" },
    shown: PLAIN,
    gives: 0,
  },
  {
    what: "a pending password on exactly 0",
    record: { securityProfile: 0, pendingPasswordHash: "b" },
    shown: { ...PLAIN, password: "pending" },
    gives: 1,
  },
  {
    what: "a pending password, not used yet",
    record: { pendingPasswordHash: "b" },
    shown: PLAIN,
    gives: 0,
  },
];

for (const { what, record = {}, terms = {}, shown, gives } of ROWS) {
  Deno.test(`Security §2.1 ${what}: ${typeof gives === "number" ? `profile ${gives}` : gives.join(" ")}`, () => {
    const verdict = judgeLink(IDENTITY, record, shown, { securityProfile: 0, ...terms });
    if (typeof gives === "number") return assert.deepEqual(verdict, { admitted: true, profile: gives });
    assert.ok(!verdict.admitted);
    assert.equal(verdict.status, gives[0]);
    assert.ok(verdict.reason.includes(gives[1]), verdict.reason);
  });
}

// --- changes -------------------------------------------------------------------------------------------------

const RECORD: ChargePointRecord = {
  identity: IDENTITY,
  registration: "Accepted",
  bootCount: 0,
  firstSeenAtMs: 0,
  connectors: new Map(),
  recentReadings: [],
  activeTransactions: [],
};

const answer = (status: string) => ({ kind: "result", payload: { status } }) as const;
const told = (passwordHash: string) => ({ kind: "password", passwordHash }) as const;

Deno.test("Security §2.4.2 an accepted password takes the place of the one before, at once", () => {
  const offered = afterSecurityChange({ ...RECORD, passwordHash: "a" }, {
    kind: "passwordOffered",
    passwordHash: "b",
  });
  assert.deepEqual([offered.passwordHash, offered.pendingPasswordHash], ["a", "b"]);
  const change = securityChangeAfter(told("b"), answer("Accepted"))!;
  const after = afterSecurityChange(offered, change);
  assert.deepEqual([after.passwordHash, after.pendingPasswordHash], ["b", undefined]);
});

Deno.test("Security §2.4.2 a password that is refused is forgotten; one without an answer stays beside the other", () => {
  const offered = { ...RECORD, passwordHash: "a", pendingPasswordHash: "b" };
  for (
    const outcome of [
      answer("Rejected"),
      answer("NotSupported"),
      { kind: "error", errorCode: "NotSupported", errorDescription: "", errorDetails: {} } as const,
    ]
  ) {
    const after = afterSecurityChange(offered, securityChangeAfter(told("b"), outcome)!);
    assert.deepEqual([after.passwordHash, after.pendingPasswordHash], ["a", undefined]);
  }
  for (
    const outcome of [{ kind: "timeout" }, { kind: "connectionLost" }, answer("RebootRequired")] as const
  ) {
    assert.equal(securityChangeAfter(told("b"), outcome), undefined);
  }
});

Deno.test("OCPP-J §6.2.2 the first password is pending until it is used: on profile 0 nobody shows one", () => {
  const offered = { ...RECORD, pendingPasswordHash: "b" };
  const accepted = afterSecurityChange(offered, securityChangeAfter(told("b"), answer("Accepted"))!);
  assert.equal(accepted, offered);
  const plain = afterSecurityChange(accepted, { kind: "linkAdmitted", profile: 0 });
  assert.equal(plain, accepted);
  const used = afterSecurityChange(accepted, { kind: "linkAdmitted", profile: 1, passwordHash: "b" });
  assert.deepEqual([used.passwordHash, used.pendingPasswordHash], ["b", undefined]);
});

Deno.test("an answer about a password that was replaced meanwhile changes nothing", () => {
  const record = { ...RECORD, passwordHash: "a", pendingPasswordHash: "c" };
  assert.equal(afterSecurityChange(record, securityChangeAfter(told("b"), answer("Accepted"))!), record);
});

Deno.test("Security §2.3 an accepted profile is pending until it is used, and never lower", () => {
  const profile = (one: 0 | 1 | 2 | 3) => ({ kind: "profile", profile: one }) as const;
  for (const status of ["Accepted", "RebootRequired"]) {
    const change = securityChangeAfter(profile(2), answer(status))!;
    const pending = afterSecurityChange({ ...RECORD, securityProfile: 1 }, change);
    assert.deepEqual([pending.securityProfile, pending.pendingSecurityProfile], [1, 2]);
    assert.equal(afterSecurityChange(pending, { kind: "linkAdmitted", profile: 1 }), pending);
    const used = afterSecurityChange(pending, { kind: "linkAdmitted", profile: 2 });
    assert.deepEqual([used.securityProfile, used.pendingSecurityProfile], [2, undefined]);
  }
  for (const outcome of [answer("Rejected"), { kind: "timeout" } as const]) {
    assert.equal(securityChangeAfter(profile(2), outcome), undefined);
  }
  const atTwo = { ...RECORD, securityProfile: 2 } as const;
  for (const lower of [0, 1, 2] as const) {
    assert.equal(afterSecurityChange(atTwo, securityChangeAfter(profile(lower), answer("Accepted"))!), atTwo);
  }
});

Deno.test("§9.1 which ChangeConfiguration is about security, whatever the case of its key", () => {
  const order = (key: unknown, value: unknown) => securityOrderOf("ChangeConfiguration", { key, value });
  assert.deepEqual(order("AUTHORIZATIONKEY", "00ff"), {
    kind: "password",
    password: new Uint8Array([0, 255]),
  });
  assert.deepEqual(order("SecurityProfile", " 2"), { kind: "profile", profile: 2 });
  for (const value of ["4", "-1", "", "two"]) assert.equal(order("SecurityProfile", value), undefined);
  assert.equal(order("HeartbeatInterval", "2"), undefined);
  assert.equal(order(1, 2), undefined);
  assert.equal(securityOrderOf("GetConfiguration", { key: ["AuthorizationKey"] }), undefined);
  assert.deepEqual(passwordBytesOf("not hex"), new TextEncoder().encode("not hex"));
});
