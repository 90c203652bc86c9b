import assert from "node:assert/strict";
import { jsonText, parseJson } from "../../src/ocpp/json.ts";
import {
  redactedAnswer,
  redactedAnswerText,
  redactedPayload,
  redactedText,
} from "../../src/ocpp/redaction.ts";

const SECRET = "5ec2e7";

const CHANGE = (payload: string) => `[2,"1","ChangeConfiguration",${payload}]`;
const CONFIGURATION = (key: string) => `[3,"1",{"configurationKey":[${key}]}]`;
const PEM = `-----BEGIN EC PRIVATE KEY-----\\n${SECRET}\\n-----END EC PRIVATE KEY-----`;

/** Texts that say the secret, by the Action under which they are logged. */
const TELLTALES: readonly (readonly [action: string, text: string])[] = [
  ["ChangeConfiguration", CHANGE(`{"key":"AuthorizationKey","value":"${SECRET}"}`)],
  ["ChangeConfiguration", CHANGE(`{"value":"${SECRET}","key":"authorizationkey"}`)],
  ["ChangeConfiguration", CHANGE(`{ "key" :\t" AuthorizationKey ",\n"value" :  "${SECRET}" }`)],
  ["ChangeConfiguration", CHANGE(`{"key":"Authorization Key","value":"${SECRET}"}`)],
  ["ChangeConfiguration", CHANGE(`{"Key":"AuthorizationKey","Value":"${SECRET}"}`)],
  ["ChangeConfiguration", CHANGE(`{"key":"AuthorizationKey","valeu":"${SECRET}"}`)],
  ["ChangeConfiguration", CHANGE(`{"name":"AuthorizationKey","value":"${SECRET}"}`)],
  ["ChangeConfiguration", CHANGE(`{"AuthorizationKey":"${SECRET}"}`)],
  ["ChangeConfiguration", CHANGE(`{"key":"AuthorizationKey=${SECRET}"}`)],
  ["ChangeConfiguration", CHANGE(`{"key":["AuthorizationKey"],"value":"${SECRET}"}`)],
  ["ChangeConfiguration", CHANGE(`{"key":"AuthorizationKey","value":["${SECRET}"]}`)],
  ["ChangeConfiguration", CHANGE(`{"key":"AuthorizationKey","value":{"a":{"b":"${SECRET}"}}}`)],
  ["ChangeConfiguration", CHANGE(`{"key":"\\u0041uthorizationKey","value":"${SECRET}"}`)],
  ["ChangeConfiguration", CHANGE(`{"key":"Authorization\\u004bey","value" : "\\"${SECRET}"}`)],
  ["ChangeConfiguration", CHANGE(`{"key":"Any","value":"{\\"AuthorizationKey\\":\\"${SECRET}\\"}"}`)],
  ["ChangeConfiguration", CHANGE(`{"key":"FtpUrl","value":"ftp://cp:${SECRET}@files.test"}`)],
  ["GetConfiguration", CONFIGURATION(`{"key":"AuthorizationKey","readonly":false,"value":"${SECRET}"}`)],
  // Of a name that is there twice the last counts; the first is still to be read in the text.
  ["ChangeConfiguration", CHANGE(`{"key":"AuthorizationKey","key":"x","value":"${SECRET}"}`)],
  ["ChangeConfiguration", CHANGE(`{"key":"\\u0041uthorizationKey","key":"x","value":"${SECRET}"}`)],
  ["ChangeConfiguration", CHANGE(`{"key":"AuthorizationKey","value":"${SECRET}","value":"x"}`)],
  // An Action in another case is none that OCPP 1.6 knows.
  ["changeconfiguration", `[2,"1","changeconfiguration",{"key":"AuthorizationKey","value":"${SECRET}"}]`],
  ["GetDiagnostics", `[2,"1","GetDiagnostics",{"location":"ftp://cp:${SECRET}@files.test/logs"}]`],
  ["GetDiagnostics", `[2,"1","GetDiagnostics",{"location":"https://files.test/a?x=1&token=${SECRET}"}]`],
  ["UpdateFirmware", `[2,"1","UpdateFirmware",{"location":"https:\\/\\/cp:p@${SECRET}@files.test/fw"}]`],
  ["GetLog", `[2,"1","GetLog",{"log":{"remoteLocation":"http:\\u002f/cp:${SECRET}\\u0040files.test"}}]`],
  ["GetLog", `[2,"1","GetLog",{"log":{"remoteLocation":"http\\u003a//cp:${SECRET}@files.test"}}]`],
  ["GetLog", `[2,"1","GetLog",{"log":{"remoteLocation":"http://:${SECRET}@a","remoteLocation":"x"}}]`],
  ["SignedUpdateFirmware", `[2,"1","SignedUpdateFirmware",{"firmware":{"location":"ftp://cp:${SECRET}@fi`],
  ["UpdateFirmware", `[2,"1","UpdateFirmware",{"location":"ftp://cp:${SECRET}`],
  ...["CertificateSigned", "InstallCertificate", "SignCertificate", "DataTransfer"].map((action) =>
    [action, `[2,"1","${action}",{"certificate":"chain ${PEM}"}]`] as const
  ),
  ["SignCertificate", `[2,"1","SignCertificate",{"csr":"${PEM.replaceAll("PRIVATE", "\\u0050RIVATE")}"}]`],
  ["SignCertificate", `[2,"1","SignCertificate",{"csr":"${PEM.slice(10)}"}]`],
  ["SignCertificate", `[2,"1","SignCertificate",{"csr":"${PEM.slice(0, -10)}"}]`],
  ["SignCertificate", `[2,"1","SignCertificate",{"csr":"${PEM}`],
  ["SignCertificate", `[2,"1","SignCertificate",{"csr":"-----BEGIN PRIVATE KEY-----\\n${SECRET}`],
  // A late answer, one of the wrong form, one that breaks off.
  ["", CONFIGURATION(`{"key":"AuthorizationKey","readonly":false,"value":"${SECRET}"}`)],
  ["", `[3,"1",{},{"configurationKey":[{"key":"AuthorizationKey","value":"${SECRET}"}]}]`],
  ["", `[3,"1",{"configurationKey":[{"key":"AuthorizationKey","value":"\\\\${SECRET}`],
  ["", `[3,"1",{"configurationKey":[{"key":"AuthorizationKey","value":'${SECRET}'`],
  ["", `[3,"1",{"configurationKey":[{"key":"\\u0041uthorizationKey","value":"${SECRET}`],
  ["", `[2,"1","ChangeConfiguration",{"value":"${SECRET}","ke`],
  ["", `[2,"1","ChangeConfiguration",{key:AuthorizationKey,value:${SECRET}}]`],
  ["", `ationKey","readonly":false,"value":"${SECRET}"}]}]`],
  ["", `{"readonly":false,"value":"${SECRET}"}]}]`],
  ["", `${"[".repeat(70)}"AuthorizationKey","${SECRET}"${"]".repeat(70)}`],
];

