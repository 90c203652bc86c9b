/**
 * Carries out `ocpp secure`: the steps from what a Charge Point has to a higher security profile.
 *
 * Nothing can lock it out half-way: `serve` takes the old and the new one until the new one is used.
 * Spec: Security §2.3 (profile), §2.4.2 (password), §3 (certificates); OCPP-J 1.6 §6.2.
 */
import type { SecurityProfile } from "../../central_system/security_profile.ts";
import type { Action } from "../../ocpp/action.ts";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import { Api, type ApiOptions, type ApiReply, detailOf } from "../call/api.ts";
import { CommandError, EXIT_CODE, type ExitCode, UsageError } from "../exit_code.ts";
import { jsonLine, plainText, plainValue } from "../plain_text.ts";
import type { TextOutput } from "../terminal.ts";

/** What a run of `secure` was asked for. */
export interface SecureOptions extends ApiOptions {
  readonly identity: string;
  /** None: only the password. */
  readonly profile?: Exclude<SecurityProfile, 0> | undefined;
  readonly authorizationKeyHex?: string | undefined;
  readonly keepPassword: boolean;
  /** A file. */
  readonly root?: string | undefined;
  readonly cpoName?: string | undefined;
  readonly certificateSerialNumber?: string | undefined;
  readonly reset: boolean;
  /** Seconds, for each step. */
  readonly timeout: number;
  readonly json: boolean;
}

/** What the command sees of the world besides the network. */
export interface SecureWorld {
  readonly stdout: TextOutput;
  readonly readFile: (path: string) => string;
}

/** A Charge Point as far as its security goes. */
interface View {
  readonly connected: boolean;
  readonly boot?: { readonly chargePointSerialNumber?: string; readonly chargeBoxSerialNumber?: string };
  readonly security: {
    readonly connectedProfile?: SecurityProfile;
    readonly profile?: SecurityProfile;
    readonly pendingProfile?: SecurityProfile;
    readonly hasPassword: boolean;
    readonly certificateSerialNumber?: string;
  };
}

/** What is to be done, and what came of it in a few words. */
interface Step {
  readonly name: string;
  readonly run: () => Promise<string>;
}

/** Spec: Security §2.4.2: 16 to 20 bytes. */
const KEY_BYTES = 20;

const LOOK_INTERVAL_MS = 200;

/** Errors: `UsageError` before anything is asked, `CommandError` at the first step that fails. */
export async function secure(options: SecureOptions, world: SecureWorld): Promise<ExitCode> {
  const run = new SecureRun(options, world);
  const steps = await run.plan();
  for (const [index, { name, run: act }] of steps.entries()) {
    run.begin(name, { number: index + 1, of: steps.length });
    try {
      run.end(name, await act());
    } catch (error) {
      run.failed();
      if (!(error instanceof CommandError)) throw error;
      const where = await run.whereThingsStand();
      throw new CommandError(`${name}: ${error.message}; ${where}`, { cause: error });
    }
  }
  return EXIT_CODE.done;
}

/** One run. */
class SecureRun {
  readonly #options: SecureOptions;
  readonly #world: SecureWorld;
  readonly #api: Api;
  readonly #path: string;

  constructor(options: SecureOptions, world: SecureWorld) {
    assertSensible(options);
    this.#options = options;
    this.#world = world;
    this.#api = new Api(options);
    this.#path = `/api/v1/charge-points/${encodeURIComponent(options.identity)}`;
  }

