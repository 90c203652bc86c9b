/**
 * How a person gets in with a browser: a form, a session in a cookie, and what it is good for.
 */
import assert from "node:assert/strict";
import { systemClock } from "../../src/adapters/system_clock.ts";
import { SESSION_SECONDS } from "../../src/http/shared/sessions.ts";
import { onBothListeners } from "../support/both_listeners.ts";
import { assertProblem, overSockets, startServer } from "../support/server.ts";
import type { TestServer } from "../support/server.ts";

const TOKEN = "s3cret";
/** A browser that keeps no cookies but those that it is given. */
class Browser {
  constructor(readonly server: TestServer, readonly cookie = "") {}

  get(path: string, headers: Record<string, string> = {}) {
    return this.send("GET", path, { accept: "text/html,application/xhtml+xml,*/*;q=0.8", ...headers });
  }

  login(token: string, headers: Record<string, string> = {}) {
    const type = "application/x-www-form-urlencoded";
    return this.send("POST", "/login", {
      ...{ accept: "text/html", "content-type": type, origin: this.server.api },
      ...headers,
    }, new URLSearchParams({ token }).toString());
  }

  put(headers: Record<string, string>) {
    const all = { "content-type": "application/json", ...headers };
    return this.send("PUT", "/api/v1/id-tags/TAG1", all, "{}");
  }

