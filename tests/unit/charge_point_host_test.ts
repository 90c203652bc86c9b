import assert from "node:assert/strict";
import type { ChargePointEffect, ChargePointInput } from "../../src/charge_point/contract.ts";
import type { LinkSecurity } from "../../src/charge_point/job.ts";
import {
  ChargePointHost,
  CLOSING_MAX_MS,
  CONNECT_ATTEMPT_MAX_MS,
  type HostEvent,
  type Script,
} from "../../src/runtime/charge_point_host.ts";
import { LINK_PROVEN_AFTER_MS } from "../../src/runtime/reconnect.ts";
import type { LinkFailure } from "../../src/runtime/transport.ts";
import { FakeTransport, LOST, REFUSED } from "../support/fake_transport.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

type Handle = (input: ChargePointInput, nowMs: number) => readonly ChargePointEffect[];

/** A host whose core does as the test says; it opens its link when switched on. */
function hostOf(handle: Handle = () => [], script?: Script) {
  const clock = new VirtualClock();
  const transport = new FakeTransport();
  const inputs: ChargePointInput[] = [];
  const events: HostEvent[] = [];
  const host = new ChargePointHost({
    identity: "CP001",
    urls: { plain: "ws://central.test/ocpp", tls: "wss://central.test/secure" },
    chargePoint: {
      handle(input, nowMs) {
        inputs.push(input);
        return input.kind === "powerOn"
          ? [{ kind: "openLink", security: { securityProfile: 0, roots: [] } }]
          : handle(input, nowMs);
      },
      deadlineMs: () => Infinity,
    },
    transport,
    clock,
    random: () => 0.5,
    observer: (event) => events.push(event),
    ...(script === undefined ? {} : { script }),
    deadlineChanged: () => {},
  });
  const advance = (durationMs: number) => {
    clock.advance(durationMs);
    host.tick();
  };
  return { host, clock, transport, inputs, events, advance, kinds: () => inputs.map(({ kind }) => kind) };
}

Deno.test("ChargePointHost: the core hears of its link and its frames, and its texts reach the wire", () => {
  const { host, transport, kinds } = hostOf((input) =>
    input.kind === "linkUp" ? [{ kind: "send", text: "hello" }, { kind: "send", text: "again" }] : []
  );
  host.input({ kind: "powerOn" });
  transport.last.open();
  transport.last.handlers.onText("answer");
  assert.deepEqual(transport.last.received, ["hello", "again"]);
  assert.deepEqual(kinds(), ["powerOn", "linkUp", "frame"]);
});

Deno.test("ChargePointHost: an input that an effect causes waits until all effects are carried out", () => {
  const order: string[] = [];
  const script: Script = {
    observe: () => [{ kind: "plugIn", connectorId: 1 }],
    tick: () => [],
    deadlineMs: () => Infinity,
  };
  const { host, transport } = hostOf((input) => {
    order.push(input.kind);
    if (input.kind !== "linkUp") return [];
    return [
      { kind: "event", event: { kind: "registration", status: "Accepted", intervalSeconds: 300 } },
      { kind: "send", text: "after the event" },
    ];
  }, script);
  host.input({ kind: "powerOn" });
  transport.last.open();
  assert.deepEqual(order, ["linkUp", "plugIn"]);
  assert.deepEqual(transport.last.received, ["after the event"]);
});

Deno.test("ChargePointHost: a link that cannot be had is tried again with growing waits", () => {
  const { host, transport, events, advance } = hostOf();
  host.input({ kind: "powerOn" });
  for (let failures = 1; failures <= 3; failures++) {
    transport.last.handlers.onClose(REFUSED);
    const down = events.at(-1)!;
    assert.equal(down.kind, "linkDown");
    assert.ok(host.deadlineMs() < Infinity);
    advance(down.kind === "linkDown" ? down.retryInMs! : 0);
    assert.equal(transport.attempts.length, failures + 1);
  }
  const waits = events.flatMap((event) => event.kind === "linkDown" ? [event.retryInMs!] : []);
  assert.deepEqual(waits, [625, 1_125, 2_125]);
});

Deno.test("ChargePointHost: a link that held begins the waits anew, one that broke at once does not", () => {
  const { host, transport, events, advance } = hostOf();
  const wait = () => events.flatMap((event) => event.kind === "linkDown" ? [event.retryInMs!] : []).at(-1)!;
  host.input({ kind: "powerOn" });
  transport.last.handlers.onClose(REFUSED);
  advance(wait());
  transport.last.open();
  transport.last.handlers.onClose(LOST);
  assert.equal(wait(), 1_125);
  advance(wait());
  transport.last.open();
  advance(LINK_PROVEN_AFTER_MS);
  transport.last.handlers.onClose(LOST);
  assert.equal(wait(), 625);
});

