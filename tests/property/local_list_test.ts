/**
 * What is known of a Local Authorization List is never wrong, whatever is sent, lost, refused or not written down; and
 * what is planned brings any list to what is wanted.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { changesOf, LIST_VERSION_MAX, planLocalList } from "../../src/central_system/local_list_plan.ts";
import type { CommandOutcome } from "../../src/central_system/commands.ts";
import type { LocalListEntry } from "../../src/central_system/told_record.ts";
import { EMPTY_LIST, type LocalList } from "../../src/charge_point/authorization/id_tag_info.ts";
import { updatedList } from "../../src/charge_point/authorization/local_list.ts";
import type { Req } from "../../src/ocpp/registry.ts";
import { PROPERTY_SEED } from "../support/arbitraries.ts";
import { DecidingCentralSystem } from "../support/deciding_central_system.ts";

const idTag = fc.constantFrom("A", "B", "C", "D", "e");
const idTagInfo = fc.constantFrom("Accepted", "Blocked").map((status) => ({ status: status as "Accepted" }));
const entries = fc.uniqueArray(
  fc.record({ idTag, idTagInfo: fc.option(idTagInfo, { nil: undefined }) }),
  { maxLength: 4, selector: ({ idTag }) => idTag },
).map((list) =>
  list.map(({ idTag, idTagInfo }) => idTagInfo === undefined ? { idTag } : { idTag, idTagInfo })
);

/** What becomes of a SendLocalList on its way; the program may crash before it hears of it. */
type Fate = "answered" | "lostBefore" | "lostAfter" | "notSent";

type Step =
  | { readonly kind: "send"; readonly req: Req<"SendLocalList"> }
  | { readonly kind: "ask" }
  /** The Call that left first is over. */
  | { readonly kind: "over"; readonly fate: Fate }
  /** Whatever was on its way is forgotten; the first one may have had its effect. */
  | { readonly kind: "crash"; readonly hadEffect: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      req: fc.record({
        listVersion: fc.integer({ min: 1, max: 6 }),
        updateType: fc.constantFrom("Full" as const, "Differential" as const),
        localAuthorizationList: entries,
      }),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: "ask" }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("over" as const),
      fate: fc.constantFrom<Fate>("answered", "answered", "answered", "lostBefore", "lostAfter", "notSent"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const), hadEffect: fc.boolean() }) },
);

/** A Charge Point's list as one of ours keeps it. */
class Device {
  list: LocalList = EMPTY_LIST;

  send(req: Req<"SendLocalList">): string {
    const updated = updatedList(this.list, req, { entriesMax: 4, sentMax: 4 });
    if (typeof updated === "string") return updated;
    this.list = updated;
    return "Accepted";
  }

  get texts(): string[] {
    return this.list.entries.map(({ idTag, idTagInfo }) => `${idTag} ${idTagInfo.status}`).sort();
  }
}

Deno.test("§5.15 what is known of a list is what the Charge Point has, whatever was lost on the way", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
      const system = new DecidingCentralSystem();
      const device = new Device();
      /** In the order in which they were noted; `undefined` asks for the version. */
      let onTheirWay: (Req<"SendLocalList"> | undefined)[] = [];
      const isListOnItsWay = () => onTheirWay.some((one) => one !== undefined);
      for (const one of steps) {
        switch (one.kind) {
          case "send":
            system.ownCall("SendLocalList", one.req, { isListOnItsWay: isListOnItsWay() });
            onTheirWay.push(one.req);
            break;
          case "ask":
            onTheirWay.push(undefined);
            break;
          case "crash": {
            const [first] = onTheirWay;
            if (first !== undefined && one.hadEffect) device.send(first);
            onTheirWay = [];
            break;
          }
          case "over": {
            if (onTheirWay.length === 0) break;
            const req = onTheirWay.shift();
            const arrives = one.fate === "answered" || one.fate === "lostAfter";
            const payload = req === undefined
              ? { listVersion: device.list.version }
              : { status: arrives ? device.send(req) : "" };
            const outcome: CommandOutcome = one.fate === "answered"
              ? { kind: "result", payload }
              : { kind: one.fate === "notSent" ? "queueFull" : "timeout" };
            system.ownCall(req === undefined ? "GetLocalListVersion" : "SendLocalList", req ?? {}, {
              outcome,
              isListOnItsWay: isListOnItsWay(),
            });
          }
        }
        assertTrue(system, device);
      }
      // Once nothing is on its way, its version is known after a question.
      const payload = { listVersion: device.list.version };
      system.ownCall("GetLocalListVersion", {}, { outcome: { kind: "result", payload } });
      const record = system.store.query("localList", { chargePoint: "CP1" });
      assert.deepEqual([record?.version, record?.doubtfulVersion], [device.list.version, undefined]);
      assertTrue(system, device);
    }),
    { seed: PROPERTY_SEED, numRuns: 1_000 },
  );
});

