/**
 * Nobody gets past the token: every route of the app, in every way that a stranger may think of.
 *
 * The routes are the app's own (`api_routes.ts`): a new one is tried without being named here.
 */
import assert from "node:assert/strict";
import { centralSystemRoutes } from "../support/api_routes.ts";
import { onBothListeners } from "../support/both_listeners.ts";
import { rawHttp } from "../support/http_by_hand.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import type { TestServer } from "../support/server.ts";

const TOKEN = "s3cret";
const GOOD = `authorization: Bearer ${TOKEN}`;

/** Routes that everybody may ask. */
const OPEN = new Set([
  ...["get /healthz", "get /readyz", "post /login"],
  ...["get", "put", "post"].map((method) => `${method} /files/{token}/{name}`), // their token is in the URL
]);

/** What a refusal may be; 400 and 501 refuse a request line that means different things to different readers. */
const REFUSALS = new Set([400, 401, 403, 404, 501]);

/** Headers and queries that let nobody in. `0`: the connection is closed without an answer. */
const WAYS: readonly {
  readonly how: string;
  readonly headers?: readonly string[];
  readonly query?: string;
}[] = [
  { how: "no token" },
  { how: "a wrong token", headers: ["authorization: Bearer wrong"] },
  { how: "a part of the token", headers: ["authorization: Bearer s3cre"] },
  { how: "the token and more", headers: ["authorization: Bearer s3cret2"] },
  { how: "the token in another case", headers: ["authorization: Bearer S3CRET"] },
  { how: "an empty header", headers: ["authorization:"] },
  { how: "no token behind the scheme", headers: ["authorization: Bearer"] },
  { how: "another scheme", headers: ["authorization: Basic czNjcmV0"] },
  { how: "no scheme", headers: ["authorization: s3cret"] },
  { how: "two headers, the second right", headers: ["authorization: Bearer wrong", GOOD] },
  { how: "two headers, the first right", headers: [GOOD, "authorization: Bearer wrong"] },
  { how: "two tokens in one header", headers: [`${GOOD}, Bearer wrong`] },
  { how: "the token in the query", query: "token=s3cret&access_token=s3cret&apiToken=s3cret" },
  { how: "the token as a cookie", headers: ["cookie: token=s3cret; ocpp_session_9000=s3cret"] },
  { how: "another header", headers: ["x-api-key: s3cret", "proxy-authorization: Bearer s3cret"] },
  { how: "as if from localhost", headers: ["x-forwarded-for: 127.0.0.1", "forwarded: for=127.0.0.1"] },
  { how: "another path in a header", headers: ["x-original-url: /healthz", "x-rewrite-url: /healthz"] },
  { how: "another method in a header", headers: ["x-http-method-override: GET", "x-method-override: GET"] },
  { how: "from another site", headers: [GOOD, "origin: https://evil.test"] },
  { how: "from no site", headers: [GOOD, "origin: null"] },
  { how: "from another port of this host", headers: [GOOD, "origin: http://127.0.0.1:1"] },
  { how: "with two origins", headers: [GOOD, "origin: http://127.0.0.1", "origin: https://evil.test"] },
  {
    how: "from another site's script",
    headers: [GOOD, "sec-fetch-site: cross-site", "sec-fetch-mode: cors"],
  },
  { how: "under another name", headers: [GOOD, "host: evil.test"] },
  { how: "under a name that begins like ours", headers: [GOOD, "host: localhost.evil.test"] },
  { how: "under our name with a dot", headers: [GOOD, "host: localhost."] },
  { how: "under a name behind ours", headers: [GOOD, "host: localhost@evil.test"] },
  { how: "under two names", headers: [GOOD, "host: localhost", "host: evil.test"] },
  { how: "without a name", headers: [GOOD, "host:"] },
];

