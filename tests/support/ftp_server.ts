/**
 * An FTP server for tests: passive mode, a few files in memory, on a free port of this machine.
 *
 * It knows USER, PASS, CWD, PWD, TYPE, SIZE, EPSV, PASV, STOR, RETR, QUIT, and AUTH TLS, PBSZ, PROT with `tls`.
 * Spec: RFC 959, RFC 2428, RFC 4217.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { TLSSocket } from "node:tls";
import { Happenings } from "./within.ts";

/** What the server is to be like. */
export interface FtpServerOptions {
  readonly user?: string;
  readonly password?: string;
  /** Contents by absolute path. The directories above them exist, and so does `/`. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly directories?: readonly string[];
  /** Answers to commands instead of the usual, e.g. `{ STOR: "550 Permission denied" }`. */
  readonly replies?: Readonly<Record<string, string>>;
  /** Sends so many bytes of a file and then breaks every connection off. */
  readonly breakOffAfterBytes?: number;
  /** Opens the data connection for RETR and then says nothing more. */
  readonly isStalling?: boolean;
  /** Offers AUTH TLS, and refuses to log anybody in without. PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

interface Session {
  control: Socket;
  directory: string;
  user: string;
  isLoggedIn: boolean;
  isDataProtected: boolean;
  passive: Server | undefined;
  data: Promise<Socket> | undefined;
}

/** A server that runs until it is closed. */
export class FtpServer implements AsyncDisposable {
  /** What is there now; uploads come here too. */
  readonly files: Map<string, Uint8Array>;
  /** Every command line that came, passwords too. */
  readonly commands: string[] = [];
  readonly #options: FtpServerOptions;
  readonly #directories: Set<string>;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #passives = new Set<Server>();
  readonly #happenings = new Happenings();
  readonly #stalled = Promise.withResolvers<void>();

  private constructor(options: FtpServerOptions) {
    this.#options = options;
    this.files = new Map(Object.entries(options.files ?? {}));
    this.#directories = new Set(["/", ...options.directories ?? []]);
    for (const path of this.files.keys()) this.#directories.add(parentOf(path));
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Starts one on 127.0.0.1. */
  static async start(options: FtpServerOptions = {}): Promise<FtpServer> {
    const server = new FtpServer(options);
    await listening(server.#server);
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when nobody is connected. */
  allGone(): Promise<void> {
    return this.#happenings.until(() => this.#sockets.size === 0, "every FTP connection is gone");
  }

  /** Resolves when a transfer hangs because of `isStalling`. */
  get stalled(): Promise<void> {
    return this.#stalled.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(
      [this.#server, ...this.#passives].map((server) =>
        new Promise<void>((resolve) => server.close(() => resolve()))
      ),
    );
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#happenings.happened();
    });
  }

  #accept(control: Socket): void {
    this.#track(control);
    const session: Session = {
      control,
      directory: "/",
      user: "",
      isLoggedIn: false,
      isDataProtected: false,
      passive: undefined,
      data: undefined,
    };
    this.#listenTo(session);
    reply(session, "220 ready");
  }

  #listenTo(session: Session): void {
    let rest = "";
    session.control.on("data", (chunk) => {
      const lines = `${rest}${chunk.toString()}`.split("\r\n");
      rest = lines.pop()!;
      for (const line of lines) {
        this.commands.push(line);
        this.#obey(session, line).catch((error) => reply(session, `451 ${error}`));
      }
    });
  }

  async #obey(session: Session, line: string): Promise<void> {
    const [command = "", argument = ""] = [line.split(" ")[0]!.toUpperCase(), line.replace(/^\S+ ?/, "")];
    const ordered = this.#options.replies?.[command];
    if (ordered !== undefined) return reply(session, ordered);
    const { user = "anonymous", password = "guest", tls } = this.#options;
    switch (command) {
      case "AUTH":
        if (tls === undefined) return reply(session, "502 no TLS here");
        reply(session, "234 go on");
        session.control.removeAllListeners("data");
        session.control = new TLSSocket(session.control, { isServer: true, ...tls });
        this.#track(session.control);
        return this.#listenTo(session);
      case "USER":
        if (tls !== undefined && !(session.control instanceof TLSSocket)) {
          return reply(session, "534 TLS first");
        }
        session.user = argument;
        return reply(session, "331 password?");
      case "PASS":
        session.isLoggedIn = session.user === user && argument === password;
        return reply(session, session.isLoggedIn ? "230 welcome" : "530 wrong user or password");
      case "QUIT":
        reply(session, "221 bye");
        session.control.end();
        return;
      case "PROT":
        session.isDataProtected = argument === "P";
        return reply(session, "200 done");
      case "TYPE":
      case "STRU":
      case "OPTS":
      case "PBSZ":
        return reply(session, "200 done");
      case "FEAT":
        return reply(session, "211 none");
    }
    if (!session.isLoggedIn) return reply(session, "530 log in first");
    const path = resolved(session.directory, argument);
    switch (command) {
      case "PWD":
        return reply(session, `257 "${session.directory}"`);
      case "CWD":
        if (!this.#directories.has(path)) return reply(session, "550 no such directory");
        session.directory = path;
        return reply(session, "250 there");
      case "SIZE": {
        const size = this.files.get(path)?.length;
        return reply(session, size === undefined ? "550 no such file" : `213 ${size}`);
      }
      case "EPSV":
      case "PASV":
        return await this.#enterPassive(session, command);
      case "STOR":
        return await this.#take(session, path);
      case "RETR":
        return await this.#give(session, path);
      default:
        return reply(session, "502 not known here");
    }
  }

  async #enterPassive(session: Session, command: "EPSV" | "PASV"): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<Socket>();
    const passive = createServer((socket) => {
      this.#track(socket);
      if (!session.isDataProtected) return resolve(socket);
      const secured = new TLSSocket(socket, { isServer: true, ...this.#options.tls! });
      this.#track(secured);
      resolve(secured);
    });
    this.#passives.add(passive);
    session.data = promise;
    session.passive = passive;
    await listening(passive);
    const { port } = passive.address() as AddressInfo;
    reply(
      session,
      command === "EPSV"
        ? `229 listening (|||${port}|)`
        : `227 listening (127,0,0,1,${Math.floor(port / 256)},${port % 256})`,
    );
  }

  async #take(session: Session, path: string): Promise<void> {
    if (!this.#directories.has(parentOf(path))) return reply(session, "550 no such directory");
    reply(session, "150 go on");
    const data = await session.data!;
    const chunks: Uint8Array[] = [];
    for await (const chunk of data) chunks.push(new Uint8Array(chunk));
    this.files.set(path, new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()));
    reply(session, "226 thank you");
  }

  async #give(session: Session, path: string): Promise<void> {
    const content = this.files.get(path);
    if (content === undefined) return reply(session, "550 no such file");
    reply(session, "150 here it comes");
    const data = await session.data!;
    if (this.#options.isStalling) return this.#stalled.resolve();
    const { breakOffAfterBytes } = this.#options;
    if (breakOffAfterBytes === undefined) {
      data.end(content);
      return reply(session, "226 that is all");
    }
    data.write(content.subarray(0, breakOffAfterBytes), () => {
      data.destroy();
      session.control.destroy();
    });
  }
}

function reply({ control }: Session, line: string): void {
  control.write(`${line}\r\n`);
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

function resolved(directory: string, path: string): string {
  return path.startsWith("/") ? path : `${directory === "/" ? "" : directory}/${path}`;
}
