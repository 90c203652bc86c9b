/**
 * Secrets put into every place where one can travel through a Central System, each its own, so that whoever finds one
 * knows which way it took. `playCanaries` sends them all; `Canaries.leaksIn` looks for them in what anybody may read.
 *
 * A new place: a line in the list of its kind below, or a step in `playCanaries`.
 */
import assert from "node:assert/strict";
import { RawWebSocket } from "./raw_websocket.ts";
import { basicOf } from "./server.ts";
import type { AnyFrame, SocketClient } from "./socket_client.ts";

/** Secrets by the place that they were put into. */
export class Canaries {
  readonly #places = new Map<string, string>();

  /** A new secret: 32 hexadecimal digits, as AuthorizationKey has them. */
  at(place: string): string {
    assert.ok(!this.#places.has(place), `there is one at ${place} already`);
    const secret = crypto.randomUUID().replaceAll("-", "");
    this.#places.set(place, secret);
    return secret;
  }

  get count(): number {
    return this.#places.size;
  }

  /** The places whose secret stands in a text: whole, half, in the other case, in base64, with its user before it. */
  leaksIn(text: string): string[] {
    const lower = text.toLowerCase();
    return [...this.#places].filter(([, secret]) => {
      const spellings = [btoa(secret), Uint8Array.fromHex(secret).toBase64()].map((one) => one.slice(0, 20));
      const halves = [secret.slice(0, 16), secret.slice(16)];
      return halves.some((half) => lower.includes(half)) || spellings.some((one) => text.includes(one));
    }).map(([place]) => place);
  }
}

/** Where the secrets are sent, and by whom. */
export interface CanaryGround {
  readonly canaries: Canaries;
  readonly port: number;
  /** A Charge Point `CP1` that has booted. */
  readonly chargePoint: SocketClient;
  /** Asks the API as an operator; gives the text of the answer. */
  readonly ask: (path: string, init?: RequestInit) => Promise<string>;
}

const pem = (secret: string) => `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`;
const key = (value: unknown) => ({ key: "AuthorizationKey", value });
const setting = (value: string) => ({ key: "AuthorizationKey", readonly: false, value });
const url = (secret: string) => `ftp://maker:${secret}@files.test/a`;
const timestamp = "2026-01-01T00:00:00Z";

/** How a Charge Point answers: with a payload, or with a text about the uniqueId. */
type Answering = unknown | ((uniqueId: string, secret: string) => string);

interface OperatorCallRow {
  readonly place: string;
  readonly action: string;
  readonly payload: (secret: string) => unknown;
  readonly answer: Answering;
  /** The payload fits no schema. */
  readonly odd?: boolean;
}

const accepted = { status: "Accepted" };
const call = (
  place: string,
  action: string,
  payload: OperatorCallRow["payload"],
  answer: Answering = accepted,
): OperatorCallRow => ({ place, action, payload, answer });
const oddCall = (...row: Parameters<typeof call>): OperatorCallRow => ({ ...call(...row), odd: true });

/** Operators' Calls whose payload, or whose answer, holds the secret. */
const OPERATORS_CALLS: readonly OperatorCallRow[] = [
  call("ChangeConfiguration", "ChangeConfiguration", key),
  call("ChangeConfiguration, refused", "ChangeConfiguration", key, { status: "Rejected" }),
  call("ChangeConfiguration, key in another case", "ChangeConfiguration", (value) => ({
    key: " AUTHORIZATIONKEY",
    value,
  })),
  call(
    "ChangeConfiguration, echoed in a CALLERROR",
    "ChangeConfiguration",
    key,
    (id: string, secret: string) =>
      JSON.stringify([4, id, "GenericError", `cannot store ${secret}`, { got: [secret] }]),
  ),
  oddCall("ChangeConfiguration, odd value", "ChangeConfiguration", (secret) => key({ deep: [secret] })),
  oddCall("ChangeConfiguration, odd names", "ChangeConfiguration", (Value) => ({
    Key: "AuthorizationKey",
    Value,
  })),
  call(
    "GetConfiguration.conf",
    "GetConfiguration",
    () => ({}),
    (id: string, secret: string) =>
      JSON.stringify([3, id, { configurationKey: [setting("x"), setting(secret)] }]),
  ),
  call(
    "GetConfiguration.conf, invalid",
    "GetConfiguration",
    () => ({}),
    (id: string, secret: string) =>
      JSON.stringify([3, id, { configurationKey: [{ ...setting(secret), readonly: 5 }] }]),
  ),
  call(
    "GetConfiguration.conf, escaped",
    "GetConfiguration",
    () => ({}),
    (id: string, secret: string) =>
      `[3,"${id}",{"configurationKey":[{"key":"\\u0041uthorizationKey","readonly":false,"value":"${secret}"}]}]`,
  ),
  call("GetDiagnostics", "GetDiagnostics", (secret) => ({ location: url(secret) }), {}),
  call("GetDiagnostics, token", "GetDiagnostics", (secret) => ({
    location: `https://files.test/a?X-Amz-Signature=${secret}&b=1`,
  }), {}),
  call("UpdateFirmware", "UpdateFirmware", (secret) => ({
    location: url(secret),
    retrieveDate: timestamp,
  }), {}),
  call("GetLog", "GetLog", (secret) => ({
    logType: "SecurityLog",
    requestId: 1,
    log: { remoteLocation: url(secret) },
  })),
  call("SignedUpdateFirmware, echoed", "SignedUpdateFirmware", (secret) => ({
    requestId: 2,
    firmware: {
      location: url(secret),
      retrieveDateTime: timestamp,
      signingCertificate: "c",
      signature: "s",
    },
  }), (id: string, secret: string) => JSON.stringify([4, id, "InternalError", `530 maker/${secret}`, {}])),
  call("CertificateSigned", "CertificateSigned", (secret) => ({ certificateChain: pem(secret) })),
  call("InstallCertificate", "InstallCertificate", (secret) => ({
    certificateType: "CentralSystemRootCertificate",
    certificate: pem(secret),
  })),
];

