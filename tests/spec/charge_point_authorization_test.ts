import assert from "node:assert/strict";
import { CACHE_ENTRIES_MAX } from "../../src/charge_point/authorization/authorization_cache.ts";
import type { IdTagInfo } from "../../src/ocpp/types.ts";
import {
  BEGIN_AT_MS,
  ScriptedCentralSystem,
  type ScriptOptions,
} from "../support/scripted_central_system.ts";

const PAST = new Date(BEGIN_AT_MS - 1_000).toISOString();
const SOON = new Date(BEGIN_AT_MS + 60_000).toISOString();

/** What the Charge Point knows of TAG001 before it is shown. */
type Known = { readonly list?: IdTagInfo; readonly cache?: IdTagInfo };

/** One row of the decision table: what is known, how it is set, and what becomes of the idTag. */
interface Row {
  readonly what: string;
  readonly isOnline: boolean;
  readonly known?: Known;
  readonly configuration?: Readonly<Record<string, string>>;
  /** `asks`: an Authorize leaves; else the event that tells the decision. */
  readonly outcome: "asks" | IdTagInfo["status"] | "NotAuthorizedOffline";
}

const ACCEPTED: IdTagInfo = { status: "Accepted" };
const PRE = { LocalPreAuthorize: "true" };
const UNKNOWN = { AllowOfflineTxForUnknownId: "true" };
const NO_OFFLINE = { LocalAuthorizeOffline: "false" };
const NO_LIST = { LocalAuthListEnabled: "false" };
const NO_CACHE = { AuthorizationCacheEnabled: "false" };

