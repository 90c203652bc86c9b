/**
 * The policies about transactions, over real sockets: repeats, transactionIds, zombies, clocks.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { ZOMBIE_GRACE_MS } from "../../src/central_system/suspicion.ts";
import { PLAUSIBLE_PAST_MS } from "../../src/central_system/plausible.ts";
import { REPEAT_WINDOW_MS } from "../../src/central_system/transaction.ts";
import { type Runs, runsOnBothListeners } from "../support/both_listeners.ts";
import type { TestServer } from "../support/server.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { within } from "../support/within.ts";

const HOUR_MS = 3_600_000;
const UNSET_CLOCK = "1970-01-01T00:00:07Z";

/** A StartTransaction as it is when nobody says otherwise. */
function startReq(runs: Runs, changes: Record<string, unknown> = {}) {
  return { connectorId: 1, idTag: "TAG1", meterStart: 100, timestamp: runs.at(), ...changes };
}

async function booted(server: TestServer, identity = "CP1"): Promise<SocketClient> {
  const chargePoint = await server.connect(identity);
  await chargePoint.boot();
  return chargePoint;
}

async function start(chargePoint: SocketClient, req: unknown, uniqueId?: string): Promise<number> {
  return (await chargePoint.result("StartTransaction", req, { uniqueId })).transactionId;
}

function tell(chargePoint: SocketClient, status: string, connectorId = 1) {
  return chargePoint.result("StatusNotification", { connectorId, status, errorCode: "NoError" });
}

function read(chargePoint: SocketClient, transactionId: number, timestamp: string, uniqueId?: string) {
  const meterValue = [{ timestamp, sampledValue: [{ value: "150" }] }];
  return chargePoint.result("MeterValues", { connectorId: 1, transactionId, meterValue }, { uniqueId });
}

async function transaction(server: TestServer, transactionId: number) {
  return (await server.get(`/api/v1/transactions/${transactionId}`)).body;
}

async function readings(server: TestServer, transactionId: number, query = "") {
  return (await server.get(`/api/v1/transactions/${transactionId}/meter-values${query}`)).body.items;
}

async function count(server: TestServer): Promise<number> {
  return (await server.get("/api/v1/transactions")).body.items.length;
}

// --- idempotent --------------------------------------------------------------------------------------------------

runsOnBothListeners(
  "repeats: same uniqueId and content gets the first answer, on another socket and after a restart",
  async (runs) => {
    let server = await runs.start();
    const startSent = startReq(runs);
    const first = await booted(server);
    const transactionId = await start(first, startSent, "s");
    await read(first, transactionId, runs.at(), "m");
    const stopSent = { transactionId, meterStop: 300, timestamp: runs.at(), idTag: "TAG1" };
    const stopAnswer = await first.result("StopTransaction", stopSent, { uniqueId: "e" });
    const expected = await transaction(server, transactionId);
    const repeat = async (chargePoint: SocketClient) => {
      assert.equal(await start(chargePoint, startSent, "s"), transactionId);
      await read(chargePoint, transactionId, startSent.timestamp, "m");
      assert.deepEqual(await chargePoint.result("StopTransaction", stopSent, { uniqueId: "e" }), stopAnswer);
      assert.deepEqual(await transaction(server, transactionId), expected);
      assert.equal(await count(server), 1);
      assert.equal((await readings(server, transactionId)).length, 1);
      assert.deepEqual(server.observer.deviations, []);
    };
    await using second = await server.connect("CP1"); // takes over
    await repeat(second);
    server = await runs.start();
    await using third = await server.connect("CP1");
    await repeat(third);
  },
);

runsOnBothListeners(
  "repeats: a start under another uniqueId is the same by its content, of an implausible clock only within the boot",
  async (runs) => {
    const server = await runs.start();
    await using chargePoint = await booted(server);
    const plausible = startReq(runs);
    const odd = startReq(runs, { connectorId: 2, timestamp: UNSET_CLOCK });
    const [one, two] = [await start(chargePoint, plausible), await start(chargePoint, odd)];
    assert.deepEqual([await start(chargePoint, plausible), await start(chargePoint, odd)], [one, two]);
    await chargePoint.boot();
    assert.equal(await start(chargePoint, plausible), one);
    assert.equal(await start(chargePoint, odd), two + 1);
  },
);