/** Payloads that are refused before anything is sent; the problem may name the path, but not the value. */
const REFUSED_CALLS: readonly (readonly [place: string, body: (secret: string) => string])[] = [
  ["a Call without a key", (value) => callBody("ChangeConfiguration", { value })],
  ["a Call with a value too long", (value) => callBody("ChangeConfiguration", key(value.repeat(20)))],
  ["a Call with a value of another type", (value) => callBody("ChangeConfiguration", key([value]))],
  ["a Call with a secret as location", (value) => callBody("GetDiagnostics", { location: [url(value)] })],
  ["a Call that is no JSON", (value) => `{"action":"ChangeConfiguration","payload":{"value":"${value}"`],
  ["a Call of another form", (value) => JSON.stringify({ action: [value], payload: key(value) })],
];

/** Records that hold the secret: those that are taken, and those that are not. */
const RECORDS: readonly (readonly [place: string, status: number, body: (secret: string) => string])[] = [
  ["a password", 201, (password) => JSON.stringify({ registration: "Accepted", password })],
  [
    "an AuthorizationKey",
    200,
    (authorizationKeyHex) => JSON.stringify({ registration: "Accepted", authorizationKeyHex }),
  ],
  [
    "a password too long",
    400,
    (secret) => JSON.stringify({ registration: "Accepted", password: secret.repeat(9) }),
  ],
  ["a password of another type", 400, (secret) => JSON.stringify({ password: [secret] })],
  [
    "an AuthorizationKey that is none",
    400,
    (secret) => JSON.stringify({ authorizationKeyHex: `${secret}?` }),
  ],
  ["a password elsewhere", 400, (secret) => JSON.stringify({ registration: secret })],
  ["a record that is no JSON", 400, (secret) => `{"password": "${secret}`],
];

/** What a Charge Point sends and should not; nothing of it is a frame of the official schemas. */
const STRAY_TEXTS: readonly (readonly [place: string, text: (secret: string) => string])[] = [
  ["a Call of the wrong side", (value) => JSON.stringify([2, "s1", "ChangeConfiguration", key(value)])],
  ["an Action in another case", (value) => JSON.stringify([2, "s2", "changeConfiguration", key(value)])],
  [
    "an answer that nobody waits for",
    (value) => JSON.stringify([3, "s3", { configurationKey: [setting(value)] }]),
  ],
  [
    "a text that breaks off",
    (value) => `[2,"s4","ChangeConfiguration",{"key":"AuthorizationKey","value":"${value}`,
  ],
  [
    "a text that breaks off before the key",
    (value) => `[2,"s5","ChangeConfiguration",{"value":"${value}","k`,
  ],
  ["the second half of a frame", (value) => `ationKey","readonly":false,"value":"${value}"}]}]`],
  [
    "escapes in a broken text",
    (value) => `[3,"s6",{"configurationKey":[{"key":"\\u0041uthorizationKey","value":"${value}"`,
  ],
  [
    "a name that is there twice",
    (value) => `[2,"s7","ChangeConfiguration",{"key":"AuthorizationKey","key":"x","value":"${value}"}]`,
  ],
  [
    "spaces",
    (value) => `[ 2 ,\t"s8", "ChangeConfiguration",\n{"key" : "AuthorizationKey" , "value" : "${value}" } ]`,
  ],
  [
    "single quotes",
    (value) => `[3,'s9',{'configurationKey':[{'key':'AuthorizationKey','value':'${value}'}]}]`,
  ],
  [
    "SignCertificate, too many fields",
    (value) => JSON.stringify([2, "s10", "SignCertificate", { csr: "csr", key: pem(value) }]),
  ],
  [
    "a private key in an unknown Action",
    (value) => JSON.stringify([2, "s11", "StoreKey", { data: pem(value) }]),
  ],
  [
    "a private key that breaks off",
    (value) => `[2,"s12","SignCertificate",{"csr":"-----BEGIN PRIVATE KEY-----\\n${value}`,
  ],
  ["a URL in a broken text", (value) => `[3,"s13",{"location":"ftp://maker:${value}@fi`],
];

