/**
 * The HTTP API of simulated Charge Points, over real sockets and against a real Central System.
 */
import assert from "node:assert/strict";
import { Client } from "../../src/adapters/client.ts";
import { EVENT_KINDS } from "../../src/http/charge_point/events.ts";
import { assertProblem, overSockets, startServer, type TestServer } from "../support/server.ts";
import { type EventReader, type SeenEvent, Simulator, type SimulatorOptions } from "../support/simulator.ts";

// deno-lint-ignore no-explicit-any -- tests look into bodies freely
type Json = any;

const CP = "/api/v1/charge-points";

function simulator(server: TestServer, options: SimulatorOptions = {}): Simulator {
  return new Simulator(server.url, options);
}

const isStatus = (status: string, connectorId = 1) => ({ data }: SeenEvent) =>
  data.kind === "status" && data.status === status && data.connectorId === connectorId;

/** Resolves when a Charge Point has been accepted. */
async function accepted(running: Simulator, identity = "CP1"): Promise<EventReader> {
  const events = await running.watch(`${CP}/${encodeURIComponent(identity)}/events`, "none");
  if ((await running.ask("GET", `${CP}/${encodeURIComponent(identity)}`)).body.online !== true) {
    await events.until(({ data }) => data.kind === "registration" && data.status === "Accepted", "the boot");
  }
  return events;
}

Deno.test({
  ...overSockets("control: a whole session by the API, against a Central System"),
  async fn() {
    await using server = startServer();
    await using running = simulator(server);
    await using events = await accepted(running);
    const plugged = await running.input("CP1", { kind: "plugIn", connectorId: 1, vehicle: "large" });
    assert.equal(plugged.status, 200);
    assert.deepEqual(
      plugged.body.events.map(({ kind, status }: Json) => status ?? kind).slice(0, 2),
      ["acted", "Preparing"],
    );
    const [connector] = plugged.body.chargePoint.connectors;
    assert.deepEqual([connector.plugged, connector.status, connector.socPercent], [true, "Preparing", 30]);

    await running.input("CP1", { kind: "presentIdTag", idTag: "TAG1", connectorId: 1 });
    await events.until(({ data }) => data.kind === "transactionConfirmed", "the transaction");
    await events.until(isStatus("Charging"), "Charging");
    const { body: charging } = await running.ask("GET", `${CP}/CP1`);
    const { transaction } = charging.connectors[0];
    const { body: known } = await server.get("/api/v1/transactions?active=true");
    assert.equal(known.items[0].transactionId, transaction.transactionId);
    assert.equal(transaction.idTag, "TAG1");

    await running.input("CP1", { kind: "evPause", connectorId: 1 });
    await events.until(isStatus("SuspendedEV"), "SuspendedEV");
    await running.input("CP1", { kind: "evResume", connectorId: 1 });
    await running.input("CP1", { kind: "presentIdTag", idTag: "TAG1", connectorId: 1 });
    await events.until(({ data }) => data.kind === "transactionFinished", "the end of the transaction");
    await running.input("CP1", { kind: "unplug", connectorId: 1 });
    await events.until(isStatus("Available"), "Available");
    const { body: stopped } = await server.get(`/api/v1/transactions/${transaction.transactionId}`);
    assert.deepEqual([stopped.active, stopped.idTag], [false, "TAG1"]);
  },
});

