/**
 * Where Charge Points under test come in: who has a seat, what is told of a connection, and what is refused.
 */
import assert from "node:assert/strict";
import type { UpgradeRequest } from "../../src/runtime/listener.ts";
import { TesterEntrance, type TurnedAway } from "../../src/runtime/tester_entrance.ts";
import { TESTER_PING_SECONDS, type TesterSeat, waitFor } from "../../src/runtime/tester_seat.ts";
import type { Connection } from "../../src/runtime/transport.ts";
import { basicOf } from "../support/server.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** A connection whose other end is this test. */
class FakeConnection implements Connection {
  readonly sent: string[] = [];
  closed: string | undefined;

  send(text: string): void {
    this.sent.push(text);
  }

  sendBinary(text: string): void {
    this.sent.push(`binary ${text}`);
  }

  close(code: number, reason: string): void {
    this.closed = `${code} ${reason}`;
  }
}

/** An entrance, what its seats tell, and whom it turned away. */
class Site {
  readonly turnedAway: TurnedAway[] = [];
  readonly told: unknown[] = [];
  readonly entrance = new TesterEntrance((who) => this.turnedAway.push(who));
  verdict = { isAccepted: true, status: 101 };

  seat(options: Parameters<TesterEntrance["seat"]>[0] = {}): TesterSeat {
    const seat = this.entrance.seat(options);
    seat.attach({
      onUpgrade: (request) => {
        this.told.push(["upgrade", request]);
        return this.verdict;
      },
      onUp: (agreed) => this.told.push(["up", agreed]),
      onText: (text) => this.told.push(["text", text]),
      onBinary: (bytes) => this.told.push(["binary", bytes]),
      onDown: () => this.told.push(["down"]),
      onFailed: (failure) => this.told.push(["failed", failure]),
    });
    return seat;
  }

  upgrade(path: string, more: Partial<UpgradeRequest> = {}) {
    const request = { path, subprotocols: ["ocpp1.6"], remoteAddress: "192.0.2.1", ...NOTHING, ...more };
    const decision = this.entrance.handlers.onUpgrade(request);
    assert.ok(!(decision instanceof Promise) && "granted" in decision);
    return decision;
  }

  /** Comes in, and has a connection. */
  enter(path: string, more: Partial<UpgradeRequest> = {}) {
    const decision = this.upgrade(path, more);
    assert.ok(decision.granted, JSON.stringify(decision));
    const connection = new FakeConnection();
    return { connection, handlers: decision.open(connection) };
  }
}

const NOTHING = { origin: undefined, authorization: undefined };
const SHOWN = { subprotocols: ["ocpp1.6"] };

/** Lets what was promised happen. */
const settled = () => new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(resolve)));

Deno.test("a Charge Point that is not waited for is refused with who is, and the operator is told", () => {
  const site = new Site();
  site.seat({ identity: "CP1" });
  assert.deepEqual(site.upgrade("/ocpp/CP2"), {
    granted: false,
    status: 404,
    text: "CP2 is not under test; this tester waits for CP1",
  });
  assert.deepEqual(site.turnedAway, [{
    identity: "CP2",
    remoteAddress: "192.0.2.1",
    why: "CP2 is not under test; this tester waits for CP1",
  }]);
  assert.deepEqual(site.told, [], "the one that is waited for has nothing to do with it");
});

Deno.test("a silent Charge Point is pinged, whatever the listener does with others", () => {
  const site = new Site();
  site.seat({ identity: "CP1" });
  const decision = site.upgrade("/CP1");
  assert.equal(decision.granted && decision.pingIntervalSeconds, TESTER_PING_SECONDS);
  assert.ok(TESTER_PING_SECONDS > 0);
});

Deno.test("a seat for anybody is taken by the first, and then for nobody else", () => {
  const site = new Site();
  const seat = site.seat();
  assert.equal(seat.identity, undefined);
  site.enter("/CP%201");
  assert.equal(seat.identity, "CP 1");
  const other = site.upgrade("/CP2");
  assert.ok(!other.granted && other.status === 404);
  site.enter("/CP%201");
});

Deno.test("whoever has left a seat is not let in again", async () => {
  const site = new Site();
  const seat = site.seat({ identity: "CP1" });
  const { connection } = site.enter("/CP1");
  await seat.stop();
  assert.equal(connection.closed, "1001 the test is over");
  const again = site.upgrade("/CP1");
  assert.ok(!again.granted && /nobody is waited for/.test(again.text));
});

Deno.test("a URL without an identity is refused with what it lacks", () => {
  const site = new Site();
  site.seat();
  const decision = site.upgrade("/");
  assert.ok(!decision.granted && /must end in the identity/.test(decision.text));
});

Deno.test("the case is told what a Charge Point shows, with the password as bytes", () => {
  const site = new Site();
  site.seat({ identity: "C:1" });
  site.enter("/C:1", {
    authorization: basicOf("C:1", new Uint8Array([0, 0xff])),
    agreedTls: { version: "TLSv1.3", cipherSuite: "TLS_AES_256_GCM_SHA384" },
    tls: { clientCertificate: { commonName: "SN", organization: undefined } },
  });
  const tls = { version: "TLSv1.3", cipherSuite: "TLS_AES_256_GCM_SHA384" };
  assert.deepEqual(site.told, [
    ["upgrade", {
      ...SHOWN,
      credentials: { user: "C:1", passwordHex: "00FF" },
      tls: { ...tls, clientCertificate: { commonName: "SN", organization: "" } },
    }],
    ["up", { subprotocol: "ocpp1.6", tls }],
  ]);
});

