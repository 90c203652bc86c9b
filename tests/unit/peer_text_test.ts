import assert from "node:assert/strict";
import { peerText, storedText } from "../../src/adapters/sqlite/peer_text.ts";

const TEXTS = [
  "",
  "TAG001",
  "Zürich 😀",
  "a\u0000b",
  "\ud800",
  "\udc00x",
  "\u001a",
  "\u001a0000",
  "\u0000\u001a\ud83d",
];

Deno.test("peer texts: whatever JSON can say is stored as whole UTF-8 and read as it was", () => {
  for (const text of TEXTS) {
    const stored = storedText(text);
    assert.ok(stored.isWellFormed() && !stored.includes("\u0000"), JSON.stringify(stored));
    assert.equal(peerText(stored), text);
  }
  assert.equal(new Set(TEXTS.map(storedText)).size, TEXTS.length);
});

Deno.test("peer texts: usual ones are stored as they are, and older files are read as they were", () => {
  for (const text of ["TAG001", "Zürich 😀", ""]) assert.equal(storedText(text), text);
  assert.equal(peerText("an older file's \u001a alone"), "an older file's \u001a alone");
});
