import assert from "node:assert/strict";
import type { ChargePointEffect, ChargePointInput } from "../../src/charge_point/contract.ts";
import type { JobResult } from "../../src/charge_point/job.ts";
import { ChargePointHost, type HostEvent } from "../../src/runtime/charge_point_host.ts";
import { FakeJobs } from "../support/fake_jobs.ts";
import { FakeTransport } from "../support/fake_transport.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const DOWNLOAD: ChargePointEffect = {
  kind: "job",
  jobId: 7,
  job: { kind: "download", url: "http://files.test/firmware" },
};
const DONE: JobResult = { kind: "download", outcome: { status: "done", message: "12 bytes" } };

type Handle = (input: ChargePointInput) => readonly ChargePointEffect[];

function hostOf(handle: Handle, jobs: FakeJobs | undefined) {
  const inputs: ChargePointInput[] = [];
  const events: HostEvent[] = [];
  const host = new ChargePointHost({
    identity: "CP001",
    urls: { plain: "ws://central.test", tls: "wss://central.test" },
    chargePoint: {
      handle(input) {
        inputs.push(input);
        return handle(input);
      },
      deadlineMs: () => Infinity,
    },
    transport: new FakeTransport(),
    clock: new VirtualClock(),
    random: () => 0.5,
    observer: (event) => events.push(event),
    ...(jobs === undefined ? {} : { jobs }),
    deadlineChanged: () => {},
  });
  return { host, inputs, events };
}

const onPowerOn = (...effects: readonly ChargePointEffect[]): Handle => ({ kind }) =>
  kind === "powerOn" ? effects : [];

Deno.test("ChargePointHost: a job is done by somebody else, and its result is an input", () => {
  const jobs = new FakeJobs();
  const { host, inputs } = hostOf(onPowerOn(DOWNLOAD), jobs);
  host.input({ kind: "powerOn" });
  assert.deepEqual(jobs.pending.map(({ jobId, job }) => ({ jobId, job })), [
    { jobId: 7, job: { kind: "download", url: "http://files.test/firmware" } },
  ]);
  jobs.finish(DONE);
  assert.deepEqual(inputs, [{ kind: "powerOn" }, { kind: "jobDone", jobId: 7, result: DONE }]);
});

Deno.test("ChargePointHost: a result is nobody's act, so no `acted` is told", () => {
  const jobs = new FakeJobs();
  const { host, events } = hostOf(onPowerOn(DOWNLOAD), jobs);
  host.input({ kind: "powerOn" });
  jobs.finish(DONE);
  assert.deepEqual(events, []);
});

Deno.test("ChargePointHost: cancelJob reaches whoever does the job", () => {
  const jobs = new FakeJobs();
  const { host } = hostOf(onPowerOn(DOWNLOAD, { kind: "cancelJob", jobId: 7 }), jobs);
  host.input({ kind: "powerOn" });
  assert.deepEqual(jobs.calls, ["cancel 7"]);
  assert.deepEqual(jobs.pending, []);
});

Deno.test("ChargePointHost: a power cut cancels every job, before the core hears of it", () => {
  const jobs = new FakeJobs();
  let pendingThen = -1;
  const { host } = hostOf(({ kind }) => {
    if (kind === "powerOff") pendingThen = jobs.pending.length;
    return kind === "powerOn" ? [DOWNLOAD] : [];
  }, jobs);
  host.input({ kind: "powerOn" }, { kind: "powerOff" });
  assert.equal(pendingThen, 0);
  assert.deepEqual(jobs.calls, ["cancelAll"]);
});

Deno.test("ChargePointHost: closed for good, it leaves no job behind and begins none", async () => {
  const jobs = new FakeJobs();
  const { host } = hostOf(({ kind }) => kind === "powerOn" || kind === "deadline" ? [DOWNLOAD] : [], jobs);
  host.input({ kind: "powerOn" });
  await host.close("done");
  assert.deepEqual(jobs.calls, ["forget"]);
  host.input({ kind: "deadline" });
  assert.deepEqual(jobs.pending, []);
});

Deno.test("ChargePointHost: one that fails leaves no job behind", () => {
  const jobs = new FakeJobs();
  const { host, events } = hostOf(({ kind }) => {
    if (kind === "deadline") throw new Error("a mistake of our own");
    return kind === "powerOn" ? [DOWNLOAD] : [];
  }, jobs);
  host.input({ kind: "powerOn" }, { kind: "deadline" });
  assert.deepEqual(jobs.pending, []);
  assert.deepEqual(events.map(({ kind }) => kind), ["hostFailed"]);
});

Deno.test("ChargePointHost: where nobody does jobs, each fails at once", () => {
  const { host, inputs } = hostOf(onPowerOn(DOWNLOAD), undefined);
  host.input({ kind: "powerOn" });
  assert.deepEqual(inputs[1], {
    kind: "jobDone",
    jobId: 7,
    result: { kind: "download", outcome: { status: "failed", message: "nobody does jobs here" } },
  });
});
