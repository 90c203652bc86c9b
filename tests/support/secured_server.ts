/**
 * A Central System that listens with TLS beside its plain port, as `ocpp serve --tls-port` runs it.
 */
import type { TlsOptions } from "../../src/adapters/tls_server.ts";
import { type RunningCentralSystem, startHardenedCentralSystem } from "../../src/cli/serve/central_system.ts";
import { RecordingObserver } from "./recording_observer.ts";
import { fullOptions, TestServer, type TestServerOptions } from "./server.ts";
import { testTls } from "./tls.ts";

/** What to listen with otherwise than with the usual certificates. */
export interface SecuredServerOptions extends TestServerOptions {
  readonly tls?: Partial<TlsOptions>;
}

/** One that runs. */
export interface SecuredServer extends AsyncDisposable {
  readonly plain: TestServer;
  readonly observer: RecordingObserver;
  readonly tlsPort: number;
  /** Where Charge Points connect with TLS, at `localhost`. */
  readonly tlsUrl: string;
  /** PEM: whom its clients trust. */
  readonly root: string;
}

/** Starts it. */
export async function startSecuredServer(options: SecuredServerOptions = {}): Promise<SecuredServer> {
  const { root, options: usual } = await testTls();
  const observer = new RecordingObserver();
  const { apiToken } = options;
  const running: RunningCentralSystem = await startHardenedCentralSystem(fullOptions(options, observer));
  const { port } = await running.listenWithTls({ port: 0, options: { ...usual, ...options.tls } });
  const plain = new TestServer(running, { observer, apiToken });
  return {
    plain,
    observer,
    tlsPort: port,
    tlsUrl: `wss://localhost:${port}`,
    root: root.certificate,
    [Symbol.asyncDispose]: () => plain[Symbol.asyncDispose](),
  };
}
