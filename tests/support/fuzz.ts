/**
 * Frames that are almost right: valid ones of every Action, spoilt in one or several ways, all from a seed.
 */
import fc from "fast-check";
import { type Action, ACTIONS } from "../../src/ocpp/action.ts";
import { parseFrame } from "../../src/ocpp/frame.ts";
import { jsonText } from "../../src/ocpp/json.ts";
import { SCHEMAS } from "../../src/ocpp/registry.ts";
import { fitting } from "./arbitraries.ts";
import type { SeededRandom } from "./seeded_random.ts";

/** Payloads of each Action to begin with; mutations make many more of them. */
const SAMPLES_PER_ACTION = 8;

const ALL_ACTIONS = Object.keys(ACTIONS) as Action[];

type Samples = ReadonlyMap<Action, { readonly req: readonly unknown[]; readonly conf: readonly unknown[] }>;

let samples: Samples | undefined;

/** Drawn once; the same for every seed, so that a seed means the same frames whichever case runs first. */
function allSamples(): Samples {
  const draw = (schema: Parameters<typeof fitting>[0]) =>
    fc.sample(fitting(schema), { seed: 16, numRuns: SAMPLES_PER_ACTION });
  return samples ??= new Map(ALL_ACTIONS.map((action) => [action, {
    req: draw(SCHEMAS[action].req),
    conf: draw(SCHEMAS[action].conf),
  }]));
}

/** What may stand anywhere. */
const HOSTILE_VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 0.1, 1e300, 2 ** 31, 2 ** 53, -(2 ** 53), 9007199254740991],
  ...[9007199254740993n, -12345678901234567890n, 10n ** 400n],
  ...["", " ", "0", "-1", "\u0000", "\ud800", "\u001b[2J", "\u202e", "😀", "x".repeat(300), "1e400", "NaN"],
  ...["2026-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "0000-01-01T00:00:00Z", "2026-02-30T00:00:00"],
  ...["Accepted", "accepted", "AuthorizationKey", "__proto__", "12,5", "99999999999999999999"],
  ...[[], {}, [[]], [null], { toString: null, valueOf: null }, { length: 1e9 }, { value: {} }],
];

const HOSTILE_KEYS = [
  "__proto__",
  "constructor",
  "toString",
  "",
  "x",
  "status",
  "idTag",
  "key",
  "value",
  "\u0000",
];

const HOSTILE_TEXTS: readonly string[] = [
  ...["", " ", "\n", "null", "[]", "{}", "[2]", "[[]]", "\u0000", "\ufeff", "NaN", '"', "[2,", "]"],
  ...["[".repeat(5_000), "[".repeat(5_000) + "]".repeat(5_000), '{"a":'.repeat(300)],
  ...['[[2,"1","Heartbeat",{}],[2,"2","Heartbeat",{}]]', '[2,"1","Heartbeat",{}]\u0000'],
  ...['[2,"1","DataTransfer",{"vendorId":"V","__proto__":{"polluted":1}}]', '[1e400,"1","Heartbeat",{}]'],
];

/** Makes one text after the other. */
export class FrameFuzz {
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** A Call as its Action wants it, of those that a role sends or of all. */
  call(uniqueId: string, sender?: "chargePoint" | "centralSystem"): string {
    const random = this.#random;
    const actions = sender !== undefined && random.chance(0.8)
      ? ALL_ACTIONS.filter((action) => ACTIONS[action].sender === sender || ACTIONS[action].sender === "both")
      : ALL_ACTIONS;
    const action = this.#pick(actions);
    return jsonText([2, uniqueId, action, this.#pick(allSamples().get(action)!.req)]);
  }

  /** An answer as the Action of a Call wants it. */
  answer(uniqueId: string, action: string): string {
    const conf = allSamples().get(action as Action)?.conf ?? [{}];
    return this.#random.chance(0.9)
      ? jsonText([3, uniqueId, this.#pick(conf)])
      : jsonText([4, uniqueId, this.#pick(["GenericError", "NotSupported", "\u001b[2J"]), "why", {}]);
  }

  /** The text spoilt, more or less; now and then something else altogether. */
  spoilt(text: string): string {
    const random = this.#random;
    if (random.chance(0.03)) return this.#pick(HOSTILE_TEXTS);
    let spoilt = text;
    for (let times = random.between(1, 3); times > 0; times--) {
      spoilt = random.chance(0.85) ? this.#inside(spoilt) : this.#across(spoilt);
    }
    return spoilt;
  }

  /** Changes a value of the JSON; what is none any more is changed as a text. */
  #inside(text: string): string {
    const parsed = parseFrame(text);
    if (!parsed.ok) return this.#across(text);
    const frame: unknown = JSON.parse(text);
    const places: { holder: Record<string, unknown>; key: string }[] = [];
    const walk = (holder: unknown) => {
      if (typeof holder !== "object" || holder === null) return;
      for (const key of Object.keys(holder)) {
        places.push({ holder: holder as Record<string, unknown>, key });
        walk((holder as Record<string, unknown>)[key]);
      }
    };
    walk(frame);
    const { holder, key } = this.#pick(places);
    const other = this.#pick(places);
    switch (this.#random.between(0, 7)) {
      case 0:
        delete holder[key];
        break;
      case 1:
        set(holder, this.#pick(HOSTILE_KEYS), this.#pick(HOSTILE_VALUES));
        break;
      case 2: // swapped
        [holder[key], other.holder[other.key]] = [
          clone(other.holder[other.key]),
          clone(holder[key]),
        ];
        break;
      case 3: // a list that is too long
        holder[key] = Array(this.#random.between(1, 60)).fill(clone(holder[key]));
        break;
      case 4: // nested
        holder[key] = nested(holder[key], this.#random.between(1, 80));
        break;
      case 5: // a number as a text and the reverse
        holder[key] = typeof holder[key] === "string" ? Number(holder[key]) : String(jsonText(holder[key]));
        break;
      default:
        holder[key] = this.#pick(HOSTILE_VALUES);
    }
    return jsonText(frame) ?? "";
  }

  /** Changes the text without regard to what it says. */
  #across(text: string): string {
    const random = this.#random;
    const at = random.between(0, text.length);
    const upTo = Math.min(text.length, at + random.between(1, 12));
    switch (random.between(0, 5)) {
      case 0:
        return text.slice(0, at);
      case 1:
        return text.slice(0, at) + text.slice(upTo);
      case 2:
        return text.slice(0, upTo) + text.slice(at);
      case 3: {
        const flipped = String.fromCharCode(
          text.charCodeAt(Math.min(at, text.length - 1)) ^ (1 << random.between(0, 7)),
        );
        return text.slice(0, at) + flipped + text.slice(at + 1);
      }
      case 4:
        return text.slice(0, at) + this.#pick(HOSTILE_TEXTS.slice(0, 15)) + text.slice(at);
      default:
        return text.replace(
          /\d+/,
          () => String(this.#pick([1e21, -1, "9".repeat(20), "1e400", "1.0", "-0"])),
        );
    }
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.between(0, items.length - 1)]!;
  }
}

function set(holder: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, configurable: true, enumerable: true, writable: true });
}

function clone(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(jsonText(value) ?? "null");
}

function nested(value: unknown, depth: number): unknown {
  let outer = value;
  for (let level = 0; level < depth; level++) outer = level % 2 === 0 ? [outer] : { a: outer };
  return outer;
}
