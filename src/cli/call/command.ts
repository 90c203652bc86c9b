/**
 * `ocpp call`: its options and its help. What carries it out is loaded when run.
 */
import { type Command, Option } from "@commander-js/extra-typings";
import { CommandError } from "../exit_code.ts";
import { decimalNumber, option, verboseOption } from "../options.ts";
import type { Finish } from "../program.ts";
import { stdout } from "../terminal.ts";
import { whyUnreadable } from "../unreadable.ts";

/** The longest payload that the API takes, in bytes. */
const PAYLOAD_MAX_BYTES = 1_048_576;

/** Adds the command. */
export function declareCall(program: Command, finish: Finish): void {
  const command = program.command("call")
    .summary("send a Call to a Charge Point")
    .description(
      "Sends one of the 26 Calls of a Central System to a Charge Point that is connected to `ocpp serve`, and shows " +
        "what becomes of it. The payload is JSON, @file, - (stdin) or name=value pairs, which the schema types: " +
        "a.b=1 is a field of a field, a.0.b=1 one of a list's item, name=@file the text of a file, and a time may " +
        "be now or +1h. What does not fit is not sent.",
    )
    .argument("[identity]", "the Charge Point")
    .argument("[Action]", "what to call, e.g. Reset")
    .argument("[payload...]", "JSON, @file, - or name=value")
    .helpOption(false) // with an Action the help is its fields, which are loaded when wanted
    .optionsGroup("To know first:")
    .addOption(option("--list", "the Actions, with what each is for"))
    .addOption(option("--fields <Action>", "its fields: names, types, allowed values, an example"))
    .optionsGroup("Where:")
    .addOption(option("--server <url>", "the API of `ocpp serve`").default("http://localhost:9000"))
    .addOption(option("--token <token>", "its bearer token (better as OCPP_TOKEN)"))
    .optionsGroup("How:")
    .addOption(
      option("--timeout <s>", "how long to wait for the answer (default: as `ocpp serve` was told)")
        .argParser(decimalNumber({ min: 0.05, max: 600 })),
    )
    .addOption(option("--no-validate", "send a payload that does not fit, on purpose"))
    .addOption(option("--expect <status>", "end with 3 unless the answer has this status"))
    .addOption(
      option(
        "--wait",
        "then wait for the transaction that RemoteStart- or RemoteStopTransaction starts or stops",
      ),
    )
    .addOption(
      option("--wait-timeout <s>", "how long to wait for that")
        .argParser(decimalNumber({ min: 0.05, max: 86_400 })).default(90),
    )
    .optionsGroup("Output:")
    .addOption(option("--json", "what became of it as one JSON object on stdout"))
    .addOption(verboseOption())
    .optionsGroup("Options:")
    .addOption(new Option("-h, --help", "explain a command; with an Action: its fields"))
    .addHelpText("after", EXAMPLES);
  command.action(async (identity, action, payload, options) => {
    const wanted = [action, identity].find((name) => name !== undefined);
    if (options.help === true && wanted === undefined) return command.outputHelp();
    const { call } = await import("./call.ts");
    const { list, fields, json, wait, help, validate, ...more } = options;
    finish(
      await call({
        ...more,
        ...{ identity, action, payload, list: list === true, json: json === true, wait: wait === true },
        validate: validate !== false,
        fields: help === true ? wanted : fields,
      }, { stdout, nowMs: Date.now(), readFile, readStdin }),
    );
  });
}

function readFile(path: string): string {
  try {
    assertNotTooLong(Deno.statSync(path).size, path);
    return Deno.readTextFileSync(path);
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError(`cannot read ${path}: ${whyUnreadable(cause)}`, { cause });
  }
}

async function readStdin(): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of Deno.stdin.readable) {
    text += decoder.decode(bytes, { stream: true });
    assertNotTooLong(text.length, "stdin");
  }
  return text + decoder.decode();
}

function assertNotTooLong(length: number, where: string): void {
  if (length > PAYLOAD_MAX_BYTES) throw new CommandError(`cannot send ${where}: it is longer than 1 MiB`);
}

const EXAMPLES = `
Examples:
  ocpp call --list                                      what can be called
  ocpp call Reset --help                                the fields of an Action
  ocpp call CP001 Reset type=Soft --expect Accepted
  ocpp call CP001 GetConfiguration                      all configuration keys, as a table
  ocpp call CP001 RemoteStartTransaction idTag=TAG001 connectorId=1 --wait
  ocpp call CP001 ReserveNow connectorId=1 idTag=TAG001 reservationId=7 expiryDate=+1h
  ocpp call CP001 SetChargingProfile @profile.json      the payload from a file; - from stdin
  ocpp call CP001 GetDiagnostics location=ocpp:upload   \`ocpp serve\` fills in a URL of its own
  ocpp call CP001 InstallCertificate certificateType=CentralSystemRootCertificate certificate=@root.pem

Exit codes: 0 it answered (Rejected is an answer too), 1 no answer, a CALLERROR or one that breaks its schema, no
transaction in time, 2 nothing was sent because it does not fit, 3 the answer is not what --expect says; --wait
expects Accepted.`;
