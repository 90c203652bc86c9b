/**
 * Walks an API by its own document: each operation is asked in every way that its entry and the rules of all
 * operations know, and each answer has to be one that the document describes.
 *
 * An entry is a list of plays, the first of which succeeds. What guards every route is played by itself: no token,
 * a foreign origin, too large a body, a path that is no UTF-8, and so on.
 */
import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** A request without the method, which the operation has. A body is sent as JSON, a text as it is. */
export interface Question {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks, in one way; or asks itself where one request is not enough. */
export type Play<W> = (world: W) => Question | Promise<Question | Response>;

/** The plays of each operation, as `get /api/v1/charge-points`, in the order in which they are played. */
export type Entries<W> = Readonly<Record<string, readonly Play<W>[]>>;

/** Statuses that cannot be provoked from outside, each with the reason, by operation. */
export type NotProvoked = Readonly<Record<string, Readonly<Record<number, string>>>>;

/** Where an API of one kind runs. */
export interface ApiAddress {
  readonly api: string;
  readonly token: string;
}

/** What every walk needs besides its own things. */
export interface WalkWorld extends ApiAddress {
  /** One that lets nobody try another token. */
  readonly locked: ApiAddress;
  /** One whose store fails, where there is a store. */
  readonly failing?: ApiAddress;
}

// deno-lint-ignore no-explicit-any -- a document is looked into freely
type Json = any;

/** An operation of the document. */
export interface Operation {
  /** `get /api/v1/charge-points` */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly declared: Json;
}

/** Every operation of a document. */
export function operationsOf(document: Json): Operation[] {
  return Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, declared]) => ({
      name: `${method} ${path}`,
      method: method.toUpperCase(),
      path,
      declared,
    }))
  );
}

/** Plays everything. Errors: an assertion that says which operation does not do as documented. */
export async function walk<W extends WalkWorld>(
  document: Json,
  { world, entries, notProvoked = {} }: { world: W; entries: Entries<W>; notProvoked?: NotProvoked },
): Promise<void> {
  const operations = new Map(operationsOf(document).map((operation) => [operation.name, operation]));
  for (const name of operations.keys()) {
    assert.ok(
      name in entries,
      `${name} is in openapi.json but not in the entries of this walk: add its plays`,
    );
  }
  const check = checkerOf(document);
  for (const [name, plays] of Object.entries(entries)) {
    const operation = operations.get(name);
    assert.ok(operation !== undefined, `${name} has an entry but is not in openapi.json`);
    const seen = new Set<string>();
    const take = async (response: Response, how: string) => {
      await check(operation, response, how);
      seen.add(String(response.status));
    };
    let sample: Question | undefined;
    for (const [index, play] of plays.entries()) {
      const asked = await play(world);
      const response: Response = asked instanceof Response ? asked : await ask(operation, world, asked);
      if (index === 0) assert.ok(response.status < 400, `${name}: the first play gives ${response.status}`);
      if (!(asked instanceof Response)) sample ??= asked;
      await take(response, `play ${index + 1}`);
    }
    if (sample !== undefined) {
      for (const { how, response } of await guardsOf(operation, world, sample)) await take(response, how);
    }
    const promised = Object.keys(operation.declared.responses).filter((status) => status !== "default");
    const missing = promised.filter((status) => !seen.has(status) && !(status in (notProvoked[name] ?? {})));
    assert.deepEqual(missing, [], `${name}: documented, but no play gives it`);
    const excused = Object.keys(notProvoked[name] ?? {}).filter((status) => seen.has(status));
    assert.deepEqual(excused, [], `${name}: said not to be provoked, and was`);
  }
}

/** Sends a question to an operation; the token comes along unless its headers say otherwise. */
export function ask({ method }: { method: string }, at: ApiAddress, question: Question): Promise<Response> {
  const { path, body, headers = {} } = question;
  const all = new Headers({
    authorization: `Bearer ${at.token}`,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...headers,
  });
  if (all.get("authorization") === "") all.delete("authorization");
  return fetch(`${at.api}${path}`, {
    method,
    headers: all,
    redirect: "manual",
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

/** What guards every operation, provoked with a sample of a request that would succeed. */
async function guardsOf(operation: Operation, world: WalkWorld, sample: Question) {
  const { declared, path } = operation;
  const answers: { how: string; response: Response }[] = [];
  const play = async (how: string, changed: Partial<Question>, at: ApiAddress = world) => {
    answers.push({ how, response: await ask(operation, at, { ...sample, ...changed }) });
  };
  const headers = (more: Record<string, string>) => ({ headers: { ...sample.headers, ...more } });
  await play("another site", headers({ origin: "https://evil.test" }));
  if (declared.security?.length !== 0) {
    await play("no token", headers({ authorization: "" }));
    await play("a wrong token", headers({ authorization: "Bearer wrong" }), world.locked);
  }
  const types = Object.keys(declared.requestBody?.content ?? {});
  if (types.length > 0) {
    await play("a body of another type", { body: "x", ...headers({ "content-type": "text/plain" }) });
    await play("too large a body", {
      body: "x".repeat(1_048_577),
      ...headers({ "content-type": types[0]! }),
    });
  }
  if (types.includes("application/json")) await play("malformed JSON", { body: "{" });
  const names: string[] = (declared.parameters ?? []).map(({ name }: Json) => name);
  const join = sample.path.includes("?") ? "&" : "?";
  for (const name of names.filter((one) => one === "limit" || one === "since" || one === "cursor")) {
    await play(`a wrong ${name}`, { path: `${sample.path}${join}${name}=${"x".repeat(301)}` });
  }
  for (const { name, in: where } of declared.parameters ?? []) {
    if (where === "header") await play(`a wrong ${name}`, headers({ [name]: "x".repeat(301) }));
  }
  if (names.length > 0) await play("a long URL", { path: `${sample.path}${join}x=${"x".repeat(8_192)}` });
  const at = path.split("/").findIndex((part) => part.startsWith("{"));
  if (at > 0) {
    const parts = sample.path.split("?")[0]!.split("/");
    await play("a path that is no UTF-8", { path: parts.with(at, "%FF").join("/") });
  }
  if (world.failing !== undefined) await play("a failing store", {}, world.failing);
  return answers;
}

/** Checks an answer: its status, the type of its content, and the content against the schema. */
function checkerOf(document: Json) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const { components } = document;
  return async ({ name, declared }: Operation, response: Response, how: string): Promise<void> => {
    const { status } = response;
    const type = (response.headers.get("content-type") ?? "").split(";")[0]!.trim();
    const text = type === "text/event-stream" ? await firstOf(response) : await response.text();
    const said = `${name}, ${how}: ${status} ${type} ${text.slice(0, 300)}`;
    const documented = declared.responses[String(status)];
    assert.ok(documented !== undefined, `this status is not documented: ${said}`);
    const contents = Object.entries<Json>(documented.content ?? {});
    if (contents.length === 0) return assert.equal(text, "", `no content is documented: ${said}`);
    const found = contents.find(([one]) => one.split(";")[0] === type);
    assert.ok(found !== undefined, `this type of content is not documented: ${said}`);
    const validate = ajv.compile({ ...found[1].schema, components });
    const values = type === "application/x-ndjson"
      ? text.trimEnd().split("\n").map((line) => JSON.parse(line))
      : [/json$/.test(type) ? JSON.parse(text) : text];
    for (const value of values) assert.ok(validate(value), `${said}: ${ajv.errorsText(validate.errors)}`);
  };
}

/** The beginning of a stream that does not end. */
async function firstOf(response: Response): Promise<string> {
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}
