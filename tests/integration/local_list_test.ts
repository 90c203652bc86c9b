/**
 * `…/local-list`: what is known of a Charge Point's Local Authorization List, and bringing it up to the idTags, over
 * real sockets.
 */
import assert from "node:assert/strict";
import { SqliteStore } from "../../src/adapters/sqlite/sqlite_store.ts";
import type { Write } from "../../src/central_system/store.ts";
import { LOCAL_LIST_ENTRIES_MAX } from "../../src/central_system/local_list_plan.ts";
import { BOOT_GRACE_MS } from "../../src/runtime/central_system_host.ts";
import { ControlledStore } from "../support/controlled_store.ts";
import { MemoryStore } from "../support/memory_store.ts";
import { assertProblem, overSockets, startServer, type TestServer } from "../support/server.ts";
import { type SeenEvent, Simulator } from "../support/simulator.ts";
import type { AnyFrame, SocketClient } from "../support/socket_client.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

// deno-lint-ignore no-explicit-any -- tests look into bodies freely
type Json = any;

const CP1 = "/api/v1/charge-points/CP1";

function send(server: TestServer, method: string, path: string, body: unknown) {
  const headers = { "content-type": "application/json" };
  return server.fetch(path, { method, headers, body: JSON.stringify(body) });
}

const enter = (server: TestServer, idTag: string, entry: unknown = {}) =>
  send(server, "PUT", `/api/v1/id-tags/${idTag}`, entry);
const update = (server: TestServer, wish: unknown = {}) => send(server, "POST", `${CP1}/local-list`, wish);
const known = async (server: TestServer): Promise<Json> => {
  const { confirmedAt: _, ...view } = (await server.get(`${CP1}/local-list`)).body;
  return view;
};

/** What a Charge Point answers: a payload, or the code of a CALLERROR. */
type ScriptedAnswer = Record<string, unknown> | string;

/** Answers the Calls that come, in the order of the script, and gives them back. */
async function play(chargePoint: SocketClient, script: readonly ScriptedAnswer[]): Promise<AnyFrame[]> {
  const calls: AnyFrame[] = [];
  for (const answer of script) {
    const call = await chargePoint.takeCall();
    calls.push(call);
    if (typeof answer === "string") chargePoint.sendText(JSON.stringify([4, call[1], answer, "", {}]));
    else chargePoint.answer(call, answer);
  }
  return calls;
}

const version = (listVersion: number) => ({ listVersion });
const status = (status: string) => ({ status });
const lengths = (sent: number, all = 1_000) => ({
  configurationKey: [
    { key: "LocalAuthListMaxLength", readonly: true, value: String(all) },
    { key: "SendLocalListMaxLength", readonly: true, value: String(sent) },
  ],
});

/** Starts an update while a script answers it: the body of the answer, and the Calls. */
async function updateWith(
  { server, chargePoint }: { server: TestServer; chargePoint: SocketClient },
  script: readonly ScriptedAnswer[],
  wish: unknown = {},
): Promise<{ body: Json; calls: AnyFrame[] }> {
  const [answer, calls] = await Promise.all([update(server, wish), play(chargePoint, script)]);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return { body: answer.body, calls };
}

/** Each SendLocalList as `Full 1: A, B` or `Differential 2: -A, C`. */
const told = (calls: readonly AnyFrame[]) =>
  calls.filter(([, , action]) => action === "SendLocalList").map(([, , , payload]) => {
    const entries = payload.localAuthorizationList.map(({ idTag, idTagInfo }: Json) =>
      idTagInfo === undefined ? `-${idTag}` : idTag
    );
    return `${payload.updateType} ${payload.listVersion}: ${entries.join(", ")}`;
  });

/** A Charge Point that has the idTags A to `last` as version 1. */
async function withList(server: TestServer, idTags: readonly string[]): Promise<SocketClient> {
  for (const idTag of idTags) await enter(server, idTag);
  const chargePoint = await server.connect("CP1");
  await chargePoint.boot();
  await updateWith({ server, chargePoint }, [version(0), lengths(100), status("Accepted")]);
  return chargePoint;
}

