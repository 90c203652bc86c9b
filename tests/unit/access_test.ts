/**
 * Bounds of logins, and what TLS changes: without a network.
 */
import assert from "node:assert/strict";
import { createApi } from "../../src/http/shared/api_app.ts";
import { GUESSERS_MAX, Guesses, GUESSES_MAX } from "../../src/http/shared/guesses.ts";
import { Sessions, SESSIONS_MAX } from "../../src/http/shared/sessions.ts";

Deno.test("sessions: a further one ends the oldest, and one that is made up is none", () => {
  const sessions = new Sessions({ nowMs: () => 0 });
  const secrets = Array.from({ length: SESSIONS_MAX }, () => sessions.begin());
  assert.ok(secrets.every((secret) => sessions.has(secret)));
  secrets.push(sessions.begin());
  assert.deepEqual(secrets.map((secret) => sessions.has(secret)), [
    false,
    ...secrets.slice(1).map(() => true),
  ]);
  assert.equal(sessions.has("made up"), false);
});

Deno.test("guesses: some at once, then some a minute, each address by itself, and a bound on addresses", () => {
  let nowMs = 0;
  const guesses = new Guesses({ nowMs: () => nowMs });
  for (let guess = 0; guess < GUESSES_MAX; guess++) {
    assert.equal(guesses.waitSeconds("a"), 0);
    guesses.count("a");
  }
  assert.equal(guesses.waitSeconds("a"), 60 / GUESSES_MAX);
  assert.equal(guesses.waitSeconds("b"), 0);
  nowMs += 60_000 / GUESSES_MAX;
  assert.equal(guesses.waitSeconds("a"), 0);
  guesses.count("a");
  assert.ok(guesses.waitSeconds("a") > 0);
  for (let address = 0; address < GUESSERS_MAX; address++) guesses.count(`other ${address}`);
  assert.equal(guesses.waitSeconds("a"), 0); // forgotten: it guessed longest ago
});

const app = createApi({
  ...{ title: "t", index: "i", token: "s3cret", isLoopback: false, nowMs: () => 0 },
  onRefused: () => {},
  addOpenRoutes: () => {},
});

function ask(url: string, init: { headers?: Record<string, string>; method?: string; body?: string } = {}) {
  const headers = { host: new URL(url).host, ...init.headers };
  return app.request(url, { ...init, headers });
}

Deno.test("over TLS the cookie is Secure, and a page that came without TLS is another site", async () => {
  const login = (url: string, origin: string) =>
    ask(`${url}/login`, {
      method: "POST",
      headers: { origin, "content-type": "application/x-www-form-urlencoded" },
      body: "token=s3cret",
    });
  const secure = await login("https://cs.test", "https://cs.test");
  assert.match(secure.headers.get("set-cookie")!, /^ocpp_session_443=.*; HttpOnly; Secure; SameSite=Strict$/);
  assert.equal((await login("https://cs.test", "http://cs.test")).status, 403);
  const plain = await login("http://cs.test:9000", "http://cs.test:9000");
  assert.match(plain.headers.get("set-cookie")!, /^ocpp_session_9000=[^]*HttpOnly; SameSite=Strict$/);
  // A proxy may do TLS for us.
  assert.equal((await login("http://cs.test", "https://cs.test")).status, 303);
});

Deno.test("an Origin is compared as a whole", async () => {
  const headers = { authorization: "Bearer s3cret" };
  const from = async (origin: string, url = "http://cs.test:9000/") =>
    (await ask(url, { headers: { ...headers, origin } })).status;
  for (const origin of ["http://cs.test:9000", "https://cs.test:9000"]) assert.equal(await from(origin), 200);
  assert.equal(await from("http://cs.test", "http://cs.test:80/"), 200);
  assert.equal(await from("http://[::1]:9000", "http://[::1]:9000/"), 200);
  const others = [
    ...["http://cs.test", "http://cs.test:90", "http://cs.test:9000/", "http://cs.test:9000.evil.test"],
    ...[
      "http://evil.test/http://cs.test:9000",
      "http://x@cs.test:9000",
      "ftp://cs.test:9000",
      "null",
      "cs.test:9000",
    ],
    ...["http://cs.test:9000, http://cs.test:9000", "http://cs.test.:9000", ""],
  ];
  for (const origin of others) assert.equal(await from(origin), 403, origin);
});