const DECISIONS: readonly Row[] = [
  { what: "nothing known", isOnline: true, outcome: "asks" },
  { what: "nothing known, LocalPreAuthorize", isOnline: true, configuration: PRE, outcome: "asks" },
  { what: "valid in the list", isOnline: true, known: { list: ACCEPTED }, outcome: "asks" },
  { what: "valid in the cache", isOnline: true, known: { cache: ACCEPTED }, outcome: "asks" },
  {
    what: "valid in the list, LocalPreAuthorize",
    isOnline: true,
    known: { list: ACCEPTED },
    configuration: PRE,
    outcome: "Accepted",
  },
  {
    what: "valid in the cache, LocalPreAuthorize",
    isOnline: true,
    known: { cache: ACCEPTED },
    configuration: PRE,
    outcome: "Accepted",
  },
  {
    what: "ConcurrentTx in the list, LocalPreAuthorize",
    isOnline: true,
    known: { list: { status: "ConcurrentTx" } },
    configuration: PRE,
    outcome: "Accepted",
  },
  {
    what: "ConcurrentTx in the cache, LocalPreAuthorize",
    isOnline: true,
    known: { cache: { status: "ConcurrentTx" } },
    configuration: PRE,
    outcome: "asks",
  },
  {
    what: "Blocked in the cache, LocalPreAuthorize",
    isOnline: true,
    known: { cache: { status: "Blocked" } },
    configuration: PRE,
    outcome: "asks",
  },
  {
    what: "Blocked in the list, Accepted in a cache of before, LocalPreAuthorize",
    isOnline: true,
    known: { cache: ACCEPTED, list: { status: "Blocked" } },
    configuration: PRE,
    outcome: "asks",
  },
  {
    what: "expired in the list, LocalPreAuthorize",
    isOnline: true,
    known: { list: { status: "Accepted", expiryDate: PAST } },
    configuration: PRE,
    outcome: "asks",
  },
  {
    what: "not expired yet, LocalPreAuthorize",
    isOnline: true,
    known: { list: { status: "Accepted", expiryDate: SOON } },
    configuration: PRE,
    outcome: "Accepted",
  },
  {
    what: "in the list, which is switched off, LocalPreAuthorize",
    isOnline: true,
    known: { list: ACCEPTED },
    configuration: { ...PRE, ...NO_LIST },
    outcome: "asks",
  },
  {
    what: "in the cache, which is switched off, LocalPreAuthorize",
    isOnline: true,
    known: { cache: ACCEPTED },
    configuration: { ...PRE, ...NO_CACHE },
    outcome: "asks",
  },
  { what: "nothing known", isOnline: false, outcome: "NotAuthorizedOffline" },
  {
    what: "nothing known, AllowOfflineTxForUnknownId",
    isOnline: false,
    configuration: UNKNOWN,
    outcome: "Accepted",
  },
  { what: "valid in the list", isOnline: false, known: { list: ACCEPTED }, outcome: "Accepted" },
  { what: "valid in the cache", isOnline: false, known: { cache: ACCEPTED }, outcome: "Accepted" },
  {
    what: "ConcurrentTx in the list",
    isOnline: false,
    known: { list: { status: "ConcurrentTx" } },
    outcome: "Accepted",
  },
  {
    what: "valid in the list, LocalAuthorizeOffline off",
    isOnline: false,
    known: { list: ACCEPTED },
    configuration: NO_OFFLINE,
    outcome: "NotAuthorizedOffline",
  },
  {
    what: "valid in the cache, LocalAuthorizeOffline off, AllowOfflineTxForUnknownId",
    isOnline: false,
    known: { cache: ACCEPTED },
    configuration: { ...NO_OFFLINE, ...UNKNOWN },
    outcome: "Accepted",
  },
  ...(["Blocked", "Invalid", "Expired"] as const).flatMap((status): Row[] => [
    {
      what: `${status} in the list, AllowOfflineTxForUnknownId`,
      isOnline: false,
      known: { list: { status } },
      configuration: UNKNOWN,
      outcome: status,
    },
    {
      what: `${status} in the cache, AllowOfflineTxForUnknownId`,
      isOnline: false,
      known: { cache: { status } },
      configuration: UNKNOWN,
      outcome: status,
    },
  ]),
  {
    what: "Blocked in the list, LocalAuthorizeOffline off, AllowOfflineTxForUnknownId",
    isOnline: false,
    known: { list: { status: "Blocked" } },
    configuration: { ...NO_OFFLINE, ...UNKNOWN },
    outcome: "Blocked",
  },
  {
    what: "expired in the list, AllowOfflineTxForUnknownId",
    isOnline: false,
    known: { list: { status: "Accepted", expiryDate: PAST } },
    configuration: UNKNOWN,
    outcome: "Expired",
  },
  {
    what: "expired in the cache",
    isOnline: false,
    known: { cache: { status: "Accepted", expiryDate: PAST } },
    outcome: "Expired",
  },
  {
    what: "Blocked in the list, which is switched off, AllowOfflineTxForUnknownId",
    isOnline: false,
    known: { list: { status: "Blocked" } },
    configuration: { ...NO_LIST, ...UNKNOWN },
    outcome: "Accepted",
  },
];

/** Online, with what is known put there by the Central System's own messages. */
function knowing(known: Known, given: ScriptOptions = {}): ScriptedCentralSystem {
  const script = new ScriptedCentralSystem(given).boot();
  const { list, cache } = known;
  if (cache !== undefined) {
    script.script.Authorize = () => ({ idTagInfo: cache });
    script.present().run(1).present().run(61); // shown twice: nothing begins
    delete script.script.Authorize;
  }
  if (list !== undefined) sendList(script, 1, [{ idTag: "tag001", idTagInfo: list }]);
  return script;
}

function sendList(
  script: ScriptedCentralSystem,
  listVersion: number,
  localAuthorizationList: { idTag: string; idTagInfo?: IdTagInfo }[] | undefined,
  updateType: "Full" | "Differential" = "Full",
): string {
  return script.result("SendLocalList", {
    listVersion,
    updateType,
    ...(localAuthorizationList === undefined ? {} : { localAuthorizationList }),
  }).status;
}

function configure(script: ScriptedCentralSystem, configuration: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(configuration)) {
    assert.equal(script.result("ChangeConfiguration", { key, value }).status, "Accepted");
  }
}

for (const { what, isOnline, known = {}, configuration = {}, outcome } of DECISIONS) {
  Deno.test(`§3.5 ${isOnline ? "online" : "offline"}, ${what}: ${outcome}`, () => {
    const script = knowing(known);
    configure(script, configuration);
    if (!isOnline) script.cut();
    script.forget().plugIn().forget().present();
    if (outcome === "asks") {
      assert.equal(script.seen("Authorize").length, 1);
      return;
    }
    assert.equal(script.seen("Authorize").length, 0);
    assert.deepEqual(script.events("authorization").map(({ status }) => status), [outcome]);
    const status = script.chargePoint.connectors[0]?.status;
    assert.equal(status, outcome === "Accepted" ? "Charging" : "Preparing");
  });
}