function callBody(action: string, payload: unknown): string {
  return JSON.stringify({ action, payload });
}

/** Sends every secret there is. */
export async function playCanaries(ground: CanaryGround): Promise<void> {
  await playOperator(ground);
  await playChargePoint(ground);
  await playUpgrades(ground);
}

async function playOperator({ canaries, chargePoint, ask }: CanaryGround): Promise<void> {
  const json = (method: string, body: string) => ({ method, body, headers: JSON_BODY });
  for (const { place, action, payload, answer, odd } of OPERATORS_CALLS) {
    const secret = canaries.at(place);
    const body = JSON.stringify({ action, payload: payload(secret), validate: odd !== true });
    if (odd) chargePoint.expectBrokenCall();
    const told = ask("/api/v1/charge-points/CP1/calls", json("POST", body));
    const frame = await chargePoint.takeCall();
    answerTo(chargePoint, frame, answer, secret);
    assert.match(await told, /"outcome"/, place);
  }
  for (const [place, body] of REFUSED_CALLS) {
    const answer = await ask("/api/v1/charge-points/CP1/calls", json("POST", body(canaries.at(place))));
    assert.match(answer, /"status":400/, place);
  }
  for (const [place, status, body] of RECORDS) {
    const answer = await ask("/api/v1/charge-points/CP9", json("PUT", body(canaries.at(place))));
    if (status === 400) assert.match(answer, /"status":400/, place);
    else assert.match(answer, /"hasPassword":true/, place);
  }
  const wrong = canaries.at("a wrong bearer token");
  await ask("/api/v1/charge-points", { headers: { authorization: `Bearer ${wrong}` } });
  await ask(`/api/v1/charge-points?token=${canaries.at("a token in the query")}`);
  await ask(`/api/v1/nowhere?access_token=${canaries.at("a token in the query of nothing")}`);
}

const JSON_BODY = { "content-type": "application/json" };

function answerTo(chargePoint: SocketClient, frame: AnyFrame, answer: Answering, secret: string): void {
  if (typeof answer === "function") chargePoint.sendText(answer(frame[1], secret));
  else chargePoint.answer(frame, answer);
}

async function playChargePoint({ canaries, chargePoint }: CanaryGround): Promise<void> {
  const csr = pem(canaries.at("SignCertificate"));
  assert.deepEqual((await chargePoint.call("SignCertificate", { csr }))[0], 3);
  const data = JSON.stringify({ key: pem(canaries.at("DataTransfer")) });
  assert.deepEqual((await chargePoint.call("DataTransfer", { vendorId: "Vendor", data }))[0], 3);
  for (const [place, text] of STRAY_TEXTS) chargePoint.sendText(text(canaries.at(place)));
  await chargePoint.result("Heartbeat", {}); // answers keep their order: all of them have been looked at
}

async function playUpgrades({ canaries, port }: CanaryGround): Promise<void> {
  const upgrades: readonly (readonly [number, string, Record<string, string>])[] = [
    [401, "/CP9", { authorization: basicOf("CP9", canaries.at("a wrong password")) }],
    [401, "/CP9", { authorization: `Bearer ${canaries.at("a bearer token of a Charge Point")}` }],
    [400, "/CP2", {
      authorization: basicOf("CP2", canaries.at("a password of somebody who is refused")),
      "sec-websocket-protocol": "ocpp2.0.1",
    }],
    [403, "/CP2", { origin: `http://admin:${canaries.at("a password in the origin")}@foreign.test` }],
    [400, "/CP2", { "sec-websocket-protocol": `bearer, ${canaries.at("a token as subprotocol")}` }],
    [101, `/CP2?token=${canaries.at("a token in the URL")}`, {}],
    [101, "/CP2", {
      "sec-websocket-protocol": `OCPP1.6, ${canaries.at("a token beside the subprotocol")}`,
    }],
  ];
  for (const [status, path, headers] of upgrades) {
    using socket = await RawWebSocket.request({
      port,
      path,
      headers: { "sec-websocket-protocol": "ocpp1.6", ...headers },
    });
    assert.equal(socket.status, status, `${path} ${Object.keys(headers)}`);
  }
}

/** Every path of the API that shows something that was played. */
export const SHOWING_PATHS: readonly string[] = [
  ...["/", "/metrics", "/grafana.json", "/openapi.json", "/readyz"],
  ...["", "/CP1", "/CP2", "/CP9"].map((identity) => `/api/v1/charge-points${identity}`),
  ...["messages?limit=1000", "reports?limit=1000"].map((what) => `/api/v1/charge-points/CP1/${what}`),
  ...["messages?outcome=ignored", "messages?outcome=error"].map((what) =>
    `/api/v1/charge-points/CP1/${what}`
  ),
  ...["refusals?limit=1000", "transactions", "id-tags"].map((what) => `/api/v1/${what}`),
];