Deno.test({
  ...overSockets("control: Charge Points are added and removed while others run"),
  async fn() {
    await using server = startServer();
    await using running = simulator(server, { chargePointsMax: 3 });
    await using all = await running.watch();
    const added = await running.ask("POST", CP, {
      identity: "Zürich/2",
      description: {
        preset: "dc-50kw",
        connectors: 2,
        chargePointSerialNumber: "S2",
        configuration: { HeartbeatInterval: 77, CpoName: "Me" },
      },
    });
    assert.equal(added.status, 201);
    assert.equal(added.headers.get("location"), `${CP}/Z%C3%BCrich%2F2`);
    assert.deepEqual([added.body.identity, added.body.connectors.length], ["Zürich/2", 2]);
    const here = `${CP}/Z%C3%BCrich%2F2`;
    await all.until(
      ({ data }) => data.kind === "registration" && data.chargePoint === "Zürich/2",
      "the boot of the new one",
    );
    assert.ok(all.events.some(({ data }) => data.kind === "added" && data.chargePoint === "Zürich/2"));
    const { body: known } = await server.get(`/api/v1/charge-points/Z%C3%BCrich%2F2`);
    assert.deepEqual([known.boot.chargePointModel, known.boot.chargePointSerialNumber], ["DC-50kW", "S2"]);
    assert.equal((await running.ask("GET", `${here}/configuration/CpoName`)).body.value, "Me");

    // What one is can be given to another.
    const { body: description } = await running.ask("GET", `${here}/description`);
    assert.equal(description.supply.dc.maxPowerW, 50_000);
    assert.equal((await running.ask("POST", CP, { identity: "Twin", description })).status, 201);
    assert.deepEqual((await running.ask("GET", `${CP}/Twin/description`)).body, description);

    assertProblem(await running.ask("POST", CP, { identity: "Twin" }), 409);
    const full = await running.ask("POST", CP, { identity: "One too many" });
    assertProblem(full, 409);
    assert.equal(full.body.reason, "full");

    const { status, body } = await running.ask("DELETE", here);
    assert.deepEqual([status, body], [204, ""]);
    await all.until(({ data }) => data.kind === "removed", "the removal");
    assertProblem(await running.ask("DELETE", here), 404);
    await server.observer.until(
      () => server.host.connectionOf("Zürich/2") === undefined,
      "the Central System sees it go",
    );
    assert.equal((await running.ask("POST", CP, { identity: "Zürich/2" })).status, 201);
    const { body: page } = await running.ask("GET", `${CP}?limit=2`);
    assert.deepEqual(page.items.map(({ identity }: Json) => identity), ["CP1", "Twin"]);
    const { body: rest } = await running.ask("GET", `${CP}?cursor=${page.nextCursor}`);
    assert.deepEqual(rest.items.map(({ identity }: Json) => identity), ["Zürich/2"]);
    assert.equal(rest.nextCursor, undefined);
  },
});

Deno.test({
  ...overSockets("control: the link is cut and restored, and why it is down is told"),
  async fn() {
    await using server = startServer();
    await using running = simulator(server);
    await using events = await accepted(running);
    const cut = await running.ask("POST", `${CP}/CP1/link`, { state: "cut" });
    assert.deepEqual(cut.body, {
      state: "cut",
      lastFailure: { reason: "lost", message: "cut by hand", wasOpen: true },
    });
    assert.equal((await running.ask("GET", `${CP}/CP1`)).body.online, false);
    const restored = await running.ask("POST", `${CP}/CP1/link`, { state: "restored" });
    assert.match(restored.body.state, /connecting|waiting|up/);
    const ups = () => events.events.filter(({ data }) => data.kind === "linkUp").length;
    const before = ups();
    await events.until(() => ups() > before, "the link again");

    const nobody = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = nobody.addr;
    nobody.close();
    await running.ask("POST", CP, { identity: "Lost", url: `ws://127.0.0.1:${port}` });
    await using lost = await running.watch(`${CP}/Lost/events`, "none");
    const isDown = ({ data }: SeenEvent) => data.kind === "linkDown";
    if ((await running.ask("GET", `${CP}/Lost`)).body.link.lastFailure === undefined) {
      await lost.until(isDown, "a failure");
    }
    const { link } = (await running.ask("GET", `${CP}/Lost`)).body;
    assert.equal(link.lastFailure.reason, "refused");
    assert.equal(link.lastFailure.wasOpen, false);
  },
});

