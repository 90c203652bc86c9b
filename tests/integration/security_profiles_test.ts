/**
 * Security profiles 2 and 3 over real sockets: on the TLS port, and on both listeners behind a proxy that is trusted
 * and says what it has seen.
 *
 * Spec: Security §2.1, §2.3, §2.6.
 */
import assert from "node:assert/strict";
import { onBothListeners } from "../support/both_listeners.ts";
import { type Issued, makeClient } from "../support/certificates.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { basicOf, overSockets, startHardenedServer, type TestServer } from "../support/server.ts";
import { testTls } from "../support/tls.ts";

const PASSWORD = "sixteen byte pwd";

/** How a Charge Point asks to be let in. */
interface Link {
  readonly identity?: string;
  readonly isTls?: boolean;
  readonly password?: string;
  readonly client?: Issued;
}

/** Asks so; gives the status. */
type Ask = (link: Link) => Promise<number>;

const PLAIN: Link = {};
const BASIC: Link = { password: PASSWORD };
const TLS: Link = { isTls: true };
const TLS_BASIC: Link = { ...TLS, ...BASIC };

async function statusOf(attempt: Parameters<typeof RawWebSocket.request>[0]): Promise<number> {
  using socket = await RawWebSocket.request(attempt);
  const body = socket.status === 101 ? "" : await socket.body();
  assert.doesNotMatch(body, /"|profile [0-3]/, "the other side is not told what is wrong");
  return socket.status;
}

function upgradeOf({ identity = "CP1", password }: Link) {
  const authorization = password === undefined ? {} : { authorization: basicOf(identity, password) };
  return { path: `/${identity}`, headers: { "sec-websocket-protocol": "ocpp1.6", ...authorization } };
}

/** Defines a test of links with and without TLS: with a port of its own, and behind a proxy before each listener. */
function withAndWithoutTls(
  name: string,
  fn: (server: TestServer, ask: Ask) => Promise<void>,
): void {
  const admission = { cpoName: "CPO" };
  Deno.test({
    ...overSockets(`${name} [TLS port]`, "env"),
    async fn() {
      await using server = await startHardenedServer({ admission });
      const { options, root } = await testTls();
      const tlsPort = Number(new URL(await server.listenWithTls(options)).port);
      await fn(server, (link) => {
        if (link.isTls !== true) return statusOf({ ...upgradeOf(link), port: server.port });
        const { client } = link;
        const shown = client === undefined ? {} : { cert: client.chain, key: client.privateKey };
        const tls = { caCerts: [root.certificate], ...shown };
        return statusOf({ ...upgradeOf(link), port: tlsPort, tls });
      });
    },
  });
  onBothListeners(`${name}, behind a proxy`, async (start) => {
    await using server = await start({ admission, trustedProxies: ["127.0.0.1"] });
    await fn(server, (link) => {
      const { path, headers } = upgradeOf(link);
      const proto = link.isTls === true ? { "x-forwarded-proto": "https" } : {};
      const certificate = link.client === undefined ? {} : {
        "x-ssl-client-verify": "SUCCESS",
        "x-ssl-client-cert": encodeURIComponent(link.client.certificate),
      };
      return statusOf({ path, port: server.port, headers: { ...headers, ...proto, ...certificate } });
    });
  });
}

async function entered(server: TestServer, entry: object, identity = "CP1"): Promise<void> {
  const { status, body } = await server.fetch(`/api/v1/charge-points/${identity}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ registration: "Accepted", ...entry }),
  });
  assert.ok(status === 200 || status === 201, JSON.stringify(body));
}

async function clientOf(commonName: string, organization?: string): Promise<Issued> {
  const { root } = await testTls();
  return await makeClient(root, { commonName, ...(organization === undefined ? {} : { organization }) });
}

withAndWithoutTls(
  "profiles: exact once set: no link below it will do, and none above",
  async (server, ask) => {
    const certified: Link = { ...TLS, client: await clientOf("CP1", "CPO") };
    const rows = [
      // what is shown: nothing, a password, TLS, TLS and a password, TLS and a certificate
      [{ securityProfile: 0 }, [101, 101, 403, 403, 403]],
      [{ securityProfile: 1, password: PASSWORD }, [401, 101, 403, 403, 403]],
      [{ securityProfile: 2, password: PASSWORD }, [403, 403, 401, 101, 401]],
      [{ securityProfile: 3, password: PASSWORD }, [403, 403, 401, 401, 101]],
      // None is set: as it comes, but with a password never on profile 0.
      [{ password: PASSWORD }, [401, 101, 401, 101, 101]],
    ] as const;
    for (const [index, [entry, expected]] of rows.entries()) {
      const identity = index < 4 ? "CP1" : "cp1"; // a certificate's name is the same in either case
      await entered(server, entry, identity);
      const statuses: number[] = [];
      for (const link of [PLAIN, BASIC, TLS, TLS_BASIC, certified]) {
        statuses.push(await ask({ ...link, identity }));
      }
      assert.deepEqual(statuses, expected, JSON.stringify(entry));
    }
  },
);

withAndWithoutTls(
  "profiles: once SecurityProfile is Accepted both are good until the first link on the new one",
  async (server, ask) => {
    await entered(server, { securityProfile: 1, password: PASSWORD });
    await using chargePoint = await server.connectWith("CP1", PASSWORD);
    await chargePoint.boot();
    const called = server.call("CP1", {
      action: "ChangeConfiguration",
      payload: { key: "SecurityProfile", value: "2" },
    });
    const call = await chargePoint.takeCall();
    assert.equal(await ask(TLS_BASIC), 403, "told and not answered: not yet");
    chargePoint.answer(call, { status: "Accepted" });
    assert.equal((await called).body.outcome, "result");
    const securityOf = async () => (await server.get("/api/v1/charge-points/CP1")).body.security;
    const pending = await securityOf();
    assert.deepEqual([pending.profile, pending.pendingProfile], [1, 2]);
    assert.deepEqual([await ask(BASIC), await ask(BASIC), await ask(PLAIN)], [101, 101, 401]);
    assert.equal(await ask(TLS_BASIC), 101);
    const settled = await securityOf();
    assert.deepEqual([settled.profile, "pendingProfile" in settled], [2, false]);
    assert.deepEqual([await ask(BASIC), await ask(TLS_BASIC)], [403, 101]);
  },
);

withAndWithoutTls(
  "profiles: a client certificate is of this Charge Point and of our operator, else 401",
  async (server, ask) => {
    await entered(server, { securityProfile: 3, certificateSerialNumber: "SN-1" });
    await entered(server, { securityProfile: 3 }, "CP2");
    const rows = [
      ["SN-1", "CPO", 101, 401],
      ["SN-2", "CPO", 401, 401],
      ["CP1", "CPO", 401, 401], // its identity, where the record names another serial number
      ["CP2", "CPO", 401, 101],
      ["SN-1", "Other", 401, 401],
      ["CP2", undefined, 401, 401],
    ] as const;
    for (const [commonName, organization, ...expected] of rows) {
      const link = { ...TLS, client: await clientOf(commonName, organization) };
      const statuses = [await ask(link), await ask({ ...link, identity: "CP2" })];
      assert.deepEqual(statuses, expected, `${commonName}, ${organization}`);
    }
    const { body } = await server.get("/api/v1/refusals");
    assert.match(body.items[0].reason, /its client certificate is of "", not of "CPO"/);
  },
);
