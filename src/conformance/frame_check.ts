/**
 * Every frame of the system under test: read, and checked against the schemas and the rules of the text.
 */
import { type Action, isAction, maySend, type Role } from "../ocpp/action.ts";
import { CALL_ERROR_CODES, pathText, type PayloadFault } from "../ocpp/call_error.ts";
import { checkConf, checkReq } from "../ocpp/check.ts";
import { fieldFaults } from "../ocpp/field_rule.ts";
import { type Call, type CallError, type CallResult, parseFrame } from "../ocpp/frame.ts";
import { jsonText } from "../ocpp/json.ts";

/** A frame that is right, or what is wrong with it. */
export type CheckedFrame =
  | { readonly ok: true; readonly frame: (Call & { readonly action: Action }) | CallResult | CallError }
  | { readonly ok: false; readonly expected: string; readonly reason: string };

/** The most Calls that are remembered, and the most of each, in characters: older ones are hardly sent again. */
const CALLS_MAX = 5_000;
const CONTENT_MAX = 2_000;

/** Checks the frames of one system under test, in their order. */
export class FrameCheck {
  readonly #role: Role;
  readonly #connectors: number;
  /** What its Calls were, by uniqueId. */
  readonly #calls = new Map<string, string>();

  /** `connectors`: those that the Charge Point has, whichever end is under test. */
  constructor(role: Role, connectors: number) {
    this.#role = role;
    this.#connectors = connectors;
  }

  /** `asked` tells the Action of our Call with this uniqueId that waits for its answer, if there is one. */
  check(text: string, asked: (uniqueId: string) => Action | undefined): CheckedFrame {
    const parsed = parseFrame(text);
    if (!parsed.ok) return wrong("a frame of OCPP-J", parsed.fault.kind);
    const { frame } = parsed;
    switch (frame.kind) {
      case "call":
        return this.#checkCall(frame);
      case "callResult": {
        const action = asked(frame.uniqueId);
        if (action === undefined) return wrong("an answer to a Call that waits for one", "another uniqueId");
        const checked = checkConf(action, frame.payload);
        return checked.ok
          ? { ok: true, frame: { ...frame, payload: checked.payload } }
          : wrong(`a valid ${action}.conf`, faultsText(checked.faults));
      }
      case "callError":
        if (asked(frame.uniqueId) === undefined) {
          return wrong("an answer to a Call that waits for one", "another uniqueId");
        }
        // OCPP-J §4.2.3: five elements, and codes of the list only.
        if (!(CALL_ERROR_CODES as readonly string[]).includes(frame.errorCode)) {
          return wrong("an error code of OCPP 1.6", frame.errorCode);
        }
        return hasAllElements(text)
          ? { ok: true, frame }
          : wrong("a CallError of 5 elements", "another form");
    }
  }

  #checkCall(frame: Call): CheckedFrame {
    const { uniqueId, action, payload } = frame;
    if (!isAction(action)) return wrong("an Action of OCPP 1.6", action);
    if (!maySend(this.#role, action)) return wrong(`a Call that a ${this.#role} may send`, action);
    const checked = checkReq(action, payload);
    if (!checked.ok) return wrong(`a valid ${action}.req`, faultsText(checked.faults));
    const faults = fieldFaults(action, checked.payload);
    if (faults.length > 0) return wrong(`a valid ${action}.req`, faultsText(faults));
    const { connectorId = 0 } = checked.payload as { connectorId?: number };
    if (connectorId > this.#connectors) return wrong("a connector that there is", `connector ${connectorId}`);
    // OCPP-J §4.1.4 with errata: only a message that is sent again may have the uniqueId of an earlier one.
    const before = this.#calls.get(uniqueId);
    const whole = jsonText([action, checked.payload]);
    const content = `${whole.length} ${whole.slice(0, CONTENT_MAX)}`;
    if (before !== undefined && before !== content) {
      return wrong("a uniqueId of its own", `${uniqueId} again`);
    }
    this.#calls.set(uniqueId, content);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > CALLS_MAX && oldest !== undefined) this.#calls.delete(oldest);
    return { ok: true, frame: { ...frame, action, payload: checked.payload } };
  }
}

/** Whether a CALLERROR has its five elements. Spec: OCPP-J 1.6 §4.2.3. */
export function hasAllElements(text: string): boolean {
  const json: unknown = JSON.parse(text);
  return Array.isArray(json) && json.length === 5 && typeof json[3] === "string" &&
    typeof json[4] === "object" && json[4] !== null;
}

function wrong(expected: string, reason: string): CheckedFrame {
  return { ok: false, expected, reason };
}

function faultsText(faults: readonly PayloadFault[]): string {
  return faults.map(({ path, message }) => `${pathText(path) || "payload"} ${message}`).join("; ");
}