/** SendLocalList on top of version 5 with A and B; what it is answered, and the version afterwards. Spec: §5.15. */
const UPDATES: readonly (readonly [
  what: string,
  update: readonly [version: number, type: "Full" | "Differential", entries: string | undefined],
  status: string,
  version: number,
])[] = [
  ["Full replaces the list", [6, "Full", "A:Accepted,C:Blocked"], "Accepted", 6],
  ["Full may have an older version", [2, "Full", "A:Accepted"], "Accepted", 2],
  ["Full without entries empties the list", [6, "Full", undefined], "Accepted", 0],
  ["Full with an empty list empties it too", [6, "Full", ""], "Accepted", 0],
  ["Full with an entry without idTagInfo", [6, "Full", "A:Accepted,C"], "Failed", 5], // TC_043_3
  ["an idTag twice", [6, "Full", "A:Accepted,a:Blocked"], "Failed", 5],
  ["an idTag twice in Differential", [6, "Differential", "C:Accepted,c"], "Failed", 5],
  ["version 0", [0, "Full", "A:Accepted"], "Failed", 5],
  ["version -1", [-1, "Full", "A:Accepted"], "Failed", 5],
  ["Differential adds", [6, "Differential", "C:Accepted"], "Accepted", 6],
  ["Differential takes away", [6, "Differential", "a"], "Accepted", 6],
  ["Differential takes away what is not there", [6, "Differential", "Z"], "Accepted", 6],
  ["Differential takes away all", [6, "Differential", "A,B"], "Accepted", 0],
  ["Differential without entries", [6, "Differential", undefined], "Accepted", 6],
  ["Differential with the same version", [5, "Differential", "C:Accepted"], "VersionMismatch", 5], // TC_043_2
  ["Differential with an older version", [4, "Differential", "C:Accepted"], "VersionMismatch", 5],
  ["more than SendLocalListMaxLength entries", [6, "Full", "many"], "Failed", 5],
];

function entriesOf(text: string | undefined): { idTag: string; idTagInfo?: IdTagInfo }[] | undefined {
  if (text === undefined) return undefined;
  if (text === "") return [];
  if (text === "many") {
    return Array.from({ length: 101 }, (_, n) => ({ idTag: `T${n}`, idTagInfo: { status: "Accepted" } }));
  }
  return text.split(",").map((item) => {
    const [idTag = "", status] = item.split(":");
    return status === undefined ? { idTag } : { idTag, idTagInfo: { status: status as "Accepted" } };
  });
}

for (const [what, [version, type, entries], status, versionAfter] of UPDATES) {
  Deno.test(`§5.15 SendLocalList: ${what} is ${status}`, () => {
    const script = new ScriptedCentralSystem().boot();
    assert.equal(sendList(script, 5, entriesOf("A:Accepted,B:Accepted")), "Accepted");
    assert.equal(sendList(script, version, entriesOf(entries), type), status);
    assert.equal(script.result("GetLocalListVersion", {}).listVersion, versionAfter);
  });
}

Deno.test("§5.15 a list grows by Differential updates up to LocalAuthListMaxLength, and no further", () => {
  const script = new ScriptedCentralSystem().boot();
  const hundred = (from: number) =>
    Array.from({ length: 100 }, (_, n) => ({ idTag: `T${from + n}`, idTagInfo: ACCEPTED }));
  for (let version = 1; version <= 10; version++) {
    assert.equal(sendList(script, version, hundred(version * 100), "Differential"), "Accepted");
  }
  assert.equal(sendList(script, 11, [{ idTag: "ONE", idTagInfo: ACCEPTED }], "Differential"), "Failed");
  assert.equal(sendList(script, 11, [{ idTag: "T100", idTagInfo: ACCEPTED }], "Differential"), "Accepted");
  assert.equal(script.result("GetLocalListVersion", {}).listVersion, 11);
});