/** Of URLs that let a Charge Point at a file of ours. */
const TOKENS: typeof TELLTALES = [
  ["GetDiagnostics", `[2,"1","GetDiagnostics",{"location":"http://a.test:9000/files/token-${SECRET}/"}]`],
  ["GetDiagnostics", `[3,"1",{"fileName":"/files/token-${SECRET}/log.gz"}]`],
  ["GetLog", `[2,"1","GetLog",{"log":{"remoteLocation":"http:\\/\\/a\\/files\\/token-${SECRET}\\/"}}]`],
  ["UpdateFirmware", `[2,"1","UpdateFirmware",{"location":"http://a/files/token-${SECRET}`],
  ["", `/files/token-${SECRET}/fw.bin`],
];

for (const [action, text] of [...TELLTALES, ...TOKENS]) {
  Deno.test(`Security §A: the key is in no log, ${action || "no exchange"}: ${text}`, () => {
    const redacted = redactedText(action, text);
    assert.equal(redacted.includes(SECRET), false, redacted);
    assert.equal(redactedText(action, redacted), redacted, "redacting once more changes nothing");
    assert.equal(String(redactedPayload(action, text)).includes(SECRET), false);
    const json = parseJson(text);
    // Once it is read, nothing shows that a name was there twice.
    if (!json.ok || /"key":[^,]*,"key":/.test(text)) return;
    assert.equal(jsonText(redactedPayload(action, json.value)).includes(SECRET), false);
  });
}

Deno.test("Security §A: wherever a frame with the key breaks, neither half tells it", () => {
  const long = "0123456789abcdef0123456789abcdef";
  const frames = [
    CHANGE(`{"key":"AuthorizationKey","value":"${long}"}`),
    CHANGE(`{"value":"${long}","key":"AuthorizationKey"}`),
    CONFIGURATION(`{"key":"A","value":"1"},{"value":"${long}","readonly":false,"key":"AuthorizationKey"}`),
  ];
  for (const frame of frames) {
    for (let at = 1; at < frame.length; at += 1) {
      for (const half of [frame.slice(0, at), frame.slice(at)]) {
        assert.doesNotMatch(redactedText("", half), /0123|cdef/, half);
      }
    }
  }
});

