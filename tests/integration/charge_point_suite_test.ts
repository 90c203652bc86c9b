/**
 * `ocpp test charge-point` on the one Charge Point that connects, and what it says when something is missing.
 */
import assert from "node:assert/strict";
import { WsClient } from "../../src/adapters/ws_client.ts";
import { CommandError, UsageError } from "../../src/cli/exit_code.ts";
import { ChargePointSuite, fullSimulator } from "../support/charge_point_suite.ts";
import { overSockets } from "../support/server.ts";
import { attempt } from "../support/link_attempt.ts";

const WAITING = /waiting for (.+) at (ws:\/\/localhost:\d+)\/(.+)\n/;

Deno.test({
  ...overSockets("the first Charge Point that connects is asked what it is, and its cases are played", "env"),
  async fn() {
    const names = ["TC_003_CS", "TC_085_CS", "TC_048_1_CS"];
    await using simulator = fullSimulator();
    const suite = new ChargePointSuite({
      case: names,
      control: simulator.api,
      driver: { kind: "ocpp" },
      identity: "CP7",
    });
    const [, who, url] = await suite.said(WAITING);
    assert.equal(who, "CP7");
    const refused = await attempt(new WsClient({ validation: "strict" }), `${url}/CP8`).ended();
    assert.equal(refused.httpStatus, 404, JSON.stringify(refused));
    await suite.said(/refused a connection from .*: CP8 is not under test; this tester waits for CP7/);
    const added = await simulator.ask("POST", "/api/v1/charge-points", {
      identity: "CP7",
      url,
      description: { featureProfiles: ["Core"] },
    });
    assert.equal(added.status, 201);
    assert.equal(await suite.ended, 0, suite.stdout);
    assert.deepEqual(suite.reports.map(({ id, verdict, playedOn }) => [id, verdict, playedOn]), [
      ["TC_003_CS", "PASS", "CP7"],
      ["TC_085_CS", "NOT APPLICABLE", "CP7"],
      ["TC_048_1_CS", "NOT APPLICABLE", "CP7"],
    ]);
  },
});

Deno.test({
  ...overSockets("nobody connects: every case is INCONCLUSIVE, and one line says where nobody came", "env"),
  async fn() {
    const suite = new ChargePointSuite({ identity: "CP7", connectTimeout: 0.1, case: ["TC_00*"] });
    assert.equal(await suite.ended, 1);
    assert.match(
      suite.stderr,
      /^waiting for CP7 at \S+\nocpp: nothing can be played: nobody has connected to ws:\/\/localhost:\d+\/CP7 within 0\.1 s \(--connect-timeout\)\n$/,
    );
    assert.ok(suite.reports.length > 3);
    assert.deepEqual(new Set(suite.reports.map(({ verdict }) => verdict)), new Set(["INCONCLUSIVE"]));
  },
});

Deno.test({
  ...overSockets("an interrupt ends the waiting", "env"),
  async fn() {
    const suite = new ChargePointSuite({
      driver: { kind: "http", url: "http://localhost:1" },
      case: ["TC_003_CS"],
    });
    const [, who] = await suite.said(WAITING);
    assert.equal(who, "a Charge Point");
    suite.stop();
    assert.equal(await suite.ended, 1);
    assert.match(
      suite.stderr,
      /nothing can be played: nobody has connected to .*, and it was interrupted\n$/,
    );
  },
});

Deno.test({
  ...overSockets(
    "no API of simulated Charge Points: every case is INCONCLUSIVE, and one line says why",
    "env",
  ),
  async fn() {
    const suite = new ChargePointSuite({ case: ["TC_00*"] });
    assert.equal(await suite.ended, 1);
    assert.match(
      suite.stderr,
      /^ocpp: nothing can be played: cannot reach http:\/\/localhost:1: is `ocpp simulate --control-port` .*\n$/,
    );
    assert.deepEqual(new Set(suite.reports.map(({ verdict }) => verdict)), new Set(["INCONCLUSIVE"]));
  },
});

Deno.test({
  ...overSockets("a driver that cannot makes its cases INCONCLUSIVE, with its reason, and no others", "env"),
  async fn() {
    await using simulator = fullSimulator();
    // The API knows no such Charge Point: the one that connects belongs to another program.
    const other = fullSimulator();
    const suite = new ChargePointSuite({
      ...{ control: other.api, identity: "CP7", case: ["TC_003_CS", "TC_019_CS"] },
    });
    const [, , url] = await suite.said(WAITING);
    await simulator.ask("POST", "/api/v1/charge-points", { identity: "CP7", url });
    assert.equal(await suite.ended, 1, suite.stdout);
    assert.deepEqual(suite.reports.map(({ id, verdict, failure }) => [id, verdict, failure?.came]), [
      ["TC_003_CS", "INCONCLUSIVE", "no Charge Point CP7 is simulated here"],
      ["TC_019_CS", "PASS", undefined],
    ]);
    // It is said before the first case, too.
    assert.match(
      suite.stderr,
      /^ocpp: --driver ocpp can do nothing .*CP7 is simulated here; --control says where/m,
    );
    await other[Symbol.asyncDispose]();
  },
});

Deno.test({
  ...overSockets("what was asked for in vain is one line", "env"),
  async fn() {
    const taken = Deno.listen({ hostname: "localhost", port: 0 });
    const { port } = taken.addr as Deno.NetAddr;
    const rows:
      readonly (readonly [options: ConstructorParameters<typeof ChargePointSuite>[0], why: RegExp])[] = [
        [{ case: ["TC_999"] }, /no case is TC_999/],
        [{ driver: { kind: "manual" }, identity: "CP1" }, /^--driver manual asks a person at a terminal/],
        [
          { port },
          /^cannot listen on localhost:\d+: port \d+ is in use .*; stop what .* another with --port$/,
        ],
        [
          { tlsPort: port, identity: "CP1" },
          /^cannot listen .* is in use; stop what .* another with --tls-port$/,
        ],
        [
          { benchPort: port, host: "localhost" },
          /^cannot listen .* is in use; stop what .* with --bench-port$/,
        ],
        [{ host: "0.0.0.0" }, /--host 0\.0\.0\.0 is everywhere: say with --public-host/],
        [{ securityProfile: 2, identity: "CP1" }, /security profile 2 wants an authority that it trusts/],
        [{ ca: "root.pem" }, /--ca needs --ca-key too/],
        [{ caKey: "root.key" }, /--ca-key needs --ca too/],
        [{ password: "secret", authorizationKeyHex: "00".repeat(16) }, /say the same thing/],
        [{ description: "none.yaml" }, /cannot read none\.yaml \(--description\): there is no such file/],
        [{ capabilities: "none.yaml" }, /cannot read none\.yaml \(--capabilities\): there is no such file/],
        [{ capabilities: "none.yaml", preset: "ac-22kw" }, /--capabilities says it all/],
      ];
    for (const [options, why] of rows) {
      await assert.rejects(new ChargePointSuite(options).ended, (error) => {
        assert.ok(error instanceof UsageError || error instanceof CommandError, String(error));
        assert.match(error.message, why);
        return true;
      });
    }
    taken.close();
  },
});