Deno.test("another user than the identity shows no credentials", () => {
  const site = new Site();
  site.seat({ identity: "CP1" });
  site.enter("/CP1", { authorization: basicOf("CP2", "secret") });
  assert.deepEqual(site.told[0], ["upgrade", SHOWN]);
});

Deno.test("a case that refuses connections has them refused with its status", () => {
  const site = new Site();
  site.seat({ identity: "CP1" });
  site.verdict = { isAccepted: false, status: 503 };
  const decision = site.upgrade("/CP1");
  assert.ok(!decision.granted && decision.status === 503);
});

Deno.test("without ocpp1.6, or with a certificate of a stranger, no connection comes to be and the case is told", () => {
  const site = new Site();
  site.seat({ identity: "CP1" });
  const old = site.upgrade("/CP1", { subprotocols: ["ocpp1.5"] });
  assert.ok(!old.granted && old.status === 400);
  const untrustedCertificate = "it was issued by nobody";
  const stranger = site.upgrade("/CP1", { tls: { untrustedCertificate } });
  assert.ok(!stranger.granted && stranger.status === 401);
  assert.deepEqual(site.told, [
    ["failed", { status: 400, cause: old.text, isUnreachable: false }],
    ["failed", { status: 401, cause: untrustedCertificate, isUnreachable: false }],
  ]);
  site.entrance.handlers.onHandshakeFailed?.({ remoteAddress: "192.0.2.1", reason: "no TLS" });
  assert.deepEqual(site.told.at(-1), ["failed", { cause: "no TLS", isUnreachable: false }]);
});

Deno.test("the newest connection counts: the end of the one before is told first, and nothing more of it", async () => {
  const site = new Site();
  const seat = site.seat({ identity: "CP1" });
  const old = site.enter("/CP1");
  const fresh = site.enter("/CP1");
  await settled();
  assert.match(old.connection.closed ?? "", /connected anew/);
  old.handlers.onText("old");
  old.handlers.onClose(1001, "");
  fresh.handlers.onText("fresh");
  fresh.handlers.onBinary(3);
  fresh.handlers.onTooLarge();
  seat.send("hello");
  seat.send("hello", { isBinary: true });
  assert.deepEqual([old.connection.sent, fresh.connection.sent], [[], ["hello", "binary hello"]]);
  fresh.handlers.onClose(1006, "");
  fresh.handlers.onClose(1006, "");
  assert.deepEqual(site.told.slice(1), [
    ["up", { subprotocol: "ocpp1.6" }],
    ["upgrade", SHOWN],
    ["down"],
    ["up", { subprotocol: "ocpp1.6" }],
    ["text", "fresh"],
    ["binary", 3],
    ["text", "(a message of more than 1048576 bytes)"],
    ["down"],
  ]);
});

Deno.test("what the tester closes is closed once it listens as it was asked to, and told no more", async () => {
  const site = new Site();
  const shown: unknown[] = [];
  const certificate = Promise.withResolvers<void>();
  const show = (flaw: unknown) => {
    shown.push(flaw);
    return certificate.promise;
  };
  const seat = site.seat({ identity: "CP1", tls: { port: 1, show } });
  const { connection, handlers } = site.enter("/CP1");
  site.told.length = 0;
  const listening = seat.listen({ securityProfile: 2, flaw: "expired" });
  seat.close("connect anew, please");
  handlers.onText("late");
  await settled();
  assert.deepEqual(shown, ["expired"]);
  assert.equal(connection.closed, undefined, "whoever comes back now would find the old certificate");
  certificate.resolve();
  await listening;
  await settled();
  assert.equal(connection.closed, "1001 connect anew, please");
  assert.deepEqual(site.told, []);
});

Deno.test("whoever waits is told why connections come to nothing, and only while it waits", async () => {
  const site = new Site();
  const clock = new VirtualClock();
  const seat = site.seat({ identity: "CP1" });
  const told: string[] = [];
  const waiting = waitFor(seat, { clock, seconds: 10, tell: (why) => told.push(why) });
  const old = site.upgrade("/CP1", { subprotocols: ["ocpp1.5"] });
  site.entrance.handlers.onHandshakeFailed?.({ remoteAddress: "192.0.2.1", reason: "no TLS" });
  // A case that refuses knows why.
  site.verdict = { isAccepted: false, status: 503 };
  site.upgrade("/CP1");
  clock.advance(10_000);
  assert.equal(await waiting, "late");
  site.upgrade("/CP1", { subprotocols: ["ocpp1.5"] });
  assert.deepEqual(told, [!old.granted && old.text, "no TLS"]);
});

Deno.test("a connection is waited for no longer than the time, and not after a stop", async () => {
  const site = new Site();
  const seat = site.seat({ identity: "CP1" });
  const clock = new VirtualClock();
  const inVain = waitFor(seat, { clock, seconds: 5 });
  clock.advance(5_000);
  assert.equal(await inVain, "late");
  const stop = Promise.withResolvers<void>();
  const stopped = waitFor(seat, { clock, seconds: 5, stopped: stop.promise });
  stop.resolve();
  assert.equal(await stopped, "stopped");
  const inTime = waitFor(seat, { clock, seconds: 5 });
  site.enter("/CP1");
  assert.equal(await inTime, "connected");
  assert.equal(await waitFor(seat, { clock, seconds: 5 }), "connected", "it is there already");
  assert.equal(clock.nextMs(), Infinity, "nothing is left of the waiting");
});
