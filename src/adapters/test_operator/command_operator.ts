/**
 * Has a program do what cases ask for: it is run once for each action.
 *
 * No shell is in between, so nothing that a case or a peer says is ever taken for a command. On Unix the program leads
 * a process group of its own: what it has started ends with it when it is late or fails, and what it leaves in the
 * background when the time of the action, or the run, is over.
 */
import type { OperatorOutcome, OperatorRequest, TestOperator } from "../../runtime/test_operator.ts";
import { cannot, NOT_WANTED, orderOf, variablesOf } from "./order.ts";
import { Tail } from "./tail.ts";
import { Turns } from "./turns.ts";

/** How long the last words of a program that has failed are waited for: somebody else may hold its stderr open. */
const LAST_WORDS_MS = 1_000;

export const NO_SUCH_PROGRAM = "there is no such program";

/** A program and the arguments that come before ours. */
export type CommandWords = readonly [program: string, ...words: string[]];

/** What a program has left running. */
interface Leftover {
  readonly child: Deno.ChildProcess;
  readonly tail: Tail;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Whether a path names no program; a bare name, and what may not be looked at, is only found out by running it. */
export function isMissing(program: string): boolean {
  if (Deno.build.os === "windows" || !program.includes("/")) return false; // there `drive` may be `drive.exe`
  if (Deno.permissions.querySync({ name: "read", path: program }).state !== "granted") return false;
  try {
    Deno.statSync(program);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

/** Why a program may not be run here, if it may not. */
export function permissionFault(program: string): string | undefined {
  const isGranted = Deno.permissions.querySync({ name: "run", command: program }).state === "granted";
  return isGranted ? undefined : "this program may not run others; it needs --allow-run";
}

/** Runs a program for each action. */
export class CommandOperator implements TestOperator {
  readonly #command: CommandWords;
  readonly #turns = new Turns();
  readonly #closing = new AbortController();
  readonly #leftovers = new Set<Leftover>();
  #running: Deno.ChildProcess | undefined;
  /** This program ends at once (a second Ctrl-C): a group of its own would live on. */
  readonly #onExit = () => {
    if (this.#running !== undefined) endGroup(this.#running);
    for (const { child } of this.#leftovers) endGroup(child);
  };

  constructor(command: CommandWords) {
    this.#command = command;
    addEventListener("unload", this.#onExit);
  }

  do(request: OperatorRequest, signal: AbortSignal): Promise<OperatorOutcome> {
    return this.#turns.take(() => this.#run(request, AbortSignal.any([signal, this.#closing.signal])));
  }

  /** Ends everything that is still running. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#turns.over();
    await Promise.all([...this.#leftovers].map((leftover) => this.#end(leftover)));
    removeEventListener("unload", this.#onExit);
  }

  async #run(request: OperatorRequest, signal: AbortSignal): Promise<OperatorOutcome> {
    if (signal.aborted) return cannot(NOT_WANTED);
    let child: Deno.ChildProcess;
    try {
      child = this.#running = this.#spawn(request);
    } catch (error) {
      return cannot(spawnFault(this.#command[0], error));
    }
    const tail = new Tail(child.stderr);
    const told = tell(child, `${JSON.stringify(orderOf(request))}\n`);
    const endAtMs = Date.now() + request.withinSeconds * 1_000;
    const end = await endOf(child, { signal, withinMs: request.withinSeconds * 1_000 });
    this.#running = undefined;
    if (typeof end !== "string" && end.success) {
      this.#leave(child, tail, endAtMs - Date.now());
      return { kind: "done" };
    }
    endGroup(child);
    await child.status;
    await within(Promise.all([told, tail.ended]), LAST_WORDS_MS);
    await tail.stop();
    if (end === "late") return cannot(`the program did not end within ${request.withinSeconds} s`);
    if (end === "notWanted") return cannot(NOT_WANTED);
    const how = end.signal === null ? `ended with code ${end.code}` : `was ended by ${end.signal}`;
    return cannot(tail.lastLine || `the program ${how}`);
  }

  #spawn(request: OperatorRequest): Deno.ChildProcess {
    const [program, ...words] = this.#command;
    const { caseId, identity, action } = request;
    return new Deno.Command(program, {
      args: [...words, caseId, identity, action.kind],
      env: variablesOf(request),
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
      // A console program without a console is another thing on Windows.
      detached: Deno.build.os !== "windows",
    }).spawn();
  }

  /** What is still running has its time; its stderr is read, so that it is not stopped by that. */
  #leave(child: Deno.ChildProcess, tail: Tail, forMs: number): void {
    const timer = setTimeout(() => void this.#end(leftover), Math.max(0, forMs));
    Deno.unrefTimer(timer);
    const leftover: Leftover = { child, tail, timer };
    this.#leftovers.add(leftover);
  }

  async #end(leftover: Leftover): Promise<void> {
    if (!this.#leftovers.delete(leftover)) return;
    clearTimeout(leftover.timer);
    endGroup(leftover.child);
    await leftover.tail.stop();
  }
}

type End = Deno.CommandStatus | "late" | "notWanted";

/** How a program ends; a word: it did not by itself. */
async function endOf(
  child: Deno.ChildProcess,
  { signal, withinMs }: { readonly signal: AbortSignal; readonly withinMs: number },
): Promise<End> {
  const { promise, resolve } = Promise.withResolvers<End>();
  const onAbort = () => resolve("notWanted");
  const timer = setTimeout(() => resolve("late"), withinMs);
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([child.status, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** Writes to the standard input and closes it; a program need not read it. */
async function tell(child: Deno.ChildProcess, text: string): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    return; // it has ended, or closed it
  }
}

/** Ends a program and, where the system and the permissions allow it, what it has started. */
function endGroup(child: Deno.ChildProcess): void {
  // Where only this one program may be run, nothing may be ended by its id; asking would put a question on the terminal.
  if (Deno.build.os !== "windows" && Deno.permissions.querySync({ name: "run" }).state === "granted") {
    try {
      return Deno.kill(-child.pid, "SIGKILL");
    } catch {
      return; // there is nothing left of it
    }
  }
  try {
    child.kill("SIGKILL");
  } catch {
    return; // it has ended
  }
}

function spawnFault(program: string, error: unknown): string {
  const why = error instanceof Deno.errors.NotCapable
    ? "this program may not run others; it needs --allow-run"
    : error instanceof Deno.errors.NotFound
    ? NO_SUCH_PROGRAM
    : error instanceof Error
    ? error.message
    : String(error);
  return `cannot run ${program}: ${why}`;
}

async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([work, late]);
  clearTimeout(timer);
}
