/**
 * `ocpp test charge-point` within a test: what it prints, how it ends, and the simulated Charge Points that it plays
 * with, which do everything that real ones do.
 */
import { Client } from "../../src/adapters/client.ts";
import { webCryptography } from "../../src/adapters/cryptography.ts";
import { UrlFileTransfer } from "../../src/adapters/file_transfer.ts";
import { systemClock } from "../../src/adapters/system_clock.ts";
import type { ExitCode } from "../../src/cli/exit_code.ts";
import { styleFor, type TextOutput } from "../../src/cli/terminal.ts";
import type { ChargePointTestOptions } from "../../src/cli/test/charge_point/command.ts";
import type { CaseReport } from "../../src/report/suite_report.ts";
import { JobRunner } from "../../src/runtime/job_runner.ts";
import { Simulator, type SimulatorOptions } from "./simulator.ts";
import { Happenings } from "./within.ts";

/** Nobody is there, so that simulated Charge Points wait for what is added. */
const NOWHERE = "ws://localhost:1";

/** Simulated Charge Points with their API, with TLS, files and cryptography. */
export function fullSimulator(url = NOWHERE, options: SimulatorOptions = {}): Simulator {
  return new Simulator(url, {
    identities: [],
    ...options,
    transport: new Client({ validation: "strict" }),
    jobs: new JobRunner({
      clock: systemClock,
      fileTransfer: new UrlFileTransfer({ roots: [] }),
      cryptography: webCryptography,
    }),
  });
}

/** As by default, but for any free port and short times. */
const OPTIONS: ChargePointTestOptions = {
  list: false,
  negative: false,
  repeat: 1,
  host: "localhost",
  port: 0,
  tlsPort: 0,
  benchPort: 0,
  // Who was refused for a while comes back later and later.
  connectTimeout: 120,
  driver: { kind: "ocpp" },
  control: "http://localhost:1",
  operatorTimeout: 30,
  parallel: 32,
  idTag: "TAG001",
  otherIdTag: "TAG002",
  parentIdTag: "GROUP001",
  timeout: 10,
  report: [],
  json: true,
};

/** A run of the command. */
export class ChargePointSuite {
  readonly ended: Promise<ExitCode>;
  readonly #happenings = new Happenings();
  readonly #stop = Promise.withResolvers<void>();
  stdout = "";
  stderr = "";

  constructor(options: Partial<ChargePointTestOptions>) {
    this.ended = this.#run({ ...OPTIONS, ...options });
  }

  async #run(options: ChargePointTestOptions): Promise<ExitCode> {
    // Its listener reads the environment when it is imported, which needs a permission.
    const { testChargePoint } = await import("../../src/cli/test/charge_point/charge_point.ts");
    return await testChargePoint(options, {
      stdout: this.#output((text) => this.stdout += text),
      stderr: this.#output((text) => this.stderr += text),
      stopped: () => this.#stop.promise,
    });
  }

  /** The user wants no more. */
  stop(): void {
    this.#stop.resolve();
  }

  /** Resolves with what a line on stderr says, once there is one. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    await this.#happenings.until(() => pattern.test(this.stderr), `a line like ${pattern}`);
    return pattern.exec(this.stderr)!;
  }

  /** The reports of `--json`. */
  get reports(): readonly CaseReport[] {
    return this.stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  #output(write: (text: string) => void): TextOutput {
    return {
      isTerminal: false,
      style: styleFor({ colours: false }),
      columns: () => 120,
      write: (text) => {
        write(text);
        this.#happenings.happened();
      },
    };
  }
}