function kept(system: DecidingCentralSystem): readonly LocalListEntry[] {
  return system.store.query("localListEntries", { chargePoint: "CP1", limit: 100 }).items;
}

/**
 * Not doubted, its version is so; its content where that is known, in doubt as long as the version is the one that
 * was confirmed. Our Charge Point says 0 of any list that has become empty.
 */
function assertTrue(system: DecidingCentralSystem, { list, texts }: Device): void {
  const record = system.store.query("localList", { chargePoint: "CP1" });
  const isDoubted = record?.doubtfulVersion !== undefined;
  const isVersionSo = record?.version === list.version || list.version === 0;
  if (record?.version !== undefined && !isDoubted) assert.ok(isVersionSo, `version ${record.version}`);
  if (record?.isContentKnown !== true) return assert.deepEqual(kept(system), []);
  if (isDoubted && list.version !== record.version) return;
  assert.deepEqual(kept(system).map(({ key, idTagInfo }) => `${key} ${idTagInfo.status}`).sort(), texts);
}

Deno.test("§5.15 any list becomes what is wanted, by either kind of update, in messages of any length", () => {
  const list = fc.uniqueArray(fc.record({ idTag, idTagInfo }), { selector: ({ idTag }) => idTag });
  fc.assert(
    fc.property(
      ...[
        list,
        list,
        fc.constantFrom("Full", "Differential", "auto"),
        fc.integer({ min: 1, max: 3 }),
      ] as const,
      fc.constantFrom(0, 1, LIST_VERSION_MAX - 2, LIST_VERSION_MAX - 1, LIST_VERSION_MAX),
      (before, after, updateType, sentMax, version) => {
        const entry = (one: (typeof before)[number]) => ({ key: one.idTag.toLowerCase(), ...one });
        const wanted = new Map(after.map((one) => [one.idTag.toLowerCase(), entry(one)]));
        const changes = changesOf(before.map(entry), wanted, 0);
        const record = { chargePoint: "CP1", version, isContentKnown: true };
        const plan = planLocalList({ record, wanted, changes, updateType: updateType as "auto", sentMax });
        const device = new Device();
        device.list = { version, entries: before.map((one) => ({ ...one, idTag: one.idTag.toLowerCase() })) };
        if (plan.kind === "fullNeeded") {
          assert.equal(updateType, "Differential");
          assert.ok(version + Math.ceil(changes.length / sentMax) > LIST_VERSION_MAX);
          return;
        }
        for (const part of plan.kind === "send" ? plan.parts : []) {
          assert.ok(part.localAuthorizationList!.length <= sentMax);
          assert.ok(part.listVersion > 0 && part.listVersion <= LIST_VERSION_MAX);
          const updated = updatedList(device.list, part, { entriesMax: 5, sentMax });
          assert.ok(typeof updated !== "string", `${updated} for version ${part.listVersion}`);
          // An empty list is of version 0, and what follows goes on from there.
          device.list = updated;
        }
        const texts = after.map(({ idTag, idTagInfo }) => `${idTag.toLowerCase()} ${idTagInfo.status}`)
          .sort();
        assert.deepEqual(device.texts, texts);
      },
    ),
    { seed: PROPERTY_SEED, numRuns: 1_000 },
  );
});
