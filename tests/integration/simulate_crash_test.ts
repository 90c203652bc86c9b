/**
 * `ocpp simulate --state` killed in the midst of its sessions, many times, on one file: what a Charge Point owed
 * before a kill arrives after it, and nothing else does.
 *
 * A kill cannot show what a power cut would do; `state_store_test.ts` asserts the pragmas for that.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { needs } from "../support/needs.ts";
import { type RunningProgram, startProgram } from "../support/program.ts";
import { type ReceivedCall, type ScriptedServer, scriptedServer } from "../support/scripted_server.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const SEED = 20_261_122;
const KILLS = 20;
const PERMISSIONS = ["--allow-net", "--allow-read", "--allow-write", "--allow-env"];

/** In every other life the Central System falls silent at a StartTransaction, so that this many samples pile up. */
const PILED_UP = 5;

Deno.test({
  ...needs("net", "read", "write", "env", "run")(
    `crash: ${KILLS} kills of a Charge Point lose, double and change nothing that it owed (seed ${SEED})`,
  ),
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "ocpp-simulate-crash-" });
    const state = `${directory}/state.db`;
    const random = new SeededRandom(SEED);
    const centralSystem = new RecordingCentralSystem();
    await using server = scriptedServer({ answers: centralSystem.answers });
    const owed: Owed[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      await using program = start(server.url, state);
      if (kill === 0) await prepare(server);
      const target = server.calls.length + random.between(4, 40);
      await server.until(() => server.calls.length >= target, `${target} Calls in life ${kill}`);
      if (kill % 2 === 1) {
        centralSystem.willBeSilent = true;
        await server.until(() => centralSystem.isSilent, "a StartTransaction");
        await program.printed(new RegExp(`(?:"kind":"metered"[^]*?){${meteredIn(program) + PILED_UP}}`));
      }
      program.signal("SIGKILL");
      await program.ended;
      centralSystem.speakAgain();
      owed.push({ after: server.calls.length, messages: messagesIn(state) });
    }
    await using program = start(server.url, state);
    const boot = server.calls.length;
    await server.until(() => server.calls.slice(boot).some(isStart), "a session after the last kill");
    await checkWhatWasSet(server);
    program.signal("SIGINT");
    const { code, stderr } = await program.ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual(messagesIn(state), []);

    // The kills came in the midst of the work, else nothing was put to the test.
    const counts = owed.map(({ messages }) => messages.length);
    assert.ok(
      counts.filter((count) => count > PILED_UP / 2).length >= KILLS / 2,
      `owed: ${counts.join(" ")}`,
    );
    for (const { after, messages } of owed) assertArrived(messages, server.calls.slice(after));
    assertLedger(server.calls);
    await Deno.remove(directory, { recursive: true });
  },
});

/** What a state file said that a Charge Point owed, and how many Calls had come by then. */
interface Owed {
  readonly after: number;
  readonly messages: readonly { readonly action: string; readonly payload: unknown }[];
}

/** Two connectors that charge without end, a sample every 200 ms; connector 3 is reserved for somebody else. */
function start(url: string, state: string): RunningProgram {
  return startProgram([
    ...["simulate", url, "--state", state, "--json", "--seed", "7", "--connectors", "3", "--cycles", "0"],
    ...["--speed", "20", "--interval", "4", "--duration", "10"],
    ...["--set", "MessageTimeout=600", "--set", "StopTxnSampledData=Energy.Active.Import.Register"],
  ], { permissions: PERMISSIONS });
}

/** Answers a repeated StartTransaction as it did at first, and nothing of transactions while it is silent. */
class RecordingCentralSystem {
  isSilent = false;
  /** From the next StartTransaction on. */
  willBeSilent = false;
  readonly #transactionIds = new Map<string, number>();

  readonly answers = {
    StartTransaction: (call: ReceivedCall) => {
      const transactionId = this.#transactionIds.get(call.uniqueId) ?? this.#transactionIds.size + 1;
      this.#transactionIds.set(call.uniqueId, transactionId);
      this.isSilent ||= this.willBeSilent;
      return this.#unlessSilent({ transactionId, idTagInfo: { status: "Accepted" } });
    },
    MeterValues: () => this.#unlessSilent({}),
    StopTransaction: () => this.#unlessSilent({}),
  };

  speakAgain(): void {
    this.isSilent = this.willBeSilent = false;
  }

  #unlessSilent(answer: unknown): unknown {
    return this.isSilent ? undefined : answer;
  }
}

/** What the Central System sets once, and asks about in the last life. */
async function prepare(server: ScriptedServer): Promise<void> {
  await server.until(() => server.calls.filter(isStart).length >= 2, "a session of each connector");
  await ask(server, "ChangeConfiguration", { key: "ConnectionTimeOut", value: "1234" }, {
    status: "Accepted",
  });
  const localAuthorizationList = [{ idTag: "LISTED", idTagInfo: { status: "Accepted" } }];
  await ask(
    server,
    "SendLocalList",
    { listVersion: 5, updateType: "Full", localAuthorizationList },
    { status: "Accepted" },
  );
  const chargingSchedule = {
    chargingRateUnit: "W",
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 9_000 }],
  };
  const csChargingProfiles = {
    ...{ chargingProfileId: 8, stackLevel: 3, chargingProfilePurpose: "TxDefaultProfile" },
    ...{ chargingProfileKind: "Relative", chargingSchedule },
  };
  await ask(server, "SetChargingProfile", { connectorId: 1, csChargingProfiles }, { status: "Accepted" });
  await reserve(server);
}

