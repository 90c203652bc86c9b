/**
 * The driver of simulated Charge Points: every action that cases know, and what it says where it cannot.
 */
import assert from "node:assert/strict";
import { ControlApi } from "../../src/adapters/control_api.ts";
import { ControlOperator } from "../../src/adapters/test_operator/control_operator.ts";
import type { OperatorAction } from "../../src/conformance/operator_action.ts";
import { fullSimulator } from "../support/charge_point_suite.ts";
import { overSockets } from "../support/server.ts";

/** One of each, in an order in which a Charge Point can have them. */
const ACTIONS: { readonly [K in OperatorAction["kind"]]: Extract<OperatorAction, { kind: K }> } = {
  plugIn: { kind: "plugIn", connectorId: 1 },
  presentIdTag: { kind: "presentIdTag", idTag: "TAG001", connectorId: 1 },
  evPause: { kind: "evPause", connectorId: 1 },
  evResume: { kind: "evResume", connectorId: 1 },
  unplug: { kind: "unplug", connectorId: 1 },
  jamLock: { kind: "jamLock", connectorId: 1, jam: "lock" },
  fault: { kind: "fault", connectorId: 1, errorCode: "GroundFailure" },
  clearFault: { kind: "clearFault", connectorId: 1 },
  orderFailure: { kind: "orderFailure", failure: "localListUpdate" },
  renewCertificate: { kind: "renewCertificate" },
  powerOff: { kind: "powerOff" },
  powerOn: { kind: "powerOn" },
  sendCall: { kind: "sendCall", action: "Reset", payload: { type: "Soft" } },
  setIdTag: { kind: "setIdTag", idTag: "TAG001", status: "Blocked" },
};

const asked = (action: OperatorAction, identity = "CP1") => ({
  ...{ caseId: "TC_003_CS", identity, action },
  withinSeconds: 10,
});

const never = new AbortController().signal;

Deno.test({
  ...overSockets(
    "the control API has every action of a Charge Point's users, and none of a Central System's",
    "env",
  ),
  async fn() {
    await using simulator = fullSimulator(undefined, { identities: ["CP1"] });
    const operator = new ControlOperator(new ControlApi({ url: `${simulator.api}/` }));
    await using events = await simulator.watch();
    for (const action of Object.values(ACTIONS)) {
      const outcome = await operator.do(asked(action), never);
      const isOurs = action.kind !== "sendCall" && action.kind !== "setIdTag";
      assert.deepEqual(
        outcome,
        isOurs
          ? { kind: "done" }
          : { kind: "cannot", reason: `${action.kind} is for a Central System under test` },
      );
      if (!isOurs || action.kind === "powerOn" || action.kind === "powerOff") continue;
      await events.until(
        ({ data }) => data.kind === "acted" && data.input.kind === action.kind,
        `the Charge Point to have ${action.kind}`,
      );
    }
    await events.until(({ data }) => data.kind === "poweredOff", "the power to go");
    await operator.close();
  },
});

Deno.test({
  ...overSockets("what cannot be done is one line that says why", "env"),
  async fn() {
    await using simulator = fullSimulator(undefined, { identities: ["CP1"], token: "s3cret" });
    const reasonOf = async (
      url: string,
      { token, action = ACTIONS.plugIn, identity, signal = never }: {
        token?: string;
        action?: OperatorAction;
        identity?: string;
        signal?: AbortSignal;
      } = {},
    ) => {
      const operator = new ControlOperator(new ControlApi({ url, token }));
      const outcome = await operator.do(asked(action, identity), signal);
      return outcome.kind === "cannot" ? outcome.reason : "done";
    };
    const { api: url } = simulator;
    assert.equal(await reasonOf(url, { token: "s3cret" }), "done");
    assert.equal(await reasonOf(url), `${url} wants a token`);
    assert.equal(await reasonOf(url, { token: "wrong" }), `${url} does not take this token`);
    const token = "s3cret";
    assert.equal(await reasonOf(url, { token, identity: "CP9" }), "no Charge Point CP9 is simulated here");
    const far = { kind: "plugIn", connectorId: 7 } as const;
    assert.equal(await reasonOf(url, { token, action: far }), "CP1: there is no connector 7; it has 1");
    assert.match(
      await reasonOf("http://localhost:1"),
      /^cannot reach http:\/\/localhost:1: is `ocpp simulate/,
    );
    assert.equal(
      await reasonOf(url, { token, signal: AbortSignal.abort() }),
      "nobody waits for it any more",
    );
    const other = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      ({ url }) =>
        url.includes("CP1") ? new Response("hello") : Response.redirect("http://localhost:1/", 302),
    );
    const otherUrl = `http://127.0.0.1:${other.addr.port}`;
    assert.match(
      await reasonOf(otherUrl),
      /^what answers at \S+ is no `ocpp simulate --control-port`; --control says where/,
    );
    const serve = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () =>
        Response.json({ detail: "it has no POST, but GET" }, {
          status: 405,
          headers: { "content-type": "application/problem+json" },
        }),
    );
    const serveUrl = `http://127.0.0.1:${serve.addr.port}`;
    assert.match(await reasonOf(serveUrl), /^what answers at \S+ is no `ocpp simulate --control-port`/);
    await serve.shutdown();
    assert.match(await reasonOf(otherUrl, { identity: "CP9" }), /answers HTTP 302: is it `ocpp simulate/);
    await other.shutdown();
  },
});
