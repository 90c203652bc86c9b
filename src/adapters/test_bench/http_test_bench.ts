/**
 * The bench of a real run: files over HTTP on a port of its own, certificates for the clock on the wall.
 */
import { isIPv6 } from "node:net";
import { getLogger } from "@logtape/logtape";
import type { BenchReplies, BenchReply, BenchRequest } from "../../conformance/bench.ts";
import type { TestBench } from "../../runtime/test_bench.ts";
import type { ListenAddress } from "../listen_address.ts";
import { type BenchCertificateOptions, BenchCertificates } from "./certificates.ts";
import { BenchFileServer, type Upload } from "./file_server.ts";
import { type FirmwareImage, firmwareWith } from "./firmware.ts";

const logger = getLogger(["ocpp", "bench"]);

/** Everything that can be chosen. */
export interface HttpTestBenchOptions extends BenchCertificateOptions {
  /** Where files are; absent: any port of this machine, for nobody else. */
  readonly address?: ListenAddress | undefined;
  /** The name or address by which systems under test reach this machine; absent: that of `address`. */
  readonly advertisedHost?: string | undefined;
  /** What a Charge Point under test can install; absent: what the simulator can. */
  readonly image?: FirmwareImage | undefined;
}

const LOOPBACK: ListenAddress = { hostname: "127.0.0.1", port: 0 };

/** Opens with `open`, ends with `close`. */
export class HttpTestBench implements TestBench {
  readonly certificates: BenchCertificates;
  readonly #server: BenchFileServer;
  readonly #image: FirmwareImage | undefined;
  readonly #host: string;

  /** Makes authorities and listens. Errors: `ListenError`; `RangeError` for an authority that cannot sign here. */
  static async open(options: HttpTestBenchOptions = {}): Promise<HttpTestBench> {
    const certificates = await BenchCertificates.make(options);
    return new HttpTestBench(certificates, options);
  }

  private constructor(
    certificates: BenchCertificates,
    { address = LOOPBACK, advertisedHost, image }: HttpTestBenchOptions,
  ) {
    this.certificates = certificates;
    this.#image = image;
    this.#host = advertisedHost ?? address.hostname;
    this.#server = new BenchFileServer(address);
  }

  get port(): number {
    return this.#server.port;
  }

  /** What was uploaded, oldest first. */
  get uploads(): readonly Upload[] {
    return this.#server.uploads;
  }

  async get<R extends BenchRequest>(request: R): Promise<BenchReplies[R["kind"]] | undefined> {
    try {
      return await this.#reply(request) as BenchReplies[R["kind"]] | undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error("the bench has no {kind}: {reason}", { kind: request.kind, reason, error });
      return undefined;
    }
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  async #reply(request: BenchRequest): Promise<BenchReply | undefined> {
    switch (request.kind) {
      case "uploadLocation": {
        return { location: this.#urlOf(this.#server.newLocation(request.flaw).path) };
      }
      case "firmware": {
        const { fileName, bytes, ...told } = await firmwareWith(request.flaw, {
          certificates: this.certificates,
          image: this.#image,
        });
        return { location: this.#urlOf(this.#server.offer(fileName, bytes)), ...told };
      }
      case "signCertificate":
        return await this.certificates.signCertificate(request);
      case "signingRequest":
        return await this.certificates.signingRequest(request);
      case "examineCertificate":
        return await this.certificates.examineCertificate(request);
      case "rootCertificate":
        return await this.certificates.rootCertificate(request);
    }
  }

  #urlOf(path: string): string {
    const host = isIPv6(this.#host) ? `[${this.#host}]` : this.#host;
    return `http://${host}:${this.port}${path}`;
  }
}