Deno.test("§5.15 an update that was ordered to fail is Failed once, and changes nothing", () => {
  const script = new ScriptedCentralSystem().boot();
  script.input({ kind: "orderFailure", failure: "localListUpdate" });
  assert.equal(sendList(script, 1, entriesOf("A:Accepted")), "Failed");
  assert.equal(script.result("GetLocalListVersion", {}).listVersion, 0);
  assert.equal(sendList(script, 1, entriesOf("A:Accepted")), "Accepted");
});

/** Charge Points without a list. */
const WITHOUT_LIST: readonly (readonly [what: string, given: ScriptOptions])[] = [
  ["the profile", { description: { featureProfiles: ["Core"] } }],
  ["LocalAuthListEnabled", { configuration: NO_LIST }],
];

for (const [what, given] of WITHOUT_LIST) {
  Deno.test(`§5.10, §5.15 without ${what} the version is -1 and an update NotSupported`, () => {
    const script = new ScriptedCentralSystem(given).boot();
    assert.equal(script.result("GetLocalListVersion", {}).listVersion, -1); // TC_042_1
    assert.equal(sendList(script, 1, entriesOf("A:Accepted")), "NotSupported"); // TC_043_1
  });
}

Deno.test("§3.5.2 a list that is switched off and on again is what it was", () => {
  const script = knowing({ list: { status: "Blocked" } });
  configure(script, NO_LIST);
  configure(script, { LocalAuthListEnabled: "true" });
  assert.equal(script.result("GetLocalListVersion", {}).listVersion, 1);
});

/** Answers that teach the cache; afterwards TAG001 is shown offline. */
const TEACHING: readonly (readonly [what: string, teach: (script: ScriptedCentralSystem) => unknown])[] = [
  ["Authorize", (script) => {
    script.script.Authorize = () => ({ idTagInfo: { status: "Blocked" } });
    script.present();
  }],
  ["StartTransaction", (script) => {
    script.script.StartTransaction = () => ({ transactionId: 7, idTagInfo: { status: "Blocked" } });
    script.charge().unplug().present("tag001").run(1);
  }],
  ["StopTransaction", (script) => {
    script.script.StopTransaction = () => ({ idTagInfo: { status: "Blocked" } });
    script.charge().run(5).present().unplug().run(1);
  }],
];

for (const [action, teach] of TEACHING) {
  Deno.test(`§3.5.1 the cache learns from the answer to ${action}`, () => {
    const script = new ScriptedCentralSystem().boot();
    teach(script);
    script.cut().forget().plugIn().present("tag001");
    assert.deepEqual(script.events("authorization").map(({ status }) => status), ["Blocked"]);
  });
}

Deno.test("§3.5.1 what an answer says last is what holds, and outlives a Reset", () => {
  const script = new ScriptedCentralSystem({
    answers: { Authorize: (_, nth) => ({ idTagInfo: { status: nth === 1 ? "Blocked" : "Accepted" } }) },
  });
  script.boot().present().present().run(61);
  script.result("Reset", { type: "Hard" });
  script.run(30).cut().charge();
  assert.equal(script.chargePoint.connectors[0]?.status, "Charging");
});

Deno.test("§3.5.1 cached idTags expire", () => {
  const idTagInfo: IdTagInfo = { status: "Accepted", expiryDate: SOON };
  const script = knowing({ cache: idTagInfo }).run(60).cut().plugIn().forget().present();
  assert.deepEqual(script.events("authorization").map(({ status }) => status), ["Expired"]);
});

Deno.test("§5.4 ClearCache empties the cache", () => {
  const script = knowing({ cache: ACCEPTED });
  assert.equal(script.result("ClearCache", {}).status, "Accepted");
  script.cut().plugIn().forget().present();
  assert.deepEqual(script.events("authorization").map(({ status }) => status), ["NotAuthorizedOffline"]);
});

/** Charge Points without a cache. */
const WITHOUT_CACHE: readonly (readonly [what: string, given: ScriptOptions])[] = [
  ["built in", { description: { hasAuthorizationCache: false } }],
  ["switched on", { configuration: NO_CACHE }],
];

