/**
 * The program as its users start it: a process of its own, with the permissions of its task.
 */

/** What to start and how. */
export interface ProgramOptions {
  /** Environment variables besides those of the test. */
  readonly env?: Readonly<Record<string, string>>;
  readonly permissions?: readonly string[];
  /** Another one than `main.ts`. */
  readonly main?: string;
  /** On a terminal of its own, which shows what goes to stderr too; `script` of util-linux makes one. */
  readonly isOnTerminal?: boolean;
}

/** A program that ended. */
export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running program. */
export interface RunningProgram extends AsyncDisposable {
  /** What it printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Types into its stdin. */
  type(text: string): Promise<void>;
  /** Ends its stdin. */
  endInput(): Promise<void>;
  signal(signal: Deno.Signal): void;
  /** Resolves when a text has been printed on stdout or stderr; rejects if the program ends before. */
  printed(text: string | RegExp): Promise<void>;
  readonly ended: Promise<ProgramResult>;
}

const PRINTED_MAX_MS = 20_000;
const ROOT = new URL("../../", import.meta.url);

/** Starts `deno run main.ts …args`. */
export function startProgram(args: readonly string[], options: ProgramOptions = {}): RunningProgram {
  const { permissions = ["--allow-net", "--allow-env"], main = "main.ts", isOnTerminal = false } = options;
  const words = ["run", "--no-prompt", "--quiet", ...permissions, main, ...args];
  const shellLine = [Deno.execPath(), ...words].map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command(isOnTerminal ? "script" : Deno.execPath(), {
    args: isOnTerminal ? ["--quiet", "--return", "--command", shellLine, "/dev/null"] : words,
    cwd: ROOT,
    env: { NO_COLOR: "1", ...options.env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const waiting = new Set<() => void>();
  const printed = { stdout: "", stderr: "" };
  const collect = async (name: "stdout" | "stderr") => {
    for await (const text of child[name].pipeThrough(new TextDecoderStream())) {
      printed[name] += text;
      waiting.forEach((check) => check());
    }
  };
  const input = child.stdin.getWriter();
  const ended = (async (): Promise<ProgramResult> => {
    const [{ code }] = await Promise.all([child.status, collect("stdout"), collect("stderr")]);
    await input.close().catch(() => {});
    return { code, ...printed };
  })();
  return {
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    ended,
    type: (text) => input.write(new TextEncoder().encode(text)),
    endInput: () => input.close(),
    signal: (signal) => child.kill(signal),
    async printed(text) {
      const holds = () =>
        [printed.stdout, printed.stderr].some((all) =>
          typeof text === "string" ? all.includes(text) : text.test(all)
        );
      if (holds()) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const fail = (why: string) =>
        reject(new Error(`${why} before ${text}:\n${printed.stdout}${printed.stderr}`));
      const limit = setTimeout(() => fail("time was up"), PRINTED_MAX_MS);
      const check = () => holds() && resolve();
      waiting.add(check);
      ended.then(() => fail("the program ended"));
      await promise.finally(() => {
        clearTimeout(limit);
        waiting.delete(check);
      });
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // it has ended already
      }
      await ended;
    },
  };
}

/** Starts the program, gives it nothing to read, and waits until it ends. */
export async function runProgram(
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  await using program = startProgram(args, options);
  return await program.ended;
}