Deno.test({
  ...overSockets("control: configuration keys are told and set, secrets never told"),
  async fn() {
    const secret = "00112233445566778899aabbccddeeff";
    await using server = startServer();
    await using running = simulator(server, { configuration: { AuthorizationKey: secret } });
    await using events = await accepted(running);
    const path = `${CP}/CP1/configuration`;
    const { body: list } = await running.ask("GET", path);
    const entry = (key: string) => list.items.find((one: Json) => one.key === key);
    assert.deepEqual(entry("NumberOfConnectors"), { key: "NumberOfConnectors", readonly: true, value: "1" });
    assert.deepEqual(entry("AuthorizationKey"), { key: "AuthorizationKey", readonly: false, secret: true });

    const set = await running.ask("PUT", `${path}/heartbeatinterval`, { value: 61 });
    assert.deepEqual(set.body, { key: "HeartbeatInterval", readonly: false, value: "61" });
    const several = await running.ask("PATCH", path, { CpoName: "Me", LocalPreAuthorize: true });
    assert.deepEqual(several.body.items.map(({ key, value }: Json) => [key, value]), [
      ["CpoName", "Me"],
      ["LocalPreAuthorize", "true"],
    ]);
    const half = await running.ask("PATCH", path, { CpoName: "You", LightIntensity: 101 });
    assertProblem(half, 400);
    assert.equal(half.body.reason, "badValue");
    assert.equal((await running.ask("GET", `${path}/CpoName`)).body.value, "Me");
    assertProblem(await running.ask("PUT", `${path}/NumberOfConnectors`, { value: 2 }), 409);
    assertProblem(await running.ask("PUT", `${path}/Speed`, { value: 2 }), 404);
    assertProblem(await running.ask("GET", `${path}/Speed`), 404);
    assertProblem(await running.ask("PATCH", path, {}), 400);

    const other = "ffeeddccbbaa99887766554433221100";
    const hidden = await running.ask("PUT", `${path}/AuthorizationKey`, { value: other });
    assert.deepEqual([hidden.status, hidden.body], [200, {
      ...{ key: "AuthorizationKey", readonly: false, secret: true },
    }]);
    await running.input("CP1", { kind: "setConfiguration", key: "authorizationKEY", value: other });
    await server.call("CP1", {
      action: "ChangeConfiguration",
      payload: { key: "AuthorizationKey", value: secret },
    });
    await server.call("CP1", {
      action: "GetDiagnostics",
      payload: { location: "ftp://user:hunter2@127.0.0.1:1/" },
    });
    await events.until(({ data }) => data.action === "GetDiagnostics", "GetDiagnostics");
    const answers = await Promise.all(
      [path, `${CP}/CP1`, `${CP}/CP1/description`, CP].map((one) => running.ask("GET", one)),
    );
    const said = JSON.stringify([answers.map(({ body }) => body), events.events]);
    for (const hidden of [secret, other, "hunter2"]) assert.ok(!said.includes(hidden), hidden);
    assert.ok(said.includes("[redacted]"));
  },
});

