/**
 * Which WebSocket subprotocol to agree on.
 *
 * OCPP-J 1.6 §3.1.3 would complete the handshake without a subprotocol and close it then; devices understand
 * a refusal before the upgrade better, and compliance case TC_088 expects it.
 */
import type { Validation } from "../ocpp/repair.ts";

/** The subprotocol of OCPP 1.6-J. */
export const OCPP_SUBPROTOCOL = "ocpp1.6";

/** What to answer to the subprotocols that a client offers; `deviation` names what was put up with. */
export type SubprotocolDecision =
  | {
    readonly granted: true;
    readonly subprotocol: string | undefined;
    readonly deviation?: "noSubprotocol" | "subprotocolCase";
  }
  | { readonly granted: false; readonly text: string };

/** Decides on the client's offer. */
export function chooseSubprotocol(
  offered: readonly string[],
  validation: Validation,
): SubprotocolDecision {
  if (offered.includes(OCPP_SUBPROTOCOL)) return { granted: true, subprotocol: OCPP_SUBPROTOCOL };
  if (validation === "tolerant") {
    if (offered.length === 0) return { granted: true, subprotocol: undefined, deviation: "noSubprotocol" };
    // The client compares with what it offered, so its own spelling goes back.
    const spelling = offered.find((one) => one.toLowerCase() === OCPP_SUBPROTOCOL);
    if (spelling !== undefined) return { granted: true, subprotocol: spelling, deviation: "subprotocolCase" };
  }
  const got = offered.length === 0 ? "none was offered" : `offered: ${offeredText(offered)}`;
  return { granted: false, text: `this server speaks the WebSocket subprotocol ${OCPP_SUBPROTOCOL}; ${got}` };
}

/** As many of the offered ones are told. */
const OFFERED_TOLD_MAX = 8;

/** What was offered, as others may read it: browsers send tokens this way, which look like no name. */
export function offeredText(offered: readonly string[]): string {
  const told = offered.slice(0, OFFERED_TOLD_MAX).map((one) =>
    /^[\w.-]{1,20}$/.test(one) ? one : `(${one.length} characters)`
  );
  return offered.length > told.length ? `${told.join(", ")}, …` : told.join(", ");
}

/** What a client makes of the server's choice. */
export type ChoiceJudgement =
  | { readonly accepted: true; readonly warning?: string }
  | { readonly accepted: false; readonly text: string };

/** Judges what the server chose; empty: it chose none. */
export function judgeChosenSubprotocol(chosen: string, validation: Validation): ChoiceJudgement {
  if (chosen.toLowerCase() === OCPP_SUBPROTOCOL) return { accepted: true };
  if (chosen !== "") {
    return {
      accepted: false,
      text: `the server chose the subprotocol ${chosen} instead of ${OCPP_SUBPROTOCOL}`,
    };
  }
  if (validation === "strict") {
    return {
      accepted: false,
      text: `the server chose no subprotocol; it must answer with ${OCPP_SUBPROTOCOL}`,
    };
  }
  return {
    accepted: true,
    warning:
      `the server chose no subprotocol instead of ${OCPP_SUBPROTOCOL}; going on, as validation is tolerant`,
  };
}
