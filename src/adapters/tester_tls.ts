/**
 * TLS of a tester that plays the Central System: a hardened listener whose certificate can be spoilt while it listens,
 * and that asks for client certificates.
 */
import type { ListenerHandlers } from "../runtime/listener.ts";
import { type HardenedListenerOptions, listenHardened } from "./hardened_listener.ts";
import type { ServerFlaw, TesterCertificates } from "./tester_certificates.ts";

/** One that is running. */
export interface TesterTlsListener {
  readonly port: number;
  readonly addresses: readonly string[];
  /** Shows this certificate to whoever connects from now on. */
  show(flaw: ServerFlaw): Promise<void>;
  close(): Promise<void>;
}

/** Listens. Errors: `ListenError`. */
export async function listenForTls(
  options: Pick<HardenedListenerOptions, "hostname" | "port" | "optionNames">,
  certificates: TesterCertificates,
  handlers: ListenerHandlers,
): Promise<TesterTlsListener> {
  const listener = await listenHardened({
    ...options,
    pingIntervalSeconds: 0,
    tls: { ...await certificates.server(undefined), clientRoots: [certificates.root] },
  }, handlers);
  return {
    port: listener.port,
    addresses: listener.addresses,
    show: async (flaw) => listener.show(await certificates.server(flaw)),
    close: () => listener.close(),
  };
}