Deno.test({
  ...overSockets("control: what does not fit is 400 in words, and changes nothing"),
  async fn() {
    await using server = startServer();
    await using running = simulator(server);
    await using _events = await accepted(running);
    const bad: readonly (readonly [string, unknown, RegExp])[] = [
      ["POST inputs", { kind: "explode" }, /^kind is plugIn, .+ or factoryReset, not "explode"$/],
      ["POST inputs", {}, /^kind is missing: it is plugIn, .+ or factoryReset$/],
      ["POST ", { identity: "" }, /^identity has 1 character at least, not ""$/],
      ["POST inputs", { kind: "plugIn", connectorId: 2 }, /^CP1: there is no connector 2; it has 1$/],
      ["POST inputs", { kind: "plugIn", connectorId: 1, vehicle: "tank" }, /^vehicle is city-car, /],
      [
        "POST inputs",
        { kind: "plugIn", connectorId: 1, vehicle: { phases: 2 } },
        /^vehicle.phases is 1 or 3/,
      ],
      ["POST inputs", { kind: "plugIn" }, /^connectorId is missing$/],
      ["POST inputs", { kind: "fly" }, /kind/],
      ["POST inputs", { kind: "unplug", connectorId: 1, why: 1 }, /^there is no field "why"/],
      ["POST inputs", { kind: "fault", connectorId: 1, errorCode: "NoError" }, /^errorCode is /],
      ["POST inputs", [], /^the body is a set of fields, not a list of 0$/],
      ["POST inputs", "{", /./],
      ["POST link", { state: "up" }, /state/],
      ["POST power", { state: "dim" }, /state/],
      ["POST ", { identity: ".." }, /^identity: cannot stand at the end of a URL$/],
      ["POST ", { identity: "x".repeat(256) }, /^identity: has at most 255 bytes$/],
      ["POST ", { identity: "x", url: "http://localhost" }, /^url: looks like ws:/],
      ["POST ", { identity: "x", url: "ws://me:hunter2@localhost" }, /^url: looks like ws:/],
      [
        "POST ",
        { identity: "x", description: { connectors: 0 } },
        /^description.connectors is from 1 to 100, not 0$/,
      ],
      [
        "POST ",
        { identity: "x", description: { configuration: { Speed: 1 } } },
        /^description.configuration: there is no configuration key Speed$/,
      ],
    ];
    for (const [what, body, message] of bad) {
      const [method = "", route = ""] = what.split(" ");
      const answer = await running.ask(method, route === "" ? CP : `${CP}/CP1/${route}`, body);
      assertProblem(answer, 400);
      assert.match(answer.body.detail, message);
      assert.ok(!JSON.stringify(answer.body).includes("hunter2"));
    }
    const text = { "content-type": "text/plain" };
    assertProblem(await running.ask("POST", `${CP}/CP1/power`, `{"state":"off"}`, text), 415);
    assertProblem(await running.ask("POST", CP, JSON.stringify({ identity: "x".repeat(1_100_000) })), 413);
    const { body } = await running.ask("GET", CP);
    assert.equal(body.items.length, 1);
    assert.deepEqual([body.items[0].powered, body.items[0].connectors[0].status], [true, "Available"]);
  },
});

Deno.test({
  ...overSockets(
    "control: events come from where the reader was; older ones are a reset; few readers at once",
  ),
  async fn() {
    await using server = startServer();
    await using running = simulator(server, { identities: ["CP1", "CP2"] });
    await using first = await accepted(running);
    assert.equal(first.response.headers.get("content-type"), "text/event-stream; charset=utf-8");
    assert.equal(first.events[0]!.name, "reset"); // "none" is no id of this run
    await running.input("CP1", { kind: "plugIn", connectorId: 1 });
    const seen = await first.until(isStatus("Preparing"), "Preparing");
    await running.input("CP2", { kind: "plugIn", connectorId: 1 });
    await running.input("CP1", { kind: "unplug", connectorId: 1 });
    await using again = await running.watch(`${CP}/CP1/events`, seen.id);
    await again.until(({ data }) => data.input?.kind === "unplug", "what was missed");
    assert.ok(again.events.every(({ data }) => data.chargePoint === "CP1"));
    assert.ok(!again.events.some(({ id }) => id === seen.id));
    await using all = await running.watch("/api/v1/events", seen.id);
    await all.until(({ data }) => data.chargePoint === "CP2" && data.kind === "acted", "the other one's");
    for (const { name, data } of all.events) {
      assert.ok(name === "message" && data.kind in EVENT_KINDS, data.kind);
    }
    await using old = await running.watch("/api/v1/events", "gone-1");
    const reset = await old.until(({ name }) => name === "reset", "the reset");
    assert.equal(reset.id, reset.data.lastEventId);
    assertProblem(await running.ask("GET", `${CP}/CP9/events`), 404);
  },
});