/** Other ways to write a path. None of them may lead to it, and with a token some may. */
const TRICKS: readonly ((path: string) => string)[] = [
  (path) => `/${path}`,
  (path) => `${path}/`,
  (path) => `/.${path}`,
  (path) => `/x/..${path}`,
  (path) => `/healthz/..${path}`,
  (path) => `/healthz/%2e%2e${path}`,
  (path) => `/healthz/.%2E${path}`,
  (path) => `/healthz%2f..${path.replaceAll("/", "%2f")}`,
  (path) => `/healthz/..;${path}`,
  (path) => `/healthz\\..${path}`,
  (path) => `/healthz;${path}`,
  (path) => `/healthz?${path}`.replace("?", "%3F"),
  (path) => `/healthz%00${path}`,
  (path) => `/login/..${path}`,
  (path) => `${path};x=1`,
  (path) => `${path}%20`,
  (path) => path.toUpperCase(),
  (path) => path.replace("/api", "/%61pi"),
  (path) => path.replace("/v1", "%2Fv1"),
  (path) => `http://127.0.0.1${path}`,
  (path) => `http://localhost/healthz/..${path}`,
];

const METHODS = ["GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE"];

const JSON_BODY = { headers: ["content-type: application/json"], body: '{"action":"ClearCache"}' };

function pathOf({ path }: { path: string }): string {
  return path.replaceAll(/\{identity\}/g, "CP1").replaceAll(/\{idTag\}/g, "TAG1").replaceAll(/\{\w+\}/g, "1");
}

/** Everything that a stranger could have changed. */
async function stateOf(server: TestServer): Promise<unknown> {
  const lists = ["charge-points", "id-tags", "transactions", "charge-points/CP1/messages"];
  const pages = await Promise.all(lists.map((list) => server.get(`/api/v1/${list}`)));
  return pages.map(({ status, body }) => {
    assert.equal(status, 200);
    return JSON.stringify(body).replaceAll(/"lastSeenAt":"[^"]*"/g, "");
  });
}

