/**
 * Carries out `ocpp local-list`.
 */
import { Api, type ApiOptions, detailOf } from "../call/api.ts";
import { statusText } from "../call/outcome_text.ts";
import { CommandError, EXIT_CODE, type ExitCode } from "../exit_code.ts";
import { jsonLine, plainText } from "../plain_text.ts";
import type { Style, TextOutput } from "../terminal.ts";

/** What a run was asked for. */
export interface LocalListOptions extends ApiOptions {
  readonly identity: string;
  readonly show: boolean;
  readonly full: boolean;
  readonly maxLength?: number | undefined;
  /** Seconds, for each answer. */
  readonly timeout?: number | undefined;
  readonly json: boolean;
}

/** How long the whole of it may take. */
const WAIT_MAX_MS = 3_600_000;

/** A list as the API shows it. */
interface ListView {
  readonly state: string;
  readonly version?: number;
  readonly doubtfulVersion?: number;
  readonly entries?: number;
  readonly wantedEntries?: number;
  readonly differences?: number;
  readonly inStep: boolean;
}

interface StepView {
  readonly action: string;
  readonly listVersion?: number;
  readonly updateType?: string;
  readonly entries?: number;
  readonly outcome: string;
  readonly status?: string;
  readonly errorCode?: string;
}

/** Errors: `CommandError` where nothing was sent, or it did not end well. */
export async function localList(
  options: LocalListOptions,
  { stdout }: { readonly stdout: TextOutput },
): Promise<ExitCode> {
  const { identity, show, full, maxLength, timeout, json } = options;
  const api = new Api(options);
  const path = `/api/v1/charge-points/${encodeURIComponent(identity)}/local-list`;
  const reply = show ? await api.get(path) : await api.post(path, {
    updateType: full ? "Full" : "auto",
    ...(maxLength === undefined ? {} : { sendLocalListMaxLength: maxLength }),
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
  }, WAIT_MAX_MS);
  if (reply.status !== 200) throw new CommandError(detailOf(reply));
  const { body } = reply;
  const list = (show ? body : body["localList"]) as unknown as ListView;
  if (json) {
    stdout.write(jsonLine(body));
    return list.inStep ? EXIT_CODE.done : EXIT_CODE.failed;
  }
  for (const step of show ? [] : body["steps"] as readonly StepView[]) {
    stdout.write(`${stepLine(step, stdout.style)}\n`);
  }
  stdout.write(`${plainText(identity)}  ${listText(list)}\n`);
  const { outcome, detail } = body as { outcome?: string; detail?: string };
  if (outcome !== undefined && outcome !== "accepted" && outcome !== "inStep") {
    const why = detail === undefined ? "" : `: ${detail}`;
    throw new CommandError(`cannot bring the list of ${identity} up to the idTags: ${outcome}${why}`);
  }
  return list.inStep ? EXIT_CODE.done : EXIT_CODE.failed;
}

function stepLine(step: StepView, style: Style): string {
  const { action, listVersion, updateType, entries, outcome, status, errorCode } = step;
  const sent = updateType === undefined ? [] : [updateType, `version ${listVersion}`, entriesText(entries)];
  const told = updateType === undefined && listVersion !== undefined ? [`version ${listVersion}`] : [];
  const end = outcome === "result" ? status : errorCode ?? outcome;
  return [action, ...sent, ...told, ...(end === undefined ? [] : [statusText(end, style)])].join("  ");
}

function listText(list: ListView): string {
  const { version, doubtfulVersion, differences, wantedEntries } = list;
  const entries = entriesText(list.entries);
  const wanted = wantedEntries === undefined ? "too many idTags" : `${wantedEntries} idTags belong into it`;
  switch (list.state) {
    case "known":
      return list.inStep
        ? `version ${version} with ${entries}, in step with the idTags`
        : `version ${version} with ${entries}, of which the idTags differ in ${differences ?? "too many"}`;
    case "versionOnly":
      return `version ${version}, with nobody knows what; ${wanted}`;
    case "inDoubt":
      return `version ${version ?? "unknown"}, or ${doubtfulVersion}, which was not answered; ${wanted}`;
    case "notSupported":
      return "says that it has no list";
    default:
      return `nothing is known of its list; ${wanted}`;
  }
}

function entriesText(count = 0): string {
  return count === 1 ? "1 entry" : `${count} entries`;
}