runsOnBothListeners(
  "repeats: a uniqueId stands for the same start for 24 hours, then no longer",
  async (runs) => {
    const server = await runs.start();
    await using chargePoint = await booted(server);
    const odd = startReq(runs, { timestamp: UNSET_CLOCK });
    const first = await start(chargePoint, odd, "1");
    await chargePoint.boot(); // else the content alone would do
    runs.clock.advance(REPEAT_WINDOW_MS);
    assert.equal(await start(chargePoint, odd, "1"), first);
    runs.clock.advance(1);
    assert.equal(await start(chargePoint, odd, "1"), first + 1);
  },
);

runsOnBothListeners("repeats: none counts for ConcurrentTx", async (runs) => {
  const server = await runs.start();
  await server.fetch("/api/v1/id-tags/TAG1", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ maxActiveTransactions: 1 }),
  });
  await using chargePoint = await booted(server);
  const status = async (req: unknown, uniqueId: string) =>
    (await chargePoint.result("StartTransaction", req, { uniqueId })).idTagInfo.status;
  const req = startReq(runs);
  assert.deepEqual(
    [await status(req, "1"), await status(req, "1"), await status(req, "2")],
    ["Accepted", "Accepted", "Accepted"],
  );
  assert.equal(await status(startReq(runs, { connectorId: 2 }), "3"), "ConcurrentTx");
});

runsOnBothListeners(
  "repeats: everything else is decided afresh, also under an id that was used",
  async (runs) => {
    const server = await runs.start();
    await using chargePoint = await booted(server);
    const heartbeat = () => chargePoint.result("Heartbeat", {}, { uniqueId: "1" });
    const first = await heartbeat();
    runs.clock.advance(1_000);
    assert.notEqual((await heartbeat()).currentTime, first.currentTime);
    const authorize = async () =>
      (await chargePoint.result("Authorize", { idTag: "TAG1" }, { uniqueId: "2" })).idTagInfo.status;
    assert.equal(await authorize(), "Accepted");
    await server.fetch("/api/v1/id-tags/TAG1", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ blocked: true }),
    });
    assert.equal(await authorize(), "Blocked");
    const one = await start(chargePoint, startReq(runs), "3");
    assert.equal(await start(chargePoint, startReq(runs, { meterStart: 101 }), "3"), one + 1);
  },
);

// --- transactionId -----------------------------------------------------------------------------------------------

runsOnBothListeners(
  "transactionId: positive, one sequence that outlives a restart and deleted rows",
  async (runs) => {
    const ids: number[] = [];
    for (let run = 0; run < 3; run++) {
      const server = await runs.start();
      await using chargePoint = await booted(server, `CP${run}`);
      ids.push(await start(chargePoint, startReq(runs)));
      ids.push(await start(chargePoint, startReq(runs, { connectorId: 2 })));
      await runs.end();
      using file = new DatabaseSync(runs.database);
      file.exec("DELETE FROM transactions");
    }
    assert.deepEqual(ids, ids.map((_, index) => ids[0]! + index));
    assert.ok(ids[0]! > 0 && ids[0]! < 2 ** 30);
  },
);

runsOnBothListeners(
  "transactionId: one of another Charge Point is unknown: it stops nothing",
  async (runs) => {
    const server = await runs.start();
    await using owner = await booted(server, "CP1");
    await using other = await booted(server, "CP2");
    const transactionId = await start(owner, startReq(runs));
    await other.result("StopTransaction", { transactionId, meterStop: 300, timestamp: runs.at() });
    await read(other, transactionId, runs.at());
    assert.equal((await transaction(server, transactionId)).active, true);
    assert.deepEqual(await readings(server, transactionId), []);
    assert.deepEqual(server.observer.deviations, ["unknownTransaction", "unknownTransaction"]);
  },
);

