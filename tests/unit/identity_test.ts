import assert from "node:assert/strict";
import { connectionUrl, IDENTITY_MAX_BYTES, identityOf } from "../../src/runtime/identity.ts";

/** Paths and the identity in them. */
const IDENTITIES: readonly (readonly [path: string, identity: string])[] = [
  ["/CP001", "CP001"],
  ["/ocpp/1.6/CP001", "CP001"],
  ["//ocpp//CP001", "CP001"],
  ["/CP001/", "CP001"],
  ["/CP001//", "CP001"],
  ["/CP001?token=a/b", "CP001"],
  ["/CP001#a/b", "CP001"],
  ["/RDAM%20123", "RDAM 123"],
  ["/a%2Fb", "a/b"],
  ["/CP:1", "CP:1"],
  ["/%C3%A9", "é"],
  ["/é", "é"],
  [`/${"x".repeat(IDENTITY_MAX_BYTES)}`, "x".repeat(IDENTITY_MAX_BYTES)],
];

for (const [path, identity] of IDENTITIES) {
  Deno.test(`OCPP-J §3.1.1 ${path.slice(0, 40)} is of ${identity.slice(0, 20)}`, () => {
    assert.deepEqual(identityOf(path), { ok: true, identity });
  });
}

/** Paths without one. */
const NONE: readonly (readonly [what: string, path: string, why: RegExp])[] = [
  ["nothing", "", /must end in the identity/],
  ["the root", "/", /must end in the identity/],
  ["slashes", "///", /must end in the identity/],
  ["a query only", "/?id=CP001", /must end in the identity/],
  ["a broken escape", "/CP%2", /percent-encoded/],
  ["an escape that is no UTF-8", "/%FF", /percent-encoded/],
  ["a control character", "/CP%00", /control characters/],
  ["a control character that begins an escape sequence", "/CP%C2%9B", /control characters/],
  ["a line break", "/CP%0A1", /control characters/],
  ["more than 255 bytes", `/${"x".repeat(IDENTITY_MAX_BYTES + 1)}`, /longer than 255 bytes/],
  ["more than 255 bytes in fewer characters", `/${"é".repeat(128)}`, /longer than 255 bytes/],
];

for (const [what, path, why] of NONE) {
  Deno.test(`OCPP-J §3.1.1 ${what}: no identity, and why`, () => {
    const named = identityOf(path);
    assert.ok(!named.ok);
    assert.match(named.why, why);
  });
}

Deno.test("OCPP-J §3.1.1 what connectionUrl encodes identityOf decodes", () => {
  for (const identity of ["CP001", "RDAM 123", "a/b", "100%", "é?#", "CP:1"]) {
    const url = connectionUrl({ url: "ws://central.test/ocpp//", identity });
    assert.ok(url.startsWith("ws://central.test/ocpp/"), url);
    const { pathname, search } = new URL(url);
    assert.deepEqual(identityOf(pathname + search), { ok: true, identity });
  }
});
