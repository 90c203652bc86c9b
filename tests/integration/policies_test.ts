/**
 * Which tests prove which policy of the Central System: each sentence of the design, with the names of its tests as
 * they stand in the sources. A test that is renamed or taken out fails here; so does a policy of connections that is
 * not proved over real sockets on both listeners.
 *
 * A new test of a policy is added to its row, a new policy is a new row.
 */
import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";

interface Row {
  readonly policy: string;
  readonly says: string;
  /** `both`: at least one of the tests plays over real sockets on each listener. */
  readonly sockets: "both" | "one" | "none";
  /** By file below `tests`: names as they stand there, with the `${…}` of a template. */
  readonly tests: Readonly<Record<string, readonly string[]>>;
}

const BOUNDS = "integration/bounds_test.ts";
const BOOT_GATE = "integration/boot_gate_test.ts";
const CONNECTION = "integration/connection_test.ts";
const CONTRACT = "integration/listener_contract_test.ts";
const PASSWORDS = "integration/passwords_test.ts";
const PROFILES = "integration/security_profiles_test.ts";
const RECORDS = "integration/records_test.ts";
const SHUTDOWN = "integration/shutdown_test.ts";
const SQLITE = "integration/sqlite_test.ts";
const STORE = "integration/store_test.ts";
const TLS_LISTENER = "integration/tls_listener_test.ts";
const TRANSACTIONS = "integration/transactions_test.ts";
const UPGRADE = "integration/upgrade_test.ts";
const VALIDATION = "integration/validation_test.ts";
const SPEC_RECORDS = "spec/central_system_records_test.ts";
const SPEC_REPORTS = "spec/central_system_reports_test.ts";
const SPEC_SECURITY = "spec/central_system_security_test.ts";
const SPEC_VALIDATION = "spec/validation_test.ts";
const SPEC_TRANSACTION = "spec/central_system_transaction_test.ts";
const TURN = "unit/turn_test.ts";