for (const [what, given] of WITHOUT_CACHE) {
  Deno.test(`§5.4 ClearCache without a cache that is ${what} is Rejected, and nothing is remembered`, () => {
    const script = new ScriptedCentralSystem(given).boot();
    assert.equal(script.result("ClearCache", {}).status, "Rejected");
    script.present().present().run(61).cut().plugIn().forget().present();
    assert.deepEqual(script.events("authorization").map(({ status }) => status), ["NotAuthorizedOffline"]);
  });
}

Deno.test("§3.5.1 a full cache forgets what is not valid first, then what is oldest", () => {
  const script = new ScriptedCentralSystem({
    answers: {
      Authorize: ({ idTag }) => ({ idTagInfo: { status: idTag === "BAD" ? "Invalid" : "Accepted" } }),
    },
  });
  script.boot();
  const learn = (idTag: string) => script.present(idTag, 1).present(idTag, 1);
  learn("OLD");
  learn("BAD");
  for (let n = 2; n < CACHE_ENTRIES_MAX; n++) learn(`T${n}`);
  const told = (idTag: string) => {
    script.forget().present(idTag, 1);
    const [event] = script.events("authorization");
    if (event?.status === "Accepted") script.present(idTag, 1); // called off
    return event?.status;
  };
  script.cut();
  assert.deepEqual([told("OLD"), told("BAD")], ["Accepted", "Invalid"]);
  script.reconnect();
  learn("NEW1");
  script.cut();
  assert.deepEqual([told("OLD"), told("BAD"), told("NEW1")], [
    "Accepted",
    "NotAuthorizedOffline",
    "Accepted",
  ]);
  script.reconnect();
  learn("NEW2");
  script.cut();
  assert.deepEqual([told("OLD"), told("T2"), told("NEW2")], ["NotAuthorizedOffline", "Accepted", "Accepted"]);
});

/** The list says one thing, a conf the other. Spec: §3.5.2. */
const CONFLICTS:
  readonly (readonly [list: IdTagInfo["status"], conf: IdTagInfo["status"], isOne: boolean])[] = [
    ["Accepted", "Blocked", true],
    ["Blocked", "Accepted", true],
    ["Accepted", "Accepted", false],
    ["Accepted", "ConcurrentTx", false],
    ["Blocked", "Invalid", false],
  ];

for (const [list, conf, isOne] of CONFLICTS) {
  Deno.test(`§3.5.2 ${list} in the list and ${conf} in a conf is ${isOne ? "a" : "no"} LocalListConflict`, () => {
    const script = knowing({ list: { status: list } });
    script.script.Authorize = () => ({ idTagInfo: { status: conf } });
    script.forget().present();
    const told = script.seen("StatusNotification").filter(({ payload }) => payload.connectorId === 0);
    assert.deepEqual(
      told.map(({ payload }) => [payload.status, payload.errorCode, payload.info]),
      isOne ? [["Available", "LocalListConflict", "idTag TAG001"]] : [],
    );
    if (!isOne) return;
    // The next list settles it.
    sendList(script.forget(), 2, undefined);
    assert.equal(script.seen("StatusNotification")[0]?.payload.errorCode, "NoError");
  });
}

Deno.test("§3.5.2 what is in the list does not go into the cache, nor stay there", () => {
  const script = knowing({ cache: { status: "Blocked" }, list: ACCEPTED });
  script.script.Authorize = () => ({ idTagInfo: { status: "Blocked" } });
  script.present();
  sendList(script, 2, undefined); // only the list knew it
  script.cut().plugIn().forget().present();
  assert.deepEqual(script.events("authorization").map(({ status }) => status), ["NotAuthorizedOffline"]);
});

/** Who stops a transaction of GROUP1 offline: wherever its group is known from. Spec: §3.10. */
const STOPPERS: readonly (readonly [what: string, idTag: string, stops: boolean])[] = [
  ["the same idTag", "group1", true],
  ["one of the same group in the list", "GROUP2", true],
  ["one of the same group in the cache", "GROUP3", true],
  ["one of another group in the list", "OTHER", false],
  ["one of the same group that is Blocked", "GROUP4", false],
  ["the parent itself", "PARENT", false],
  ["nobody known", "NOBODY", false],
];

