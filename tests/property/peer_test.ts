import assert from "node:assert/strict";
import fc from "fast-check";
import type { OutgoingCall } from "../../src/rpc/call_queue.ts";
import { Peer } from "../../src/rpc/peer.ts";
import { PROPERTY_SEED } from "../support/arbitraries.ts";

const TIMEOUT_MS = 1_000;
const WAITING_MAX = 5;

/** One thing that happens to a peer. `id` names a Call by the order in which it was enqueued. */
type Step =
  | { readonly kind: "enqueue" }
  | { readonly kind: "sendNext" }
  | { readonly kind: "sendNow" }
  | { readonly kind: "answer"; readonly which: "inFlight" | number; readonly isError: boolean }
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "interrupt" }
  | { readonly kind: "takeWaiting" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ kind: "enqueue" }) },
  { weight: 4, arbitrary: fc.constant<Step>({ kind: "sendNext" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "sendNow" }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      which: fc.oneof(fc.constant("inFlight" as const), fc.nat(20)),
      isError: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.nat(2 * TIMEOUT_MS) }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: "interrupt" }, { kind: "takeWaiting" }) },
);

Deno.test("Peer: never two in flight, in order, and each Call ends exactly once", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const peer = new Peer<number>({ maxWaiting: WAITING_MAX });
      let nowMs = 0;
      let calls = 0;
      let inFlight: { id: string; sentAtMs: number } | undefined;
      const waiting: string[] = [];
      const ended = new Set<string>();
      const call = (): OutgoingCall<number> => {
        const tag = ++calls;
        return { uniqueId: String(tag), action: "Reset", payload: {}, timeoutMs: TIMEOUT_MS, tag };
      };
      const end = (id: string) => {
        assert.equal(ended.has(id), false, `${id} ended twice`);
        ended.add(id);
      };
      for (const one of steps) {
        switch (one.kind) {
          case "enqueue": {
            const next = call();
            const hasRoom = waiting.length < WAITING_MAX;
            assert.equal(peer.enqueue(next), hasRoom);
            if (hasRoom) waiting.push(next.uniqueId);
            else end(next.uniqueId);
            break;
          }
          case "sendNext": {
            const sent = peer.sendNext(nowMs);
            assert.equal(sent?.uniqueId, inFlight === undefined ? waiting.shift() : undefined);
            if (sent !== undefined) inFlight = { id: sent.uniqueId, sentAtMs: nowMs };
            break;
          }
          case "sendNow": {
            const next = call();
            assert.equal(peer.sendNow(next, nowMs), inFlight === undefined);
            if (inFlight === undefined) inFlight = { id: next.uniqueId, sentAtMs: nowMs };
            else end(next.uniqueId);
            break;
          }
          case "answer": {
            const uniqueId = one.which === "inFlight" ? inFlight?.id ?? "none" : String(one.which);
            const settled = one.isError
              ? peer.receive(
                { kind: "callError", uniqueId, errorCode: "X", errorDescription: "", errorDetails: {} },
                nowMs,
              )
              : peer.receive({ kind: "callResult", uniqueId, payload: {} }, nowMs);
            assert.equal(settled.kind === "settled", uniqueId === inFlight?.id);
            if (settled.kind !== "settled") break;
            assert.deepEqual([settled.call.uniqueId, settled.latencyMs], [
              uniqueId,
              nowMs - inFlight!.sentAtMs,
            ]);
            end(uniqueId);
            inFlight = undefined;
            break;
          }
          case "time": {
            nowMs += one.ms;
            const isOver = inFlight !== undefined && nowMs - inFlight.sentAtMs >= TIMEOUT_MS;
            const settled = peer.expire(nowMs);
            assert.equal(settled?.call.uniqueId, isOver ? inFlight!.id : undefined);
            if (settled === undefined) break;
            end(settled.call.uniqueId);
            inFlight = undefined;
            break;
          }
          case "interrupt": {
            const given = peer.interrupt();
            assert.equal(given?.uniqueId, inFlight?.id);
            if (given !== undefined) end(given.uniqueId);
            inFlight = undefined;
            break;
          }
          case "takeWaiting":
            assert.deepEqual(peer.takeWaiting().map(({ uniqueId }) => uniqueId), waiting);
            for (const id of waiting.splice(0)) end(id);
        }
        assert.equal(peer.inFlight?.uniqueId, inFlight?.id);
        assert.equal(peer.waiting, waiting.length);
        assert.equal(peer.deadlineMs(), inFlight === undefined ? Infinity : inFlight.sentAtMs + TIMEOUT_MS);
      }
      assert.equal(ended.size + waiting.length + (inFlight === undefined ? 0 : 1), calls);
    }),
    { seed: PROPERTY_SEED, numRuns: 1_000 },
  );
});
