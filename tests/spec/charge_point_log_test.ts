import assert from "node:assert/strict";
import { LOG_LINES_MAX } from "../../src/charge_point/maintenance/log_book.ts";
import type { Job, JobResult, TransferOutcome } from "../../src/charge_point/job.ts";
import { NOTICES_MAX } from "../../src/charge_point/transaction/transaction_queue.ts";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import type { Req } from "../../src/ocpp/registry.ts";
import {
  BEGIN_AT_MS,
  ScriptedCentralSystem,
  type ScriptOptions,
} from "../support/scripted_central_system.ts";

const LOCATION = "ftp://user:secret@files.example/logs";

function uploaded(status: TransferOutcome["status"] = "done"): JobResult {
  return { kind: "upload", outcome: { status, message: `it was ${status}` } };
}

function booted(options: ScriptOptions = {}): ScriptedCentralSystem {
  return new ScriptedCentralSystem(options).boot().forget();
}

function linesOf(job: Job | undefined): readonly string[] {
  assert.equal(job?.kind, "upload");
  return (job as Extract<Job, { kind: "upload" }>).lines;
}

const GET_LOG: Req<"GetLog"> = {
  logType: "DiagnosticsLog",
  requestId: 7,
  log: { remoteLocation: LOCATION },
};

Deno.test("§5.7 GetDiagnostics names the file, uploads it, and tells so: TC_045_1", () => {
  const script = booted();
  const { fileName } = script.result("GetDiagnostics", { location: LOCATION });
  assert.match(fileName ?? "", /^diagnostics-CP001-20260101T120000Z\.log\.gz$/);
  assert.deepEqual(script.told("DiagnosticsStatusNotification"), ["Uploading"]);
  const [seen] = script.jobs;
  assert.deepEqual(seen?.job.kind === "upload" && { url: seen.job.url, fileName: seen.job.fileName }, {
    url: LOCATION,
    fileName,
  });
  const lines = linesOf(seen?.job);
  assert.ok(lines.includes("2026-01-01T12:00:00.000Z sent BootNotification"), lines.join("\n"));
  assert.ok(lines.some((line) => line.includes("connector 1 is Available")), lines.join("\n"));
  script.run(30).finish(uploaded());
  assert.deepEqual(script.told("DiagnosticsStatusNotification"), ["Uploading", "Uploaded"]);
});

