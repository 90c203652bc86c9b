/**
 * Reading what was stored, which may be damaged: each reader gives a value of its type or says what is wrong.
 *
 * They are the reverse of JSON rather than a schema: strict where a wrong type would do harm later.
 * Errors: `StoredStateError`, with the path of the value.
 */

/** What was stored cannot be understood. The message is a clause: `connector/1.isPlugged is no boolean`. */
export class StoredStateError extends Error {
  override readonly name = "StoredStateError";
}

/** Gives the value, or throws `StoredStateError`. */
export type ReadStored<T> = (value: unknown, path: string) => T;

function wrong(path: string, what: string): never {
  throw new StoredStateError(`${path} is no ${what}`);
}

export const storedBoolean: ReadStored<boolean> = (value, path) =>
  typeof value === "boolean" ? value : wrong(path, "boolean");

export const storedText: ReadStored<string> = (value, path) =>
  typeof value === "string" ? value : wrong(path, "text");

/** Any finite number. */
export const storedNumber: ReadStored<number> = (value, path) =>
  typeof value === "number" && Number.isFinite(value) ? value : wrong(path, "number");

/** A number that counts or measures, hence not below 0. */
export const storedAmount: ReadStored<number> = (value, path) => {
  const amount = storedNumber(value, path);
  return amount >= 0 ? amount : wrong(path, "amount");
};

/** One of some texts. */
export function storedOneOf<T extends string>(texts: readonly T[]): ReadStored<T> {
  return (value, path) => texts.find((text) => text === value) ?? wrong(path, `one of ${texts.join(", ")}`);
}

/** What may be missing. */
export function storedOptional<T>(read: ReadStored<T>): ReadStored<T | undefined> {
  return (value, path) => value === undefined ? undefined : read(value, path);
}

/** Items of one kind. */
export function storedList<T>(read: ReadStored<T>): ReadStored<readonly T[]> {
  return (value, path) =>
    Array.isArray(value) ? value.map((item, index) => read(item, `${path}[${index}]`)) : wrong(path, "list");
}

/** An object with any names and values of one kind. */
export function storedRecord<T>(read: ReadStored<T>): ReadStored<Readonly<Record<string, T>>> {
  return (value, path) =>
    Object.fromEntries(
      Object.entries(storedObject(value, path)).map(([name, item]) => [name, read(item, `${path}.${name}`)]),
    );
}

/** An object, whatever is in it. */
export const storedObject: ReadStored<Readonly<Record<string, unknown>>> = (value, path) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : wrong(path, "object");

/** Readers for the fields of an object; a field that may be missing is `storedOptional`. */
export type FieldReaders<T> = { readonly [F in keyof T]-?: ReadStored<T[F]> };

/** An object with these fields and no others. */
export function storedFields<T extends object>(readers: FieldReaders<T>): ReadStored<T> {
  return (value, path) => {
    const stored = storedObject(value, path);
    const result: Record<string, unknown> = {};
    for (const name of Object.keys(stored)) {
      if (!Object.hasOwn(readers, name)) throw new StoredStateError(`${path}.${name} is unknown here`);
    }
    for (const [name, read] of Object.entries(readers) as [string, ReadStored<unknown>][]) {
      const field = read(stored[name], `${path}.${name}`);
      if (field !== undefined) result[name] = field;
    }
    return result as T;
  };
}

/** What a schema of the protocol accepts, e.g. a MeterValue. */
export function storedBySchema<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  what: string,
): ReadStored<T> {
  return (value, path) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? parsed.data : wrong(path, what);
  };
}
