/**
 * How each operation of `simulate --control-port` is asked, for the walk of its document.
 */
import { ask, type Entries, type NotProvoked, type Play, type Question, type WalkWorld } from "./api_walk.ts";
import type { Simulator } from "./simulator.ts";

/** Simulated Charge Points: CP1 is accepted, CP2 is out of service. */
export interface ControlWorld extends WalkWorld {
  readonly running: Simulator;
}

const CP = "/api/v1/charge-points";
const at = (path: string, body?: unknown): Play<ControlWorld> => () =>
  body === undefined ? { path } : { path, body };
const form = (token: string, accept = "*/*"): Play<ControlWorld> => () => ({
  path: "/login",
  body: token === "" ? "" : `token=${token}`,
  headers: { accept, authorization: "", "content-type": "application/x-www-form-urlencoded" },
});

/** A login where nobody may try any more. */
const tooManyWrong = (accept: string): Play<ControlWorld> => async (world) =>
  await ask({ method: "POST" }, world.locked, await form("s3cret", accept)(world) as Question);

/** Adds one more than there may be. */
const oneTooMany: Play<ControlWorld> = async (world) => {
  for (;;) {
    const body = { identity: crypto.randomUUID() };
    const response = await ask({ method: "POST" }, world, { path: CP, body });
    if (response.status !== 201) return response;
    await response.body?.cancel();
  }
};

/** The plays of each operation, the first of which succeeds. */
export const CONTROL_ENTRIES: Entries<ControlWorld> = {
  "get /healthz": [at("/healthz")],
  "get /openapi.json": [at("/openapi.json")],
  "get /": [at("/"), () => ({ path: "/", headers: { accept: "text/html" } })],
  "post /login": [
    form("s3cret"),
    form("wrong"),
    form("wrong", "text/html"),
    form(""),
    tooManyWrong("*/*"),
    tooManyWrong("text/html"),
  ],
  "post /logout": [at("/logout")],
  "get /api/v1/charge-points": [at(CP), at(`${CP}?limit=1`)],
  "post /api/v1/charge-points": [
    at(CP, { identity: "N", description: { preset: "dc-50kw" } }),
    at(CP, { identity: "N" }),
    at(CP, {}),
    oneTooMany,
  ],
  "get /api/v1/charge-points/{identity}": [at(`${CP}/CP1`), at(`${CP}/none`)],
  "get /api/v1/charge-points/{identity}/description": [
    at(`${CP}/CP1/description`),
    at(`${CP}/none/description`),
  ],
  "post /api/v1/charge-points/{identity}/inputs": [
    at(`${CP}/CP1/inputs`, { kind: "plugIn", connectorId: 1 }),
    at(`${CP}/CP1/inputs`, { kind: "none" }),
    at(`${CP}/none/inputs`, { kind: "emergencyStop" }),
  ],
  "post /api/v1/charge-points/{identity}/link": [
    at(`${CP}/CP1/link`, { state: "cut" }),
    at(`${CP}/CP1/link`, {}),
    at(`${CP}/none/link`, { state: "cut" }),
  ],
  "post /api/v1/charge-points/{identity}/power": [
    at(`${CP}/CP1/power`, { state: "on" }),
    at(`${CP}/CP1/power`, {}),
    at(`${CP}/none/power`, { state: "on" }),
  ],
  "get /api/v1/charge-points/{identity}/configuration": [
    at(`${CP}/CP1/configuration`),
    at(`${CP}/none/configuration`),
  ],
  "patch /api/v1/charge-points/{identity}/configuration": [
    at(`${CP}/CP1/configuration`, { CpoName: "x" }),
    at(`${CP}/CP1/configuration`, { LightIntensity: "x" }),
    at(`${CP}/CP1/configuration`, { NumberOfConnectors: 3 }),
    at(`${CP}/none/configuration`, { CpoName: "x" }),
  ],
  "get /api/v1/charge-points/{identity}/configuration/{key}": [
    at(`${CP}/CP1/configuration/CpoName`),
    at(`${CP}/CP1/configuration/Speed`),
  ],
  "put /api/v1/charge-points/{identity}/configuration/{key}": [
    at(`${CP}/CP1/configuration/CpoName`, { value: "y" }),
    at(`${CP}/CP1/configuration/LightIntensity`, { value: "y" }),
    at(`${CP}/CP1/configuration/NumberOfConnectors`, { value: "3" }),
    at(`${CP}/none/configuration/CpoName`, { value: "y" }),
  ],
  "get /api/v1/events": [at("/api/v1/events")],
  "get /api/v1/charge-points/{identity}/events": [at(`${CP}/CP1/events`), at(`${CP}/none/events`)],
  "post /api/v1/charge-points/{identity}/factory-reset": [
    at(`${CP}/CP1/factory-reset`),
    at(`${CP}/none/factory-reset`),
  ],
  "delete /api/v1/charge-points/{identity}": [at(`${CP}/N`), at(`${CP}/none`)],
};

const OUT_OF_SERVICE = { 409: "a mistake of the simulator puts a Charge Point out of service" };

/** What no request from outside brings about. */
export const CONTROL_NOT_PROVOKED: NotProvoked = {
  "post /login": { 404: "this one wants a token: tests/integration/login_test.ts" },
  "post /api/v1/charge-points/{identity}/inputs": OUT_OF_SERVICE,
  "post /api/v1/charge-points/{identity}/power": OUT_OF_SERVICE,
  "post /api/v1/charge-points/{identity}/factory-reset": OUT_OF_SERVICE,
};