// --- with a Charge Point that has a list ---------------------------------------------------------------------

Deno.test({
  ...overSockets("local list: sent whole, then only what changed; offline the Charge Point decides by it"),
  async fn() {
    const clock = new VirtualClock({ nowMs: Date.now() });
    await using server = startServer({ clock });
    await enter(server, "Good");
    await enter(server, "Lost");
    await enter(server, "Bad", { blocked: true });
    await enter(server, "Old", { expiryDate: "2020-01-01T00:00:00Z" });
    await enter(server, "Member", { parentIdTag: "Group", expiryDate: "2050-01-01T00:00:00.000Z" });
    const configuration = { AuthorizationCacheEnabled: "false" };
    await using running = new Simulator(server.url, { configuration });
    await using events = await running.watch(`${CP1}/events`, "none");
    const happened = (holds: (event: SeenEvent) => boolean, what: string) => events.until(holds, what);
    await happened(({ data }) => data.kind === "registration" && data.status === "Accepted", "the boot");
    let shown = 0;
    const decided = async (idTag: string): Promise<string> => {
      await running.input("CP1", { kind: "presentIdTag", idTag, connectorId: 1 });
      const authorizations = () => events.events.filter(({ data }) => data.kind === "authorization");
      shown += 1;
      await happened(() => authorizations().length >= shown, `a decision about ${idTag}`);
      const { data } = authorizations().at(-1)!;
      if (data.status === "Accepted") {
        await running.input("CP1", { kind: "presentIdTag", idTag, connectorId: 1 });
      }
      return `${data.idTag} ${data.status}`;
    };
    const cut = (state: "cut" | "restored") => running.ask("POST", `${CP1}/link`, { state });
    const online = async () => {
      const connected = () => server.observer.of("connected").length;
      const before = connected();
      await cut("restored");
      await server.observer.until(() => connected() > before, "the link again");
      clock.advance(BOOT_GRACE_MS); // a mere reconnect brings no boot
    };

    assert.deepEqual(await known(server), {
      chargePoint: "CP1",
      state: "unknown",
      wantedEntries: 5,
      inStep: false,
    });
    const whole = await update(server);
    assert.equal(whole.body.outcome, "accepted", JSON.stringify(whole.body));
    assert.deepEqual(whole.body.steps, [
      { action: "GetLocalListVersion", outcome: "result", listVersion: 0 },
      { action: "GetConfiguration", outcome: "result" },
      {
        action: "SendLocalList",
        listVersion: 1,
        updateType: "Full",
        entries: 5,
        outcome: "result",
        status: "Accepted",
      },
    ]);
    const inStep = { chargePoint: "CP1", state: "known", version: 1, entries: 5, wantedEntries: 5 };
    assert.deepEqual(await known(server), { ...inStep, differences: 0, inStep: true });
    const { body: charging } = await running.ask("GET", CP1);
    assert.deepEqual(charging.localList, { version: 1, length: 5 });

    await cut("cut");
    assert.equal(await decided("GOOD"), "GOOD Accepted");
    assert.equal(await decided("Bad"), "Bad Blocked");
    assert.equal(await decided("Old"), "Old Expired");
    assert.equal(await decided("Other"), "Other NotAuthorizedOffline");
    await online();

    await enter(server, "Good", { blocked: true });
    await server.fetch("/api/v1/id-tags/Lost", { method: "DELETE" });
    await enter(server, "New");
    assert.deepEqual(await known(server), { ...inStep, differences: 3, inStep: false });
    const changed = await update(server);
    assert.deepEqual(changed.body.steps.slice(2), [{
      action: "SendLocalList",
      listVersion: 2,
      updateType: "Differential",
      entries: 3,
      outcome: "result",
      status: "Accepted",
    }]);
    assert.deepEqual([changed.body.localList.version, changed.body.localList.inStep], [2, true]);
    await cut("cut");
    assert.equal(await decided("Good"), "Good Blocked");
    assert.equal(await decided("Lost"), "Lost NotAuthorizedOffline");
    assert.equal(await decided("New"), "New Accepted");
    await online();

    const again = await update(server);
    assert.deepEqual(again.body.outcome, "inStep");
    assert.equal(again.body.steps.some(({ action }: Json) => action === "SendLocalList"), false);
    const updates = server.observer.of("localListUpdated");
    assert.deepEqual(updates.map(({ updateType, entries }) => [updateType, entries]), [
      ["Full", 5],
      ["Differential", 3],
    ]);
  },
});

