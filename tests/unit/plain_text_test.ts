/**
 * Texts of a peer never reach a terminal or a log as they came.
 */
import assert from "node:assert/strict";
import { getLogger } from "@logtape/logtape";
import { configureLogging } from "../../src/cli/logging.ts";
import { answerText, payloadText } from "../../src/cli/message_text.ts";
import { jsonLine, plainText } from "../../src/cli/plain_text.ts";
import { FrameView } from "../../src/cli/serve/frame_view.ts";
import { LoggingObserver } from "../../src/cli/serve/logging_observer.ts";
import { JsonView, StoryView } from "../../src/cli/simulate/story.ts";
import { styleFor, type TextOutput } from "../../src/cli/terminal.ts";
import { ACTIONS } from "../../src/ocpp/action.ts";
import type { HostEvent } from "../../src/runtime/charge_point_host.ts";
import type { Exchange } from "../../src/runtime/server_connection.ts";

/** Clears a screen, forges a line, sets a title, turns the direction of writing. */
const HOSTILE = "\u001b[2J\r\nforged\u0007\u009b2J\u007f\u2028\u202e\u2066\ud800\u0000";
// deno-lint-ignore no-control-regex -- control characters are what is looked for
const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** Values that may stand in any field. */
const ODD_VALUES: readonly unknown[] = [
  ...[HOSTILE, 9007199254740993n, null, true, -0, [], [HOSTILE], {}, { toString: null, valueOf: null }],
  JSON.parse('{"__proto__":{"toString":1}}'),
];

/** An output that keeps what it is given. */
function listen(): TextOutput & { readonly texts: string[] } {
  const texts: string[] = [];
  return {
    texts,
    isTerminal: false,
    style: styleFor({ colours: false }),
    columns: () => 80,
    write: (text) => texts.push(text),
  };
}

function assertHarmless(texts: readonly string[], lines = texts.length): void {
  const all = texts.join("");
  assert.doesNotMatch(all, RAW);
  assert.equal(all.split("\n").length - 1, lines, all);
}

function exchangeOf(parts: Partial<Exchange>): Exchange {
  return {
    chargePoint: `CP${HOSTILE}`,
    receivedAtMs: 0,
    direction: "in",
    action: "DataTransfer",
    uniqueId: HOSTILE,
    request: HOSTILE,
    answer: HOSTILE,
    outcome: "result",
    latencyMs: 1,
    payload: {},
    answerPayload: {},
    ...parts,
  };
}

Deno.test("plainText: leaves letters of every kind, marks what a terminal would obey", () => {
  const fine = "Zürich 充电 🔌👩‍🔧 नमस्ते";
  assert.equal(plainText(fine), fine);
  assert.equal(plainText("a\u001b[2J\nb"), "a·[2J·b");
  assert.doesNotMatch(plainText(HOSTILE), RAW);
});

Deno.test("jsonLine: one line, from which everything is read again", () => {
  const line = jsonLine({ text: HOSTILE });
  assertHarmless([line]);
  assert.deepEqual(JSON.parse(line), { text: HOSTILE });
  assert.equal(jsonLine({ n: 9007199254740993n }), '{"n":9007199254740993}\n');
});

Deno.test("message_text: any value in any field of any Action is a short line without harm", () => {
  const fields = [
    ...["idTag", "connectorId", "transactionId", "meterStart", "meterStop", "reason", "status", "info"],
    ...["key", "value", "type", "idTagInfo", "interval", "currentTime", "configurationKey", "unknownKey"],
    ...["meterValue", "requestedMessage", "vendorId", "chargePointVendor", "errorCode"],
  ];
  for (const action of [...Object.keys(ACTIONS), HOSTILE, "toString"]) {
    for (const value of ODD_VALUES) {
      const payloads = [
        value,
        Object.fromEntries(fields.map((field) => [field, value])),
        { configurationKey: [{ key: "K", value }], meterValue: [{ sampledValue: [{ value, unit: value }] }] },
        { idTagInfo: { status: value }, key: [value], meterValue: [value] },
      ];
      for (const payload of payloads) {
        assert.doesNotMatch(payloadText(action, payload) + answerText(action, payload), RAW);
      }
    }
  }
});

Deno.test("Security §A: a line shows the value of a key, but not of AuthorizationKey", () => {
  const setting = (key: string) => ({ configurationKey: [{ key, readonly: false, value: "5ec2e7" }] });
  assert.match(answerText("GetConfiguration", setting("HeartbeatInterval")), /5ec2e7/);
  assert.doesNotMatch(answerText("GetConfiguration", setting("authorizationKey")), /5ec2e7/);
  assert.doesNotMatch(
    payloadText("ChangeConfiguration", { key: "AuthorizationKey", value: "5ec2e7" }),
    /5ec2e7/,
  );
});