Deno.test({
  ...overSockets("control: a token is wanted by everything but healthz; pages of other sites are refused"),
  async fn() {
    await using server = startServer();
    await using running = simulator(server, { token: "s3cret", guessesMax: 100 });
    const as = (authorization: string, path = CP) => running.ask("GET", path, undefined, { authorization });
    for (const path of ["/", CP, `${CP}/CP1`, "/api/v1/events", "/openapi.json", "/nothing"]) {
      for (const authorization of ["Bearer wrong", "Bearer s3cre", ""]) {
        const refused = await as(authorization, path);
        assertProblem(refused, 401);
        assert.match(refused.headers.get("www-authenticate") ?? "", /^Bearer/);
      }
    }
    assert.equal((await as("", "/healthz")).status, 200);
    assert.equal((await running.ask("GET", CP)).status, 200);

    const { port } = new URL(running.api);
    const raw = async (headers: string, body = "") => {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
      const request =
        `POST ${CP}/CP1/power HTTP/1.1\r\nauthorization: Bearer s3cret\r\nconnection: close\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n${headers}\r\n\r\n${body}`;
      await connection.write(new TextEncoder().encode(request));
      const answer = await new Response(connection.readable).text();
      return answer.split("\r\n")[0]!.split(" ")[1];
    };
    const off = `{"state":"off"}`;
    assert.equal(await raw(`host: evil.test:${port}`, off), "403");
    assert.equal(await raw(`host: 127.0.0.1.evil.test`, off), "403");
    assert.equal(await raw(`host: localhost:${port}\r\norigin: https://evil.test`, off), "403");
    assert.equal(await raw(`host: localhost:${port}\r\norigin: null`, off), "403");
    assert.equal(await raw(`host: localhost:${port}\r\norigin: http://localhost:1`, off), "403");
    assert.equal((await running.ask("GET", `${CP}/CP1`)).body.powered, true);
    assert.equal(
      await raw(`host: localhost:${port}\r\norigin: http://localhost:${port}`, `{"state":"on"}`),
      "200",
    );
    assert.equal(await raw(`host: [::1]:${port}`, `{"state":"on"}`), "200");
  },
});

Deno.test({
  ...overSockets(
    "control: a Charge Point is added with a password of its own, which no answer repeats",
    "env",
  ),
  async fn() {
    const password = "0123456789abcdef0123456789abcdef01234567";
    await using server = startServer();
    await using running = simulator(server, {
      identities: [],
      transport: new Client({ validation: "strict" }),
    });
    const entered = await server.fetch("/api/v1/charge-points/SP1", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ registration: "Accepted", securityProfile: 1, authorizationKeyHex: password }),
    });
    assert.equal(entered.status, 201, JSON.stringify(entered.body));
    const security = { securityProfile: 1, authorizationKeyHex: password.toUpperCase() };
    const added = await running.ask("POST", CP, { identity: "SP1", security });
    assert.equal(added.status, 201);
    assert.ok(!JSON.stringify(added.body).toLowerCase().includes(password));
    await using _events = await accepted(running, "SP1");
    const { body: known } = await server.get("/api/v1/charge-points/SP1");
    assert.equal(known.connected, true, JSON.stringify(known));

    const key = "-----BEGIN PRIVATE KEY-----\nS3CRET\n-----END PRIVATE KEY-----";
    const chain = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----";
    const refused: readonly (readonly [security: Json, why: RegExp])[] = [
      [{ securityProfile: 1 }, /profile 1 shows a password: add authorizationKeyHex/],
      [{ securityProfile: 3 }, /profile 3 shows a certificate: add clientCertificate/],
      [{ securityProfile: 4 }, /from 0 to 3/],
      [{ ...security, authorizationKeyHex: "s3cret" }, /is 16 to 20 bytes in hexadecimal/],
      [{ ...security, authorizationKeyHex: ["s3cret"] }, /is a text/],
      [{ ...security, roots: ["s3cret"] }, /is PEM/],
      [{ ...security, clientCertificate: { chain: "s3cret", privateKey: key } }, /is PEM/],
      [{ ...security, clientCertificate: { chain, privateKey: "s3cret" } }, /is PEM/],
      [{ ...security, clientCertificate: { chain, privateKey: 7_315_537 } }, /is a text/],
    ];
    for (const [wrong, why] of refused) {
      const answer = await running.ask("POST", CP, { identity: "SP2", security: wrong });
      assertProblem(answer, 400);
      assert.match(answer.body.detail, why, JSON.stringify(wrong));
      assert.ok(!/s3cret|7315537/i.test(JSON.stringify(answer.body)), JSON.stringify(answer.body));
    }
  },
});
