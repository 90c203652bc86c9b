/**
 * Logs: to stderr, for a person or for a machine. Every module logs below the category `ocpp`.
 */
import { configure, jsonLinesFormatter, type LogLevel, type LogRecord } from "@logtape/logtape";
import { getPrettyFormatter } from "@logtape/pretty";
import { plainText } from "./plain_text.ts";
import type { TextOutput } from "./terminal.ts";

/** What the options say about logs. */
export interface LoggingOptions {
  readonly logLevel: LogLevel;
  /** Without one: pretty on a terminal, else json. */
  readonly logFormat?: "pretty" | "json" | undefined;
}

/** Sends the logs of the whole program to `output`, from now on. */
export async function configureLogging(
  { logLevel, logFormat }: LoggingOptions,
  output: Pick<TextOutput, "isTerminal" | "write">,
): Promise<void> {
  const format = formatter(logFormat ?? (output.isTerminal ? "pretty" : "json"), output.isTerminal);
  await configure({
    sinks: { stderr: (record: LogRecord) => output.write(format(harmless(record))) },
    loggers: [
      { category: ["ocpp"], lowestLevel: logLevel, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["stderr"] },
    ],
    reset: true,
  });
}

/** Logs quote peers: a line feed would forge the next line, an escape sequence be obeyed. */
function harmless(record: LogRecord): LogRecord {
  const plain = (value: unknown) => typeof value === "string" ? plainText(value) : value;
  return {
    ...record,
    message: record.message.map(plain),
    properties: Object.fromEntries(
      Object.entries(record.properties).map(([name, value]) => [name, plain(value)]),
    ),
  };
}

function formatter(format: "pretty" | "json", isTerminal: boolean): (record: LogRecord) => string {
  if (format === "json") return jsonLinesFormatter;
  return getPrettyFormatter({
    timestamp: "time",
    colors: isTerminal && !Deno.noColor,
    icons: false,
    align: false,
    wordWrap: false,
    categoryStyle: "dim",
  });
}