Deno.test("a line names what matters of a transfer, and nobody's password", () => {
  const location = "ftp://maker:geheim@files.test/fw.bin";
  const shown = "ftp://maker:[redacted]@files.test/fw.bin";
  const lines: readonly [string, unknown, string][] = [
    ["GetDiagnostics", { location, retries: 1 }, shown],
    ["UpdateFirmware", { location, retrieveDate: "2026-01-01T00:00:00Z" }, shown],
    [
      "GetLog",
      { logType: "SecurityLog", requestId: 3, log: { remoteLocation: location } },
      `SecurityLog  request 3  ${shown}`,
    ],
    ["SignedUpdateFirmware", { requestId: 4, firmware: { location } }, `request 4  ${shown}`],
    ["SignedFirmwareStatusNotification", { status: "Installed", requestId: 4 }, "Installed  request 4"],
    ["DiagnosticsStatusNotification", { status: "Uploaded" }, "Uploaded"],
    ["SecurityEventNotification", { type: "ResetOrReboot", techInfo: "Soft" }, "ResetOrReboot  Soft"],
  ];
  for (const [action, payload, text] of lines) assert.equal(payloadText(action, payload), text);
  assert.doesNotMatch(payloadText("GetLog", { unexpected: [location] }), /geheim/);
  assert.equal(answerText("GetLog", { status: "Accepted", filename: "a.gz" }), "Accepted  a.gz");
  assert.equal(answerText("GetDiagnostics", {}), "ok");
});

for (const json of [false, true]) {
  Deno.test(`FrameView${json ? " as JSON" : ""}: no exchange and no note can harm a terminal`, () => {
    const output = listen();
    const view = new FrameView(output, { json });
    let lines = 0;
    const show = (exchange: Partial<Exchange>) => {
      view.show(exchangeOf({ ...exchange, receivedAtMs: ++lines * 1_000 }));
    };
    for (const value of ODD_VALUES) {
      show({ payload: value, answerPayload: value });
      show({ direction: "out", action: "GetConfiguration", payload: {}, answerPayload: { status: value } });
    }
    show({ action: HOSTILE.repeat(100), payload: undefined });
    show({ outcome: "ignored", action: "", payload: HOSTILE, answerPayload: "notJson" });
    show({ outcome: "error", answerPayload: { errorCode: HOSTILE, errorDescription: HOSTILE } });
    view.note(`CP${HOSTILE}`, `disconnected: 1000 ${HOSTILE}`);
    assertHarmless(output.texts, lines + 1);
  });
}

const EVENTS: readonly HostEvent[] = [
  ...ODD_VALUES.map((payload): HostEvent => ({
    kind: "callReceived",
    uniqueId: HOSTILE,
    action: HOSTILE,
    payload,
    answer: { kind: "error", errorCode: "NotImplemented", errorDescription: HOSTILE },
  })),
  ...ODD_VALUES.map((payload): HostEvent => ({
    kind: "callReceived",
    uniqueId: HOSTILE,
    action: "ChangeConfiguration",
    payload: { key: payload, value: payload },
    answer: { kind: "result", payload },
  })),
  {
    kind: "callAnswered",
    uniqueId: "1",
    action: "Heartbeat",
    payload: { currentTime: HOSTILE },
    latencyMs: 1,
  },
  {
    kind: "callFailed",
    uniqueId: "1",
    action: "Heartbeat",
    reason: "callError",
    detail: HOSTILE,
    latencyMs: 1,
  },
  { kind: "frameIgnored", reason: "notJson", text: HOSTILE },
  {
    kind: "linkDown",
    failure: { opened: true, reason: "closed", message: `closed: ${HOSTILE}`, code: 1008 },
  },
];

Deno.test("StoryView and JsonView: no event can harm a terminal", () => {
  const [story, json] = [listen(), listen()];
  const views = [new StoryView(story, { identityWidth: 0 }), new JsonView(json)];
  for (const event of EVENTS) for (const view of views) view.show("CP001", event, 0);
  assertHarmless(story.texts, EVENTS.length);
  assertHarmless(json.texts, EVENTS.length);
});

for (const logFormat of ["pretty", "json"] as const) {
  Deno.test(`logs, ${logFormat}: what a peer said is quoted without harm`, async () => {
    const output = listen();
    await configureLogging({ logLevel: "debug", logFormat }, output);
    try {
      const observer = new LoggingObserver(new FrameView(listen(), { json: false }));
      const reason = `origin ${HOSTILE} is not allowed`;
      observer.refused({
        atMs: 0,
        remoteAddress: "192.0.2.1",
        identity: `CP${HOSTILE}`,
        status: 403,
        reason,
      });
      const about = { chargePoint: `CP${HOSTILE}`, detail: HOSTILE, spec: "" };
      observer.decided({ kind: "deviation", rule: "fieldRule", ...about });
      getLogger(["ocpp", "link"]).warn(`the server chose ${HOSTILE}`);
      observer.exchanged(exchangeOf({ action: HOSTILE }));
      observer.disconnected({ chargePoint: HOSTILE, code: 1006, reason: HOSTILE });
      assertHarmless(output.texts, 5);
    } finally {
      await configureLogging({ logLevel: "fatal" }, output);
    }
  });
}
