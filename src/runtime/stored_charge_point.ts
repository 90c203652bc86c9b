/**
 * A core whose state is stored: writes first, everything visible after.
 *
 * After each input what has changed is committed, and only then do the effects of that input leave. What is the
 * same object as last time is skipped, of the rest the texts are compared.
 * When the store fails, nothing of that turn leaves: the link is closed, the Charge Point is out of service and
 * says so, and every `STORE_RETRY_MS` it tries again. Meanwhile the world goes on: up to `INPUTS_HELD_MAX` inputs
 * wait, further ones are lost. Once what was held is stored, it is carried out (but what was to be sent, since that
 * link is gone: the core sends it again where it has to), and the link is opened again.
 * Spec: design §1 (ordering rule), §6.
 */
import type { ChargePointEffect, ChargePointInput } from "../charge_point/contract.ts";
import type { StoredState } from "../charge_point/storage/durable.ts";
import type { ChargePointCore } from "./charge_point_host.ts";
import { type StateChanges, type StateStore, StateStoreError } from "./state_store.ts";

/** How long to wait before what could not be stored is tried again. */
export const STORE_RETRY_MS = 5_000;

/** The most inputs that wait while the store does not work. */
export const INPUTS_HELD_MAX = 100;

/** A core that can say what is to be stored. */
export interface DurableCore extends ChargePointCore {
  durable(): StoredState;
}

type OpenLink = Extract<ChargePointEffect, { kind: "openLink" }>;

/** What waits for the store to work again. */
interface Outage {
  readonly effects: ChargePointEffect[];
  readonly inputs: ChargePointInput[];
  retryAtMs: number;
}

/** What was stored of one section, and the value it was made from. */
interface StoredSection {
  readonly value: unknown;
  readonly text: string;
}

/** Stores the state of one core. */
export class StoredChargePoint implements ChargePointCore {
  readonly #identity: string;
  readonly #core: DurableCore;
  readonly #store: StateStore;
  #stored: Map<string, StoredSection>;
  /** The link that the core wants. */
  #wanted: OpenLink | undefined;
  #outage: Outage | undefined;

  /** `stored` is what the core was made from. */
  constructor(options: {
    readonly identity: string;
    readonly core: DurableCore;
    readonly store: StateStore;
    readonly stored: StoredState | undefined;
  }) {
    this.#identity = options.identity;
    this.#core = options.core;
    this.#store = options.store;
    this.#stored = new Map(
      Object.entries(options.stored?.sections ?? {}).map((
        [name, value],
      ) => [name, { value, text: JSON.stringify(value) }]),
    );
  }

  handle(input: ChargePointInput, nowMs: number): readonly ChargePointEffect[] {
    const outage = this.#outage;
    if (outage === undefined) return this.#turn(input, nowMs);
    if (input.kind !== "deadline" && input.kind !== "linkDown" && outage.inputs.length < INPUTS_HELD_MAX) {
      outage.inputs.push(input);
    }
    return nowMs >= outage.retryAtMs ? this.#tryAgain(outage, nowMs) : [];
  }

  deadlineMs(): number {
    return this.#outage?.retryAtMs ?? this.#core.deadlineMs();
  }

  #turn(input: ChargePointInput, nowMs: number): readonly ChargePointEffect[] {
    const effects = this.#core.handle(input, nowMs);
    const error = this.#commit();
    if (error !== undefined) {
      this.#outage = { effects: [...effects], inputs: [], retryAtMs: nowMs + STORE_RETRY_MS };
      return [storeFailed(error), { kind: "closeLink", reason: "out of service" }];
    }
    this.#noteLink(effects);
    return effects;
  }

  #tryAgain(outage: Outage, nowMs: number): readonly ChargePointEffect[] {
    const error = this.#commit();
    if (error !== undefined) {
      outage.retryAtMs = nowMs + STORE_RETRY_MS;
      return [storeFailed(error)];
    }
    this.#outage = undefined;
    const held = outage.effects.filter(({ kind }) => kind !== "send");
    this.#noteLink(held);
    const carriedOut: ChargePointEffect[] = [{ kind: "event", event: { kind: "storeWorks" } }, ...held];
    // A turn of these may find the store broken once more: then the rest waits again.
    const inputs: readonly ChargePointInput[] = [{ kind: "linkDown" }, ...outage.inputs];
    for (const input of inputs) carriedOut.push(...this.handle(input, nowMs));
    const wantsLink = this.#outage === undefined && this.#wanted !== undefined;
    if (wantsLink && !carriedOut.some(({ kind }) => kind === "openLink")) carriedOut.push(this.#wanted!);
    return carriedOut;
  }

  #noteLink(effects: readonly ChargePointEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === "openLink") this.#wanted = effect;
      if (effect.kind === "closeLink") this.#wanted = undefined;
    }
  }

  /** Stores what has changed; the error if that cannot be done. */
  #commit(): StateStoreError | undefined {
    const { version, sections } = this.#core.durable();
    const stored = new Map<string, StoredSection>();
    const changed = new Map<string, string>();
    for (const [name, value] of Object.entries(sections)) {
      const before = this.#stored.get(name);
      const isSame = before !== undefined && before.value === value;
      const section = isSame ? before : { value, text: JSON.stringify(value) };
      stored.set(name, section);
      if (section.text !== before?.text) changed.set(name, section.text);
    }
    const removed = [...this.#stored.keys()].filter((name) => !stored.has(name));
    const error = changed.size + removed.length === 0 ? undefined : this.#save({ version, changed, removed });
    if (error === undefined) this.#stored = stored;
    return error;
  }

  #save(changes: StateChanges): StateStoreError | undefined {
    try {
      this.#store.save(this.#identity, changes);
      return undefined;
    } catch (error) {
      if (error instanceof StateStoreError) return error;
      throw error;
    }
  }
}

function storeFailed({ message }: StateStoreError): ChargePointEffect {
  return { kind: "event", event: { kind: "storeFailed", reason: message, retryInMs: STORE_RETRY_MS } };
}