runsOnBothListeners(
  "transactionId: readings for 0, -1 and an unknown one keep it; the guess stands apart and stops nothing",
  async (runs) => {
    const server = await runs.start();
    await using chargePoint = await booted(server);
    const transactionId = await start(chargePoint, startReq(runs));
    const unknown = transactionId + 1_000;
    for (const sent of [0, -1, unknown]) await read(chargePoint, sent, runs.at());
    await read(chargePoint, transactionId, runs.at());
    const guessed = await readings(server, transactionId, "?guessed=true");
    assert.deepEqual(guessed.map((one: { transactionId: number }) => one.transactionId), [0, -1, unknown]);
    const own = await readings(server, transactionId);
    assert.deepEqual(own.map((one: { transactionId: number }) => one.transactionId), [transactionId]);
    for (const sent of [0, -1]) {
      await chargePoint.result("StopTransaction", {
        transactionId: sent,
        meterStop: 300,
        timestamp: runs.at(),
      });
    }
    const { active, energyWh } = await transaction(server, transactionId);
    assert.deepEqual([active, energyWh], [true, undefined]);
    const page = await server.get(`/api/v1/transactions/${transactionId}/meter-values?guessed=true&limit=2`);
    assert.equal(page.body.items.length, 2);
    const rest = await readings(server, transactionId, `?guessed=true&cursor=${page.body.nextCursor}`);
    assert.deepEqual(rest, guessed.slice(2));
  },
);

runsOnBothListeners(
  "transactionId: an integer beyond 2^53 equals none of ours, and its digits are kept",
  async (runs) => {
    const server = await runs.start();
    await using chargePoint = await booted(server);
    const transactionId = await start(chargePoint, startReq(runs));
    const huge = "9007199254740993";
    const value = `"timestamp":"${runs.at()}","sampledValue":[{"value":"1"}]`;
    chargePoint.sendText(
      `[2,"huge","MeterValues",{"connectorId":1,"transactionId":${huge},"meterValue":[{${value}}]}]`,
    );
    assert.equal((await chargePoint.answerTo("huge"))[0], 3);
    const end = `"meterStop":300,"timestamp":"${runs.at()}"`;
    chargePoint.sendText(`[2,"huge stop","StopTransaction",{"transactionId":${huge},${end}}]`);
    assert.equal((await chargePoint.answerTo("huge stop"))[0], 3);
    assert.equal((await transaction(server, transactionId)).active, true);
    assert.deepEqual(await readings(server, transactionId), []);
    const { body } = await server.get("/api/v1/charge-points/CP1/messages?action=MeterValues");
    assert.ok(body.items[0].request.includes(huge));
  },
);

// --- zombies -----------------------------------------------------------------------------------------------------

runsOnBothListeners(
  "zombies: a later start on the connector closes the old transaction, on no other",
  async (runs) => {
    const server = await runs.start();
    await using chargePoint = await booted(server);
    const old = await start(chargePoint, startReq(runs));
    const elsewhere = await start(chargePoint, startReq(runs, { connectorId: 2 }));
    await start(chargePoint, startReq(runs, { meterStart: 200 }));
    const { active, closedBy, meterStop } = await transaction(server, old);
    assert.deepEqual([active, closedBy, meterStop], [false, "laterStart", undefined]);
    assert.equal((await transaction(server, elsewhere)).active, true);
  },
);

/** Each sign that a transaction is over. */
const SIGNS: readonly (readonly [by: string, sign: (chargePoint: SocketClient) => Promise<unknown>])[] = [
  ["Available", (chargePoint) => tell(chargePoint, "Available")],
  ["boot", (chargePoint) => chargePoint.boot()],
];