Deno.test("ChargePointHost: an old connection's late frame and close change nothing", () => {
  const { host, transport, kinds, advance } = hostOf();
  host.input({ kind: "powerOn" });
  const old = transport.last;
  old.open();
  old.handlers.onClose(LOST);
  advance(1_000);
  transport.last.open();
  old.handlers.onText("late");
  old.handlers.onClose(LOST);
  assert.deepEqual(kinds(), ["powerOn", "linkUp", "linkDown", "linkUp"]);
  assert.ok(host.isUp);
});

Deno.test("ChargePointHost: an attempt without an answer is given up and tried again", () => {
  const { host, transport, events, advance } = hostOf();
  host.input({ kind: "powerOn" });
  advance(CONNECT_ATTEMPT_MAX_MS);
  assert.ok(transport.attempts[0]!.wasGivenUp);
  const down = events.at(-1)!;
  assert.ok(down.kind === "linkDown" && down.failure.message === "no answer within 20 s");
  advance(1_000);
  assert.equal(transport.attempts.length, 2);
  transport.attempts[0]!.open(); // too late: closed, and the new attempt goes on
  assert.deepEqual(transport.attempts[0]!.closedWith, { code: 1000, reason: "no longer wanted" });
});

Deno.test("ChargePointHost: closeLink and openLink in one go gives one link after the other", () => {
  const { host, transport, advance } = hostOf((input) =>
    input.kind === "plugIn"
      ? [{ kind: "closeLink", reason: "reset" }, {
        kind: "openLink",
        security: { securityProfile: 0, roots: [] },
      }]
      : []
  );
  host.input({ kind: "powerOn" });
  transport.last.open();
  host.input({ kind: "plugIn", connectorId: 1 });
  assert.deepEqual(transport.last.closedWith, { code: 1000, reason: "reset" });
  assert.equal(transport.attempts.length, 1);
  transport.last.handlers.onClose({ opened: true, reason: "closed", message: "closed", code: 1000 });
  advance(0);
  assert.equal(transport.attempts.length, 2);
});

Deno.test("ChargePointHost: close waits for the closing handshake, but not for ever", async () => {
  const { host, transport, advance, events } = hostOf();
  host.input({ kind: "powerOn" });
  transport.last.open();
  const closed = host.close("done");
  assert.deepEqual(transport.last.closedWith, { code: 1000, reason: "done" });
  advance(CLOSING_MAX_MS);
  await closed;
  assert.equal(events.at(-1)?.kind, "linkDown");
  assert.equal(host.deadlineMs(), Infinity);
});

Deno.test("ChargePointHost: a core that breaks is out of service and its link closed", () => {
  const { host, transport, events, kinds } = hostOf((input) => {
    if (input.kind === "frame") throw new Error("invariant");
    return [];
  });
  host.input({ kind: "powerOn" });
  transport.last.open();
  transport.last.handlers.onText("odd");
  assert.deepEqual(transport.last.closedWith, { code: 1000, reason: "internal error" });
  assert.equal(events.at(-1)?.kind, "hostFailed");
  host.input({ kind: "plugIn", connectorId: 1 });
  assert.deepEqual(kinds(), ["powerOn", "linkUp", "frame"]);
});

Deno.test("ChargePointHost: a link that is cut stays down until it is restored", () => {
  const { host, transport, kinds, advance } = hostOf();
  host.input({ kind: "powerOn" });
  transport.last.open();
  host.cutLink();
  assert.ok(transport.last.wasGivenUp);
  advance(3_600_000);
  assert.equal(transport.attempts.length, 1);
  host.restoreLink();
  transport.last.open();
  assert.deepEqual(kinds(), ["powerOn", "linkUp", "linkDown", "linkUp"]);
});

Deno.test("ChargePointHost: what a user does is told before the core does it", () => {
  const { host, events } = hostOf();
  host.input({ kind: "plugIn", connectorId: 1 });
  assert.deepEqual(events, [{ kind: "acted", input: { kind: "plugIn", connectorId: 1 } }]);
});

/** An `openLink` with this security. */
function openLink(security: LinkSecurity): ChargePointEffect {
  return { kind: "openLink", security };
}

/** An operator's act that the core of a test answers with effects. */
const ACT: ChargePointInput = { kind: "plugIn", connectorId: 1 };

Deno.test("ChargePointHost: each security profile has its URL, credentials and certificates", () => {
  const clientCertificate = { chain: "chain", privateKey: "key" };
  const all = { authorizationKey: "00ff", roots: ["root"], clientCertificate };
  const made = ([0, 1, 2, 3] as const).map((securityProfile) => {
    const { host, transport } = hostOf(() => [openLink({ securityProfile, ...all })]);
    host.input(ACT);
    const { url, options } = transport.last;
    return { url, options };
  });
  const credentials = { user: "CP001", password: new Uint8Array([0, 255]) };
  const plain = "ws://central.test/ocpp/CP001";
  const tls = "wss://central.test/secure/CP001";
  assert.deepEqual(made, [
    { url: plain, options: { pingIntervalSeconds: 0 } },
    { url: plain, options: { pingIntervalSeconds: 0, credentials } },
    { url: tls, options: { pingIntervalSeconds: 0, credentials, tls: { roots: ["root"] } } },
    { url: tls, options: { pingIntervalSeconds: 0, tls: { roots: ["root"], clientCertificate } } },
  ]);
});