onBothListeners("authorization: no route lets a stranger in, and nothing happens", async (start) => {
  await using server = await start({ apiToken: TOKEN, guessesMax: 1_000_000 });
  await using chargePoint = await server.connect("CP1");
  await chargePoint.boot();
  await server.fetch("/api/v1/id-tags/TAG1", {
    method: "PUT",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: "{}",
  });
  const before = await stateOf(server);
  const routes = centralSystemRoutes().filter(({ method, path }) => !OPEN.has(`${method} ${path}`));
  assert.ok(routes.length > 15);
  const assertRefused = async (line: string, how: string, headers: readonly string[] = []) => {
    const withBody = /^(POST|PUT|PATCH)/.test(line);
    const { status, head, text } = await rawHttp(server.port, {
      line,
      headers: [...headers, ...(withBody ? JSON_BODY.headers : [])],
      body: withBody ? JSON_BODY.body : "",
    });
    // Not to answer CONNECT, or a request that is none, is a refusal too.
    assert.ok(status === 0 || REFUSALS.has(status), `${line}, ${how}: ${head}\n${text}`);
    assert.ok(!/"items"|"openapi"|# HELP/.test(text), `${line}, ${how}: ${text}`);
  };
  for (const { method, path } of routes) {
    const target = pathOf({ path });
    const line = `${method.toUpperCase()} ${target}`;
    for (const { how, headers, query } of WAYS) {
      await assertRefused(query === undefined ? line : `${line}?${query}`, how, headers);
    }
    for (const other of METHODS) await assertRefused(`${other} ${target}`, "another method");
    if (path === "/") continue;
    for (const trick of TRICKS) {
      await assertRefused(`${method.toUpperCase()} ${trick(target)}`, "another way to write it");
    }
  }
  assert.deepEqual(await stateOf(server), before);
  assert.deepEqual(chargePoint.frames.map(([type]) => type), [3]); // the answer to its boot
  assert.equal((await rawHttp(server.port, { line: "GET /metrics", headers: [GOOD] })).status, 200);
});

onBothListeners("authorization: a page that a browser shows opens no WebSocket here", async (start) => {
  await using server = await start({ admission: { allowOrigins: ["https://tool.test"] } });
  const { port } = server;
  const upgraded = async (headers: Record<string, string>) => {
    using socket = await RawWebSocket.request({
      port,
      path: "/CP1",
      headers: { "sec-websocket-protocol": "ocpp1.6", ...headers },
    });
    return socket.status;
  };
  const origins = [
    ...["https://evil.test", "null", "", `http://localhost:${port}`, `http://127.0.0.1:${port}`],
    ...["https://tool.test.evil.test", "http://tool.test", "https://tool.test:444", "HTTPS://TOOL.TEST"],
    ...["https://tool.test, https://evil.test", "file://"],
  ];
  for (const origin of origins) assert.equal(await upgraded({ origin }), 403, origin);
  // A page of a name that was made to point here says so in its Origin.
  assert.equal(await upgraded({ host: "evil.test", origin: "http://evil.test" }), 403);
  assert.equal(await upgraded({ origin: "https://evil.test", authorization: "Bearer x" }), 403);
  assert.equal(server.host.connections.size, 0);
  assert.equal(await upgraded({ origin: "https://tool.test" }), 101);
  assert.equal(await upgraded({}), 101);
});

onBothListeners("authorization: an identity is decoded once, in connections as in the API", async (start) => {
  await using server = await start();
  const { port } = server;
  for (const [segment, identity] of IDENTITIES) {
    const socket = await RawWebSocket.request({
      port,
      path: `/${segment}`,
      headers: { "sec-websocket-protocol": "ocpp1.6" },
    });
    const path = `/api/v1/charge-points/${segment}`;
    const put = await rawHttp(port, {
      line: `PUT ${path}`,
      headers: ["content-type: application/json"],
      body: '{"registration":"Accepted"}',
    });
    const { status } = await rawHttp(port, { line: `GET ${path}` });
    const seen = `${segment}: ${socket.status}, ${put.status}, ${status}`;
    if (identity === undefined) {
      assert.ok(socket.status === 400 && put.status === 400 && (status === 400 || status === 404), seen);
    } else {
      assert.deepEqual([socket.status, put.status === 200 || put.status === 201, status], [
        101,
        true,
        200,
      ], seen);
      const connected = () => server.observer.of("connected").map(({ chargePoint }) => chargePoint);
      await server.observer.until(() => connected().includes(identity), identity);
      const { body } = await server.get("/api/v1/charge-points");
      const known: string[] = body.items.map((one: { identity: string }) => one.identity);
      assert.ok(known.includes(identity), `${identity} among ${known}`);
    }
    socket[Symbol.dispose]();
  }
  const wanted = new Set(IDENTITIES.map(([, identity]) => identity).filter((one) => one !== undefined));
  const { body } = await server.get("/api/v1/charge-points");
  assert.equal(body.items.length, wanted.size); // no other identity came to be
});

/** As it stands in a URL, and the identity that it is; `undefined`: it is none. */
const IDENTITIES: readonly (readonly [segment: string, identity: string | undefined])[] = [
  ["CP1", "CP1"],
  ["%43P1", "CP1"],
  ["%2543P1", "%43P1"],
  ["CP%2F1", "CP/1"],
  ["CP%252F1", "CP%2F1"],
  ["CP%255C1", "CP%5C1"],
  ["CP%5C1", "CP\\1"],
  ["CP+1", "CP+1"],
  ["CP%201", "CP 1"],
  ["CP%3F1%23", "CP?1#"],
  ["CP;1", "CP;1"],
  ["%25", "%"],
  ["%25FF", "%FF"],
  ["s%C3%A4ule", "säule"],
  ["...", "..."],
  ["CP%00", undefined],
  ["CP%0A1", undefined],
  ["%C0%AF", undefined], // an overlong slash
  ["%ED%A0%80", undefined], // half a surrogate pair
  ["%FF", undefined],
  ["CP%", undefined],
  ["CP%zz", undefined],
  ["..", undefined],
  ["%2E%2E", undefined],
  ["%2e", undefined],
];
