/**
 * `ocpp demo`: its options and its help. What carries it out is loaded when run.
 */
import type { Command } from "@commander-js/extra-typings";
import { decimalNumber, logFormatOption, logLevelOption, option, wholeNumber } from "../options.ts";
import type { Finish } from "../program.ts";

/** What a demo was asked for. */
export interface DemoOptions {
  readonly port: number;
  readonly interval: number;
  readonly duration: number;
  readonly stay: boolean;
  readonly logLevel: "trace" | "debug" | "info" | "warning" | "error" | "fatal";
  readonly logFormat?: "pretty" | "json" | undefined;
}

/** Adds the command. */
export function declareDemo(program: Command, finish: Finish): void {
  program.command("demo")
    .summary("a Central System and three Charge Points, nothing to set up")
    .description(
      "Starts a Central System whose database is in memory, lets three Charge Points play a charging session " +
        "each, and shows what the API has of it. On a terminal (or with --stay) it then goes on serving until " +
        "Ctrl-C, so that you can look around; else it ends.",
    )
    .addOption(
      option("--port <n>", "where to listen; if it is taken, any free one")
        .argParser(wholeNumber({ min: 0, max: 65_535 })).default(9000),
    )
    .addOption(
      option("--interval <s>", "between MeterValues").argParser(wholeNumber({ min: 1, max: 3_600 })).default(
        5,
      ),
    )
    .addOption(
      option("--duration <s>", "of the charging").argParser(decimalNumber({ min: 1, max: 86_400 })).default(
        15,
      ),
    )
    .addOption(option("--stay", "go on serving until Ctrl-C even where no terminal watches"))
    .addOption(logLevelOption())
    .addOption(logFormatOption())
    .action(async (options) => {
      const { demo } = await import("./demo.ts");
      finish(await demo({ ...options, stay: options.stay === true }));
    });
}