// --- what belongs into it ------------------------------------------------------------------------------------

Deno.test({
  ...overSockets("local list: learned idTags and those that may not charge there are not in it"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    await chargePoint.result("Authorize", { idTag: "Learned" });
    await enter(server, "Member", { parentIdTag: "group" });
    await enter(server, "One");
    await enter(server, "Other");
    assert.equal((await known(server)).wantedEntries, 3);
    await send(server, "PUT", CP1, { registration: "Accepted", allowedIdTags: ["ONE", "Group"] });
    const script = [version(0), lengths(100), status("Accepted")];
    const { calls } = await updateWith({ server, chargePoint }, script);
    assert.deepEqual(calls[2]![3].localAuthorizationList, [
      { idTag: "Member", idTagInfo: { status: "Accepted", parentIdTag: "group" } },
      { idTag: "One", idTagInfo: { status: "Accepted" } },
    ]);
    await enter(server, "Learned"); // confirmed, and still not allowed there
    assert.equal((await known(server)).inStep, true);
    await send(server, "PUT", CP1, { registration: "Accepted" });
    assert.equal((await known(server)).differences, 2);
  },
});

Deno.test({
  ...overSockets("local list: what has expired by itself is no difference"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await withList(server, ["A"]);
    await enter(server, "A", { expiryDate: "2020-01-01T00:00:00Z" });
    const localAuthorizationList = [
      { idTag: "a", idTagInfo: { status: "Accepted", expiryDate: "2020-01-01T01:00:00+01:00" } },
    ];
    const payload = { listVersion: 9, updateType: "Full", localAuthorizationList };
    const call = server.call("CP1", { action: "SendLocalList", payload });
    await play(chargePoint, [status("Accepted")]);
    await call;
    assert.equal((await known(server)).inStep, true);
    await enter(server, "A", { expiryDate: "2020-01-01T00:00:01Z" });
    assert.equal((await known(server)).differences, 1);
  },
});

// --- how it is sent ------------------------------------------------------------------------------------------

Deno.test({
  ...overSockets("local list: in messages of the length that the Charge Point, or the operator, says"),
  async fn() {
    await using server = startServer();
    for (const idTag of ["A", "B", "C", "D", "E"]) await enter(server, idTag);
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const taken = status("Accepted");
    const first = await updateWith({ server, chargePoint }, [version(7), lengths(2), taken, taken, taken]);
    assert.deepEqual(first.calls[1]!.slice(2), ["GetConfiguration", {
      key: ["LocalAuthListMaxLength", "SendLocalListMaxLength"],
    }]);
    assert.deepEqual(told(first.calls), ["Full 8: A, B", "Differential 9: C, D", "Differential 10: E"]);
    assert.deepEqual([first.body.outcome, first.body.localList.version], ["accepted", 10]);
    assert.equal(first.body.localList.inStep, true);

    await enter(server, "F");
    await server.fetch("/api/v1/id-tags/A", { method: "DELETE" });
    const wish = { sendLocalListMaxLength: 1 }; // then nothing but the version is asked
    const second = await updateWith({ server, chargePoint }, [version(10), taken, taken], wish);
    assert.deepEqual(told(second.calls), ["Differential 11: -A", "Differential 12: F"]);

    const script = [version(12), taken];
    const whole = await updateWith({ server, chargePoint }, script, {
      updateType: "Full",
      sendLocalListMaxLength: 10,
    });
    assert.deepEqual(told(whole.calls), ["Full 13: B, C, D, E, F"]);
  },
});

