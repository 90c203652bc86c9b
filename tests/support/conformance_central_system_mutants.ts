/**
 * Central Systems that are wrong in one place, made from what ours sent when it passed a case.
 *
 * Each leaves a frame out, sends a Call twice, sends two frames in the wrong order, answers with a CALLERROR or another
 * uniqueId, or tells a wrong value. Frames are known by their position, since uniqueIds and times differ from play to
 * play.
 */

/** One wrong peer. */
export interface CentralSystemMutant {
  readonly name: string;
  /** Spoils the texts of one play, in their order. */
  readonly spoiler: () => (text: string) => readonly string[];
}

type Json = unknown;

/** All mutants of one play. `texts`: what the Central System sent until the verdict. */
export function centralSystemMutantsOf(texts: readonly string[]): readonly CentralSystemMutant[] {
  return texts.flatMap((text, index) => mutantsOfFrame(text, index, texts[index + 1]));
}

function mutantsOfFrame(text: string, index: number, next: string | undefined): CentralSystemMutant[] {
  const frame = JSON.parse(text) as Json[];
  const isCall = frame[0] === 2;
  const mutant = (name: string, spoil: (text: string) => readonly string[]): CentralSystemMutant => ({
    name: `${name} frame ${index}, ${text}`,
    spoiler: () => {
      let at = 0;
      return (sent) => at++ === index ? spoil(sent) : [sent];
    },
  });
  const rewritten = (change: (frame: Json[]) => void) => (sent: string) => {
    const other = JSON.parse(sent) as Json[];
    change(other);
    return [JSON.stringify(other)];
  };
  const mutants = [
    mutant("leaves out", () => []),
    ...wrongValues(frame.at(-1)).filter(({ path }) => isCall || !FREE.has(path.join("."))).map((
      { path, value },
    ) =>
      mutant(
        `tells ${JSON.stringify(value)} as ${path.join(".")} in`,
        rewritten((other) => put(other.at(-1), path, value)),
      )
    ),
  ];
  if (isCall) {
    // A repeat under the same uniqueId would be the same message, sent again.
    mutants.push(mutant("sends twice", (sent) => [sent, ...rewritten((other) => other[1] = "again")(sent)]));
  } else {
    mutants.push(
      mutant("answers with a CALLERROR instead of", (sent) => [
        JSON.stringify([4, JSON.parse(sent)[1], "InternalError", "", {}]),
      ]),
      mutant("answers somebody else with", rewritten((other) => other[1] = "somebody-else")),
    );
  }
  if (next !== undefined) mutants.push(held(text, index));
  return mutants;
}

/** Holds a frame back until the next one has gone, which never comes where that is its consequence. */
function held(text: string, index: number): CentralSystemMutant {
  return {
    name: `sends the next one before frame ${index}, ${text}`,
    spoiler: () => {
      let at = 0;
      let kept: string | undefined;
      return (sent) => {
        if (at++ === index) {
          kept = sent;
          return [];
        }
        if (kept === undefined) return [sent];
        const late = kept;
        kept = undefined;
        return [sent, late];
      };
    },
  };
}

/** Fields of answers that may have any value, as far as frames can tell. */
const FREE = new Set(["transactionId", "interval", "idTagInfo.expiryDate"]);

interface WrongValue {
  readonly path: readonly string[];
  readonly value: Json;
}

/** A wrong value for every field that a case can know, and a field that does not exist. */
function wrongValues(payload: Json): readonly WrongValue[] {
  return [{ path: ["unheardOf"], value: 1 }, ...wrongLeaves(payload, [])];
}

function wrongLeaves(value: Json, path: readonly string[]): readonly WrongValue[] {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, inner]) => wrongLeaves(inner, [...path, name]));
  }
  if (typeof value === "number") return [{ path, value: value + 7 }];
  if (typeof value !== "string") return [];
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return [{ path, value: "2001-01-01T00:00:00Z" }];
  return [{ path, value: wrongText(path.at(-1)!, value) }];
}

/** Another value of the same enumeration where that is known; otherwise one that is in none. */
function wrongText(name: string, value: string): string {
  if (name === "status") return value === "Accepted" ? "Invalid" : "Accepted";
  if (name === "type") return value === "Hard" ? "Soft" : "Hard";
  if (name === "updateType") return value === "Full" ? "Differential" : "Full";
  return `${value}X`;
}

function put(payload: Json, path: readonly string[], value: Json): void {
  let inner = payload as Record<string, Json>;
  for (const name of path.slice(0, -1)) inner = inner[name] as Record<string, Json>;
  inner[path.at(-1)!] = value;
}