for (const [by, sign] of SIGNS) {
  runsOnBothListeners(`zombies: ${by} suspects, 24 hours later evidence closes, not before`, async (runs) => {
    const server = await runs.start();
    await using chargePoint = await booted(server);
    const transactionId = await start(chargePoint, startReq(runs));
    runs.clock.advance(HOUR_MS);
    const at = runs.at();
    await sign(chargePoint);
    const suspected = await transaction(server, transactionId);
    assert.deepEqual([suspected.active, suspected.suspected], [true, { by, at }]);
    runs.clock.advance(ZOMBIE_GRACE_MS - 1);
    await server.host.turns.idle();
    assert.equal((await transaction(server, transactionId)).active, true);
    runs.clock.advance(1);
    const stopped = () => server.observer.of("transactionStopped");
    await server.observer.until(() => stopped().length === 1, "the end of the zombie");
    const { active, closedBy, meterStop, stoppedAt, stopReceivedAt } = await transaction(
      server,
      transactionId,
    );
    assert.deepEqual([active, closedBy, meterStop], [false, "evidence", undefined]);
    assert.deepEqual([stoppedAt, stopReceivedAt], [at, runs.at()]);
  });

  runsOnBothListeners(
    `zombies: a suspicion by ${by} outlives a restart, also one that became due meanwhile`,
    async (runs) => {
      const first = await runs.start();
      const ids: number[] = [];
      {
        await using chargePoint = await booted(first);
        ids.push(await start(chargePoint, startReq(runs)));
        await sign(chargePoint);
        runs.clock.advance(HOUR_MS);
        await using other = await booted(first, "CP2");
        ids.push(await start(other, startReq(runs)));
        await sign(other);
      }
      await runs.end();
      runs.clock.advance(ZOMBIE_GRACE_MS - HOUR_MS);
      const second = await runs.start();
      const stopped = () => second.observer.of("transactionStopped").map((event) => event.transactionId);
      await second.observer.until(() => stopped().length === 1, "the sweep at the start");
      assert.deepEqual(stopped(), [ids[0]]);
      await second.host.turns.idle();
      runs.clock.advance(HOUR_MS);
      await second.observer.until(() => stopped().length === 2, "the one that is due later");
      assert.deepEqual(stopped(), ids);
    },
  );
}

/** What shows that a transaction goes on. */
const GOING_ON: readonly (readonly [
  what: string,
  show: (chargePoint: SocketClient, transactionId: number, at: string) => Promise<unknown>,
])[] = [
  ["Charging", (chargePoint) => tell(chargePoint, "Charging")],
  ["SuspendedEV", (chargePoint) => tell(chargePoint, "SuspendedEV")],
  ["SuspendedEVSE", (chargePoint) => tell(chargePoint, "SuspendedEVSE")],
  ["a reading", read],
];

for (const [what, show] of GOING_ON) {
  runsOnBothListeners(`zombies: ${what} takes the suspicion back, and nothing is closed`, async (runs) => {
    const server = await runs.start();
    await using chargePoint = await booted(server);
    const transactionId = await start(chargePoint, startReq(runs));
    await chargePoint.boot();
    runs.clock.advance(HOUR_MS);
    await show(chargePoint, transactionId, runs.at());
    assert.equal((await transaction(server, transactionId)).suspected, undefined);
    runs.clock.advance(2 * ZOMBIE_GRACE_MS);
    await server.host.turns.idle();
    assert.equal((await transaction(server, transactionId)).active, true);
    assert.equal(server.observer.of("transactionGoesOn").length, 1);
  });
}

runsOnBothListeners(
  "zombies: a reading that had waited in a queue since before takes nothing back",
  async (runs) => {
    const server = await runs.start();
    await using chargePoint = await booted(server);
    const transactionId = await start(chargePoint, startReq(runs));
    runs.clock.advance(HOUR_MS);
    await chargePoint.boot();
    runs.clock.advance(1_000);
    await read(chargePoint, transactionId, runs.at(2_000));
    assert.equal((await transaction(server, transactionId)).suspected.by, "boot");
  },
);

