/**
 * Puts a Central System together: store, host, API and listener.
 */
import { setImmediate } from "node:timers";
import { DirectoryFiles } from "../../adapters/directory_files.ts";
import { listenNatively } from "../../adapters/native_listener.ts";
import { SqliteStore } from "../../adapters/sqlite/sqlite_store.ts";
import { scryptHasher } from "../../adapters/scrypt_hasher.ts";
import { systemClock } from "../../adapters/system_clock.ts";
import type { Settings } from "../../central_system/decision.ts";
import type { Store } from "../../central_system/store.ts";
import type { AdmissionSettings } from "../../runtime/admission.ts";
import { CentralSystemHost } from "../../runtime/central_system_host.ts";
import type { CertificateAuthority } from "../../runtime/certificate_authority.ts";
import type { CentralSystemObserver } from "../../runtime/central_system_observer.ts";
import type { Clock } from "../../runtime/clock.ts";
import { CountingObserver } from "../../runtime/counters.ts";
import { CountingStore } from "../../runtime/counting_store.ts";
import { EventLoopLag } from "../../runtime/event_loop_lag.ts";
import type { FileStore } from "../../runtime/file_store.ts";
import { Files } from "../../runtime/files.ts";
import { TellingObserver } from "../../runtime/telling_observer.ts";
import type { AddressRange } from "../../adapters/address_range.ts";
import { FailedHandshakes } from "../../runtime/failed_handshakes.ts";
import { isLoopback, newToken } from "../api_access.ts";
import { EventStreams } from "../../http/shared/event_stream.ts";
import { ExportStreams } from "../../http/shared/export_stream.ts";
import type { Listener, ListenerHandlers } from "../../runtime/listener.ts";
import type { ServerFigures } from "../../runtime/server_figures.ts";
import { programFigures } from "./program_figures.ts";
import type { TlsListening } from "./tls.ts";
import { TransactionWatch } from "../../runtime/transaction_watch.ts";
import { Upkeep, type UpkeepSettings } from "../../runtime/upkeep.ts";

/** Everything that can be chosen about a Central System. */
export interface CentralSystemOptions {
  readonly host: string;
  readonly port: number;
  /** A path, or a store that exists already. */
  readonly database: string | Store;
  readonly settings: Settings;
  readonly admission: AdmissionSettings;
  readonly pingIntervalSeconds: number;
  /** Proxies that are believed about who is behind them: strangers, so that nothing is loopback any more. */
  readonly trustedProxies?: readonly AddressRange[];
  /** Signs what Charge Points ask for; without one that is Rejected. */
  readonly certificateAuthority?: CertificateAuthority | undefined;
  readonly apiToken: string | undefined;
  readonly observer: CentralSystemObserver;
  readonly version: string;
  /** Wrong API tokens that an address may present at once; absent: as by default. */
  readonly guessesMax?: number;
  /** Where files are kept; without: in a directory that goes at the end. */
  readonly files?: string | FileStore | undefined;
  /** The largest file; without: `FILE_BYTES_MAX_DEFAULT`. */
  readonly fileBytesMax?: number;
  /** Where Charge Points reach this by HTTP; without: where an operator's request went. */
  readonly publicUrl?: string | undefined;
  readonly upkeep?: UpkeepSettings;
  /** Without one: the real time. */
  readonly clock?: Clock;
}

/** A Central System that is running. */
export interface RunningCentralSystem {
  readonly host: CentralSystemHost;
  readonly listener: Listener;
  /** Listens with TLS beside it, for the same Central System. Errors: `ListenError`. */
  listenWithTls(tls: TlsListening): Promise<Listener>;
  /** Ends it; what was acknowledged is in the database. */
  stop(): Promise<void>;
}

/** Starts it on the native listener. Errors: `FileStoreError`, `StoreError`, `ListenError`. */
export function startCentralSystem(options: CentralSystemOptions): RunningCentralSystem {
  const prepared = prepare(options);
  try {
    return prepared.running(listenNatively(addressOf(options), prepared.handlers));
  } catch (error) {
    prepared.store.close();
    throw error;
  }
}

/** Starts it on the hardened listener, which is loaded now. Errors: as `startCentralSystem`. */
export async function startHardenedCentralSystem(
  options: CentralSystemOptions,
): Promise<RunningCentralSystem> {
  const { listenHardened } = await import("../../adapters/hardened_listener.ts");
  const prepared = prepare(options);
  try {
    return prepared.running(await listenHardened(addressOf(options), prepared.handlers));
  } catch (error) {
    prepared.store.close();
    throw error;
  }
}

