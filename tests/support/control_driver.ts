/**
 * A driver of somebody's: has the API of `ocpp simulate --control-port` do what cases ask for.
 *
 * As a program it takes the URL of the API, or `fails`, `hangs` or `cannot` instead; as a web service it is `serveDriver`.
 */
import type { OperatorOrder } from "../../src/adapters/test_operator/order.ts";

/** What a driver may be that does nothing. */
export type Failing = "fails" | "hangs" | "cannot";

/** Why it could not be done, if so. */
export async function carryOut(
  api: string,
  { identity, action }: OperatorOrder,
): Promise<string | undefined> {
  const path = `${api}/api/v1/charge-points/${encodeURIComponent(identity)}`;
  const isPower = action.kind === "powerOff" || action.kind === "powerOn";
  const response = await fetch(isPower ? `${path}/power` : `${path}/inputs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(isPower ? { state: action.kind === "powerOn" ? "on" : "off" } : action),
  });
  const text = await response.text();
  return response.ok ? undefined : text;
}

/** A driver at a URL. */
export interface DriverService extends AsyncDisposable {
  readonly url: string;
  /** What it was asked for. */
  readonly orders: readonly OperatorOrder[];
}

/** What an order comes to: why it could not be done, if so. */
export type Doing = (order: OperatorOrder) => Promise<string | undefined>;

/** Serves one: `does` is the URL of the API, or what is done instead, or how it fails. */
export function serveDriver(
  does: string | Doing,
  { token }: { readonly token?: string } = {},
): DriverService {
  const orders: OperatorOrder[] = [];
  const end = new AbortController();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (token !== undefined && request.headers.get("authorization") !== `Bearer ${token}`) {
      return Response.json({ detail: "who are you?" }, { status: 401 });
    }
    const order: OperatorOrder = await request.json();
    orders.push(order);
    switch (does as Failing) {
      case "fails":
        return Response.json({ detail: "the robot has no arms" }, { status: 500 });
      case "hangs":
        await new Promise<void>((resolve) => end.signal.addEventListener("abort", () => resolve()));
        return new Response(null, { status: 204 });
      case "cannot":
        return Response.json({ cannot: `no way to ${order.text}` });
    }
    const why = typeof does === "string" ? await carryOut(does, order) : await does(order);
    return why === undefined ? new Response(null, { status: 204 }) : Response.json({ cannot: why });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    orders,
    async [Symbol.asyncDispose]() {
      end.abort();
      await server.shutdown();
    },
  };
}

if (import.meta.main) {
  const [does = ""] = Deno.args;
  const order: OperatorOrder = JSON.parse(await new Response(Deno.stdin.readable).text());
  const ends: { readonly [F in Failing]: () => Promise<string> | string } = {
    fails: () => "the robot has no arms",
    hangs: () => new Promise(() => setInterval(() => {}, 1_000)),
    cannot: () => `no way to ${order.text}`,
  };
  const why = await (ends[does as Failing]?.() ?? carryOut(does, order));
  if (why !== undefined) {
    console.error(why);
    Deno.exit(1);
  }
}
