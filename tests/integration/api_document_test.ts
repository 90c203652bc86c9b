/**
 * `openapi.json` of both APIs: it is valid, it names every route, and every route answers as it says.
 */
import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { CALL_ACTIONS, guideOf } from "../../src/cli/call/action_guide.ts";
import { payloadOf } from "../../src/cli/call/payload.ts";
import { fieldsOfReq } from "../../src/ocpp/field.ts";
import { centralSystemRoutes, controlRoutes, type Route } from "../support/api_routes.ts";
import { operationsOf, walk } from "../support/api_walk.ts";
import {
  CENTRAL_SYSTEM_ENTRIES,
  CENTRAL_SYSTEM_NOT_PROVOKED,
  centralSystemWorld,
} from "../support/api_walk_central_system.ts";
import { CONTROL_ENTRIES, CONTROL_NOT_PROVOKED, type ControlWorld } from "../support/api_walk_control.ts";
import { onBothListeners } from "../support/both_listeners.ts";
import { overSockets, startServer } from "../support/server.ts";
import { Simulator } from "../support/simulator.ts";

// deno-lint-ignore no-explicit-any -- a document is looked into freely
type Json = any;

async function documentOf(api: string, token: string): Promise<Json> {
  const response = await fetch(`${api}/openapi.json`, { headers: { authorization: `Bearer ${token}` } });
  return await response.json();
}

async function assertGood(document: Json, routes: readonly Route[]): Promise<void> {
  const { Validator } = await import("@seriousme/openapi-schema-validator");
  const { valid, errors } = await new Validator().validate(document);
  assert.ok(valid, JSON.stringify(errors, undefined, 2));
  assert.equal(document.openapi, "3.1.0");

  const operations = operationsOf(document);
  assert.deepEqual(
    operations.map(({ name }) => name).sort(),
    routes.map(({ method, path }) => `${method} ${path}`).sort(),
    "the routes of the app and those of openapi.json",
  );
  const ids = operations.map(({ declared }) => declared.operationId);
  assert.equal(new Set(ids).size, ids.length);
  for (const { name, declared } of operations) {
    assert.ok(declared.summary?.length > 0, `${name} has no summary`);
    assert.ok(declared.tags.length > 0 && declared.responses.default !== undefined, name);
    for (const parameter of declared.parameters ?? []) {
      const said = `parameter ${parameter.name} of ${name}`;
      assert.ok(parameter.description?.length > 0, `${said} has no description (shared/parameters.ts)`);
      const { schema, example } = parameter;
      const hasExample = example !== undefined || schema.example !== undefined || schema.enum !== undefined;
      assert.ok(hasExample, `${said} has no example`);
    }
  }
  // Every reference leads somewhere.
  const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g);
  for (const [, name] of references) assert.ok(name! in document.components.schemas, `${name} is defined`);
}

/** Every Call with an example of its guide fits the document, and with a field too many it does not. */
async function assertCallsDocumented({ components }: Json): Promise<void> {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const fits = ajv.compile({ $ref: "#/components/schemas/CallRequest", components });
  assert.equal(CALL_ACTIONS.length, 26);
  for (const action of CALL_ACTIONS) {
    const payload = await payloadOf(guideOf(action)!.example, fieldsOfReq(action), {
      nowMs: 0,
      readFile: () => "text of a file",
      readStdin: () => Promise.reject(new Error("nothing reads stdin here")),
    }) as object;
    assert.ok(fits({ action, payload }), `${action}: ${ajv.errorsText(fits.errors)}`);
    assert.ok(!fits({ action, payload: { ...payload, noSuchField: 1 } }), action);
    assert.ok(fits({ action, payload: { noSuchField: 1 }, validate: false }), action);
  }
  assert.ok(!fits({ action: "Heartbeat", payload: {} }));
}

onBothListeners(
  "serve: openapi.json is valid, names every route, and is true",
  async (start) => {
    await using ends = new AsyncDisposableStack();
    const world = await centralSystemWorld(start, (one) => ends.use(one));
    const document = await documentOf(world.api, world.token);
    await assertGood(document, centralSystemRoutes());
    await assertCallsDocumented(document);
    await walk(document, {
      ...{ world, entries: CENTRAL_SYSTEM_ENTRIES, notProvoked: CENTRAL_SYSTEM_NOT_PROVOKED },
    });
  },
  "read",
  "write",
);

Deno.test({
  ...overSockets("control: openapi.json is valid, names every route, and is true", "read"),
  async fn() {
    await using server = startServer();
    const token = "s3cret";
    await using running = new Simulator(server.url, { token, guessesMax: 1_000, chargePointsMax: 3 });
    await using locked = new Simulator(server.url, { token, guessesMax: 1, identities: [] });
    await locked.ask("GET", "/", undefined, { authorization: "Bearer wrong" });
    await using events = await running.watch("/api/v1/charge-points/CP1/events", "none");
    if ((await running.ask("GET", "/api/v1/charge-points/CP1")).body.online !== true) {
      await events.until(({ data }) => data.kind === "registration", "the boot");
    }
    const { api } = running;
    const world: ControlWorld = { running, api, token, locked: { api: locked.api, token } };
    const document = await documentOf(api, token);
    await assertGood(document, controlRoutes());
    await walk(document, { world, entries: CONTROL_ENTRIES, notProvoked: CONTROL_NOT_PROVOKED });
  },
});