const ROWS: readonly Row[] = [
  // --- one identity, newest authenticated socket wins
  {
    policy: "one identity",
    says: "The newest socket that was let in wins; the old one is closed.",
    sockets: "both",
    tests: {
      [CONNECTION]: ["take-over: the old socket is told 1000 and why; a refused upgrade takes nothing over"],
    },
  },
  {
    policy: "one identity",
    says: "The old socket's late close changes nothing; a close may come twice.",
    sockets: "both",
    tests: { [CONNECTION]: ["take-over: the newest socket wins and the old one's late end changes nothing"] },
  },
  {
    policy: "one identity",
    says:
      "A Call already sent fails with connectionReplaced; queued ones go to the new socket after its boot.",
    sockets: "both",
    tests: {
      [CONNECTION]: [
        "take-over: the Call in flight fails with connectionReplaced, those that wait go to the new socket",
      ],
    },
  },
  {
    policy: "one identity",
    says: "Calls received on the old socket are still committed; the repeat gets that answer.",
    sockets: "both",
    tests: {
      [CONNECTION]: [
        "take-over: a Call that the old socket had sent is committed, and its repeat gets that answer",
        "take-over: Calls of the old socket that still wait for their turn are committed too",
      ],
    },
  },
  // --- never block the receive path
  {
    policy: "never block",
    says: "Own Calls wait in a bounded queue, one in flight for each Charge Point; beyond 50: 429.",
    sockets: "both",
    tests: {
      [CONNECTION]: ["own Calls: one in flight, ${OWN_CALLS_MAX} wait, the next is refused with 429"],
    },
  },
  {
    policy: "never block",
    says: "The peer's Calls are answered meanwhile, in order.",
    sockets: "both",
    tests: {
      [CONNECTION]: ["own Calls: a Call of the peer is answered while ours waits for its answer"],
    },
  },
  {
    policy: "never block",
    says: "A peer with several Calls outstanding is served, not punished.",
    sockets: "both",
    tests: { [CONNECTION]: ["peer: several Calls outstanding are answered in their order"] },
  },
  // --- acknowledged means durable
  {
    policy: "durable",
    says: "What is acknowledged is committed (synchronous=FULL) before its answer leaves.",
    sockets: "both",
    tests: {
      [STORE]: [
        "acknowledged means durable: ${action} is committed before its answer leaves",
        "held commit: no answer leaves before it, and answers leave in the order of their Calls",
        "held commit: whatever arrives meanwhile is one next commit",
        "commit: all that arrives in one turn of the event loop is one commit, without any timer",
      ],
      [SQLITE]: ["SQLite: WAL, synchronous FULL and foreign keys, also after frames were written"],
      [TURN]: ["TurnLoop: nothing is visible before the commit; what arrives meanwhile is the next turn"],
      "integration/crash_test.ts": [
        "crash: ${KILLS} kills under load lose, double and change nothing that was acknowledged (seed ${SEED})",
      ],
    },
  },
  // --- the store cannot commit
  {
    policy: "store fails",
    says: "No answer at all; sockets closed with 1013; upgrades and /readyz 503; a probe, and it resumes.",
    sockets: "both",
    tests: {
      [STORE]: [
        "failing commit: no answer at all, 1013, 503; it resumes by itself and the repeat is answered",
        "failing commit: an upgrade that was granted just before is closed with 1013",
      ],
    },
  },
  {
    policy: "store fails",
    says: "Rolled back, and touched cache records dropped.",
    sockets: "both",
    tests: {
      [STORE]: [
        "failing commit: what was rolled back is in nobody's memory",
        "failing commit: what was written although it failed is found there, not in memory",
      ],
      [RECORDS]: ["records: while the database fails a change is answered 503 and nothing of it is kept"],
    },
  },
  {
    policy: "store fails",
    says: "The frame log is no part of it; what is lost of it is counted.",
    sockets: "both",
    tests: { [STORE]: ["failing frame log: Charge Points notice nothing, and the lost rows are counted"] },
  },
  // --- boot gate
  {
    policy: "boot gate",
    says: "Each record has its registration; acceptance is stored.",
    sockets: "both",
    tests: {
      [BOOT_GATE]: ["§4.2 strict: acceptance outlives the connection, since a reconnect brings no boot"],
      [RECORDS]: ["Charge Points, Rejected by record: told at boot, and nothing else of it is answered"],
    },
  },
  {
    policy: "boot gate",
    says:
      "Not accepted, strict: SecurityError to all but BootNotification, and what a TriggerMessage asked for.",
    sockets: "both",
    tests: {
      [BOOT_GATE]: [
        "§4.2 strict: before the boot everything else gets SecurityError and changes nothing",
        "§4.2 ${bootStatus}: told with the interval, and only a boot is answered, tolerant or not",
        "§4.2 Pending, ${validation}: what a TriggerMessage asked for is processed, a remote start refused with 409",
      ],
    },
  },
  {
    policy: "boot gate",
    says:
      "Tolerant: processed with a deviation where it never booted, SecurityError after Pending or Rejected.",
    sockets: "both",
    tests: {
      [BOOT_GATE]: [
        "§4.2 tolerant: a Call before the boot is processed, with a deviation",
        "§4.2 ${bootStatus}: told with the interval, and only a boot is answered, tolerant or not",
      ],
    },
  },
  {
    policy: "boot gate",
    says:
      "Own Calls go out after the boot is answered, or after 10 s: known, or asked to boot and a deviation.",
    sockets: "both",
    tests: {
      [BOOT_GATE]: [
        "own Calls: to one that was accepted earlier they wait for its boot, or 10 s",
        "own Calls: one that never booted is not called, and asked to boot after 10 s",
      ],
    },
  },
  {
    policy: "boot gate",
    says:
      "Pending allows all but RemoteStart and RemoteStop; Rejected none; what waited for the boot as well.",
    sockets: "both",
    tests: {
      [BOOT_GATE]: [
        "§4.2 Pending, ${validation}: what a TriggerMessage asked for is processed, a remote start refused with 409",
        "§4.2 Rejected: nothing is sent to it, 409",
        "own Calls: what waits for the boot and may not be sent after it (${bootStatus}) is given up",
      ],
    },
  },
  {
    policy: "boot gate",
    says: "No GetConfiguration that nobody asked for.",
    sockets: "both",
    tests: {
      [BOOT_GATE]: ["own Calls: nothing is sent that nobody asked for, no GetConfiguration either"],
    },
  },
  // --- subprotocol (design §3)
  {
    policy: "subprotocol",
    says: "ocpp1.6 among those offered is chosen; only others: 400; none or another case: tolerant only.",
    sockets: "both",
    tests: {
      [UPGRADE]: ["upgrade, ${validation}: ${offer} gives ${outcome}"],
      [CONTRACT]: ["no subprotocol is named where none is chosen"],
    },
  },
  // --- bounds
  {
    policy: "bounds",
    says: "A frame of more than 1 MiB: close 1009 (native: after receipt).",
    sockets: "both",
    tests: {
      [BOUNDS]: ["bounds: a frame of 1 MiB is read, one byte more is closed with 1009"],
      [CONTRACT]: ["hardened listener: a message beyond the bound is closed with 1009 before it has arrived"],
    },
  },
  {
    policy: "bounds",
    says: "100 unanswered Calls of a peer: stop reading, then 1008.",
    sockets: "both",
    tests: {
      [BOUNDS]: [
        "bounds: beyond ${UNANSWERED_CALLS_MAX} unanswered Calls nothing is taken in until one is answered; all are served",
        "bounds: native listener, which cannot stop reading: more than ${WAITING_MESSAGES_MAX} messages wait, 1008",
        "bounds: hardened listener: reading stops, so that the same flood is served to the end",
      ],
      [CONTRACT]: ["a connection that can pause reads nothing until it resumes; the native one cannot"],
    },
  },
  {
    policy: "bounds",
    says: "The own queue: 50 Calls; the next gets 429.",
    sockets: "both",
    tests: {
      [CONNECTION]: ["own Calls: one in flight, ${OWN_CALLS_MAX} wait, the next is refused with 429"],
    },
  },
  {
    policy: "bounds",
    says: "30 upgrades a minute of one address and identity, before authentication: 429.",
    sockets: "both",
    tests: {
      [BOUNDS]: [
        "bounds: ${UPGRADES_A_MINUTE_MAX} upgrades a minute of one address and identity, also refused ones, then 429",
      ],
      "unit/upgrade_limit_test.ts": [
        "upgrades: memory is bounded, however many identities a stranger makes up",
      ],
    },
  },
  {
    policy: "bounds",
    says: "Never against the device that is connected.",
    sockets: "both",
    tests: {
      [BOUNDS]: [
        "bounds: a stranger who hammers an identity keeps neither the connected device out nor one that comes",
      ],
    },
  },
  {
    policy: "bounds",
    says: "Frames per second of one Charge Point (--max-frame-rate, none on loopback, else 50): slowed.",
    sockets: "both",
    tests: {
      [BOUNDS]: [
        "bounds: more frames a second than --max-frame-rate wait for their time, in order, and nobody is closed",
        "bounds: binary messages and texts that are no frames count as frames too",
        "bounds: hardened listener: a peer beyond the pace is slowed for ever, never closed",
      ],
      "unit/cli_options_test.ts": [
        "--max-frame-rate: without it none on loopback and 50 elsewhere; what is given holds everywhere",
      ],
      "cli/serve_test.ts": ["serve: --max-frame-rate slows a Charge Point on loopback too"],
    },
  },
  {
    policy: "bounds",
    says: "4 MiB queued to a slow reader: dropped.",
    sockets: "both",
    tests: {
      [BOUNDS]: [
        "bounds: a Charge Point that does not read is dropped when more than ${UNREAD_BYTES_MAX} bytes wait for it",
      ],
      [CONTRACT]: ["a peer that does not read is dropped when more than the bound waits for it"],
    },
  },
  {
    policy: "bounds",
    says: "A request body of more than 1 MiB: 413.",
    sockets: "both",
    tests: {
      [BOUNDS]: [
        "bounds: a request body of more than 1 MiB is 413, announced or not, and the next request is answered",
      ],
    },
  },
  // --- liveness and the end
  {
    policy: "liveness",
    says: "Silence: a ping; without a pong after as long again the peer is dropped, and told.",
    sockets: "both",
    tests: {
      [CONNECTION]: [
        "ping: a half-open peer is pinged, dropped when no pong comes, and everybody is told",
        "ping: a peer that answers pings stays connected",
      ],
      [CONTRACT]: ["hardened listener: a peer that is not read is not taken for dead"],
    },
  },
  {
    policy: "the end",
    says:
      "What was received is answered after its commit; what is new is refused; 1001; the frame log is written.",
    sockets: "both",
    tests: {
      [SHUTDOWN]: [
        "end: Calls that were received are committed, answered and logged, then 1001; what comes after is not read",
        "end: upgrades, Calls and changes of operators are refused with 503, and told why",
        "end: operators' Calls, in flight or waiting, end with connectionLost and 502",
        "end: event streams tell of the end and end themselves",
        "end: also while the database fails; nothing resumes after it",
      ],
      [CONTRACT]: ["the end: what is open may end by itself, and nothing new is taken"],
    },
  },
  {
    policy: "the end",
    says: "Who does not go is dropped after a grace; a second Ctrl-C ends at once.",
    sockets: "both",
    tests: {
      [SHUTDOWN]: [
        "end: who connects and asks for nothing, and who never answers a close, hold nothing up",
      ],
      [CONTRACT]: ["the end: what does not go is dropped after a grace"],
      "cli/serve_test.ts": [
        "serve --listener ${listener}: a second Ctrl-C ends at once, whoever has not gone yet",
      ],
    },
  },
  // --- idempotent
  {
    policy: "idempotent",
    says:
      "The same Call of a transaction within 24 h gets the first answer, across a reconnect and a restart.",
    sockets: "both",
    tests: {
      [TRANSACTIONS]: [
        "repeats: same uniqueId and content gets the first answer, on another socket and after a restart",
        "repeats: a uniqueId stands for the same start for 24 hours, then no longer",
      ],
      [SPEC_TRANSACTION]: [
        "§4.8 a repeat gets the first answer, whatever has become of the idTag and the transaction",
        "§4.10 a repeated stop gets the first answer, under its own uniqueId or another",
      ],
    },
  },
  {
    policy: "idempotent",
    says:
      "StartTransaction under another id is the same by content; of an implausible clock within one boot.",
    sockets: "both",
    tests: {
      [TRANSACTIONS]: [
        "repeats: a start under another uniqueId is the same by its content, of an implausible clock only within the boot",
      ],
    },
  },
  {
    policy: "idempotent",
    says: "A repeat never counts for ConcurrentTx.",
    sockets: "both",
    tests: {
      [TRANSACTIONS]: ["repeats: none counts for ConcurrentTx"],
      [SPEC_RECORDS]: ["§7.2 a repeat never counts, nor what its own start brings to an end"],
    },
  },
  {
    policy: "idempotent",
    says: "Everything else is always decided afresh.",
    sockets: "both",
    tests: {
      [TRANSACTIONS]: ["repeats: everything else is decided afresh, also under an id that was used"],
      "spec/central_system_boot_test.ts": ["§4.2 a boot is decided afresh each time, whatever its uniqueId"],
    },
  },
  // --- transactionId
  {
    policy: "transactionId",
    says: "From a persisted sequence that outlives deleted rows and begins at a random point below 2^30.",
    sockets: "both",
    tests: {
      [TRANSACTIONS]: ["transactionId: positive, one sequence that outlives a restart and deleted rows"],
      [SQLITE]: [
        "transactionId: a new database that draws ${draw} begins at ${first}, below 2^30",
        "transactionId: one sequence for all, that survives reopening and deleted rows",
      ],
    },
  },
  {
    policy: "transactionId",
    says: "One that belongs to another Charge Point is unknown.",
    sockets: "both",
    tests: { [TRANSACTIONS]: ["transactionId: one of another Charge Point is unknown: it stops nothing"] },
  },
  {
    policy: "transactionId",
    says: "Readings for 0, -1 or an unknown one keep it; a guess lives in its own field and stops nothing.",
    sockets: "both",
    tests: {
      [TRANSACTIONS]: [
        "transactionId: readings for 0, -1 and an unknown one keep it; the guess stands apart and stops nothing",
      ],
    },
  },
  {
    policy: "transactionId",
    says: "Integers beyond 2^53 are never corrupted and equal none of ours.",
    sockets: "both",
    tests: {
      [TRANSACTIONS]: ["transactionId: an integer beyond 2^53 equals none of ours, and its digits are kept"],
    },
  },
  // --- zombies
  {
    policy: "zombies",
    says: "A later StartTransaction on the connector closes the old transaction.",
    sockets: "both",
    tests: {
      [TRANSACTIONS]: ["zombies: a later start on the connector closes the old transaction, on no other"],
      [SPEC_TRANSACTION]: ["§4.8 a later start closes what was open on its connector, and on no other"],
    },
  },
  {
    policy: "zombies",
    says: "Available and boot only mark it suspected.",
    sockets: "both",
    tests: {
      [TRANSACTIONS]: [
        "zombies: ${by} suspects, 24 hours later evidence closes, not before",
        "zombies: ${what} takes the suspicion back, and nothing is closed",
        "zombies: a reading that had waited in a queue since before takes nothing back",
      ],
    },
  },
  {
    policy: "zombies",
    says: "Closed as evidence after a grace of 24 h.",
    sockets: "both",
    tests: {
      [TRANSACTIONS]: [
        "zombies: ${by} suspects, 24 hours later evidence closes, not before",
        "zombies: a suspicion by ${by} outlives a restart, also one that became due meanwhile",
      ],
    },
  },
  {
    policy: "zombies",
    says: "A StopTransaction that comes later always wins.",
    sockets: "both",
    tests: {
      [TRANSACTIONS]: [
        "zombies: a StopTransaction wins over laterStart, evidence and operator, and the record shows what was before",
      ],
      [SPEC_TRANSACTION]: [
        "§4.10 a stop that comes after all wins over the later start that had closed its transaction",
      ],
    },
  },
  // --- deviations, not drama
  {
    policy: "deviations",
    says: "strict refuses schema faults, field rules and the boot gate with the CALLERROR of each.",
    sockets: "both",
    tests: {
      [VALIDATION]: ["strict: the same is refused and changes nothing, and the connection stays up"],
      [BOOT_GATE]: ["§4.2 strict: before the boot everything else gets SecurityError and changes nothing"],
      [SPEC_VALIDATION]: ["${action}: ${what}: ${outcome}"],
      [SPEC_REPORTS]: ["${spec}: strict PropertyConstraintViolation, tolerant answered with a deviation"],
    },
  },
  {
    policy: "deviations",
    says: "tolerant: the strict check first; only on failure its issues are repaired by path.",
    sockets: "both",
    tests: {
      [VALIDATION]: [
        "tolerant: what is repaired is answered, counted, and shown in API, messages and frame view",
        "tolerant: an answer to our own Call is repaired, and counted too",
        "a Call and an answer without payload: repaired where it can be empty, refused under strict",
      ],
      [SPEC_VALIDATION]: [
        "${action}: valid, it is answered strictly and tolerantly, and nothing is repaired",
        "${action}: ${what}: ${outcome}",
      ],
      "spec/repair_test.ts": ["every rule of the table repairs something here"],
      "property/repair_test.ts": [
        "what was repaired passes the strict check, and what arrived is not changed",
      ],
    },
  },
  {
    policy: "deviations",
    says: "Each repair is a deviation: rule, section, frame, Charge Point, count.",
    sockets: "both",
    tests: {
      [VALIDATION]: [
        "tolerant: what is repaired is answered, counted, and shown in API, messages and frame view",
      ],
      "spec/repair_test.ts": ["a repair tells its path, what was made of the value, and the section"],
      "unit/deviation_counter_test.ts": ["DeviationCounter: counts by Charge Point and rule"],
    },
  },
  {
    policy: "deviations",
    says: "Semantic breaks are answered in both and recorded.",
    sockets: "both",
    tests: {
      [VALIDATION]: [
        "${validation}: what makes no sense but fits its schema is answered, kept as it came, and recorded",
      ],
      [SPEC_REPORTS]: ["§4.9 any status may follow any other, and the last received is the current one"],
      [SPEC_TRANSACTION]: ["§6.49 a meterStop below meterStart is stored as sent, and a deviation"],
    },
  },
  // --- security profiles
  {
    policy: "security profiles",
    says: "A record's profile is exact once set.",
    sockets: "both",
    tests: {
      [PROFILES]: ["profiles: exact once set: no link below it will do, and none above"],
      [PASSWORDS]: ["passwords: the least profile holds for whoever has no other"],
      [SPEC_SECURITY]: [
        'Security §2.1 ${what}: ${typeof gives === "number" ? `profile ${gives}` : gives.join(" ")}',
      ],
    },
  },
  {
    policy: "security profiles",
    says: "A record with a password is at least profile 1: wrong or missing credentials get 401.",
    sockets: "both",
    tests: {
      [PASSWORDS]: [
        "passwords: a record with a password wants it, and refuses without saying why",
        "passwords: another's credentials, in whatever encoding of the identity, open nothing",
        "passwords: nobody learns which identities there are from what a wrong password is told",
      ],
    },
  },
  {
    policy: "security profiles",
    says:
      "The key is sent as hex, the header carries the bytes; the digits are taken by tolerant, a deviation.",
    sockets: "both",
    tests: {
      [PASSWORDS]: [
        "passwords: the bytes of an AuthorizationKey, and its digits where that is put up with",
        "passwords: a password that is accepted counts at once, and the one before no more",
      ],
    },
  },
  {
    policy: "security profiles",
    says:
      "SecurityProfile Accepted: both are allowed until the first connection on the new; then not the old.",
    sockets: "both",
    tests: {
      [PROFILES]: [
        "profiles: once SecurityProfile is Accepted both are good until the first link on the new one",
      ],
      [PASSWORDS]: [
        "passwords: the first password is wanted from its first use on; profile 1 follows",
        "passwords: a password that is refused leaves the one before",
      ],
      [SPEC_SECURITY]: ["Security §2.3 an accepted profile is pending until it is used, and never lower"],
    },
  },
  {
    policy: "security profiles",
    says: "Nothing rolls back by time: pending is shown, the operator decides.",
    sockets: "both",
    tests: {
      [PASSWORDS]: [
        "passwords: without an answer both are good, over a restart and for months, until the new one is used",
        "passwords: a profile that is pending is shown for months and over a restart; the operator takes it back",
        "passwords: what an operator says: kept where it is left out, replaced, taken away, never shown",
      ],
    },
  },
  {
    policy: "security profiles",
    says: "Client certificate: CN is the record's serial number, O the CPO name; another's gets 401.",
    sockets: "both",
    tests: {
      [PROFILES]: ["profiles: a client certificate is of this Charge Point and of our operator, else 401"],
      [TLS_LISTENER]: [
        "Security §2.6: the owner is told CN and O of a certificate that leads to the client CA",
        "a certificate that does not count is told as such, with the reason",
        "a certificate of another authority is refused with 401; why is told to the operator alone",
      ],
      "integration/stolen_certificate_test.ts": ["a certificate without its private key is let in nowhere"],
    },
  },
  {
    policy: "security profiles",
    says: "Deno's TLS has no static-RSA key exchange: the README says so.",
    sockets: "one", // TLS is the hardened listener's
    tests: {
      [TLS_LISTENER]: ["handshakes that fail are told to the operator, each with its reason"],
      "cli/readme_test.ts": ["the README says that TLS has no static RSA key exchange"],
    },
  },
  // --- clocks, secrets, retention
  {
    policy: "clocks",
    says: "Receipt time stands beside the Charge Point's own.",
    sockets: "both",
    tests: {
      [TRANSACTIONS]: [
        "clocks: under ${validation} the Charge Point's times are kept, receipt stands beside them, odd ones are deviations",
      ],
      [SPEC_TRANSACTION]: ["§3.15 a start of an implausible clock is answered and recorded as a deviation"],
    },
  },
  {
    policy: "secrets",
    says: "They never reach a log, message view, export or error.",
    sockets: "both",
    tests: {
      "integration/secrets_test.ts": ["secrets: no canary is found in what can be read"],
      "integration/export_test.ts": [
        "export: messages, transactions and readings come whole, filtered, without secrets",
      ],
      "unit/frame_log_test.ts": [
        "Security §A FrameLog: AuthorizationKey is never kept, in either direction, cut or not",
      ],
      "unit/api_app_test.ts": [
        "a mistake of ours is a problem and a line of the log, neither with the token of the path",
      ],
      "cli/secrets_test.ts": ['secrets: serve ${args.join(" ")} prints, logs and keeps no canary'],
    },
  },
  {
    policy: "retention",
    says: "Old messages and readings go by themselves where that is wanted, and nothing else does.",
    sockets: "both",
    tests: {
      "integration/retention_test.ts": [
        "retention: old messages and readings go by themselves, younger ones and those of active transactions stay",
        "retention: without it nothing goes",
      ],
      "property/retention_test.ts": [
        "retention: whatever is younger stays, complete, in its order and within reach",
      ],
    },
  },
];