function addressOf({ host, port, pingIntervalSeconds, trustedProxies = [] }: CentralSystemOptions) {
  return { hostname: host, port, pingIntervalSeconds, trustedProxies };
}

/** Everything but the listener. */
interface Prepared {
  readonly store: Store;
  readonly handlers: ListenerHandlers;
  running(listener: Listener): RunningCentralSystem;
}

function prepare(options: CentralSystemOptions): Prepared {
  const { settings, admission, apiToken, version } = options;
  const clock = options.clock ?? systemClock;
  const run = crypto.randomUUID().slice(0, 8);
  const telling = new TellingObserver(options.observer, { run, nowMs: () => clock.nowMs() });
  const counters = new CountingObserver(telling);
  const streams = new EventStreams();
  const exports = new ExportStreams();
  const database = typeof options.database === "string"
    ? new SqliteStore(options.database)
    : options.database;
  const store = new CountingStore(database, clock);
  const eventLoop = new EventLoopLag(clock);
  const files = new Files({
    store: typeof options.files === "object" ? options.files : new DirectoryFiles(options.files),
    clock,
    newToken,
    newFileId: () => crypto.randomUUID(),
    ...(options.fileBytesMax === undefined ? {} : { bytesMax: options.fileBytesMax }),
  });
  const host = new CentralSystemHost({
    store,
    clock,
    settings,
    admission,
    observer: counters,
    passwords: scryptHasher(),
    certificateAuthority: options.certificateAuthority,
    soon: (run) => void setImmediate(run),
    newUniqueId: () => crypto.randomUUID(),
  });
  const handshakes = new FailedHandshakes({ clock, tell: (refusal) => counters.refused(refusal) });
  const transactionWatch = new TransactionWatch({ store, clock });
  const upkeep = new Upkeep({
    store,
    clock,
    settings: options.upkeep ?? {},
    change: (change) => host.change(change),
    onRemoved: (removed) => counters.rowsRemoved(removed),
  });
  telling.listen((event) => {
    upkeep.hear(event);
    transactionWatch.hear(event);
  });
  let app: Promise<ReturnType<typeof import("../../http/central_system/app.ts")["createApp"]>> | undefined;
  const startedAtMs = clock.nowMs();
  const figures: ServerFigures = { counters, store, eventLoop, startedAtMs, program: programFigures };
  const loadApp = async () => {
    const { createApp } = await import("../../http/central_system/app.ts");
    const { callTimeoutMs } = admission;
    return createApp({
      host,
      store,
      figures,
      events: telling.events,
      refusals: telling.refusals,
      streams,
      exports,
      files,
      publicUrl: options.publicUrl,
      transactionWatch,
      token: apiToken,
      guessesMax: options.guessesMax,
      onAccessRefused: (refusal) => telling.refused({ ...refusal, atMs: clock.nowMs(), identity: undefined }),
      isLoopback: isLoopback(options.host) && (options.trustedProxies ?? []).length === 0,
      callTimeoutMs,
      version,
    });
  };
  const handlers: ListenerHandlers = {
    onUpgrade: (request) => host.upgrade(request),
    onRequest: async (request, remoteAddress) =>
      (await (app ??= loadApp())).fetch(request, { remoteAddress }),
    onHandshakeFailed: (failure) => handshakes.add(failure),
  };
  const stop = async (listeners: readonly Listener[]) => {
    eventLoop.stop();
    transactionWatch.stop();
    await upkeep.stop();
    await host.stop();
    streams.close();
    exports.close();
    await files.close();
    await Promise.all(listeners.map((one) => one.close()));
    handshakes.stop();
    store.close();
  };
  return {
    store,
    handlers,
    running: (listener) => {
      const listeners = [listener];
      upkeep.start();
      eventLoop.start();
      return {
        host,
        listener,
        listenWithTls: async ({ port, options: tls }) => {
          const { listenHardened } = await import("../../adapters/hardened_listener.ts");
          const optionNames = { port: "--tls-port", host: "--host" };
          const secured = await listenHardened({ ...addressOf(options), port, tls, optionNames }, handlers);
          listeners.push(secured);
          return secured;
        },
        stop: () => stop(listeners),
      };
    },
  };
}