runsOnBothListeners(
  "zombies: a StopTransaction wins over laterStart, evidence and operator, and the record shows what was before",
  async (runs) => {
    const server = await runs.start();
    await using chargePoint = await booted(server);
    const laterStart = await start(chargePoint, startReq(runs));
    const evidence = await start(chargePoint, startReq(runs, { meterStart: 200 }));
    await tell(chargePoint, "Available");
    runs.clock.advance(ZOMBIE_GRACE_MS);
    await server.observer.until(
      () => server.observer.of("transactionStopped").length === 2,
      "the end of the zombie",
    );
    const operator = await start(chargePoint, startReq(runs, { meterStart: 300 }));
    await chargePoint.close();
    await server.observer.until(() => server.observer.of("disconnected").length === 1, "its leaving");
    await stop(server, operator, { mode: "record", operator: "Ada", note: "gone" });
    await using again = await server.connect("CP1");
    for (
      const [transactionId, closedBy, more] of [
        [laterStart, "laterStart", {}],
        [evidence, "evidence", {}],
        [operator, "operator", { operator: "Ada", note: "gone" }],
      ] as const
    ) {
      const before = await transaction(server, transactionId);
      assert.equal(before.closedBy, closedBy);
      await read(again, transactionId, runs.at()); // is stored and opens nothing
      assert.equal((await transaction(server, transactionId)).active, false);
      await again.result("StopTransaction", { transactionId, meterStop: 400, timestamp: runs.at() });
      const after = await transaction(server, transactionId);
      assert.deepEqual([after.closedBy, after.meterStop], ["chargePoint", 400]);
      const { stoppedAt, stopReceivedAt: closedAt } = before;
      assert.deepEqual(after.overruled, { closedBy, stoppedAt, closedAt, ...more });
      assert.equal((await readings(server, transactionId)).length, 1);
    }
    assert.deepEqual(server.observer.deviations, []);
  },
);

// --- clocks ------------------------------------------------------------------------------------------------------

for (const validation of ["strict", "tolerant"] as const) {
  runsOnBothListeners(
    `clocks: under ${validation} the Charge Point's times are kept, receipt stands beside them, odd ones are deviations`,
    async (runs) => {
      const server = await runs.start({ admission: { validation } });
      await using chargePoint = await booted(server);
      const odd = runs.at(PLAUSIBLE_PAST_MS + 1_000);
      const startReceivedAt = runs.at();
      const transactionId = await start(chargePoint, startReq(runs, { timestamp: odd }));
      runs.clock.advance(HOUR_MS);
      await read(chargePoint, transactionId, UNSET_CLOCK);
      await chargePoint.result("StopTransaction", { transactionId, meterStop: 300, timestamp: UNSET_CLOCK });
      const { startedAt, stoppedAt, ...view } = await transaction(server, transactionId);
      assert.deepEqual([startedAt, stoppedAt], [odd, new Date(UNSET_CLOCK).toISOString()]);
      assert.deepEqual([view.startReceivedAt, view.stopReceivedAt], [startReceivedAt, runs.at()]);
      const [reading] = await readings(server, transactionId);
      assert.deepEqual([reading.timestamp, reading.receivedAt], [UNSET_CLOCK, runs.at()]);
      assert.deepEqual(server.observer.deviations, Array(3).fill("implausibleClock"));
      const early = await start(chargePoint, startReq(runs));
      await chargePoint.result("StopTransaction", {
        transactionId: early,
        meterStop: 300,
        timestamp: runs.at(1_000),
      });
      assert.equal(server.observer.deviations.at(-1), "stopBeforeStart");
    },
  );
}

// --- an operator's stop ------------------------------------------------------------------------------------------