for (const [what, idTag, stops] of STOPPERS) {
  Deno.test(`§3.10 offline ${what} ${stops ? "stops" : "does not stop"} the transaction`, () => {
    const script = new ScriptedCentralSystem({
      answers: { Authorize: () => ({ idTagInfo: { status: "Accepted", parentIdTag: "Parent" } }) },
      configuration: { LocalAuthorizeOffline: "false", AllowOfflineTxForUnknownId: "true" },
    }).boot();
    script.present("GROUP3").present("GROUP3").run(61);
    sendList(script, 1, [
      { idTag: "GROUP1", idTagInfo: { status: "Accepted", parentIdTag: "PARENT" } },
      { idTag: "GROUP2", idTagInfo: { status: "Accepted", parentIdTag: "parent" } },
      { idTag: "GROUP4", idTagInfo: { status: "Blocked", parentIdTag: "parent" } },
      { idTag: "OTHER", idTagInfo: { status: "Accepted", parentIdTag: "family" } },
    ]);
    script.charge(1, "GROUP1").cut().present(idTag);
    assert.equal(script.chargePoint.connectors[0]?.status, stops ? "Finishing" : "Charging");
  });
}

Deno.test("§3.10 with LocalPreAuthorize one of the same group in the list stops without Authorize", () => {
  const script = new ScriptedCentralSystem({ configuration: PRE }).boot();
  sendList(script, 1, [
    { idTag: "GROUP1", idTagInfo: { status: "Accepted", parentIdTag: "PARENT" } },
    { idTag: "GROUP2", idTagInfo: { status: "Accepted", parentIdTag: "PARENT" } },
  ]);
  script.charge(1, "GROUP1").present("GROUP2");
  assert.equal(script.seen("Authorize").length, 0);
  assert.equal(script.seen("StopTransaction")[0]?.payload.idTag, "GROUP2");
});

Deno.test("§9.1.14 MaxEnergyOnInvalidId is delivered still, and not more", () => {
  for (const MaxEnergyOnInvalidId of ["0", "500"]) {
    const script = new ScriptedCentralSystem({
      configuration: { MaxEnergyOnInvalidId, StopTransactionOnInvalidId: "false" },
      answers: { StartTransaction: () => ({ transactionId: 5, idTagInfo: { status: "Blocked" } }) },
    });
    const registerWh = () => script.chargePoint.connectors[0]?.registerWh ?? NaN;
    script.boot();
    const beforeWh = registerWh();
    script.charge().run(3_600);
    assert.equal(script.chargePoint.connectors[0]?.status, "SuspendedEVSE");
    const deliveredWh = registerWh() - beforeWh;
    const maxWh = Number(MaxEnergyOnInvalidId);
    assert.ok(deliveredWh <= maxWh && deliveredWh >= maxWh - 1, `${deliveredWh} Wh of ${maxWh}`);
    script.present(); // the transaction stays open until it is ended as usual
    assert.equal(script.seen("StopTransaction")[0]?.payload.reason, "Local");
  }
});

Deno.test("§9.1.14 with MaxEnergyOnInvalidId the charging goes on until it is delivered", () => {
  const script = new ScriptedCentralSystem({
    configuration: { MaxEnergyOnInvalidId: "500", StopTransactionOnInvalidId: "false" },
    answers: { StartTransaction: () => ({ transactionId: 5, idTagInfo: { status: "Blocked" } }) },
  });
  script.boot().charge().run(60);
  assert.equal(script.chargePoint.connectors[0]?.status, "Charging");
});

Deno.test("§9.1.4 an accepted idTag makes the lighting blink, unless BlinkRepeat or LightIntensity is 0", () => {
  const blinks = (configuration: Readonly<Record<string, string>>) =>
    new ScriptedCentralSystem({ configuration }).boot().present().events("blinked")
      .map(({ times, intensityPercent }) => [times, intensityPercent]);
  assert.deepEqual(blinks({ BlinkRepeat: "5", LightIntensity: "40" }), [[5, 40]]);
  assert.deepEqual(blinks({ BlinkRepeat: "0" }), []);
  assert.deepEqual(blinks({ LightIntensity: "0" }), []);
});
