/**
 * A Central System without network, disk or time of its own: texts go in by hand and come out as a list.
 */
import assert from "node:assert/strict";
import type { AdmissionSettings } from "../../src/runtime/admission.ts";
import { CentralSystemHost } from "../../src/runtime/central_system_host.ts";
import type { CentralSystemObserver } from "../../src/runtime/central_system_observer.ts";
import type { ConnectionHandlers } from "../../src/runtime/listener.ts";
import { PlainHasher } from "./password_hasher.ts";
import { MemoryStore } from "./memory_store.ts";
import { RecordingObserver } from "./recording_observer.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** One end of a connection that is only lists. */
export interface MemoryConnection {
  readonly handlers: ConnectionHandlers;
  /** What the Central System has sent since it was last emptied. */
  readonly sent: string[];
  closedWith: { code: number; reason: string } | undefined;
}

/** A Central System in memory. */
export class MemoryCentralSystem<O extends CentralSystemObserver = RecordingObserver> {
  readonly clock = new VirtualClock();
  readonly store: MemoryStore;
  readonly observer: O;
  readonly host: CentralSystemHost;
  #lastUniqueId = 0;

  constructor(
    { admission, observer, store }: {
      readonly admission?: Partial<AdmissionSettings>;
      readonly observer?: O;
      readonly store?: MemoryStore;
    } = {},
  ) {
    this.store = store ?? new MemoryStore();
    this.observer = observer ?? new RecordingObserver() as unknown as O;
    this.host = new CentralSystemHost({
      store: this.store,
      clock: this.clock,
      settings: {
        heartbeatIntervalSeconds: 300,
        bootStatus: "Accepted",
        bootIntervalSeconds: 60,
        authorization: "open",
      },
      admission: {
        registration: "open",
        validation: "tolerant",
        allowOrigins: [],
        callTimeoutMs: 30_000,
        securityProfile: 0,
        maxFrameRate: 0,
        ...admission,
      },
      observer: this.observer,
      soon: queueMicrotask,
      passwords: new PlainHasher(),
      newUniqueId: () => `cs${++this.#lastUniqueId}`,
    });
  }

  /** Connects a Charge Point. */
  async connect(identity: string): Promise<MemoryConnection> {
    const decision = await this.host.upgrade({
      path: `/${encodeURIComponent(identity)}`,
      subprotocols: ["ocpp1.6"],
      origin: undefined,
      authorization: undefined,
      remoteAddress: "192.0.2.1",
    });
    assert.ok(decision.granted);
    const sent: string[] = [];
    let connection: MemoryConnection | undefined;
    const handlers = decision.open({
      send: (text) => sent.push(text),
      close: (code, reason) => connection!.closedWith ??= { code, reason },
    });
    return connection = { handlers, sent, closedWith: undefined };
  }

  /** Connects and boots one. */
  async boot(identity: string): Promise<MemoryConnection> {
    const connection = await this.connect(identity);
    connection.handlers.onText(
      '[2,"boot","BootNotification",{"chargePointVendor":"Vendor","chargePointModel":"Model"}]',
    );
    await this.host.turns.idle();
    assert.match(connection.sent.splice(0).join(""), /"Accepted"/);
    return connection;
  }
}
