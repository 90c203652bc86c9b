/**
 * What came and was no message is shown as it came: malformed, binary, over-long.
 */
import assert from "node:assert/strict";
import { FRAME_BYTES_MAX } from "../../src/ocpp/frame.ts";
import { FRAME_TEXT_MAX } from "../../src/runtime/frame_log.ts";
import { onBothListeners } from "../support/both_listeners.ts";
import { within } from "../support/within.ts";

onBothListeners("messages: what is no message is shown as it came, and bounded", async (start) => {
  await using server = await start();
  const chargePoint = await server.connect("CP1");
  await chargePoint.boot();
  const long = `[2,"1","${"ä".repeat(FRAME_TEXT_MAX)}"`;
  chargePoint.sendText("<xml/>\u0000\u2028");
  chargePoint.sendText(new Uint8Array([1, 2, 3]).buffer);
  chargePoint.sendText(long);
  chargePoint.sendText("x".repeat(FRAME_BYTES_MAX + 1));
  const { code } = await within(chargePoint.closed, "the end of the connection");
  assert.ok(code === 1009 || code === 1006, String(code)); // our close may meet its data
  const { body } = await server.get("/api/v1/charge-points/CP1/messages?outcome=ignored");
  const shown = body.items.map((one: { request: string; answer: string }) => [one.answer, one.request]);
  assert.deepEqual(shown.map(([answer]: [string]) => answer), [
    ...["tooLarge", "notJson", "binary message of 3 bytes", "notJson"],
  ]);
  assert.equal(shown[3][1], "<xml/>\u0000\u2028");
  assert.equal(shown[1][1], `${long.slice(0, FRAME_TEXT_MAX)}…`);
  assert.ok(shown[0][1].length <= FRAME_TEXT_MAX + 1);
});
