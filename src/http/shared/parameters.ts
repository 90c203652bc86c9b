/**
 * Parameters that many routes have, as the document describes them where a route does not do so itself.
 */

/** By name: what it is, with an example. */
export const PARAMETERS: Readonly<
  Record<string, { readonly description: string; readonly example: unknown }>
> = {
  identity: {
    description: "the Charge Point's identity, as at the end of its connection URL, percent-encoded",
    example: "CP001",
  },
  idTag: { description: "an idTag of 1 to 20 characters; case does not count", example: "TAG001" },
  transactionId: { description: "as the Central System gave it", example: 1_073_741 },
  key: { description: "the name of a configuration key; case does not count", example: "HeartbeatInterval" },
  limit: { description: "the most items of one page", example: 100 },
  cursor: { description: "`nextCursor` of the page before", example: "1234" },
  chargePoint: { description: "only of this Charge Point: its identity", example: "CP001" },
  since: {
    description: "only from this instant on: ISO 8601 with a zone",
    example: "2026-01-31T12:00:00Z",
  },
  outcome: { description: "only what came to this", example: "error" },
  source: { description: "only those that came to be known like this", example: "learned" },
  active: { description: "only those that run, or that have ended", example: "true" },
  action: { description: "only of this Action", example: "StatusNotification" },
  "last-event-id": { description: "go on after this event", example: "3fa85f64-12" },
};
