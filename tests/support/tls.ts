/**
 * What a TLS listener of a test needs, and what its clients trust: made once a process.
 */
import type { TlsOptions } from "../../src/adapters/tls_server.ts";
import { type Issued, makeRoot, makeServer } from "./certificates.ts";

/** Both ends. */
export interface TestTls {
  /** Of the server's certificate and of Charge Points'. */
  readonly root: Issued;
  readonly server: Issued;
  readonly options: TlsOptions;
}

let made: Promise<TestTls> | undefined;

/** A root, and a server for `localhost`, 127.0.0.1 and ::1 below it. */
export function testTls(): Promise<TestTls> {
  return made ??= make();
}

async function make(): Promise<TestTls> {
  const root = await makeRoot({ commonName: "Operator Root" });
  const server = await makeServer(root, { commonName: "localhost" });
  const options = {
    certificateChain: server.chain,
    privateKey: server.privateKey,
    clientRoots: [root.certificate],
  };
  return { root, server, options };
}