Deno.test({
  ...overSockets("local list: a Charge Point that cannot say its limits gets a hundred at a time"),
  async fn() {
    const store = new MemoryStore();
    await using server = startServer({ database: store });
    for (let one = 0; one < 101; one++) {
      const idTag = `T${String(one).padStart(3, "0")}`;
      store.commit([
        { kind: "putIdTag", record: { key: idTag.toLowerCase(), idTag, blocked: false, source: "entered" } },
      ]);
    }
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const script = [version(0), "NotSupported", status("Accepted"), status("Accepted")];
    const { body } = await updateWith({ server, chargePoint }, script);
    assert.deepEqual(body.steps.slice(2).map(({ entries }: Json) => entries), [100, 1]);
  },
});

Deno.test({
  ...overSockets("local list: no idTags at all are an empty Full list"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await withList(server, ["A"]);
    await server.fetch("/api/v1/id-tags/A", { method: "DELETE" });
    const script = [version(1), lengths(100), status("Accepted")];
    const { calls } = await updateWith({ server, chargePoint }, script);
    assert.deepEqual(told(calls), ["Full 2: "]);
    // errata: it says 0 from then on, and that is no surprise
    const after = await updateWith({ server, chargePoint }, [version(0), lengths(100)]);
    assert.equal(after.body.outcome, "inStep");
  },
});

Deno.test({
  ...overSockets("local list: versions end at 2^31-1 and begin anew with a Full list"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await withList(server, ["A", "B", "C"]);
    const top = 2 ** 31 - 1;
    const raw = server.call("CP1", {
      action: "SendLocalList",
      payload: { listVersion: top, updateType: "Differential", localAuthorizationList: [{ idTag: "A" }] },
    });
    await play(chargePoint, [status("Accepted")]);
    await raw;
    const refused = await updateWith({ server, chargePoint }, [version(top), lengths(100)], {
      updateType: "Differential",
    });
    assert.deepEqual([refused.body.outcome, refused.body.detail], ["fullNeeded", "the versions are used up"]);
    const script = [version(top), lengths(100), status("Accepted")];
    const { calls } = await updateWith({ server, chargePoint }, script);
    assert.deepEqual(told(calls), ["Full 1: A, B, C"]);
  },
});

// --- what does not go well -----------------------------------------------------------------------------------

Deno.test({
  ...overSockets("local list: a Differential that is not taken is followed by one Full list, under auto"),
  async fn() {
    for (const why of ["Failed", "VersionMismatch"]) {
      await using server = startServer();
      await using chargePoint = await withList(server, ["A", "B"]);
      await enter(server, "C");
      const again = why === "Failed" ? [] : [version(5)];
      const first = [version(1), lengths(100), status(why)];
      const { body, calls } = await updateWith({ server, chargePoint }, [
        ...first,
        ...again,
        status("Accepted"),
      ]);
      const last = why === "Failed" ? 3 : 6;
      assert.deepEqual(told(calls), ["Differential 2: C", `Full ${last}: A, B, C`]);
      assert.deepEqual([body.outcome, body.localList.inStep], ["accepted", true]);

      await enter(server, "D");
      const both = await updateWith({ server, chargePoint }, [
        ...[version(last), lengths(100), status(why), ...again, status("Failed")],
      ]);
      assert.equal(both.body.outcome, "failed", "and no third one");
      assert.equal(told(both.calls).length, 2);

      const only = await updateWith({ server, chargePoint }, [version(last), lengths(100)], {
        updateType: "Differential",
      });
      assert.equal(only.body.outcome, "fullNeeded");
    }
  },
});

Deno.test({
  ...overSockets("local list: a Charge Point without one is told so, in each of the ways to say it"),
  async fn() {
    const ways: readonly (readonly ScriptedAnswer[])[] = [
      [version(-1)],
      ["NotSupported"],
      ["NotImplemented"],
      [version(0), lengths(100), status("NotSupported")],
      [version(0), lengths(100), "NotSupported"],
    ];
    for (const script of ways) {
      await using server = startServer();
      await enter(server, "A");
      await using chargePoint = await server.connect("CP1");
      await chargePoint.boot();
      const { body } = await updateWith({ server, chargePoint }, script);
      const { outcome, localList } = body;
      assert.deepEqual([outcome, localList.state, localList.version], ["notSupported", "notSupported", -1]);
    }
  },
});

