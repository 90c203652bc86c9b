/**
 * What a system under test may cost its tester, however much it says.
 */
import assert from "node:assert/strict";
import { INBOX_MAX, RUN_TEXT_MAX } from "../../src/conformance/exchange.ts";
import { Rig } from "../support/conformance_rig.ts";

const AUTHORIZE = { idTag: "A" };

Deno.test("conformance bounds: Calls that wait for an answer are so many, and one more fails", () => {
  const rig = new Rig(function* (t) {
    yield* t.send("ClearCache", {});
  });
  for (let index = 0; index < INBOX_MAX; index++) rig.frame(2, `u${index}`, "Authorize", AUTHORIZE);
  assert.equal(rig.run.result, undefined);
  rig.frame(2, "one more", "Authorize", AUTHORIZE).pass(60);
  assert.equal(rig.verdict, "FAIL");
  assert.match(rig.run.result!.failure!.expected, /at most 1000 Calls/);
});

Deno.test("conformance bounds: long texts are kept until they are many, and then their beginnings", () => {
  const rig = new Rig((t) => t.wait(100_000));
  const data = "x".repeat(60_000);
  const count = 2_000;
  for (let index = 0; index < count; index++) {
    rig.frame(2, `u${index}`, "DataTransfer", { vendorId: "V", data });
  }
  const { frames } = rig.run.exchange;
  assert.equal(frames.length, 2 * count, "with their answers");
  const length = frames.reduce((sum, { text }) => sum + text.length, 0);
  assert.ok(length < RUN_TEXT_MAX + 2 * count * 1_000, String(length));
  assert.match(frames.at(-2)!.text, /^\[2,"u1999","DataTransfer",.*… \(60\d+ characters\)$/);
});

Deno.test("conformance bounds: a uniqueId that is used again is found, also where only the length of a long Call tells it", () => {
  const rig = new Rig((t) => t.wait(100_000));
  const data = "x".repeat(5_000);
  rig.frame(2, "u1", "DataTransfer", { vendorId: "V", data });
  rig.frame(2, "u1", "DataTransfer", { vendorId: "V", data }).pass(1);
  assert.equal(rig.run.result, undefined, "the same may be sent again");
  rig.frame(2, "u1", "DataTransfer", { vendorId: "V", data: `${data}y` }).pass(60);
  assert.equal(rig.verdict, "FAIL");
});
