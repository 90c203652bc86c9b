import assert from "node:assert/strict";
import { type Pair, pair, type PairOptions } from "../support/pair.ts";
import { type CrashPoint, STORM } from "../support/pair_trouble.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const HOUR_MS = 3_600_000;

/** Long enough for every wait, back-off and outage to be over. */
const AFTERMATH_MS = 3 * HOUR_MS;

/** Charges offline too, and gives no message up: every session has to reach the store in the end. */
const PATIENT = { AllowOfflineTxForUnknownId: "true", TransactionMessageAttempts: "30" };

/** Lets trouble pass, ends the sessions, and waits until the last one is acknowledged. */
async function comeToRest(simulation: Pair, afterMs: number): Promise<void> {
  const { chargePoints, run } = simulation;
  simulation.calm();
  for (const chargePoint of chargePoints) chargePoint.finish();
  const ended = new Set<unknown>(); // a Heartbeat makes one that has ended look busy again
  const hasEnded = () => {
    for (const { cycle } of chargePoints) if (cycle.outcome().kind !== "running") ended.add(cycle);
    return ended.size === chargePoints.length;
  };
  await run({ untilMs: afterMs + AFTERMATH_MS, ends: hasEnded });
  assert.ok(hasEnded(), `seed ${simulation.seed}: sessions never ended`);
  await run({ untilMs: simulation.elapsedMs + 1_000 }); // the last rows of the frame log
}

/** Runs a simulation to its end; whatever breaks names the seed. */
async function play(options: PairOptions & { seed: number }, durationMs: number): Promise<Pair> {
  const simulation = pair(options);
  await simulation.run({ untilMs: durationMs });
  await comeToRest(simulation, durationMs);
  try {
    simulation.checker.assertAllFinished();
  } catch (cause) {
    throw new Error(`seed ${options.seed}, in the end: ${(cause as Error).message}`, { cause });
  }
  return simulation;
}

Deno.test("an hour: 12 Heartbeats after the boot was accepted", async () => {
  const { chargePoint, run } = pair({ seed: 7, latencyMs: 50, heartbeatIntervalSeconds: 300 });
  await run({ untilMs: 3_601_000 });
  assert.equal(chargePoint.heartbeatsAnswered, 12);
});

Deno.test("a calm day: every session of two connectors is in the store, and nothing else happened", async () => {
  const day = await play(
    { seed: 1, connectors: 2, cycle: { durationSeconds: 1_800, cycles: 0 } },
    24 * HOUR_MS,
  );
  const { chargePoint, store, observer } = day;
  assert.equal(chargePoint.answered("BootNotification"), 1);
  assert.equal(chargePoint.heartbeatsAnswered, 24 * 12);
  // A session takes half an hour and a few seconds between two of them.
  assert.equal(store.transactions.length, 96);
  assert.equal(chargePoint.answered("StopTransaction"), 96);
  assert.equal(store.readings.length, chargePoint.answered("MeterValues"));
  assert.ok(store.readings.length >= 96 * 29);
  assert.equal(store.frames.length, observer.of("exchanged").length);
  assert.deepEqual(chargePoint.core.counters.callsFailed, 0);
  assert.deepEqual(observer.deviations, []);
  assert.equal(observer.of("disconnected").length, 0);
  for (const { stop, meterStart } of store.transactions) assert.ok(stop!.meterStop! > meterStart);
});

Deno.test("a day in a storm: what ended is finished in the store once the link is calm", async () => {
  const options = { connectors: 2, cycle: { durationSeconds: 1_800, cycles: 0 }, configuration: PATIENT };
  const day = await play({ seed: 7, ...options, trouble: STORM }, 24 * HOUR_MS);
  // A storm that is none would prove nothing.
  assert.ok(day.lives > 10, `${day.lives} lives`);
  assert.ok(day.observer.of("connected").length > 50);
  assert.ok(day.observer.of("storeFailed").length > 0);
  assert.ok(day.chargePoint.core.counters.callsFailed > 20);
  assert.ok(day.store.transactions.length > 50, `${day.store.transactions.length} transactions`);
});

const STORMY: PairOptions = {
  chargePoints: 3,
  connectors: 2,
  cycle: { durationSeconds: 300, cycles: 0 },
  configuration: { ...PATIENT, MeterValueSampleInterval: "30" },
  trouble: STORM,
};