Deno.test({
  ...overSockets("local list: other CALLERRORs, answers that fit no schema and silence end it, and say so"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await withList(server, ["A", "B"]);
    await enter(server, "C");
    const error = await updateWith({ server, chargePoint }, [version(1), lengths(100), "InternalError"]);
    assert.equal(error.body.outcome, "error");
    assert.equal(error.body.steps[2].errorCode, "InternalError");
    assert.equal(error.body.localList.state, "inDoubt");
    const unasked = await updateWith({ server, chargePoint }, ["GenericError"]);
    assert.equal(unasked.body.outcome, "error");

    const [silent] = await Promise.all([
      update(server, { timeoutSeconds: 0.2 }),
      play(chargePoint, [version(1), lengths(100)]),
    ]);
    assert.equal(silent.body.outcome, "timeout");
    assert.deepEqual(silent.body.steps.at(-1), {
      action: "SendLocalList",
      listVersion: 2,
      updateType: "Differential",
      entries: 1,
      outcome: "timeout",
    });
    const { state, version: confirmed, doubtfulVersion, inStep } = silent.body.localList;
    assert.deepEqual([state, confirmed, doubtfulVersion, inStep], ["inDoubt", 1, 2, false]);
  },
});

Deno.test({
  ...overSockets("local list: a link lost half-way leaves a doubt, which its version settles"),
  async fn() {
    for (const reached of [2, 3]) {
      await using server = startServer();
      for (const idTag of ["A", "B", "C", "D", "E"]) await enter(server, idTag);
      const chargePoint = await server.connect("CP1");
      await chargePoint.boot();
      const going = update(server);
      const taken = status("Accepted");
      await play(chargePoint, [version(0), lengths(2), taken, taken]);
      await chargePoint.takeCall(); // the third part is on its way
      await chargePoint.close();
      const { body } = await going;
      assert.deepEqual([body.outcome, body.steps.length], ["connectionLost", 5]);
      assert.deepEqual(await known(server), {
        chargePoint: "CP1",
        state: "inDoubt",
        version: 2,
        doubtfulVersion: 3,
        entries: 4,
        wantedEntries: 5,
        differences: 1,
        inStep: false,
      });

      await using again = await server.connect("CP1");
      await again.boot();
      const script = [version(reached), lengths(5), taken];
      const { calls } = await updateWith({ server, chargePoint: again }, script);
      // It had no effect: what was missing is sent. It had one: then nobody knows what it was made to.
      assert.deepEqual(told(calls), [reached === 2 ? "Differential 3: E" : "Full 4: A, B, C, D, E"]);
    }
  },
});

Deno.test({
  ...overSockets("local list: a device that lost its list, or was replaced, gets a Full one"),
  async fn() {
    await using server = startServer();
    await using chargePoint = await withList(server, ["A", "B"]);
    await enter(server, "C");
    const script = [version(0), lengths(100), status("Accepted")];
    const { calls } = await updateWith({ server, chargePoint }, script);
    assert.deepEqual(told(calls), ["Full 1: A, B, C"]);
    // Deleted, nothing is known of whoever comes by that name.
    await server.fetch(CP1, { method: "DELETE" });
    await using other = await server.connect("CP1");
    await other.boot();
    assert.equal((await known(server)).state, "unknown");
  },
});

