/**
 * Operating simulated Charge Points by hand: one key, one act.
 */
import type { ChargePointInput } from "../../charge_point/contract.ts";

/** What the keys do, for the person who has them. */
export const KEY_LEGEND =
  "p plug in · u unplug · c card · e EV pauses, goes on · f fault, cleared · l link cut, restored · 1-9 connector · q quit";

/** What keys act upon. */
export interface Operated {
  input(input: ChargePointInput): void;
  readonly isLinkCut: boolean;
  cutLink(): void;
  restoreLink(): void;
  quit(): void;
}

/** Turns keys into acts; keys that mean nothing do nothing. */
export class Keys {
  readonly #operated: Operated;
  readonly #idTag: string;
  readonly #connectors: number;
  readonly #paused = new Set<number>();
  readonly #faulted = new Set<number>();
  #connectorId = 1;

  constructor(operated: Operated, { idTag, connectors }: { idTag: string; connectors: number }) {
    this.#operated = operated;
    this.#idTag = idTag;
    this.#connectors = connectors;
  }

  press(key: string): void {
    const connectorId = this.#connectorId;
    switch (key) {
      case "p":
        return this.#operated.input({ kind: "plugIn", connectorId });
      case "u":
        this.#paused.delete(connectorId);
        return this.#operated.input({ kind: "unplug", connectorId });
      case "c":
        return this.#operated.input({ kind: "presentIdTag", idTag: this.#idTag, connectorId });
      case "e":
        return this.#operated.input({
          kind: toggle(this.#paused, connectorId) ? "evPause" : "evResume",
          connectorId,
        });
      case "f":
        return this.#operated.input(
          toggle(this.#faulted, connectorId)
            ? { kind: "fault", connectorId, errorCode: "OtherError" }
            : { kind: "clearFault", connectorId },
        );
      case "l":
        return this.#operated.isLinkCut ? this.#operated.restoreLink() : this.#operated.cutLink();
      case "q":
      case "\x03": // Ctrl-C, where a raw terminal does not make a signal of it
        return this.#operated.quit();
      default:
        if (/^[1-9]$/.test(key) && Number(key) <= this.#connectors) this.#connectorId = Number(key);
    }
  }
}

/** Whether the member is in the set now. */
function toggle(set: Set<number>, member: number): boolean {
  if (set.delete(member)) return false;
  set.add(member);
  return true;
}

/**
 * Gives every character that is typed, without waiting for Enter on a terminal; from a pipe as it comes.
 * The returned function gives the terminal back as it was.
 */
export function readKeys(onKey: (key: string) => void): () => void {
  const isTerminal = Deno.stdin.isTerminal();
  // With cbreak Ctrl-C stays a signal; Windows has no such mode.
  if (isTerminal) Deno.stdin.setRaw(true, { cbreak: Deno.build.os !== "windows" });
  const reading = (async () => {
    for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
      for (const key of text) onKey(key);
    }
  })();
  reading.catch(() => {}); // a stdin that cannot be read has no keys to give
  return () => {
    if (isTerminal) Deno.stdin.setRaw(false);
  };
}
