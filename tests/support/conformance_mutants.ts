/**
 * Peers that are wrong in one place, made from what our Charge Point sent when it passed a case.
 *
 * Each leaves a frame out, sends it too late or before the one that should come first, or tells a wrong status or any
 * other wrong field, or leaves a list out. Frames are known by their text, so that a repeat is spoilt like the first.
 */
import { parseFrame } from "../../src/ocpp/frame.ts";
import type { SpoiltFrame } from "./conformance_play.ts";

/** One wrong peer. */
export interface Mutant {
  readonly name: string;
  /** The frame that it spoils. */
  readonly text: string;
  readonly spoil: (text: string) => readonly SpoiltFrame[];
}

/** Later than anything that a case waits for. Units: seconds. */
const TOO_LATE_SECONDS = 400;

/** Long before everything. */
const LONG_AGO = "2001-01-01T00:00:00Z";

type Payload = Readonly<Record<string, unknown>>;

/** All mutants of one frame; `next`: what the Charge Point sent after it. */
export function mutantsOf(text: string, next: string | undefined): readonly Mutant[] {
  const parsed = parseFrame(text);
  if (!parsed.ok || parsed.frame.kind === "callError") return [];
  const { frame } = parsed;
  const payload = frame.payload as Payload;
  const mutants: Mutant[] = [
    { name: "leaves out", text, spoil: instead(text, () => []) },
    { name: "sends too late", text, spoil: instead(text, () => [{ text, delaySeconds: TOO_LATE_SECONDS }]) },
  ];
  const change = (name: string, changes: Payload) => {
    const json = JSON.parse(text) as unknown[];
    json[json.length - 1] = { ...payload, ...changes };
    const wrong = JSON.stringify(json);
    mutants.push({ name, text, spoil: instead(text, () => [{ text: wrong }]) });
  };
  for (const [field, value] of Object.entries(payload)) {
    if (Array.isArray(value)) change(`leaves ${field} out of`, { [field]: undefined });
    if (field === "configurationKey") continue; // what keys there are, and their values, nobody can know
    for (const { path, wrong } of wrongLeaves(frame, [field], value)) {
      change(`tells a wrong ${path.join(".")} in`, { [field]: wrong });
    }
  }
  if (frame.kind !== "call") return mutants;
  if (next !== undefined && mustFollow(text, next)) mutants.push(swapped(text, next));
  return mutants;
}

/** The value, wrong in one leaf each. */
function wrongLeaves(
  frame: { readonly kind: string },
  path: readonly string[],
  value: unknown,
): readonly { readonly path: readonly string[]; readonly wrong: unknown }[] {
  if (typeof value !== "object" || value === null) {
    return [{ path, wrong: wrongValue(frame, path.at(-1)!, value) }];
  }
  return Object.entries(value).flatMap(([name, inner]) =>
    wrongLeaves(frame, [...path, name], inner).map((leaf) => ({
      path: leaf.path,
      wrong: Array.isArray(value) ? value.with(Number(name), leaf.wrong) : { ...value, [name]: leaf.wrong },
    }))
  );
}

function wrongValue(frame: { readonly kind: string }, field: string, value: unknown): unknown {
  switch (field) {
    case "status":
      if (frame.kind === "call") return value === "Faulted" ? "Unavailable" : "Faulted";
      return value === "Rejected" ? "Accepted" : "Rejected";
    case "timestamp":
    case "scheduleStart":
      return LONG_AGO;
    case "meterStart":
      return (value as number) + 1_000_000_000;
    case "meterStop":
      return 0;
    case "reason":
      return value === "Other" ? "Local" : "Other";
    case "errorCode":
      return value === "NoError" ? "OtherError" : "NoError";
    default:
      return typeof value === "number" ? value + 7 : typeof value === "string" ? `${value}X` : undefined;
  }
}

function instead(original: string, spoilt: () => readonly SpoiltFrame[]) {
  const key = contentOf(original);
  return (text: string) => text === original || contentOf(text) === key ? spoilt() : [{ text }];
}

/** A Call that is sent again has another uniqueId, perhaps: the same all the same. */
function contentOf(text: string): string {
  const [type, , action, payload] = JSON.parse(text) as unknown[];
  if (type !== 2) return text;
  if (action === "BootNotification") return JSON.stringify([action, payload]);
  // Whose key is another one in every play.
  return action === "SignCertificate" ? "SignCertificate" : text;
}

/** Sends the next Call first. The real one that comes in its time is left out. */
function swapped(text: string, next: string): Mutant {
  let wasSent = false;
  return {
    name: "sends what follows before",
    text,
    spoil: (sent) => {
      if (sent === next) return wasSent ? [] : [{ text: sent }];
      if (sent !== text) return [{ text: sent }];
      wasSent = true;
      return [{ text: next }, { text }];
    },
  };
}

/** Whether the order of two Calls matters: start and stop may come before or after the status, and so on. */
function mustFollow(text: string, next: string): boolean {
  const [one, other] = [text, next].map((frame) => JSON.parse(frame) as [number, string, string, Payload]);
  if (one === undefined || other === undefined || one[0] !== 2 || other[0] !== 2) return false;
  const isStatus = (action: string) => action === "StatusNotification";
  if (isStatus(one[2]) && isStatus(other[2])) return one[3].connectorId === other[3].connectorId;
  return !isStatus(one[2]) && !isStatus(other[2]);
}