Deno.test({
  ...overSockets("local list: nothing is sent to who is not there, or for more idTags than a list has"),
  async fn() {
    const store = new MemoryStore();
    await using server = startServer({ database: store });
    const refused = async (wish: unknown, expected: number, reason: string) => {
      const answer = await update(server, wish);
      assertProblem(answer, expected);
      assert.equal(answer.body.reason, reason);
    };
    await refused({}, 404, "unknownChargePoint");
    assertProblem(await server.get(`${CP1}/local-list`), 404);
    await send(server, "PUT", CP1, { registration: "Accepted" });
    await refused({}, 409, "notConnected");
    await enter(server, "A");
    await enter(server, "B");
    await refused({ sendLocalListMaxLength: 5, localAuthListMaxLength: 1 }, 409, "tooLong");
    for (const wrong of [{ updateType: "full" }, { sendLocalListMaxLength: 0 }, { other: 1 }]) {
      assertProblem(await update(server, wrong), 400);
    }
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const { body, calls } = await updateWith({ server, chargePoint }, [version(0), lengths(100, 1)]);
    assert.deepEqual([body.outcome, told(calls)], ["tooLong", []]);
    assert.match(body.detail, /2 idTags .* takes 1/);

    for (let one = 0; one < LOCAL_LIST_ENTRIES_MAX; one++) {
      const idTag = `T${one}`;
      store.commit([
        { kind: "putIdTag", record: { key: idTag.toLowerCase(), idTag, blocked: false, source: "entered" } },
      ]);
    }
    await refused({}, 409, "tooLong");
    assert.equal("wantedEntries" in await known(server), false);
    await send(server, "PUT", CP1, { registration: "Accepted", allowedIdTags: ["A"] });
    assert.equal((await known(server)).wantedEntries, 1);
  },
});

Deno.test({
  ...overSockets("local list: one update at a time of one Charge Point"),
  async fn() {
    await using server = startServer();
    await enter(server, "A");
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const first = update(server);
    const asked = await chargePoint.takeCall();
    const second = await update(server);
    assertProblem(second, 409);
    assert.equal(second.body.reason, "busy");
    chargePoint.answer(asked, version(-1));
    assert.equal((await first).body.outcome, "notSupported");
    const third = await updateWith({ server, chargePoint }, [version(-1)]);
    assert.equal(third.body.outcome, "notSupported");
  },
});

// --- what is known -------------------------------------------------------------------------------------------

Deno.test({
  ...overSockets("local list: an operator's own Calls are heeded"),
  async fn() {
    await using server = startServer();
    await enter(server, "A");
    await using chargePoint = await server.connect("CP1");
    await chargePoint.boot();
    const call = async (action: string, payload: unknown, answer: ScriptedAnswer, validate = true) => {
      const [{ status }] = await Promise.all([
        server.call("CP1", { action, payload, validate }),
        play(chargePoint, [answer]),
      ]);
      assert.equal(status, 200);
      const { state, version, entries } = await known(server);
      return [state, version, entries];
    };
    const sendList = (payload: unknown, answer: string, validate?: boolean) =>
      call("SendLocalList", payload, status(answer), validate);
    const accepted = { status: "Accepted" };
    const one = [{ idTag: "A", idTagInfo: accepted }];
    const list = (listVersion: number, updateType: string, localAuthorizationList: unknown = one) => (
      { listVersion, updateType, localAuthorizationList }
    );

    assert.deepEqual(await call("GetLocalListVersion", {}, version(4)), ["versionOnly", 4, undefined]);
    assert.deepEqual(await sendList(list(5, "Differential"), "Accepted"), ["versionOnly", 5, undefined]);
    assert.deepEqual(await sendList(list(6, "Full"), "Accepted"), ["known", 6, 1]);
    assert.equal((await known(server)).inStep, true);
    const changes = [{ idTag: "B", idTagInfo: accepted }, { idTag: "a" }];
    assert.deepEqual(await sendList(list(7, "Differential", changes), "Accepted"), ["known", 7, 1]);
    assert.equal((await known(server)).differences, 2);
    assert.deepEqual(await call("GetLocalListVersion", {}, version(7)), ["known", 7, 1]);
    // Refused: nobody says whether all of it was.
    assert.deepEqual(await sendList(list(8, "Full", []), "Failed"), ["inDoubt", 7, 1]);
    assert.deepEqual(await call("GetLocalListVersion", {}, version(7)), ["known", 7, 1]);
    assert.deepEqual(await sendList(list(7, "Differential"), "VersionMismatch"), [
      ...["unknown", undefined, undefined],
    ]);
    // The same version, another content: a number that tells nothing.
    assert.deepEqual(await sendList(list(9, "Full"), "Accepted"), ["known", 9, 1]);
    assert.deepEqual(await sendList(list(9, "Full", []), "Failed"), ["inDoubt", 9, undefined]);
    assert.deepEqual(await call("GetLocalListVersion", {}, version(9)), ["versionOnly", 9, undefined]);
    // An entry twice, in another case: what it made of that is its own affair.
    const twice = [...one, { idTag: "a", idTagInfo: { status: "Blocked" } }];
    assert.deepEqual(await sendList(list(10, "Full", twice), "Accepted"), ["versionOnly", 10, undefined]);
    assert.deepEqual(await sendList(list(11, "Full"), "Accepted"), ["known", 11, 1]);
    assert.deepEqual(await call("GetLocalListVersion", {}, version(0)), ["known", 0, 0]);
    assert.deepEqual(await call("GetLocalListVersion", {}, version(-1)), ["notSupported", -1, undefined]);
  },
});