function stop(server: TestServer, transactionId: number, body: unknown) {
  const answer = server.fetch(`/api/v1/transactions/${transactionId}/stop`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return within(answer, "the answer to a stop");
}

runsOnBothListeners(
  "operator's stop: the Charge Point is asked, and its answer comes back as of any Call",
  async (runs) => {
    const server = await runs.start();
    await using chargePoint = await booted(server);
    const transactionId = await start(chargePoint, startReq(runs));
    for (const status of ["Rejected", "Accepted"]) {
      const asked = stop(server, transactionId, {});
      const call = await chargePoint.takeCall();
      assert.deepEqual(call.slice(2), ["RemoteStopTransaction", { transactionId }]);
      chargePoint.answer(call, { status });
      const { status: code, body } = await asked;
      assert.deepEqual([code, body.outcome, body.payload], [200, "result", { status }]);
      assert.deepEqual([body.transaction.transactionId, body.transaction.active], [transactionId, true]);
    }
    await chargePoint.result("StopTransaction", { transactionId, meterStop: 300, timestamp: runs.at() });
    const { body } = await stop(server, transactionId, {});
    assert.deepEqual([body.outcome, body.transaction.closedBy], ["closedBefore", "chargePoint"]);
  },
);

runsOnBothListeners(
  "operator's stop: no answer is 504, a lost connection 502, nobody there 409",
  async (runs) => {
    const server = await runs.start();
    const chargePoint = await booted(server);
    const transactionId = await start(chargePoint, startReq(runs));
    const outcome = async (until: () => unknown) => {
      const asked = stop(server, transactionId, { timeoutSeconds: 5 });
      await until();
      const { status, body } = await asked;
      return [status, body.reason];
    };
    assert.deepEqual(
      await outcome(async () => {
        await chargePoint.takeCall();
        runs.clock.advance(5_000);
      }),
      [504, "timeout"],
    );
    assert.deepEqual(
      await outcome(async () => {
        await chargePoint.takeCall();
        await chargePoint.close();
      }),
      [502, "connectionLost"],
    );
    assert.deepEqual(await outcome(() => {}), [409, "notConnected"]);
    assert.equal((await transaction(server, transactionId)).active, true);
  },
);

runsOnBothListeners(
  "operator's stop: a record is closed on an explicit wish only, never while connected, and once",
  async (runs) => {
    const server = await runs.start();
    const chargePoint = await booted(server);
    const transactionId = await start(chargePoint, startReq(runs));
    const wish = { mode: "record", operator: "Ada", note: "taken down" };
    const refused = await stop(server, transactionId, wish);
    assert.deepEqual([refused.status, refused.body.reason], [409, "connected"]);
    await chargePoint.close();
    await server.observer.until(() => server.observer.of("disconnected").length === 1, "its leaving");
    runs.clock.advance(HOUR_MS);
    const at = runs.at();
    const answers = await Promise.all([stop(server, transactionId, wish), stop(server, transactionId, wish)]);
    assert.deepEqual(answers.map(({ body }) => body.outcome).sort(), ["closed", "closedBefore"]);
    runs.clock.advance(HOUR_MS);
    const again = await stop(server, transactionId, { mode: "record", operator: "Bob" });
    assert.equal(again.body.outcome, "closedBefore");
    const view = again.body.transaction;
    assert.deepEqual([view.closedBy, view.operator, view.note], ["operator", "Ada", "taken down"]);
    assert.deepEqual([view.stoppedAt, view.stopReceivedAt, view.meterStop], [at, at, undefined]);
    assert.equal(server.observer.of("transactionStopped").length, 1);
  },
);

runsOnBothListeners("operator's stop: what is unknown or does not fit is refused", async (runs) => {
  const server = await runs.start();
  assert.equal((await stop(server, 4_711, {})).status, 404);
  for (
    const wrong of [
      { mode: "auto" },
      { operator: "Ada" },
      { mode: "record", operator: "x".repeat(101) },
      { mode: "record", note: "x".repeat(1_001) },
      { timeoutSeconds: 0 },
      { unknown: 1 },
    ]
  ) assert.equal((await stop(server, 4_711, wrong)).status, 400, JSON.stringify(wrong));
});

// --- waiting for a transaction -----------------------------------------------------------------------------------

/** Sends a Call through the API that waits for its transaction. */
function callAndWait(server: TestServer, body: Record<string, unknown>) {
  return within(server.call("CP1", { ...body, waitForTransaction: true }), "the end of a wait");
}

runsOnBothListeners(
  "waitForTransaction: gives the transaction that the Call started, not another's",
  async (runs) => {
    const server = await runs.start();
    await using chargePoint = await booted(server);
    await using other = await booted(server, "CP2");
    const asked = callAndWait(server, {
      action: "RemoteStartTransaction",
      payload: { idTag: "TAG1", connectorId: 1 },
      waitForTransaction: true,
    });
    chargePoint.answer(await chargePoint.takeCall(), { status: "Accepted" });
    await start(chargePoint, startReq(runs, { timestamp: runs.at(HOUR_MS) })); // out of an offline queue
    await start(chargePoint, startReq(runs, { connectorId: 2 }));
    await start(chargePoint, startReq(runs, { idTag: "OTHER" }));
    await start(other, startReq(runs));
    const caused = await start(chargePoint, startReq(runs, { idTag: "tag1" }));
    const { status, body } = await asked;
    assert.deepEqual([status, body.outcome, body.transactionOutcome], [200, "result", "started"]);
    assert.deepEqual([body.transaction.transactionId, body.transaction.active], [caused, true]);
  },
);

runsOnBothListeners(
  "waitForTransaction: says none in time; takes a queued one only if no other comes",
  async (runs) => {
    const server = await runs.start();
    await using chargePoint = await booted(server);
    const outcome = async (begin: () => Promise<unknown>) => {
      const asked = callAndWait(server, {
        action: "RemoteStartTransaction",
        payload: { idTag: "TAG1" },
        waitForTransaction: true,
        transactionTimeoutSeconds: 20,
      });
      chargePoint.answer(await chargePoint.takeCall(), { status: "Accepted" });
      await begin();
      // The answer has been taken when what came after it is answered.
      await chargePoint.result("Heartbeat", {});
      runs.clock.advance(20_000);
      return (await asked).body;
    };
    const none = await outcome(() => Promise.resolve());
    assert.deepEqual([none.outcome, none.transactionOutcome, none.transaction], [
      "result",
      "none",
      undefined,
    ]);
    let queued = 0;
    const late = await outcome(async () => {
      queued = await start(chargePoint, startReq(runs, { timestamp: runs.at(HOUR_MS) }));
    });
    assert.deepEqual([late.transactionOutcome, late.transaction.transactionId], ["started", queued]);
  },
);

runsOnBothListeners(
  "waitForTransaction: does not wait after a refusal; RemoteStop waits for the end",
  async (runs) => {
    const server = await runs.start();
    await using chargePoint = await booted(server);
    const transactionId = await start(chargePoint, startReq(runs));
    const ask = (action: string, payload: unknown) => callAndWait(server, { action, payload });
    const refused = ask("RemoteStartTransaction", { idTag: "TAG1" });
    chargePoint.answer(await chargePoint.takeCall(), { status: "Rejected" });
    const { body } = await refused;
    assert.deepEqual([body.payload.status, body.transactionOutcome], ["Rejected", "none"]);
    const asked = ask("RemoteStopTransaction", { transactionId });
    chargePoint.answer(await chargePoint.takeCall(), { status: "Accepted" });
    await chargePoint.result("StopTransaction", { transactionId, meterStop: 350, timestamp: runs.at() });
    const stopped = (await asked).body;
    assert.equal(stopped.transactionOutcome, "stopped");
    assert.deepEqual([stopped.transaction.transactionId, stopped.transaction.energyWh], [transactionId, 250]);
    assert.equal((await ask("ClearCache", {})).status, 400);
  },
);

runsOnBothListeners("waitForTransaction: the end of the program ends the wait", async (runs) => {
  const server = await runs.start();
  const chargePoint = await booted(server);
  const asked = callAndWait(server, {
    action: "RemoteStartTransaction",
    payload: { idTag: "TAG1" },
  });
  chargePoint.answer(await chargePoint.takeCall(), { status: "Accepted" });
  await chargePoint.result("Heartbeat", {});
  await runs.end();
  assert.equal((await asked).body.transactionOutcome, "none");
});