Deno.test("§5.7 nothing shows of GetDiagnostics before its answer", () => {
  const script = booted().text('[2,"g","GetDiagnostics",{"location":"http://h/d"}]');
  const kinds = script.effects.map((effect) => effect.kind);
  assert.ok(kinds.indexOf("send") < kinds.indexOf("job"), kinds.join());
  assert.match(script.effects[0]?.kind === "send" ? script.effects[0].text : "", /^\[3,"g"/);
});

/** What a try may come to, as each of the messages says it. */
const OUTCOMES: readonly (readonly [TransferOutcome["status"], log: string, diagnostics: string])[] = [
  ["done", "Uploaded", "Uploaded"],
  ["unreachable", "UploadFailure", "UploadFailed"],
  ["permissionDenied", "PermissionDenied", "UploadFailed"],
  ["notFound", "UploadFailure", "UploadFailed"],
  ["notSupported", "NotSupportedOperation", "UploadFailed"],
  ["badUrl", "BadMessage", "UploadFailed"],
  ["tooLarge", "UploadFailure", "UploadFailed"],
  ["failed", "UploadFailure", "UploadFailed"],
];

for (const [status, log, diagnostics] of OUTCOMES) {
  Deno.test(`Security GetLog, §5.7 GetDiagnostics: an upload that is ${status} is ${log}, ${diagnostics}`, () => {
    const script = booted({ jobs: () => uploaded(status) });
    assert.equal(script.result("GetLog", GET_LOG).status, "Accepted");
    script.result("GetDiagnostics", { location: LOCATION });
    assert.deepEqual(script.seen("LogStatusNotification").map(({ payload }) => payload), [
      { status: "Uploading", requestId: 7 },
      { status: log, requestId: 7 },
    ]);
    assert.deepEqual(script.told("DiagnosticsStatusNotification"), ["Uploading", diagnostics]);
  });
}

Deno.test("§5.7 retries are the tries after the first, retryInterval apart; the outcome is told once", () => {
  const script = booted({ jobs: () => uploaded("unreachable") });
  script.result("GetDiagnostics", { location: LOCATION, retries: 2, retryInterval: 45 }).fileName;
  script.run(300);
  assert.deepEqual(script.jobs.map(({ seconds }) => seconds), [0, 45, 90]);
  assert.deepEqual(
    script.seen("DiagnosticsStatusNotification").map(({ seconds, payload }) => [
      seconds,
      payload.status,
    ]),
    [[0, "Uploading"], [90, "UploadFailed"]],
  );
});

Deno.test("§5.7 what no retry would mend is not tried again", () => {
  for (const status of ["badUrl", "notSupported", "tooLarge"] as const) {
    const script = booted({ jobs: () => uploaded(status) });
    script.result("GetDiagnostics", { location: LOCATION, retries: 3 });
    script.run(600);
    assert.equal(script.jobs.length, 1, status);
  }
});

Deno.test("errata SupportedFileTransferProtocols: another protocol, or no URL, is refused without a try", () => {
  for (
    const [remoteLocation, status] of [
      ["sftp://files.example/", "NotSupportedOperation"],
      ["files.example", "BadMessage"],
      ["http://", "BadMessage"],
    ] as const
  ) {
    const script = booted();
    script.result("GetLog", { ...GET_LOG, log: { remoteLocation }, retries: 3 });
    assert.deepEqual(script.told("LogStatusNotification"), ["Uploading", status], remoteLocation);
    assert.deepEqual(script.jobs, []);
  }
});

Deno.test("§5.7 only what happened from startTime to stopTime is in the file", () => {
  const script = booted().run(100).plugIn().run(100).unplug().run(100);
  script.result("GetDiagnostics", {
    location: LOCATION,
    startTime: dateTimeOf(BEGIN_AT_MS + 90_000),
    stopTime: dateTimeOf(BEGIN_AT_MS + 110_000),
  });
  const lines = linesOf(script.jobs[0]?.job);
  assert.ok(lines.length >= 1 && lines.every((line) => line.startsWith("2026-01-01T12:01:40")), lines.join());
  assert.ok(lines.some((line) => line.includes("Preparing")));
});

Deno.test("§5.7 a range in which nothing happened has no file, and nothing is uploaded", () => {
  const script = booted();
  const before = { startTime: "2020-01-01T00:00:00Z", stopTime: "2020-01-02T00:00:00Z" };
  assert.deepEqual(script.result("GetDiagnostics", { location: LOCATION, ...before }), {});
  const log = { remoteLocation: LOCATION, latestTimestamp: "2020-01-02T00:00:00Z" };
  assert.deepEqual(script.result("GetLog", { ...GET_LOG, log }), { status: "Accepted" });
  script.run(60);
  assert.deepEqual([script.jobs, script.calls], [[], []]);
});

Deno.test("Security GetLog cancels the one under way, and answers so; each has its requestId", () => {
  const script = booted();
  assert.equal(script.result("GetLog", GET_LOG).status, "Accepted");
  assert.equal(script.result("GetLog", { ...GET_LOG, requestId: 8 }).status, "AcceptedCanceled");
  assert.deepEqual(script.jobs.map(({ state }) => state), ["cancelled", "running"]);
  script.finish(uploaded());
  assert.deepEqual(script.seen("LogStatusNotification").map(({ payload }) => payload), [
    { status: "Uploading", requestId: 7 },
    { status: "Uploading", requestId: 8 },
    { status: "Uploaded", requestId: 8 },
  ]);
});

Deno.test("Security GetLog while one waits for its retry cancels that one", () => {
  const script = booted({ jobs: () => uploaded("unreachable") });
  script.result("GetLog", { ...GET_LOG, retries: 5, retryInterval: 100 });
  script.jobAnswers = () => uploaded();
  assert.equal(script.result("GetLog", { ...GET_LOG, requestId: 8 }).status, "AcceptedCanceled");
  script.run(1_000);
  assert.equal(script.jobs.length, 2);
});

Deno.test("§5.7 GetDiagnostics while one runs takes its place", () => {
  const script = booted();
  script.result("GetDiagnostics", { location: LOCATION });
  script.result("GetDiagnostics", { location: "http://other.example/" });
  assert.deepEqual(script.jobs.map(({ state }) => state), ["cancelled", "running"]);
  script.finish(uploaded());
  assert.deepEqual(script.told("DiagnosticsStatusNotification"), ["Uploading", "Uploading", "Uploaded"]);
});

Deno.test("§5.7 GetDiagnostics and GetLog do not disturb each other", () => {
  const script = booted();
  script.result("GetDiagnostics", { location: LOCATION });
  assert.equal(script.result("GetLog", GET_LOG).status, "Accepted");
  script.finish(uploaded("failed")).finish(uploaded());
  assert.deepEqual(script.told("DiagnosticsStatusNotification"), ["Uploading", "UploadFailed"]);
  assert.deepEqual(script.told("LogStatusNotification"), ["Uploading", "Uploaded"]);
});

Deno.test("TC_045_2 an ordered failure fails one try; the next one is real", () => {
  const script = booted({ jobs: () => uploaded() });
  script.input({ kind: "orderFailure", failure: "upload" });
  script.result("GetDiagnostics", { location: LOCATION });
  assert.deepEqual(script.told("DiagnosticsStatusNotification"), ["Uploading", "UploadFailed"]);
  assert.deepEqual(script.jobs, []);
  script.forget().result("GetDiagnostics", { location: LOCATION });
  assert.deepEqual(script.told("DiagnosticsStatusNotification"), ["Uploading", "Uploaded"]);
});

Deno.test("a reset breaks an upload off; it begins anew after the boot, without a try less", () => {
  const script = booted();
  script.result("GetLog", { ...GET_LOG, retries: 1, retryInterval: 10 });
  script.result("Reset", { type: "Hard" });
  assert.deepEqual(script.jobs.map(({ state }) => state), ["cancelled"]);
  script.run(4);
  assert.equal(script.jobs.length, 1);
  script.run(10);
  assert.deepEqual(script.jobs.map(({ state }) => state), ["cancelled", "running"]);
  script.finish(uploaded("failed")).run(10).finish(uploaded());
  assert.deepEqual(script.told("LogStatusNotification"), ["Uploading", "Uploaded"]);
});

Deno.test("statuses of an upload that ends offline are told afterwards", () => {
  const script = booted();
  script.result("GetLog", GET_LOG);
  script.cut().finish(uploaded()).run(60);
  assert.deepEqual(script.told("LogStatusNotification"), ["Uploading"]);
  script.reconnect();
  assert.deepEqual(script.told("LogStatusNotification"), ["Uploading", "Uploaded"]);
});

Deno.test("§4.4 DiagnosticsStatusNotification when triggered: Uploading while it does, Idle else", () => {
  const script = booted();
  const trigger = () => {
    const { status } = script.result("TriggerMessage", { requestedMessage: "DiagnosticsStatusNotification" });
    assert.equal(status, "Accepted");
    return script.told("DiagnosticsStatusNotification").at(-1);
  };
  assert.equal(trigger(), "Idle");
  script.result("GetDiagnostics", { location: LOCATION });
  assert.equal(trigger(), "Uploading");
  script.finish(uploaded());
  assert.equal(trigger(), "Idle");
});

Deno.test("Security LogStatusNotification when triggered has the requestId, or is Idle without one", () => {
  const script = booted();
  const trigger = () => {
    script.result("ExtendedTriggerMessage", { requestedMessage: "LogStatusNotification" });
    return script.seen("LogStatusNotification").at(-1)?.payload;
  };
  assert.deepEqual(trigger(), { status: "Idle" });
  script.result("GetLog", GET_LOG);
  assert.deepEqual(trigger(), { status: "Uploading", requestId: 7 });
});

Deno.test("TC_079 the security log has the events that nobody was told of", () => {
  const script = booted({ jobs: () => uploaded() }).text("nonsense");
  assert.deepEqual(script.securityEvents(), []);
  const { filename } = script.result("GetLog", { ...GET_LOG, logType: "SecurityLog" });
  assert.match(filename ?? "", /^security-CP001-/);
  assert.deepEqual(linesOf(script.jobs[0]?.job).map((line) => line.slice(25)), [
    "StartupOfTheDevice",
    "InvalidMessages notJson",
  ]);
});

Deno.test("a result that comes twice, late, or of another kind changes nothing", () => {
  const script = booted();
  script.result("GetLog", GET_LOG);
  script.input({ kind: "jobDone", jobId: 0, result: { kind: "verifyFirmware", isValid: true, reason: "" } });
  script.input({ kind: "jobDone", jobId: 99, result: uploaded() }).run(0);
  assert.deepEqual(script.told("LogStatusNotification"), ["Uploading"]);
  script.finish(uploaded());
  script.input({ kind: "jobDone", jobId: 0, result: uploaded("failed") }).run(0);
  assert.deepEqual(script.told("LogStatusNotification"), ["Uploading", "Uploaded"]);
});

Deno.test("without the profile its Calls get NotSupported, and its trigger NotImplemented", () => {
  const script = booted({ description: { featureProfiles: ["Core", "RemoteTrigger"] } });
  for (
    const [action, payload] of [["GetDiagnostics", { location: LOCATION }], ["GetLog", GET_LOG]] as const
  ) {
    const answer = script.callRaw(action, payload);
    assert.equal(answer.kind === "callError" && answer.errorCode, "NotSupported", action);
  }
  const requestedMessage = "DiagnosticsStatusNotification";
  assert.equal(script.result("TriggerMessage", { requestedMessage }).status, "NotImplemented");
});

Deno.test("the log has a bound: the newest lines stay", () => {
  const script = booted();
  for (let nth = 0; nth < LOG_LINES_MAX; nth++) script.plugIn().unplug();
  script.result("GetDiagnostics", { location: LOCATION });
  const lines = linesOf(script.jobs[0]?.job);
  assert.ok(lines.length <= LOG_LINES_MAX && lines.length > LOG_LINES_MAX / 2, String(lines.length));
  assert.match(lines.at(-1) ?? "", /received GetDiagnostics|sent |connector 1 is Available/);
});

Deno.test("what others wrote is one line of the log, whatever it was", () => {
  const script = booted();
  script.callRaw("x\n\u001b[2J", {});
  script.result("GetDiagnostics", { location: LOCATION });
  const lines = linesOf(script.jobs[0]?.job);
  assert.ok(
    lines.some((line) => line.endsWith("received x [2J: NotImplemented")),
    lines.join("\n"),
  );
  // deno-lint-ignore no-control-regex -- what must not be there
  assert.ok(lines.every((line) => !/[\x00-\x1f]/.test(line)));
});

Deno.test("reports that wait have a bound; the newest are kept", () => {
  const script = booted({ jobs: () => uploaded("failed") });
  script.script.DiagnosticsStatusNotification = () => "silence";
  for (let nth = 0; nth < NOTICES_MAX; nth++) script.result("GetDiagnostics", { location: LOCATION });
  assert.ok(script.events("messageLost").length > 0);
  assert.ok(script.chargePoint.queueLength <= NOTICES_MAX);
});