/** What once caught something, also a mistake made on purpose, stays; the rest are any. */
const SEEDS = [
  ...[4, 103], // a status of the wire before, in one turn with the next; a late close that ended the new wire
  ...Array.from({ length: 40 }, (_, index) => 1_000 + index),
];

Deno.test("three Charge Points in a storm: the rules hold for every seed", async () => {
  for (const seed of SEEDS) await play({ ...STORMY, seed }, 2 * HOUR_MS);
});

/** A world of its own for each seed: how many, how far apart, how long, and how bad it gets. */
function anyWorld(seed: number): PairOptions & { seed: number } {
  const random = new SeededRandom(seed);
  const oneOf = <T>(...choices: T[]): T => choices[random.between(0, choices.length - 1)]!;
  return {
    seed,
    chargePoints: random.between(1, 5),
    connectors: random.between(1, 3),
    latencyMs: oneOf(0, 1, 50, 700, 4_000),
    heartbeatIntervalSeconds: oneOf(60, 300),
    cycle: { durationSeconds: oneOf(5, 60, 300), cycles: 0 },
    admission: { validation: oneOf("strict", "tolerant") },
    configuration: {
      ...PATIENT,
      TransactionMessageAttempts: "1000",
      TransactionMessageRetryInterval: oneOf("1", "60"),
      MeterValueSampleInterval: oneOf("0", "5", "60"),
      StopTxnSampledData: oneOf("", "Energy.Active.Import.Register"),
      StopTransactionOnEVSideDisconnect: oneOf("true", "false"),
      AuthorizeRemoteTxRequests: oneOf("true", "false"),
    },
    trouble: {
      cutBefore: oneOf(0, 0.01, 0.05),
      cutAfter: oneOf(0, 0.01, 0.1),
      twice: oneOf(0, 0.02, 0.3),
      stall: oneOf(0, 0.003, 0.02),
      commitMsMax: oneOf(0, 60, 2_000),
      failingCommit: oneOf(0, 0.01, 0.1),
      restartEveryMs: oneOf(60_000, 600_000, Infinity),
      operatorEveryMs: oneOf(20_000, 300_000, Infinity),
    },
  };
}

Deno.test("any world: the rules hold however many, however far, however bad", async () => {
  for (let seed = 1; seed <= 60; seed++) await play(anyWorld(seed), HOUR_MS / 4);
});

Deno.test("impatient Charge Points in a storm: messages are given up, and what was acknowledged stays", async () => {
  let lost = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const configuration = { AllowOfflineTxForUnknownId: "true", TransactionMessageAttempts: "1" };
    const storm = pair({ ...STORMY, seed, configuration, trouble: { ...STORM, stall: 0.02 } });
    await storm.run({ untilMs: 2 * HOUR_MS });
    await comeToRest(storm, 2 * HOUR_MS);
    storm.checker.assertTransactionsAreStored();
    storm.checker.assertReadingsAreStored();
    for (const { core } of storm.chargePoints) lost += core.counters.messagesLost;
  }
  assert.ok(lost > 0);
});

Deno.test("a seed tells the same story again", async () => {
  const [one, other] = [
    await play({ ...STORMY, seed: 5 }, HOUR_MS),
    await play({ ...STORMY, seed: 5 }, HOUR_MS),
  ];
  assert.deepEqual(other.observer.events, one.observer.events);
  assert.deepEqual(other.store.transactions, one.store.transactions);
  assert.deepEqual(other.store.frames, one.store.frames);
});

for (const point of ["now", "beforeCommit", "afterCommit", "amongAnswers"] satisfies CrashPoint[]) {
  Deno.test(`the Central System's program ends at "${point}" again and again: nothing is lost or doubled`, async () => {
    const simulation = pair({
      chargePoints: 3,
      connectors: 2,
      cycle: { durationSeconds: 20, cycles: 0 },
      configuration: { ...PATIENT, MeterValueSampleInterval: "5" },
      trouble: { commitMsMax: 200 }, // long commits gather several Charge Points' Calls in one turn
    });
    for (let minute = 1; minute <= 40; minute++) {
      await simulation.run({ untilMs: minute * 60_000 });
      simulation.restart(point, 1_000);
    }
    await comeToRest(simulation, 40 * 60_000);
    simulation.checker.assertAllFinished();
    assert.equal(simulation.lives, 41);
    assert.ok(simulation.store.transactions.length > 60);
  });
}
