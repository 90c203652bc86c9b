import assert from "node:assert/strict";
import { redactedPayload, redactedText } from "../../src/ocpp/redaction.ts";

const SECRET = "5ec2e7";

/** Texts that say the secret, by the Action under which they are logged. */
const TELLTALES: readonly (readonly [action: string, text: string])[] = [
  [
    "ChangeConfiguration",
    `[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"${SECRET}"}]`,
  ],
  ["ChangeConfiguration", `[2,"1","ChangeConfiguration",{"value":"${SECRET}","key":"authorizationkey"}]`],
  ["ChangeConfiguration", `[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":["${SECRET}"]}]`],
  [
    "ChangeConfiguration",
    `[2,"1","ChangeConfiguration",{"key":"Authorization\\u004bey","value" : "\\"${SECRET}"}]`,
  ],
  [
    "GetConfiguration",
    `[3,"1",{"configurationKey":[{"key":"AuthorizationKey","readonly":false,"value":"${SECRET}"}]}]`,
  ],
  // Of a name that is there twice the last counts; the first is still to be read in the text.
  [
    "ChangeConfiguration",
    `[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","key":"x","value":"${SECRET}"}]`,
  ],
  [
    "GetDiagnostics",
    `[2,"1","GetDiagnostics",{"location":"ftp://cp:${SECRET}@files.test/logs"}]`,
  ],
  ["UpdateFirmware", `[2,"1","UpdateFirmware",{"location":"https:\\/\\/cp:p@${SECRET}@files.test/fw"}]`],
  ["GetLog", `[2,"1","GetLog",{"log":{"remoteLocation":"http:\\u002f/cp:${SECRET}\\u0040files.test"}}]`],
  ["GetLog", `[2,"1","GetLog",{"log":{"remoteLocation":"http://:${SECRET}@a","remoteLocation":"x"}}]`],
  ["SignedUpdateFirmware", `[2,"1","SignedUpdateFirmware",{"firmware":{"location":"ftp://cp:${SECRET}@fi`],
  ["UpdateFirmware", `[2,"1","UpdateFirmware",{"location":"ftp://cp:${SECRET}`],
  // A late answer, one of the wrong form, one that breaks off.
  ["", `[3,"1",{"configurationKey":[{"key":"AuthorizationKey","readonly":false,"value":"${SECRET}"}]}]`],
  ["", `[3,"1",{},{"configurationKey":[{"key":"AuthorizationKey","value":"${SECRET}"}]}]`],
  ["", `[3,"1",{"configurationKey":[{"key":"AuthorizationKey","value":"\\\\${SECRET}`],
  ["", `[3,"1",{"configurationKey":[{"key":"AuthorizationKey","value":'${SECRET}'`],
];

for (const [action, text] of TELLTALES) {
  Deno.test(`Security §A: the key is in no log, ${action || "no exchange"}: ${text}`, () => {
    assert.equal(redactedText(action, text).includes(SECRET), false, redactedText(action, text));
    assert.equal(String(redactedPayload(action, text)).includes(SECRET), false);
  });
}

Deno.test("a payload with the key keeps everything but the values", () => {
  assert.deepEqual(
    redactedPayload("ChangeConfiguration", { key: "AuthorizationKey", value: { any: SECRET } }),
    { key: "AuthorizationKey", value: "[redacted]" },
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

Deno.test("frames that speak of no secret stay as they came", () => {
  const text = `[2, "1", "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "300"}]`;
  assert.equal(redactedText("ChangeConfiguration", text), text);
  const payload = { key: "HeartbeatInterval", value: "300" };
  assert.equal(redactedPayload("ChangeConfiguration", payload), payload);
  const other = `[2,"1","DataTransfer",{"vendorId":"AuthorizationKey","data":"value"}]`;
  assert.equal(redactedText("DataTransfer", other), other);
});
