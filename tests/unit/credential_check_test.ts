/**
 * Passwords against their hashes: what is remembered, what waits, what is refused; and the real hashes.
 */
import assert from "node:assert/strict";
import { scryptHasher } from "../../src/adapters/scrypt_hasher.ts";
import { bytesOfDigits, readCredentials } from "../../src/runtime/basic_credentials.ts";
import {
  CredentialCheck,
  HASHES_AT_ONCE,
  HASHES_WAITING_MAX,
  VERDICTS_REMEMBERED_MAX,
} from "../../src/runtime/credential_check.ts";
import type { PasswordHasher } from "../../src/runtime/password_hasher.ts";
import { PlainHasher } from "../support/password_hasher.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a verdict is remembered, right or wrong, until the hash is another one", async () => {
  const hasher = new PlainHasher();
  const check = new CredentialCheck(hasher);
  const hash = await hasher.hash(bytes("secret"));
  assert.equal(await check.check(bytes("secret"), hash), true);
  assert.equal(await check.check(bytes("other"), hash), false);
  assert.equal(hasher.verified, 2);
  assert.equal(check.check(bytes("secret"), hash), true); // at once
  assert.equal(check.check(bytes("other"), hash), false);
  assert.equal(hasher.verified, 2);
  const later = await hasher.hash(bytes("secret"));
  assert.equal(await check.check(bytes("secret"), later), true);
  assert.equal(hasher.verified, 3);
});

Deno.test("the oldest verdicts are forgotten beyond the bound", async () => {
  const hasher = new PlainHasher();
  const check = new CredentialCheck(hasher);
  const hash = await hasher.hash(bytes("secret"));
  for (let number = 0; number <= VERDICTS_REMEMBERED_MAX; number++) {
    await check.check(bytes(`${number}`), hash);
  }
  const before = hasher.verified;
  check.check(bytes(`${VERDICTS_REMEMBERED_MAX}`), hash);
  assert.equal(hasher.verified, before);
  await check.check(bytes("0"), hash);
  assert.equal(hasher.verified, before + 1);
});

/** Ends nothing by itself. */
class HeldHasher implements PasswordHasher {
  readonly held: (() => void)[] = [];

  hash(password: Uint8Array): Promise<string> {
    return new Promise((resolve) => this.held.push(() => resolve(password.toHex())));
  }

  verify(password: Uint8Array, passwordHash: string): Promise<boolean> {
    return new Promise((resolve) => this.held.push(() => resolve(password.toHex() === passwordHash)));
  }

  digest(password: Uint8Array, passwordHash: string): string {
    return `${passwordHash}:${password.toHex()}`;
  }
}

Deno.test("a few are hashed at once, the others wait in line, and beyond the bound nobody is checked", async () => {
  const hasher = new HeldHasher();
  const check = new CredentialCheck(hasher);
  const order: number[] = [];
  const waiting = Array.from(
    { length: HASHES_AT_ONCE + HASHES_WAITING_MAX },
    (_, number) =>
      Promise.resolve(check.check(bytes(`${number}`), bytes(`${number}`).toHex())).then((verdict) => {
        assert.equal(verdict, true);
        order.push(number);
      }),
  );
  assert.equal(hasher.held.length, HASHES_AT_ONCE);
  assert.equal(await check.check(bytes("late"), "00"), "busy");
  assert.equal(await check.hash(bytes("late")), undefined);
  const same = check.check(bytes("0"), bytes("0").toHex()); // shares the one that runs
  for (let done = 0; done < waiting.length; done++) {
    hasher.held[done]!();
    await waiting[done];
  }
  assert.equal(await same, true);
  assert.deepEqual(order, waiting.map((_, number) => number));
  assert.equal(hasher.held.length, waiting.length);
});

Deno.test("scrypt: every hash has its own salt; only the password is right; what is no hash is an error", async () => {
  const hasher = scryptHasher();
  const password = new Uint8Array([0, 1, 255]);
  const [one, other] = [await hasher.hash(password), await hasher.hash(password)];
  assert.match(one, /^scrypt\$14\$8\$1\$/);
  assert.notEqual(one, other);
  assert.equal(await hasher.verify(password, one), true);
  assert.equal(await hasher.verify(password, other), true);
  assert.equal(await hasher.verify(new Uint8Array([0, 1, 254]), one), false);
  await assert.rejects(hasher.verify(password, "plain$1"), /not one of ours/);
  assert.equal(hasher.digest(password, one), hasher.digest(password, one));
  assert.notEqual(hasher.digest(password, one), hasher.digest(password, other));
  assert.notEqual(hasher.digest(password, one), scryptHasher().digest(password, one));
});

const basic = (text: string | Uint8Array) =>
  `Basic ${(typeof text === "string" ? bytes(text) : text).toBase64()}`;

Deno.test("OCPP-J §6.2.1 Basic is split by the identity, as bytes", () => {
  const worked = readCredentials("Basic QUwxMDAwOgABAgMEBQYH////////////////", "AL1000");
  assert.ok(worked.kind === "password");
  assert.equal(worked.password.toHex(), "0001020304050607ffffffffffffffffffffffff");
  const colon = readCredentials(basic("A:B:pass:word"), "A:B");
  assert.deepEqual(colon, { kind: "password", password: bytes("pass:word") });
  assert.deepEqual(readCredentials(basic("ä:p"), "ä"), { kind: "password", password: bytes("p") });
  assert.equal(readCredentials(undefined, "A").kind, "none");
  for (const other of ["B:p", "A", "AA:p", "a:p", ""]) {
    assert.equal(readCredentials(basic(other), "A").kind, other === "" ? "malformed" : "otherUser");
  }
  for (
    const wrong of ["", "Bearer QTpw", "Basic", "Basic ?", "Basic QTpw QTpw", `Basic ${"A".repeat(1_024)}`]
  ) {
    assert.equal(readCredentials(wrong, "A").kind, "malformed", wrong);
  }
});

Deno.test("a password of hexadecimal digits may stand for bytes", () => {
  assert.deepEqual(bytesOfDigits(bytes("00fF")), new Uint8Array([0, 255]));
  for (const other of ["0", "0g", ""]) assert.equal(bytesOfDigits(bytes(other)), undefined);
});