/** Nobody knows when connector 3 is free for long enough: tried again whenever it is. */
async function reserve(server: ScriptedServer): Promise<void> {
  const free = () => server.calls.filter(isFree).length;
  const payload = {
    connectorId: 3,
    expiryDate: "2099-01-01T00:00:00Z",
    idTag: "SOMEBODY",
    reservationId: 77,
  };
  for (let before = free();; before = free()) {
    await server.until(() => free() > before, "connector 3 to be free");
    const uniqueId = send(server, "ReserveNow", payload);
    const [, , { status }] = await answerOf(server, uniqueId) as [3, string, { status: string }];
    if (status === "Accepted") return;
  }
}

const isFree = ({ action, payload }: ReceivedCall) =>
  action === "StatusNotification" && payload.connectorId === 3 && payload.status === "Available";

async function checkWhatWasSet(server: ScriptedServer): Promise<void> {
  await ask(server, "GetConfiguration", { key: ["ConnectionTimeOut"] }, {
    configurationKey: [{ key: "ConnectionTimeOut", readonly: false, value: "1234" }],
  });
  await ask(server, "GetLocalListVersion", {}, { listVersion: 5 });
  await ask(server, "ClearChargingProfile", { id: 8 }, { status: "Accepted" });
  await ask(server, "CancelReservation", { reservationId: 77 }, { status: "Accepted" });
}

let asked = 0;

async function ask(server: ScriptedServer, action: string, payload: unknown, answer: unknown): Promise<void> {
  const uniqueId = send(server, action, payload);
  assert.deepEqual(await answerOf(server, uniqueId), [3, uniqueId, answer]);
}

function send(server: ScriptedServer, action: string, payload: unknown): string {
  const uniqueId = `${action}-${++asked}`;
  server.send([2, uniqueId, action, payload]);
  return uniqueId;
}

async function answerOf(server: ScriptedServer, uniqueId: string): Promise<unknown> {
  const find = () => server.answers.find((frame) => frame[1] === uniqueId);
  await server.until(() => find() !== undefined, `an answer to ${uniqueId}`);
  return find();
}

function meteredIn(program: RunningProgram): number {
  return program.stdout().split('"kind":"metered"').length - 1;
}

function messagesIn(state: string): Owed["messages"] {
  using file = new DatabaseSync(state);
  assert.equal(file.prepare("PRAGMA quick_check").get()!["quick_check"], "ok");
  return file.prepare("SELECT value FROM sections WHERE name LIKE 'message/%'").all()
    .map(({ value }) => JSON.parse(value as string))
    .toSorted((one, other) => one.order - other.order);
}

const isStart = ({ action }: ReceivedCall) => action === "StartTransaction";
const RELATED: ReadonlySet<string> = new Set(["StartTransaction", "MeterValues", "StopTransaction"]);

/** Everything that was owed arrives, in order. */
function assertArrived(owed: Owed["messages"], calls: readonly ReceivedCall[]): void {
  const arrived = firstOf(calls).map(({ action, payload: { transactionId: _, ...rest } }) =>
    JSON.stringify([action, sorted(rest)])
  );
  let at = -1;
  for (const { action, payload } of owed) {
    const next = arrived.indexOf(JSON.stringify([action, sorted(payload)]), at + 1);
    assert.ok(next >= 0, `${action} ${JSON.stringify(payload)} never arrived after the kill`);
    at = next;
  }
}

/** The first transmission of each transaction-related message. */
function firstOf(calls: readonly ReceivedCall[]): readonly ReceivedCall[] {
  const seen = new Set<string>();
  return calls.filter(({ action, uniqueId }) => {
    if (!RELATED.has(action) || seen.has(uniqueId)) return false;
    seen.add(uniqueId);
    return true;
  });
}

/** The same whatever the order of the fields. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(Object.entries(value).toSorted().map(([name, field]) => [name, sorted(field)]));
}

/** One start and one stop for each transaction, what is between them between them, and registers that only rise. */
function assertLedger(calls: readonly ReceivedCall[]): void {
  const texts = new Map<string, string>();
  for (const { uniqueId, action, payload } of calls) {
    const text = JSON.stringify([action, payload]);
    assert.equal(texts.get(uniqueId) ?? text, text, `${uniqueId} is another message when repeated`);
    texts.set(uniqueId, text);
  }
  const open = new Map<number, number>(); // connectorId by transactionId
  const registersWh = new Map<number, number>();
  const rise = (connectorId: number, registerWh: number) => {
    const before = registersWh.get(connectorId) ?? 0;
    assert.ok(registerWh >= before, `the register of connector ${connectorId} ran back to ${registerWh}`);
    registersWh.set(connectorId, registerWh);
  };
  let started = 0;
  let stopped = 0;
  for (const { action, payload } of firstOf(calls)) {
    if (action === "StartTransaction") {
      started += 1;
      const { connectorId, meterStart } = payload;
      assert.ok(![...open.values()].includes(connectorId), `connector ${connectorId} started twice`);
      rise(connectorId, meterStart);
      open.set(started, connectorId); // ids are given in the order of first arrival
    } else {
      const connectorId = open.get(payload.transactionId);
      assert.ok(
        connectorId !== undefined,
        `${action} of transaction ${payload.transactionId}, which is not open`,
      );
      if (action === "StopTransaction") {
        stopped += 1;
        open.delete(payload.transactionId);
        rise(connectorId, payload.meterStop);
      } else {
        rise(connectorId, registerIn(payload));
      }
    }
  }
  assert.equal(open.size, 0, "a transaction was never stopped");
  assert.equal(stopped, started);
  assert.ok(started > KILLS, `only ${started} transactions`);
}

function registerIn(
  { meterValue }: { meterValue: { sampledValue: { measurand?: string; value: string }[] }[] },
) {
  const energy = meterValue[0]!.sampledValue.find(({ measurand }) => measurand?.startsWith("Energy"));
  return Number(energy!.value);
}
