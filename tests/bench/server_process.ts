/**
 * A server under measurement, as a process of its own whose CPU time the operating system counts.
 */
import { TextLineStream } from "./text_line_stream.ts";

/** A running server. */
export interface ServerProcess {
  readonly port: number;
  /** What further groups of the pattern matched. */
  readonly morePorts: readonly number[];
  /** CPU time of all its threads so far, in microseconds. */
  cpuUs(): number;
  stop(): Promise<void>;
}

/** What a server is started with; its stdout names the port in a line that `port` matches. */
export interface ServerCommand {
  readonly args: readonly string[];
  readonly port: RegExp;
}

/** How `serve --json` names its port. */
export const SERVE_PORT = /"listening":"ws:\/\/[^"]*:(\d+)"/;

/** Starts `deno` with these arguments and waits until it listens. */
export async function startServer({ args, port }: ServerCommand): Promise<ServerProcess> {
  const child = new Deno.Command(Deno.execPath(), { args: [...args], stdout: "piped", stderr: "null" })
    .spawn();
  const [found, ...morePorts] = await new Promise<number[]>((resolve, reject) => {
    void (async () => {
      // Read to the end: a full pipe would stop the server.
      for await (const line of child.stdout.pipeThrough(new TextLineStream())) {
        const match = port.exec(line);
        if (match !== null) resolve(match.slice(1).map(Number));
      }
      reject(new Error(`deno ${args.join(" ")} ended before it listened`));
    })();
  });
  return {
    port: found!,
    morePorts,
    cpuUs: () => cpuUsOf(child.pid),
    stop: async () => {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

/** The kernel counts in ticks of 10 ms. */
const TICK_US = 10_000;

function cpuUsOf(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets and may hold spaces; utime and stime are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}
