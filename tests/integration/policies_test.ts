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
const RECORDS = "integration/records_test.ts";
const SHUTDOWN = "integration/shutdown_test.ts";
const SQLITE = "integration/sqlite_test.ts";
const STORE = "integration/store_test.ts";
const UPGRADE = "integration/upgrade_test.ts";
const VALIDATION = "integration/validation_test.ts";
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
    says: "The peer's Calls are answered meanwhile, in order; several outstanding ones are served.",
    sockets: "both",
    tests: {
      [CONNECTION]: [
        "own Calls: a Call of the peer is answered while ours waits for its answer",
        "peer: several Calls outstanding are answered in their order",
      ],
    },
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
    says: "Own Calls go out after the boot is answered, or 10 s after connecting without one.",
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
  // --- idempotence, transactionIds, zombies, clocks
  {
    policy: "idempotent",
    says: "The same Call of a transaction again gets the first answer.",
    sockets: "none",
    tests: {
      [SPEC_TRANSACTION]: [
        "§4.8 a repeat gets the first answer, whatever has become of the idTag and the transaction",
        "§4.10 a repeated stop gets the first answer, under its own uniqueId or another",
      ],
    },
  },
  {
    policy: "transactionId",
    says: "From a persisted sequence that outlives deleted rows and begins at a random point below 2^30.",
    sockets: "none",
    tests: {
      [SQLITE]: [
        "transactionId: a new database that draws ${draw} begins at ${first}, below 2^30",
        "transactionId: one sequence for all, that survives reopening and deleted rows",
      ],
    },
  },
  {
    policy: "zombies",
    says: "A later StartTransaction on the connector closes the old transaction; a later stop wins.",
    sockets: "none",
    tests: {
      [SPEC_TRANSACTION]: [
        "§4.8 a later start closes what was open on its connector, and on no other",
        "§4.10 a stop that comes after all wins over the later start that had closed its transaction",
      ],
    },
  },
  {
    policy: "clocks",
    says: "A clock that cannot be right is answered and recorded.",
    sockets: "none",
    tests: {
      [SPEC_TRANSACTION]: [
        "§3.15 a start of an implausible clock is answered and recorded as a deviation",
      ],
    },
  },
  // --- deviations, security profiles, secrets
  {
    policy: "deviations",
    says: "strict refuses; tolerant answers what can be understood, and records it.",
    sockets: "one",
    tests: {
      [VALIDATION]: [
        "tolerant: what is repaired is answered, counted, and shown in API, messages and frame view",
        "strict: the same is refused and changes nothing, and the connection stays up",
      ],
    },
  },
];

const DEFINED_ON_BOTH = new Set(["onBothListeners", "contract"]);

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
  assert.equal(definitionOf("a", 'needs("net")("a")'), "");
  assert.equal(definitionOf("a", '// "a" was here\nconst b = "a";'), undefined);
  assert.equal(definitionOf("a", 'Deno.test("a b", () => {});'), undefined);
});
