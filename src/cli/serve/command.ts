/**
 * `ocpp serve`: its options, with what each may be, and its help. What carries it out is loaded when run.
 */
import type { Command } from "@commander-js/extra-typings";
import type { AddressRange } from "../../adapters/address_range.ts";
import {
  addressRanges,
  bearerToken,
  decimalNumber,
  httpUrl,
  logFormatOption,
  type LogLevelName,
  logLevelOption,
  option,
  origins,
  validationOption,
  verboseOption,
  wholeNumber,
} from "../options.ts";
import type { SecurityProfile } from "../../central_system/security_profile.ts";
import type { Finish } from "../program.ts";

/** What a run of `serve` was asked for. */
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly listener?: "native" | "hardened" | undefined;
  readonly database: string;
  readonly tlsPort?: number | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly clientCa?: string | undefined;
  readonly clientCaKey?: string | undefined;
  readonly trustedProxy: readonly AddressRange[];
  readonly heartbeatInterval: number;
  readonly bootStatus: "Accepted" | "Pending" | "Rejected";
  readonly bootInterval: number;
  readonly registration: "open" | "closed";
  readonly authorization: "open" | "closed";
  readonly validation: "tolerant" | "strict";
  readonly callTimeout: number;
  readonly securityProfile: SecurityProfile;
  readonly cpoName?: string | undefined;
  readonly pingInterval: number;
  readonly maxFrameRate?: number | undefined;
  readonly zombieGrace: number;
  readonly keepMessages: number;
  readonly keepMeterValues: number;
  readonly apiToken?: string | undefined;
  readonly allowOrigin: readonly string[];
  readonly files?: string | undefined;
  /** MiB. */
  readonly maxFileSize: number;
  readonly publicUrl?: string | undefined;
  readonly json: boolean;
  readonly logLevel: LogLevelName;
  readonly logFormat?: "pretty" | "json" | undefined;
}

const DAY_SECONDS = 86_400;

/** Ten years. */
const KEEP_MAX_DAYS = 3_650;