  /** The steps that are left from here. */
  async plan(): Promise<readonly Step[]> {
    const { profile, keepPassword, root, cpoName, reset } = this.#options;
    const rootPem = root === undefined ? undefined : this.#world.readFile(root);
    const view = await this.#view();
    if (!view.connected) throw new CommandError(`${this.#name} is not connected`);
    const { security } = view;
    if (profile !== undefined && profile <= (security.profile ?? 0)) {
      throw new UsageError(
        `${this.#name} is on security profile ${security.profile} already, and none is ever lowered over OCPP`,
      );
    }
    if (keepPassword && !security.hasPassword && profile !== undefined && profile < 3) {
      throw new UsageError(`${this.#name} has no password to keep`);
    }
    const steps: Step[] = [];
    if (profile !== 3 && !keepPassword) {
      steps.push({
        name: "AuthorizationKey",
        run: () => this.#configure("AuthorizationKey", this.#newKey()),
      });
    }
    if (profile === undefined) return steps;
    if (rootPem !== undefined && profile >= 2) {
      steps.push({ name: "root certificate", run: () => this.#installRoot(rootPem) });
    }
    if (profile === 3) {
      const serialNumber = this.#serialNumberFor(view);
      if (serialNumber !== undefined) {
        steps.push({ name: "certificate serial number", run: () => this.#enterSerialNumber(serialNumber) });
      }
      if (cpoName !== undefined) {
        steps.push({ name: "CpoName", run: () => this.#configure("CpoName", cpoName) });
      }
      steps.push({ name: "certificate of its own", run: () => this.#renewCertificate() });
    }
    steps.push({ name: "SecurityProfile", run: () => this.#configure("SecurityProfile", String(profile)) });
    if (reset) steps.push({ name: "reset", run: () => this.#reset() });
    steps.push({ name: "first link on it", run: () => this.#settled(profile) });
    return steps;
  }

  get #name(): string {
    return plainText(this.#options.identity);
  }

  #newKey(): string {
    return this.#options.authorizationKeyHex ??
      crypto.getRandomValues(new Uint8Array(KEY_BYTES)).toHex().toUpperCase();
  }

  async #view(): Promise<View> {
    return fine(await this.#api.get(this.#path)) as unknown as View;
  }

  #configure(key: string, value: string): Promise<string> {
    return this.#call("ChangeConfiguration", { key, value }, ["Accepted", "RebootRequired"]);
  }

  async #call(action: Action, payload: unknown, statuses: readonly string[]): Promise<string> {
    const { timeout } = this.#options;
    const body = { action, payload, timeoutSeconds: Math.min(timeout, CALL_TIMEOUT_MAX_SECONDS) };
    const reply = fine(await this.#api.post(`${this.#path}/calls`, body, (timeout + MARGIN_SECONDS) * 1_000));
    if (reply["outcome"] === "error") throw new CommandError(`CALLERROR ${plainValue(reply["errorCode"])}`);
    const { status } = (reply["payload"] ?? {}) as { readonly status?: unknown };
    if (typeof status === "string" && statuses.includes(status)) return status;
    throw new CommandError(`it answered ${plainValue(status ?? reply["outcome"])}`);
  }

  /** Some connect anew as soon as they have accepted a profile: that will do. */
  async #reset(): Promise<string> {
    try {
      return await this.#call("Reset", { type: "Hard" }, ["Accepted"]);
    } catch (error) {
      if (error instanceof RefusedError && LEFT_BY_ITSELF.has(error.reason)) return "it left by itself";
      throw error;
    }
  }

  #installRoot(certificate: string): Promise<string> {
    const payload = { certificateType: "CentralSystemRootCertificate", certificate };
    return this.#call("InstallCertificate", payload, ["Accepted"]);
  }

  /** The one that is to be entered; `undefined`: the record has it already, or its identity will do. */
  #serialNumberFor({ boot, security }: View): string | undefined {
    const wanted = this.#options.certificateSerialNumber ?? security.certificateSerialNumber ??
      boot?.chargePointSerialNumber ?? boot?.chargeBoxSerialNumber;
    return wanted === security.certificateSerialNumber ? undefined : wanted;
  }

  async #enterSerialNumber(certificateSerialNumber: string): Promise<string> {
    const { security, ...view } = await this.#view() as View & Readonly<Record<string, unknown>>;
    const kept = Object.fromEntries(
      ENTERED.filter((field) => view[field] !== undefined).map((field) => [field, view[field]]),
    );
    const { profile: securityProfile } = security;
    fine(await this.#api.put(this.#path, { ...kept, securityProfile, certificateSerialNumber }));
    return plainText(certificateSerialNumber);
  }

  /** Spec: Security §3.2: it asks for a certificate; the Central System has it signed and sends it. */
  async #renewCertificate(): Promise<string> {
    const since = dateTimeOf(Date.now());
    await this.#call("ExtendedTriggerMessage", { requestedMessage: "SignChargePointCertificate" }, [
      "Accepted",
    ]);
    const path = `${this.#path}/messages?limit=1&action=CertificateSigned&since=${encodeURIComponent(since)}`;
    const [signed] = await this.#until(async () => {
      const { items } = fine(await this.#api.get(path)) as { items?: readonly SignedMessage[] };
      return items !== undefined && items.length > 0 ? items : undefined;
    }, "no certificate was signed for it; the log of `ocpp serve` says why");
    const status = signed?.answerPayload?.status;
    if (status !== "Accepted") throw new CommandError(`it answered ${plainValue(status)} to its certificate`);
    return status;
  }

  /** Until it has connected on the profile. */
  async #settled(profile: SecurityProfile): Promise<string> {
    await this.#until(async () => {
      const { security: { profile: settled } } = await this.#view();
      return settled === profile ? settled : undefined;
    }, `it has not connected on profile ${profile}`);
    return `security profile ${profile}`;
  }

  async #until<T>(look: () => Promise<T | undefined>, otherwise: string): Promise<T> {
    for (const endMs = performance.now() + this.#options.timeout * 1_000;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (performance.now() >= endMs) {
        throw new CommandError(`${otherwise} within ${this.#options.timeout} s`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
    }
  }

  /** What to know after a step that failed. */
  async whereThingsStand(): Promise<string> {
    try {
      const { security: { profile, pendingProfile, connectedProfile } } = await this.#view();
      if (pendingProfile !== undefined) {
        return `security profile ${pendingProfile} is pending: it and ${
          profile ?? connectedProfile ?? "the one before"
        } are both good until it is used`;
      }
      return `its security profile is unchanged (${profile ?? connectedProfile ?? "not connected"})`;
    } catch {
      return "`ocpp serve` does not say where things stand";
    }
  }

  begin(name: string, { number, of }: { number: number; of: number }): void {
    const { stdout } = this.#world;
    if (!this.#options.json) {
      stdout.write(`${stdout.style.dim(`${number}/${of}`)} ${name.padEnd(NAME_WIDTH)} `);
    }
  }

  failed(): void {
    if (!this.#options.json) this.#world.stdout.write(`${this.#world.stdout.style.red("failed")}\n`);
  }

  end(step: string, outcome: string): void {
    const { stdout } = this.#world;
    stdout.write(
      this.#options.json
        ? jsonLine({ chargePoint: this.#options.identity, step, outcome })
        : `${stdout.style.green(outcome)}\n`,
    );
  }
}

/** A CertificateSigned as the messages show it. */
interface SignedMessage {
  readonly answerPayload?: { readonly status?: unknown };
}

/** What an operator enters and the view shows under the same name. */
const ENTERED = [
  ...["registration", "validation", "refusedRules", "allowedIdTags"] as const,
  ...["heartbeatIntervalSeconds", "pingIntervalSeconds"] as const,
];

const NAME_WIDTH = 26;

/** `serve` itself waits at most as long for a Charge Point. */
const CALL_TIMEOUT_MAX_SECONDS = 600;

/** What the way to `serve` and back may add. */
const MARGIN_SECONDS = 10;

function assertSensible({ authorizationKeyHex, keepPassword, profile, root }: SecureOptions): void {
  if (authorizationKeyHex !== undefined && !/^(?:[0-9a-f]{2}){16,20}$/i.test(authorizationKeyHex)) {
    throw new UsageError("an --authorization-key-hex has 32 to 40 hexadecimal digits, two a byte");
  }
  if (authorizationKeyHex !== undefined && keepPassword) {
    throw new UsageError("--keep-password and --authorization-key-hex exclude each other");
  }
  if (profile === undefined && keepPassword) {
    throw new UsageError("nothing is left to do: with --keep-password give a --profile");
  }
  if (root !== undefined && (profile ?? 0) < 2) {
    throw new UsageError("--root is for profiles 2 and 3, which use TLS");
  }
}

/** The body of a reply that is none of failure. Errors: `CommandError` with the words of the API. */
function fine(reply: ApiReply): ApiReply["body"] {
  if (reply.status === 200 || reply.status === 201) return reply.body;
  throw new RefusedError(reply);
}

/** A problem of the API. */
class RefusedError extends CommandError {
  override readonly name = "RefusedError";
  readonly reason: unknown;

  constructor(reply: ApiReply) {
    super(detailOf(reply));
    this.reason = reply.body["reason"];
  }
}

/** Why a Call got no answer of one that went to come back. */
const LEFT_BY_ITSELF: ReadonlySet<unknown> = new Set([
  ...["connectionLost", "connectionReplaced", "notConnected", "notBooted"],
]);