Deno.test("a payload with the key keeps everything but its value", () => {
  assert.deepEqual(
    redactedPayload("ChangeConfiguration", { key: "AuthorizationKey", value: { any: SECRET } }),
    { key: "AuthorizationKey", value: "[redacted]" },
  );
  const others = [
    { key: "HeartbeatInterval", readonly: false, value: "300" },
    { key: "Name", readonly: true, value: "" },
  ];
  const configurationKey = [...others, { key: "AuthorizationKey", readonly: false, value: SECRET }];
  assert.deepEqual(
    redactedPayload("GetConfiguration", { configurationKey, unknownKey: ["AuthorizationKey2"] }),
    {
      configurationKey: [...others, { key: "AuthorizationKey", readonly: false, value: "[redacted]" }],
      unknownKey: ["AuthorizationKey2"],
    },
  );
});

Deno.test("a location keeps everything but the password", () => {
  assert.deepEqual(
    redactedPayload("GetLog", { log: { remoteLocation: `ftp://cp:${SECRET}@files.test/logs?a=b@c` } }),
    { log: { remoteLocation: "ftp://cp:[redacted]@files.test/logs?a=b@c" } },
  );
  for (const location of ["http://files.test:8080/a:b@c", "http://cp@files.test/", "ftp://files.test"]) {
    assert.deepEqual(redactedPayload("UpdateFirmware", { location }), { location });
    const text = `[2, "1", "UpdateFirmware", {"location": "${location}"}]`;
    assert.equal(redactedText("UpdateFirmware", text), text);
  }
});

Deno.test("of a private key its kind stays, and so does the certificate beside it", () => {
  const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  const key = `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----\n`;
  assert.deepEqual(
    redactedPayload("InstallCertificate", { certificate: `${certificate}${key}${certificate}` }),
    {
      certificate:
        `${certificate}-----BEGIN PRIVATE KEY-----[redacted]-----END PRIVATE KEY-----\n${certificate}`,
    },
  );
});

Deno.test("an answer that repeats a secret of its Call does not tell it either", () => {
  const call = { action: "ChangeConfiguration", payload: { key: "AuthorizationKey", value: SECRET } };
  const error = { errorCode: "GenericError", errorDescription: `${SECRET} is too short`, errorDetails: {} };
  assert.deepEqual(redactedAnswer(call, error), { ...error, errorDescription: "[redacted] is too short" });
  const text = `[4,"1","GenericError","\\u0035ec2e7 is too short",{"got":["${SECRET}"]}]`;
  assert.equal(
    redactedAnswerText(call, text),
    `[4,"1","GenericError","[redacted] is too short",{"got":["[redacted]"]}]`,
  );
  const download = { action: "UpdateFirmware", payload: { location: `ftp://cp:${SECRET}@files.test/fw` } };
  assert.equal(
    redactedAnswerText(download, `[4,"1","GenericError","530 cp/${SECRET}",{}]`),
    `[4,"1","GenericError","530 cp/[redacted]",{}]`,
  );
  const harmless = { action: "ChangeConfiguration", payload: { key: "HeartbeatInterval", value: "3000" } };
  assert.equal(
    redactedAnswerText(harmless, `[4, "1", "GenericError", "3000", {}]`),
    `[4, "1", "GenericError", "3000", {}]`,
  );
});

Deno.test("a location of our own keeps everything but its token", () => {
  assert.deepEqual(
    redactedPayload("UpdateFirmware", { location: `http://a.test/files/token-${SECRET}/fw.bin` }),
    { location: "http://a.test/files/token-[redacted]/fw.bin" },
  );
});

Deno.test("frames that speak of no secret stay as they came", () => {
  const text = `[2, "1", "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "300"}]`;
  assert.equal(redactedText("ChangeConfiguration", text), text);
  const payload = { key: "HeartbeatInterval", value: "300" };
  assert.equal(redactedPayload("ChangeConfiguration", payload), payload);
  const other = `[2,"1","DataTransfer",{"vendorId":"AuthorizationKey","data":"value"}]`;
  assert.equal(redactedText("DataTransfer", other), other);
  for (const broken of ["hello", `[2,"1","MeterValues",{"connectorId":1,"value":"12`, "[2,", "", "{}"]) {
    assert.equal(redactedText("", broken), broken);
  }
});

Deno.test("no text takes more time than its length is worth", () => {
  const parts = ["-", "-----BEGIN PRIVATE KEY ", "PRIVATE KEY", "://a:", "?token", "authorizationkey", "=:"];
  for (const part of parts) {
    const text = part.repeat(1_000_000 / part.length);
    // Were one of the patterns quadratic, this would take minutes, and the test with it.
    for (const frame of [text, `[3,"1","${text}"]`]) redactedText("", frame);
  }
});
