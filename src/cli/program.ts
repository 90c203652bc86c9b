/**
 * The command line: its commands, its help, and how a run ends.
 *
 * A command is declared by a function in a file of its own, which knows the options and nothing else; what
 * carries it out is loaded when it is run, so that `simulate` never loads what only `serve` needs.
 */
import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { CommandError, EXIT_CODE, type ExitCode } from "./exit_code.ts";
import { heedNegativeFlags } from "./options.ts";
import { declareCall } from "./call/command.ts";
import { declareCompletion } from "./completion/command.ts";
import { declareCerts } from "./certs/command.ts";
import { declareDatabase } from "./database/command.ts";
import { declareDemo } from "./demo/command.ts";
import { declareLocalList } from "./local_list/command.ts";
import { declareSecure } from "./secure/command.ts";
import { declareServe } from "./serve/command.ts";
import { declareSimulate } from "./simulate/command.ts";
import { declareTest } from "./test/command.ts";
import { plainText } from "./plain_text.ts";
import { stderr, stdout } from "./terminal.ts";

/** Told by a command how it ended; never told: done. */
export type Finish = (exitCode: ExitCode) => void;

/** Adds one command to the program. */
export type DeclareCommand = (program: Command, finish: Finish) => void;

const COMMANDS: readonly DeclareCommand[] = [
  declareServe,
  declareSimulate,
  declareTest,
  declareCall,
  declareLocalList,
  declareSecure,
  declareDatabase,
  declareCerts,
  declareDemo,
  declareCompletion,
];

/** Runs the program once and gives the exit code; whatever went wrong has been printed. */
export async function runProgram(
  { args, version }: { args: readonly string[]; version: string },
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT_CODE.done;
  const program = createProgram({ version, finish: (code) => exitCode = code });
  try {
    // Commander answers `help nonsense` with the help of everything, and with no word of what is wrong.
    const [first, about] = args;
    const isHelpOfNothing = first === "help" && about !== undefined &&
      !["help", ...program.commands.map((command) => command.name())].includes(about);
    await program.parseAsync(isHelpOfNothing ? args.slice(1) : args, { from: "user" });
    return exitCode;
  } catch (error) {
    return explain(error, { verbose: args.includes("--verbose") });
  }
}

/** The program with all its commands; separate from running it for the sake of the README's help text. */
export function createProgram({ version, finish }: { version: string; finish: Finish }): Command {
  const program = new Command("ocpp")
    .description("OCPP 1.6-J, both ends: a Central System and as many simulated Charge Points as you like.")
    .version(version, "--version", "print the version")
    .helpOption("-h, --help", "explain a command")
    .helpCommand("help [command]", "explain a command")
    .configureHelp({ showGlobalOptions: false })
    .exitOverride()
    .hook("preAction", (_, command) => heedNegativeFlags(command, (name) => Deno.env.get(name)))
    .addHelpText("after", EXAMPLES);
  for (const declare of COMMANDS) declare(program, finish);
  for (const { command, path } of commandsBelow(program, "ocpp")) {
    command.configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => stdout.columns(),
      getErrHelpWidth: () => stderr.columns(),
      getOutHasColors: () => stdout.isTerminal && !Deno.noColor,
      getErrHasColors: () => stderr.isTerminal && !Deno.noColor,
      outputError: (message, write) => write(`${usageLine(message, path)}\n`),
    });
  }
  return program;
}

/** A command with all commands below it, and what is typed for each. */
function* commandsBelow(
  command: CommandUnknownOpts,
  path: string,
): Generator<{ readonly command: CommandUnknownOpts; readonly path: string }> {
  yield { command, path };
  for (const below of command.commands) yield* commandsBelow(below, `${path} ${below.name()}`);
}

const EXAMPLES = `
Examples:
  ocpp demo                            both ends at once, nothing to set up
  ocpp serve                           a Central System on ws://localhost:9000
  ocpp simulate                        one charging session against ws://localhost:9000
  ocpp call CP001 Reset type=Soft      a command to a Charge Point at that Central System
  ocpp simulate --help                 everything that a simulated Charge Point can do

Every option has an environment variable too: --id is OCPP_ID. Exit codes: 0 done, 1 failed,
2 wrong usage, 3 an expectation did not hold.`;

/** Commander's message as one line that says where to read on. */
function usageLine(message: string, path: string): string {
  const sentence = message.replace(/^error: /, "").trim()
    .replace(/\n\(Did you mean (.+)\?\)$/s, (_, guess: string) => `, did you mean ${guess}?`)
    .replace(/\s*\n\s*/g, " ")
    .replace(/\.$/, "");
  return `ocpp: ${sentence}${sentence.endsWith("?") ? "" : ";"} see "${path} --help"`;
}

/** Prints why a command ended early, unless that is done already, and gives its exit code. */
function explain(error: unknown, { verbose }: { verbose: boolean }): ExitCode {
  // Commander has printed its line (or the help that was asked for) before it throws.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODE.done : EXIT_CODE.wrongUsage;
  if (error instanceof Deno.errors.NotCapable) {
    const [what] = error.message.split(", run again");
    stderr.write(
      `ocpp: Deno's permissions are too few (${what}); use "deno task …" or "deno run -A main.ts …"\n`,
    );
    return EXIT_CODE.failed;
  }
  if (!(error instanceof CommandError)) {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    stderr.write(`ocpp: this is a mistake in the program itself, please report it\n${text}\n`);
    return EXIT_CODE.failed;
  }
  stderr.write(`ocpp: ${plainText(error.message)}\n`);
  if (verbose) { for (const cause of causesOf(error)) stderr.write(`  because: ${plainText(cause)}\n`); }
  return error.exitCode;
}

function causesOf(error: Error): string[] {
  const causes: string[] = [];
  for (let cause = error.cause; cause !== undefined && causes.length < CAUSES_MAX;) {
    causes.push(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

/** A chain of causes longer than this says nothing new. */
const CAUSES_MAX = 10;
