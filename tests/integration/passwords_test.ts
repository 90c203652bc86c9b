/**
 * Passwords and security profiles over real sockets, on both listeners: who is let in, how both change, what the
 * operator gets to see and what the other side does not.
 *
 * Spec: OCPP-J 1.6 §6.2; Security §2.3, §2.4.
 */
import assert from "node:assert/strict";
import { onBothListeners, runsOnBothListeners } from "../support/both_listeners.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { assertProblem, basicOf, type TestServer } from "../support/server.ts";

const KEY = "000102030405060708090A0B0C0D0E0FFFFFFFFF";
const NEW_KEY = "FFEEDDCCBBAA99887766554433221100FFEEDDCC";
const bytes = (key: string) => Uint8Array.fromHex(key);

function put(server: TestServer, identity: string, entry: unknown) {
  return server.fetch(`/api/v1/charge-points/${identity}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(entry),
  });
}

async function entered(server: TestServer, entry: object, identity = "CP1"): Promise<void> {
  const { status, body } = await put(server, identity, { registration: "Accepted", ...entry });
  assert.ok(status === 200 || status === 201, JSON.stringify(body));
}

async function securityOf(server: TestServer, identity = "CP1") {
  return (await server.get(`/api/v1/charge-points/${identity}`)).body.security;
}

/** What an upgrade with this `Authorization` comes to. */
async function attempt(server: TestServer, authorization?: string, identity = "CP1") {
  using socket = await RawWebSocket.request({
    port: server.port,
    path: `/${identity}`,
    headers: {
      "sec-websocket-protocol": "ocpp1.6",
      ...(authorization === undefined ? {} : { authorization }),
    },
  });
  const isOpen = socket.status === 101;
  return { status: socket.status, headers: socket.headers, text: isOpen ? "" : await socket.body() };
}

async function statusFor(
  server: TestServer,
  password?: string | Uint8Array,
  identity = "CP1",
): Promise<number> {
  const authorization = password === undefined ? undefined : basicOf(identity, password);
  return (await attempt(server, authorization, identity)).status;
}

onBothListeners(
  "passwords: a record with a password wants it, and refuses without saying why",
  async (start) => {
    await using server = await start();
    await entered(server, { password: "open sesame, please" });
    assert.deepEqual(await securityOf(server), { hasPassword: true, isPasswordPending: false });
    const wrong: [string | undefined, RegExp][] = [
      [undefined, /no password was shown/],
      [basicOf("CP1", "open sesame"), /a wrong password/],
      [basicOf("CP1", ""), /a wrong password/],
      [basicOf("CP2", "open sesame, please"), /the user name/],
      [basicOf("cp1", "open sesame, please"), /the user name/],
      ["Bearer abc", /not HTTP Basic/],
      ["Basic %", /not HTTP Basic/],
    ];
    for (const [authorization, reason] of wrong) {
      const { status, headers, text } = await attempt(server, authorization);
      assert.equal(status, 401);
      assert.equal(headers.get("www-authenticate"), 'Basic realm="ocpp"');
      assert.match(text, /^credentials, certificate or security profile will not do/);
      assert.doesNotMatch(text, reason);
      const { body: { items: [refusal] } } = await server.get("/api/v1/refusals");
      assert.deepEqual([refusal.identity, refusal.status], ["CP1", 401]);
      assert.match(refusal.reason, reason);
      assert.doesNotMatch(JSON.stringify(refusal), /sesame|QW|Q1A/);
    }
    await using chargePoint = await server.connectWith("CP1", "open sesame, please");
    await chargePoint.boot();
    assert.equal((await securityOf(server)).connectedProfile, 1);
    // A wrong one beside it leaves the connected device alone.
    assert.equal(await statusFor(server, "wrong"), 401);
    await chargePoint.result("Heartbeat", {});
  },
);

onBothListeners(
  "passwords: the bytes of an AuthorizationKey, and its digits where that is put up with",
  async (start) => {
    await using server = await start();
    await entered(server, { authorizationKeyHex: KEY.toLowerCase() });
    await using _chargePoint = await server.connectWith("CP1", bytes(KEY));
    assert.deepEqual(server.observer.deviations, []);
    await using _digits = await server.connectWith("CP1", KEY);
    assert.deepEqual(server.observer.deviations, ["passwordAsDigits"]);
    await entered(server, { validation: "strict" });
    assert.equal(await statusFor(server, KEY), 401);
    assert.equal(await statusFor(server, bytes(KEY)), 101);
  },
);

onBothListeners(
  "passwords: what an operator says: kept where it is left out, replaced, taken away, never shown",
  async (start) => {
    await using server = await start();
    await entered(server, { password: "first password" });
    await entered(server, { heartbeatIntervalSeconds: 7 });
    assert.equal(await statusFor(server), 401);
    const { body } = await put(server, "CP1", { registration: "Accepted", password: "second password" });
    assert.deepEqual(body.security, { hasPassword: true, isPasswordPending: false });
    assert.doesNotMatch(JSON.stringify(body), /second|scrypt/);
    assert.equal(await statusFor(server, "first password"), 401);
    assert.equal(await statusFor(server, "second password"), 101);
    await entered(server, { password: null });
    assert.equal(await statusFor(server), 101);
    for (
      const wrong of [
        { password: "" },
        { password: "x".repeat(65) },
        { password: "a", authorizationKeyHex: "00" },
        { authorizationKeyHex: "0" },
        { authorizationKeyHex: "0g" },
        { securityProfile: 4 },
        { securityProfile: 0, password: "a" },
        { securityProfile: "1" },
        { certificateSerialNumber: "" },
        { pingIntervalSeconds: -1 },
      ]
    ) assertProblem(await put(server, "CP1", { registration: "Accepted", ...wrong }), 400);
  },
);

onBothListeners(
  "passwords: a password that is accepted counts at once, and the one before no more",
  async (start) => {
    await using server = await start();
    await entered(server, { authorizationKeyHex: KEY });
    await using chargePoint = await server.connectWith("CP1", bytes(KEY));
    await chargePoint.boot();
    const called = server.call("CP1", {
      action: "ChangeConfiguration",
      payload: { key: "AuthorizationKey", value: NEW_KEY },
    });
    const call = await chargePoint.takeCall();
    // Told and not answered: whichever it has stored, it gets in.
    assert.equal((await securityOf(server)).isPasswordPending, true);
    chargePoint.answer(call, { status: "Accepted" });
    assert.equal((await called).body.outcome, "result");
    assert.deepEqual(await securityOf(server), {
      connectedProfile: 1,
      hasPassword: true,
      isPasswordPending: false,
    });
    assert.equal(await statusFor(server, bytes(KEY)), 401);
    assert.equal(await statusFor(server, bytes(NEW_KEY)), 101);
  },
);

onBothListeners("passwords: a password that is refused leaves the one before", async (start) => {
  await using server = await start();
  await entered(server, { authorizationKeyHex: KEY });
  await using chargePoint = await server.connectWith("CP1", bytes(KEY));
  await chargePoint.boot();
  const called = server.call("CP1", {
    action: "ChangeConfiguration",
    payload: { key: "authorizationkey", value: NEW_KEY },
  });
  chargePoint.answer(await chargePoint.takeCall(), { status: "Rejected" });
  await called;
  assert.equal((await securityOf(server)).isPasswordPending, false);
  assert.equal(await statusFor(server, bytes(NEW_KEY)), 401);
  assert.equal(await statusFor(server, bytes(KEY)), 101);
});

const MONTH_MS = 30 * 24 * 3_600_000;

runsOnBothListeners(
  "passwords: without an answer both are good, over a restart and for months, until the new one is used",
  async (runs) => {
    const first = await runs.start();
    await entered(first, { authorizationKeyHex: KEY });
    {
      await using chargePoint = await first.connectWith("CP1", bytes(KEY));
      await chargePoint.boot();
      const called = first.call("CP1", {
        action: "ChangeConfiguration",
        payload: { key: "AuthorizationKey", value: NEW_KEY },
      });
      await chargePoint.takeCall();
      await chargePoint.close();
      assertProblem(await called, 502);
    }
    const server = await runs.start();
    for (const passedMs of [0, MONTH_MS]) {
      runs.clock.advance(passedMs);
      assert.equal(await statusFor(server, bytes(KEY)), 101);
      assert.equal((await securityOf(server)).isPasswordPending, true);
    }
    assert.equal(await statusFor(server, bytes(NEW_KEY)), 101);
    assert.equal((await securityOf(server)).isPasswordPending, false);
    assert.equal(await statusFor(server, bytes(KEY)), 401);
    runs.clock.advance(MONTH_MS);
    assert.equal(await statusFor(server, bytes(KEY)), 401);
  },
);

runsOnBothListeners(
  "passwords: a profile that is pending is shown for months and over a restart; the operator takes it back",
  async (runs) => {
    const first = await runs.start();
    await entered(first, { securityProfile: 0 });
    await using chargePoint = await first.connect("CP1");
    await chargePoint.boot();
    const called = first.call("CP1", {
      action: "ChangeConfiguration",
      payload: { key: "SecurityProfile", value: "1" },
    });
    chargePoint.answer(await chargePoint.takeCall(), { status: "Accepted" });
    assert.equal((await called).body.outcome, "result");
    runs.clock.advance(MONTH_MS);
    const server = await runs.start();
    runs.clock.advance(MONTH_MS);
    const { profile, pendingProfile } = await securityOf(server);
    assert.deepEqual([profile, pendingProfile], [0, 1]);
    assert.equal(await statusFor(server), 101);
    await entered(server, { securityProfile: 0, heartbeatIntervalSeconds: 7 });
    assert.equal((await securityOf(server)).pendingProfile, 1); // another field is changed
    await entered(server, { securityProfile: 0, pendingSecurityProfile: null });
    const withdrawn = await securityOf(server);
    assert.deepEqual([withdrawn.profile, "pendingProfile" in withdrawn], [0, false]);
  },
);

onBothListeners(
  "passwords: the first password is wanted from its first use on; profile 1 follows",
  async (start) => {
    await using server = await start();
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const order = async (key: string, value: string) => {
      const called = server.call("CP1", { action: "ChangeConfiguration", payload: { key, value } });
      chargePoint.answer(await chargePoint.takeCall(), { status: "Accepted" });
      assert.equal((await called).body.outcome, "result");
    };
    await order("AuthorizationKey", KEY);
    await order("SecurityProfile", "1");
    const { connectedProfile, pendingProfile, isPasswordPending } = await securityOf(server);
    assert.deepEqual([connectedProfile, pendingProfile, isPasswordPending], [0, 1, true]);
    assert.equal(await statusFor(server), 101); // not there yet
    assert.equal(await statusFor(server, bytes(NEW_KEY)), 101); // profile 0, whatever it shows
    assert.equal(await statusFor(server, bytes(KEY)), 101);
    const settled = await securityOf(server);
    assert.deepEqual([settled.profile, "pendingProfile" in settled, settled.hasPassword], [1, false, true]);
    assert.equal(await statusFor(server), 401);
    assert.equal(await statusFor(server, bytes(NEW_KEY)), 401);
  },
);

onBothListeners("passwords: the least profile holds for whoever has no other", async (start) => {
  await using server = await start({ admission: { securityProfile: 1 } });
  assert.equal(await statusFor(server), 401);
  assert.equal(await statusFor(server, "unknown to us"), 401);
  const { body: { items: [refusal] } } = await server.get("/api/v1/refusals");
  assert.match(refusal.reason, /the record has none to compare it with/);
  await entered(server, { securityProfile: 0 });
  assert.equal(await statusFor(server), 101);
  await entered(server, { password: "known to us" });
  assert.equal(await statusFor(server, "known to us"), 101);
  await entered(server, { securityProfile: 2 });
  const { status, text } = await attempt(server, basicOf("CP1", "known to us"));
  assert.equal(status, 403);
  assert.doesNotMatch(text, /profile 2/);
});

onBothListeners(
  "passwords: nobody learns which identities there are from what a wrong password is told",
  async (start) => {
    await using server = await start({ admission: { securityProfile: 1 } });
    await entered(server, { password: "known to us" });
    const [known, unknown] = [
      await attempt(server, basicOf("CP1", "guess")),
      await attempt(server, basicOf("CP2", "guess"), "CP2"),
    ];
    assert.deepEqual([known.status, known.text], [unknown.status, unknown.text]);
  },
);

onBothListeners(
  "passwords: another's credentials, in whatever encoding of the identity, open nothing",
  async (start) => {
    await using server = await start();
    await entered(server, { password: "of the first" });
    await entered(server, { password: "of the second" }, "CP2");
    for (const path of ["CP1", "%43P1", "a/CP1", "CP1/", "/CP1", "CP%31?x=/CP2", "CP1#/CP2"]) {
      const { status } = await attempt(server, basicOf("CP2", "of the second"), path);
      assert.equal(status, 401, path);
    }
    // Decoded once: this is nobody's identity but its own.
    const { body: { items } } = await server.get("/api/v1/charge-points");
    assert.deepEqual(items.map(({ identity }: { identity: string }) => identity), ["CP1", "CP2"]);
  },
);