/** What defines tests of both listeners. */
const DEFINED_ON_BOTH = new Set([
  "onBothListeners",
  "runsOnBothListeners",
  "withAndWithoutTls", // security_profiles_test.ts
  "contract", // listener_contract_test.ts
]);

/** What defines a test of this name in a source text, e.g. `onBothListeners`; `undefined`: nothing does. */
function definitionOf(name: string, source: string): string | undefined {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return source.match(new RegExp(`([\\w.]*)\\)?\\(\\s*(["\`])${escaped}\\2`))?.[1];
}

const sources = new Map<string, string>();

function sourceOf(file: string): string {
  const known = sources.get(file) ?? Deno.readTextFileSync(new URL(`../${file}`, import.meta.url));
  sources.set(file, known);
  return known;
}

for (const { policy, says, sockets, tests } of ROWS) {
  Deno.test({
    ...needs("read")(`policy, ${policy}: its tests are there: ${says}`),
    fn() {
      const named = Object.entries(tests).flatMap(([file, names]) => names.map((name) => ({ file, name })));
      assert.ok(named.length > 0, "a policy without a test");
      const definitions = named.map(({ file, name }) => {
        const definition = definitionOf(name, sourceOf(file));
        assert.ok(definition !== undefined, `no test "${name}" in tests/${file}`);
        return definition;
      });
      if (sockets !== "both") return;
      assert.ok(definitions.some((one) => DEFINED_ON_BOTH.has(one)), "not proved on both listeners");
    },
  });
}

Deno.test("the reader of test names finds those that define a test, and no others", () => {
  assert.equal(definitionOf("a", 'Deno.test("a", () => {});'), "Deno.test");
  assert.equal(
    definitionOf("a ${b}", "onBothListeners(\n  `a ${b}`,\n  async () => {});"),
    "onBothListeners",
  );
  assert.equal(definitionOf("a", 'runsOnBothListeners("a", async (runs) => {});'), "runsOnBothListeners");
  assert.equal(definitionOf("a", 'needs("net")("a")'), "");
  assert.equal(definitionOf("a", '// "a" was here\nconst b = "a";'), undefined);
  assert.equal(definitionOf("a", 'Deno.test("a b", () => {});'), undefined);
});