Deno.test("ChargePointHost: another openLink holds from the next attempt on", () => {
  const second: LinkSecurity = { securityProfile: 2, authorizationKey: "00", roots: [] };
  const { host, transport, advance } = hostOf((input) => input === ACT ? [openLink(second)] : []);
  host.input({ kind: "powerOn" });
  transport.last.open();
  host.input(ACT);
  assert.equal(transport.attempts.length, 1);
  assert.equal(transport.last.closedWith, undefined);
  transport.last.handlers.onClose(LOST);
  advance(1_000);
  assert.deepEqual(transport.attempts.map(({ url }) => url), [
    "ws://central.test/ocpp/CP001",
    "wss://central.test/secure/CP001",
  ]);
});

Deno.test("ChargePointHost: the core hears why an attempt failed, and may fall back before the next", () => {
  const fallBack: LinkSecurity = { securityProfile: 1, authorizationKey: "00", roots: [] };
  const { host, transport, inputs, advance } = hostOf((input) => {
    if (input === ACT) return [openLink({ ...fallBack, securityProfile: 2 })];
    return input.kind === "linkDown" && input.cause === "invalidCertificate" ? [openLink(fallBack)] : [];
  });
  host.input(ACT);
  const failures: readonly LinkFailure[] = [
    { opened: false, reason: "certificateOutdated", message: "expired" },
    { opened: false, reason: "httpStatus", httpStatus: 401, message: "who are you" },
    { opened: false, reason: "httpStatus", httpStatus: 503, message: "busy" },
    { opened: false, reason: "clientCertificate", message: "another one" },
    REFUSED,
  ];
  for (const failure of failures) {
    transport.last.handlers.onClose(failure);
    advance(60_000);
  }
  assert.deepEqual(inputs.slice(1), [
    { kind: "linkDown", cause: "invalidCertificate" },
    { kind: "linkDown", cause: "unauthorized" },
    { kind: "linkDown", cause: "other" },
    { kind: "linkDown", cause: "tls" },
    { kind: "linkDown", cause: "other" },
  ]);
  assert.deepEqual(transport.attempts.map(({ url }) => url.split(":")[0]), [
    "wss",
    "ws",
    "ws",
    "ws",
    "ws",
    "ws",
  ]);
});

/** A host whose core sets the ping interval that an EV's connector number names, for want of a better way to say it. */
function pingingHost() {
  return hostOf((input) =>
    input.kind === "plugIn" ? [{ kind: "setPing", intervalSeconds: input.connectorId }] : []
  );
}

Deno.test("ChargePointHost: a connection that can ping does so as often as the core wants from then on", () => {
  const { host, transport } = pingingHost();
  transport.canPing = true;
  host.input({ kind: "plugIn", connectorId: 30 }, { kind: "powerOn" });
  assert.equal(transport.last.options.pingIntervalSeconds, 30);
  transport.last.open();
  host.input({ kind: "plugIn", connectorId: 60 }, { kind: "plugIn", connectorId: 0 });
  assert.deepEqual(transport.last.pings, [60, 0]);
  assert.equal(transport.attempts.length, 1);
});

Deno.test("ChargePointHost: a connection that cannot ping is closed politely and replaced at once", () => {
  const { host, transport, kinds, advance } = pingingHost();
  host.input({ kind: "powerOn" });
  transport.last.open();
  host.input({ kind: "plugIn", connectorId: 0 });
  assert.equal(transport.last.closedWith, undefined);
  host.input({ kind: "plugIn", connectorId: 30 });
  assert.deepEqual(transport.last.closedWith, { code: 1000, reason: "reconnecting to ping" });
  transport.last.handlers.onClose({ opened: true, reason: "closed", message: "closed", code: 1000 });
  advance(0);
  assert.equal(transport.attempts.length, 2);
  assert.equal(transport.last.options.pingIntervalSeconds, 30);
  transport.last.open();
  assert.deepEqual(kinds().filter((kind) => kind.startsWith("link")), ["linkUp", "linkDown", "linkUp"]);
  assert.equal(transport.last.closedWith, undefined); // it was asked for pings and has none: no second try
});

Deno.test("ChargePointHost: a ping interval that comes while connecting begins the attempt anew", () => {
  const { host, transport, kinds } = pingingHost();
  host.input({ kind: "powerOn" }, { kind: "plugIn", connectorId: 30 });
  assert.deepEqual(transport.attempts.map(({ wasGivenUp }) => wasGivenUp), [true, false]);
  transport.attempts[0]!.open();
  assert.equal(kinds().includes("linkUp"), false);
  transport.last.open();
  host.input({ kind: "plugIn", connectorId: 0 });
  assert.equal(kinds().filter((kind) => kind === "linkUp").length, 1);
  assert.equal(transport.attempts.length, 2);
});