  async send(method: string, path: string, headers: Record<string, string>, body?: string) {
    return await this.server.fetch(path, {
      method,
      redirect: "manual",
      headers: { ...(this.cookie === "" ? {} : { cookie: this.cookie }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
  }
}

/** Logs in; gives a browser with the cookie, and what the cookie was set with. */
async function loggedIn(server: TestServer): Promise<{ browser: Browser; set: string }> {
  const { status, headers } = await new Browser(server).login(TOKEN);
  assert.deepEqual([status, headers.get("location")], [303, "/"]);
  const set = headers.get("set-cookie")!;
  return { browser: new Browser(server, set.split(";")[0]!), set };
}

/** The system's clock, moved on by hand. */
function movableClock() {
  let aheadMs = 0;
  return {
    moveOn: (ms: number) => void (aheadMs += ms),
    clock: { at: systemClock.at.bind(systemClock), nowMs: () => systemClock.nowMs() + aheadMs },
  };
}

onBothListeners(
  "login: a form, then a session that reads, and changes from our own pages only",
  async (start) => {
    await using server = await start({ apiToken: TOKEN });
    const stranger = new Browser(server);
    const page = await stranger.get("/");
    assert.equal(page.status, 401);
    assert.equal(page.headers.get("www-authenticate"), null); // or the browser asks with a box of its own
    assert.match(page.body, /<form method="post" action="\/login">/);
    assert.match(page.body, /<label for="token">.*\n.*<input id="token" name="token" type="password"/);
    assert.match(page.headers.get("content-security-policy")!, /default-src 'none'.*form-action 'self'/);
    assertProblem(await stranger.send("GET", "/", { accept: "*/*" }), 401);
    assertProblem(await stranger.get("/api/v1/id-tags"), 401); // the form is at / only

    const { browser, set } = await loggedIn(server);
    assert.match(set, /^ocpp_session_\d+=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
    assert.ok(!set.includes(TOKEN));
    assert.equal((await browser.get("/api/v1/id-tags")).status, 200);
    assert.match((await browser.get("/")).body, /<pre>ocpp: an OCPP 1\.6-J Central System[^]*Log out/);
    assert.match((await browser.send("GET", "/", { accept: "*/*" })).body, /^ocpp: an OCPP/);

    for (
      const headers of [{}, { "sec-fetch-site": "none" }, { origin: "http://127.0.0.1:1" }, {
        origin: "null",
      }]
    ) {
      assertProblem(await browser.put(headers as Record<string, string>), 403);
    }
    assertProblem(await browser.put({ "sec-fetch-site": "same-site", origin: server.api }), 403);
    assertProblem(await browser.get("/api/v1/id-tags/TAG1"), 404); // nothing of it happened
    assert.equal((await browser.put({ "sec-fetch-site": "same-origin" })).status, 201);
    assert.equal((await browser.put({ origin: server.api })).status, 200);
    // A wrong token is not made good by a session.
    assertProblem(await browser.get("/api/v1/id-tags", { authorization: "Bearer wrong" }), 401);

    const { status, headers } = await browser.send("POST", "/logout", { origin: server.api });
    assert.equal(status, 303);
    assert.match(headers.get("set-cookie")!, /Max-Age=0/);
    assertProblem(await browser.get("/api/v1/id-tags"), 401);
  },
);

onBothListeners(
  "login: wrong tokens are bounded by address and told as refusals without the token",
  async (start) => {
    const { clock, moveOn } = movableClock();
    await using server = await start({ apiToken: TOKEN, guessesMax: 3, clock });
    const { browser } = await loggedIn(server);
    const stranger = new Browser(server);
    const wrong = await stranger.login("hunter2");
    assert.equal(wrong.status, 401);
    assert.match(wrong.body, /role="alert">This is not the token/);
    assertProblem(await stranger.login("hunter2", { accept: "*/*" }), 401);
    assertProblem(await stranger.get("/api/v1/id-tags", { authorization: "Bearer hunter2" }), 401);
    const locked = await stranger.login(TOKEN);
    assert.equal(locked.status, 429);
    assert.ok(Number(locked.headers.get("retry-after")) > 0);
    assertProblem(await stranger.get("/api/v1/id-tags", { authorization: `Bearer ${TOKEN}` }), 429);

    assert.equal((await browser.get("/api/v1/id-tags")).status, 200); // sessions go on
    const { body } = await browser.get("/api/v1/refusals");
    assert.deepEqual(
      body.items.map((one: { status: number; reason: string }) => [one.status, one.reason]),
      [
        [401, "a wrong token for GET /api/v1/id-tags; its tokens are not looked at for a while"],
        [401, "a wrong token for POST /login"],
        [401, "a wrong token for POST /login"],
      ],
    );
    assert.ok(!JSON.stringify([body, server.observer.of("refused")]).includes("hunter2"));

    moveOn(60_000);
    assert.equal((await stranger.login(TOKEN)).status, 303);
  },
);

Deno.test({
  ...overSockets("login: a session ends by itself"),
  async fn() {
    const { clock, moveOn } = movableClock();
    await using server = startServer({ apiToken: TOKEN, clock });
    const { browser } = await loggedIn(server);
    moveOn(SESSION_SECONDS * 1_000 - 60_000);
    assert.equal((await browser.get("/api/v1/id-tags")).status, 200);
    moveOn(60_000);
    assertProblem(await browser.get("/api/v1/id-tags"), 401);
  },
});

Deno.test({
  ...overSockets("login: from another site, without a form, in a URL: it does not count"),
  async fn() {
    await using server = startServer({ apiToken: TOKEN });
    const stranger = new Browser(server);
    assertProblem(await stranger.login(TOKEN, { origin: "https://evil.test" }), 403);
    assertProblem(await stranger.login(TOKEN, { "content-type": "text/plain" }), 415);
    assertProblem(await stranger.login(""), 400);
    assertProblem(await stranger.login("x".repeat(5_000)), 413);
    assert.equal((await stranger.get(`/?token=${TOKEN}`)).status, 401);
    const { status, headers } = await stranger.get(`/login?token=${TOKEN}`);
    assert.deepEqual([status, headers.get("set-cookie")], [401, null]);
  },
});

Deno.test({
  ...overSockets("login: where no token is wanted there is none, and / is a page for browsers"),
  async fn() {
    await using server = startServer();
    const browser = new Browser(server);
    assertProblem(await browser.login("x"), 404);
    const { status, body } = await browser.get("/");
    assert.equal(status, 200);
    assert.ok(/<pre>/.test(body) && !/Log out/.test(body));
  },
});
