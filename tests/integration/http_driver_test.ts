/** `--driver http`: a POST for each action, over real sockets. */
import assert from "node:assert/strict";
import { HttpOperator } from "../../src/adapters/test_operator/http_operator.ts";
import { request, WANTED } from "../support/driver_requests.ts";
import { needs } from "../support/needs.ts";
import { within } from "../support/within.ts";

const net = needs("net");

type Handler = (request: Request) => Response | Promise<Response>;

/** A web server for one test, and the driver that posts to it. */
async function withServer(
  handler: Handler,
  fn: (operator: HttpOperator, origin: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const operator = new HttpOperator({ url: `${origin}/driver?key=hidden`, token: "s3cret" });
  try {
    await fn(operator, origin);
  } finally {
    await operator.close();
    await server.shutdown();
  }
}

Deno.test({
  ...net("each action is a POST of JSON with the token, and 2xx is done"),
  async fn() {
    const asked: unknown[] = [];
    await withServer(async (request) => {
      const { method, headers, url } = request;
      const { pathname, search } = new URL(url);
      asked.push({
        method,
        path: pathname + search,
        authorization: headers.get("authorization"),
        type: headers.get("content-type"),
        body: await request.json(),
      });
      return new Response(null, { status: 204 });
    }, async (operator) => {
      assert.deepEqual(await operator.do(request({ kind: "powerOff" }), WANTED), { kind: "done" });
    });
    assert.deepEqual(asked, [{
      method: "POST",
      path: "/driver?key=hidden",
      authorization: "Bearer s3cret",
      type: "application/json",
      body: {
        case: "TC_003_CS",
        identity: "CP001",
        withinSeconds: 60,
        text: "switch off the power of the Charge Point",
        action: { kind: "powerOff" },
      },
    }]);
  },
});

const JSON_TYPE = { "content-type": "application/json" };

const ANSWERS: readonly (readonly [what: string, answer: () => Response, reason: string | undefined])[] = [
  ["200 with an empty object", () => Response.json({}), undefined],
  ["200 with a text of another kind", () => new Response("<p>done</p>"), undefined],
  ["200 with cannot", () => Response.json({ cannot: "the cable is out" }), "the cable is out"],
  ["200 with a cannot that is no text", () => Response.json({ cannot: 1 }), "the driver says that it cannot"],
  [
    "200 with garbage for JSON",
    () => new Response("{oops", { headers: JSON_TYPE }),
    "the driver answers with what is no JSON object",
  ],
  [
    "200 with JSON that is no object",
    () => Response.json(null),
    "the driver answers with what is no JSON object",
  ],
  [
    "200 with more than is read",
    () => new Response(`"${"x".repeat(70_000)}"`, { headers: JSON_TYPE }),
    "the driver answers with more than 65536 bytes",
  ],
  [
    "200 without an end",
    () =>
      new Response(
        new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(16_384)) }),
        { headers: JSON_TYPE },
      ),
    "the driver answers with more than 65536 bytes",
  ],
  ["500", () => new Response("oh", { status: 500 }), "HTTP 500"],
  [
    "409 with a problem",
    () => Response.json({ detail: "not connected" }, { status: 409, headers: JSON_TYPE }),
    "HTTP 409: not connected",
  ],
  [
    "501 with cannot",
    () => Response.json({ cannot: "no jack\nhere" }, { status: 501 }),
    "HTTP 501: no jack here",
  ],
];

for (const [what, answer, reason] of ANSWERS) {
  Deno.test({
    ...net(`${what} is ${reason === undefined ? "done" : `cannot: ${reason}`}`),
    async fn() {
      await withServer(answer, async (operator) => {
        const outcome = await operator.do(request(), WANTED);
        assert.deepEqual(outcome, reason === undefined ? { kind: "done" } : { kind: "cannot", reason });
      });
    },
  });
}

Deno.test({
  ...net("a redirect is not followed: nobody else gets the token"),
  async fn() {
    let strangers = 0;
    await withServer(() => {
      strangers++;
      return Response.json({});
    }, async (_, elsewhere) => {
      await withServer(() => Response.redirect(`${elsewhere}/x`, 307), async (operator) => {
        const reason = "HTTP 307: redirects are not followed";
        assert.deepEqual(await operator.do(request(), WANTED), { kind: "cannot", reason });
      });
    });
    assert.equal(strangers, 0);
  },
});

Deno.test({
  ...net(
    "a server that does not answer is waited for as long as the action has, and no longer than the case",
  ),
  async fn() {
    const arrived = Promise.withResolvers<void>();
    const over = Promise.withResolvers<Response>();
    let asked = 0;
    await withServer(() => {
      if (++asked === 2) arrived.resolve();
      return over.promise;
    }, async (operator) => {
      assert.deepEqual(
        await within(operator.do(request(undefined, { withinSeconds: 0.2 }), WANTED), "the outcome"),
        {
          kind: "cannot",
          reason: "the driver did not answer within 0.2 s",
        },
      );
      const caseOver = new AbortController();
      const doing = operator.do(request(), caseOver.signal);
      await within(arrived.promise, "the second request");
      caseOver.abort();
      assert.deepEqual(await within(doing, "the outcome"), {
        kind: "cannot",
        reason: "nobody waits for it any more",
      });
      over.resolve(new Response(null));
    });
  },
});

Deno.test({
  ...net("a body that stops half-way ends with the time of the action"),
  async fn() {
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([0x7B])) });
    await withServer(() => new Response(body, { headers: JSON_TYPE }), async (operator) => {
      assert.deepEqual(
        await within(operator.do(request(undefined, { withinSeconds: 0.2 }), WANTED), "the outcome"),
        {
          kind: "cannot",
          reason: "the driver did not answer within 0.2 s",
        },
      );
    });
  },
});

Deno.test({
  ...net("a server that is not there, crashes, or speaks no HTTP is told without what is secret in the URL"),
  async fn() {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const origin = `http://127.0.0.1:${listener.addr.port}`;
    const operator = new HttpOperator({ url: `${origin}/?key=hidden` });
    const reason = `cannot reach ${origin}, or what answers there is no web server`;
    const crashing = (async () => {
      (await listener.accept()).close();
      const second = await listener.accept();
      await second.write(new TextEncoder().encode("SSH-2.0-nothing\r\n\r\n"));
      second.close();
    })();
    for (let time = 0; time < 2; time++) {
      assert.deepEqual(await operator.do(request(), WANTED), { kind: "cannot", reason });
    }
    await crashing;
    listener.close();
    assert.deepEqual(await operator.do(request(), WANTED), { kind: "cannot", reason });
    await operator.close();
  },
});