Deno.test({
  ...overSockets("local list: a version that was told while a list waits its turn settles nothing"),
  async fn() {
    const store = new ControlledStore(new MemoryStore());
    await using server = startServer({ database: store });
    await using chargePoint = await withList(server, ["A", "B"]);
    const asking = server.call("CP1", { action: "GetLocalListVersion", payload: {} });
    const question = await chargePoint.takeCall();
    const payload = { listVersion: 2, updateType: "Full", localAuthorizationList: [] };
    const sending = server.call("CP1", { action: "SendLocalList", payload });
    const isDoubt = (write: Write) => write.kind === "putLocalList" && write.record.doubtfulVersion === 2;
    await store.until(() => store.commits.some((writes) => writes.some(isDoubt)), "its doubt"); // it is in line
    chargePoint.answer(question, version(1));
    await asking;
    assert.equal((await known(server)).state, "inDoubt");
    await play(chargePoint, [status("Accepted")]);
    await sending;
    assert.deepEqual([(await known(server)).state, (await known(server)).entries], ["known", 0]);
  },
});

Deno.test({
  ...overSockets("local list: what is known survives a restart", "read", "write"),
  async fn() {
    const path = await Deno.makeTempFile({ suffix: ".db" });
    await Deno.remove(path);
    try {
      {
        await using server = startServer({ database: path });
        await using _ = await withList(server, ["A", "B"]);
      }
      await using server = startServer({ database: path });
      const { state, version, entries, inStep } = await known(server);
      assert.deepEqual([state, version, entries, inStep], ["known", 1, 2, true]);
    } finally {
      for (const suffix of ["", "-wal", "-shm"]) await Deno.remove(path + suffix).catch(() => {});
    }
  },
});

Deno.test({
  ...overSockets("local list: an answer that cannot be written down leaves a doubt, never the old belief"),
  async fn() {
    const memory = new MemoryStore();
    const store = new ControlledStore(memory);
    await using server = startServer({ database: store });
    await using chargePoint = await withList(server, ["A", "B"]);
    await enter(server, "C");
    const going = update(server);
    await play(chargePoint, [version(1), lengths(100)]);
    const part = await chargePoint.takeCall();
    // What is on its way was written down before it left.
    assert.equal(memory.query("localList", { chargePoint: "CP1" })?.doubtfulVersion, 2);
    store.isFailing = true;
    chargePoint.answer(part, status("Accepted"));
    const { status: code, body } = await going;
    assert.deepEqual([code, body.outcome], [200, "storeFailed"]);
    const { state, version: confirmed, doubtfulVersion } = body.localList;
    assert.deepEqual([state, confirmed, doubtfulVersion], ["inDoubt", 1, 2]);
    store.isFailing = false;
  },
});

Deno.test({
  ...overSockets("local list: a SendLocalList does not leave before its doubt is committed"),
  async fn() {
    const store = new ControlledStore(new SqliteStore(":memory:"));
    await using server = startServer({ database: store });
    await using chargePoint = await withList(server, ["A", "B"]);
    await enter(server, "C");
    const payload = { listVersion: 2, updateType: "Full", localAuthorizationList: [] };
    store.hold();
    const call = server.call("CP1", { action: "SendLocalList", payload });
    await store.until(() => store.isHeld, "the commit");
    const before = chargePoint.frames.length;
    store.isFailing = true;
    store.release();
    assertProblem(await call, 503);
    await chargePoint.closed;
    assert.equal(chargePoint.frames.length, before);
    store.isFailing = false;
  },
});
