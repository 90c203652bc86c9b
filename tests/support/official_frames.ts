/**
 * Every frame that a test sends or receives keeps to the official schemas, unless the test says that it is broken.
 *
 * Both checks must find nothing: the official one, and our own, which refuses dates without a zone too.
 */
import assert from "node:assert/strict";
import { isAction } from "../../src/ocpp/action.ts";
import { CALL_ERROR_CODES } from "../../src/ocpp/call_error.ts";
import { checkConf, checkReq } from "../../src/ocpp/check.ts";
import { ERROR_DESCRIPTION_MAX_LENGTH, UNIQUE_ID_MAX_LENGTH } from "../../src/ocpp/frame.ts";
import { type Direction, officialFaults } from "./official_schemas.ts";

/** The end that sends a frame. */
export type Sender = "chargePoint" | "centralSystem";

/** What passes between one Charge Point and its Central System. */
export class OfficialFrames {
  /** The Actions that each end has asked for, by uniqueId. */
  readonly #asked: Readonly<Record<Sender, Map<string, string>>> = {
    chargePoint: new Map(),
    centralSystem: new Map(),
  };

  /**
   * A frame that has to be right. An answer is judged by the Call that it answers; one to no Call is let through.
   * Errors: `AssertionError` that names what the schema finds.
   */
  assertOfficial(sender: Sender, text: string): void {
    const frame: unknown = JSON.parse(text);
    assert.ok(Array.isArray(frame), `no frame: ${text}`);
    const [messageType, uniqueId] = frame;
    assert.ok(typeof uniqueId === "string", `no uniqueId: ${text}`);
    switch (messageType) {
      case 2: {
        const [, , action, payload] = frame;
        assert.equal(frame.length, 4, text);
        assert.ok(uniqueId.length <= UNIQUE_ID_MAX_LENGTH, text);
        this.#asked[sender].set(uniqueId, action);
        return assertOfficialPayload(action, "req", payload);
      }
      case 3: {
        assert.equal(frame.length, 3, text);
        const action = this.#asked[sender === "chargePoint" ? "centralSystem" : "chargePoint"].get(uniqueId);
        // A Call that no Action of OCPP 1.6 stands for was told to be broken.
        if (action !== undefined && isAction(action)) assertOfficialPayload(action, "conf", frame[2]);
        return;
      }
      case 4:
        return assertOfficialError(frame, text);
      default:
        assert.fail(`no frame: ${text}`);
    }
  }

  /** A frame that is broken on purpose. If it is a Call all the same, its answer has to be right. */
  letPass(sender: Sender, text: string): void {
    try {
      const [messageType, uniqueId, action] = JSON.parse(text);
      if (messageType === 2) this.#asked[sender].set(uniqueId, action);
    } catch {
      // not even JSON: there is nothing to answer
    }
  }
}

/** A payload that has to be right. Errors: `AssertionError` that names what the schema finds. */
export function assertOfficialPayload(action: string, direction: Direction, payload: unknown): void {
  const what = `${action}.${direction} ${JSON.stringify(payload)} is not official; is it meant to be broken?`;
  assert.ok(isAction(action), what);
  // Steps of 0.1 and the form of a URL are judged by our own check, see official_schema_test.ts.
  const faults = officialFaults(action, direction, payload)
    .filter(({ kind, message }) => kind !== "outOfRange" && !message.includes('"uri"'));
  assert.deepEqual(faults, [], what);
  const checked = direction === "req" ? checkReq(action, payload) : checkConf(action, payload);
  assert.deepEqual(checked.ok ? [] : checked.faults, [], what);
}

function assertOfficialError(frame: readonly unknown[], text: string): void {
  const [, , errorCode, errorDescription, errorDetails] = frame;
  assert.equal(frame.length, 5, text);
  assert.ok(CALL_ERROR_CODES.some((code) => code === errorCode), `no code of OCPP 1.6: ${text}`);
  assert.ok(
    typeof errorDescription === "string" && errorDescription.length <= ERROR_DESCRIPTION_MAX_LENGTH,
    text,
  );
  assert.ok(typeof errorDetails === "object" && errorDetails !== null, text);
}