/** Adds the command. */
export function declareServe(program: Command, finish: Finish): void {
  const command = program.command("serve")
    .summary("be a Central System")
    .description(
      "A Central System for OCPP 1.6-J with its database in one file. Charge Points connect to " +
        "ws://HOST:PORT/<identity>; any path may stand before the identity. Every exchange is shown as a line; " +
        "the HTTP API is on the same port. Ctrl-C ends it, and nothing that was acknowledged is lost.",
    )
    .optionsGroup("Where:")
    .addOption(option("--host <name>", "address to listen on").default("localhost"))
    .addOption(
      option("--port <n>", "for Charge Points and API; 0: any free one")
        .argParser(wholeNumber({ min: 0, max: 65_535 })).default(9000),
    )
    .addOption(
      option(
        "--listener <kind>",
        "native is lighter; hardened bounds what a stranger may send; without it: hardened unless on loopback",
      ).choices(["native", "hardened"] as const),
    )
    .addOption(
      option("--database <path>", "SQLite file; :memory: forgets all at the end").default("ocpp.db"),
    )
    .optionsGroup("Charge Points:")
    .addOption(
      option("--registration <mode>", "unknown Charge Points: learn them, or refuse them with 404")
        .choices(["open", "closed"] as const).default("open" as const),
    )
    .addOption(
      option("--boot-status <status>", "what a new Charge Point is told when it boots")
        .choices(["Accepted", "Pending", "Rejected"] as const).default("Accepted" as const),
    )
    .addOption(
      option("--boot-interval <s>", "told with Pending and Rejected: when to boot again")
        .argParser(wholeNumber({ min: 0, max: DAY_SECONDS })).default(60),
    )
    .addOption(
      option("--heartbeat-interval <s>", "told with Accepted")
        .argParser(wholeNumber({ min: 0, max: DAY_SECONDS })).default(300),
    )
    .addOption(
      option("--authorization <mode>", "unknown idTags: accept and learn them, or Invalid")
        .choices(["open", "closed"] as const).default("open" as const),
    )
    .addOption(
      validationOption(
        "tolerant repairs or puts up with what devices do wrong and counts it; strict refuses it",
      )
        .default("tolerant" as const),
    )
    .addOption(
      option("--call-timeout <s>", "how long to wait for a Charge Point's answer")
        .argParser(decimalNumber({ min: 0.1, max: 600 })).default(30),
    )
    .addOption(
      option("--ping-interval <s>", "silence after which a Charge Point is pinged; 0: never")
        .argParser(wholeNumber({ min: 0, max: DAY_SECONDS })).default(60),
    )
    .addOption(
      option(
        "--max-frame-rate <n>",
        "frames a second beyond which a Charge Point is slowed; 0: never; without it: 50, on loopback never",
      ).argParser(wholeNumber({ min: 0, max: 1_000_000 })),
    )
    .optionsGroup("TLS (security profiles 2 and 3; `ocpp certs` makes files for a test bench):")
    .addOption(
      option(
        "--tls-port <n>",
        "wss:// and https:// beside --port, for the same Central System; 0: any free one",
      )
        .argParser(wholeNumber({ min: 0, max: 65_535 })),
    )
    .addOption(option("--tls-cert <file>", "the server's certificate, sub-CAs after it (PEM)"))
    .addOption(option("--tls-key <file>", "its private key (PEM)"))
    .addOption(
      option("--client-ca <file>", "certificates of Charge Points must lead to one of these (PEM)"),
    )
    .addOption(
      option(
        "--client-ca-key <file>",
        "private key of the client CA: SignCertificate is answered with it (PEM)",
      ),
    )
    .optionsGroup("Records:")
    .addOption(
      option(
        "--zombie-grace <h>",
        "a transaction without StopTransaction is closed so long after its connector was Available or its Charge " +
          "Point booted, unless it goes on",
      ).argParser(decimalNumber({ min: 0.001, max: 8_760 })).default(24),
    )
    .addOption(
      option("--keep-messages <days>", "older messages of the API are removed; 0: kept for ever")
        .argParser(wholeNumber({ min: 0, max: KEEP_MAX_DAYS })).default(30),
    )
    .addOption(
      option(
        "--keep-meter-values <days>",
        "older readings are removed, but of active transactions; 0: kept for ever",
      ).argParser(wholeNumber({ min: 0, max: KEEP_MAX_DAYS })).default(0),
    )
    .optionsGroup("Access:")
    .addOption(
      option(
        "--security-profile <n>",
        "the least that a Charge Point must use whose record names none: 1 password, 2 TLS and password, 3 TLS " +
          "and client certificate",
      ).argParser((text) => wholeNumber({ min: 0, max: 3 })(text) as SecurityProfile).default(
        0 as SecurityProfile,
      ),
    )
    .addOption(option("--cpo-name <name>", "the O that client certificates must have; without it: any"))
    .addOption(
      option("--api-token <token>", "bearer token of the API (better as OCPP_API_TOKEN); none on loopback")
        .argParser(bearerToken),
    )
    .addOption(
      option("--allow-origin <origin>", "a browser's origin that may open WebSockets; may be given often")
        .argParser(origins)
        .default([] as readonly string[], "none"),
    )
    .addOption(
      option(
        "--trusted-proxy <cidr>",
        "a reverse proxy that is believed about who is behind it (X-Forwarded-…); may be given often",
      )
        .argParser(addressRanges)
        .default([] as readonly AddressRange[], "none"),
    )
    .optionsGroup("Files (diagnostics and logs that Charge Points upload, firmware that they download):")
    .addOption(
      option("--files <dir>", "where they are kept; without it: in a directory that goes at the end"),
    )
    .addOption(
      option("--max-file-size <MiB>", "the largest; all together may have 16 times as much")
        .argParser(wholeNumber({ min: 1, max: 4_096 })).default(64),
    )
    .addOption(
      option(
        "--public-url <url>",
        "where Charge Points find this by HTTP; without it: where an operator asks",
      )
        .argParser(httpUrl),
    )
    .optionsGroup("Output:")
    .addOption(option("--json", "one JSON object for each exchange on stdout instead of text"))
    .addOption(verboseOption())
    .addOption(logLevelOption())
    .addOption(logFormatOption())
    .addHelpText("after", EXAMPLES);
  command.action(async (options) => {
    const { serve } = await import("./serve.ts");
    finish(await serve({ ...options, json: options.json === true }));
  });
}

const EXAMPLES = `
Examples:
  ocpp serve                                       on ws://localhost:9000, database ocpp.db
  ocpp serve --port 8180 --database /tmp/test.db   elsewhere
  ocpp serve --boot-status Pending                 leave Charge Points waiting
  ocpp serve --validation strict                   refuse whatever breaks the specification
  OCPP_API_TOKEN=… ocpp serve --host 0.0.0.0       for Charge Points on the network`;
