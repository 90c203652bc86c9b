/**
 * HTTP requests by hand over TCP: their request lines and headers stand as they are given.
 */
import { within } from "./within.ts";

/** What came back; of a body only what came with the head, unless it is asked for. */
export interface RawAnswer {
  /** 0: the connection was closed without an answer. */
  readonly status: number;
  readonly head: string;
  readonly text: string;
}

/** Sends `<method> <target>` with these header lines and reads the head of the answer. */
export async function rawHttp(
  port: number,
  { line, headers = [], body = "" }: { line: string; headers?: readonly string[]; body?: string },
): Promise<RawAnswer> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const hasHost = headers.some((one) => /^host:/i.test(one));
  const lines = [
    `${line} HTTP/1.1`,
    ...(hasHost ? [] : [`host: 127.0.0.1:${port}`]),
    ...(body === "" ? [] : [`content-length: ${new TextEncoder().encode(body).length}`]),
    ...headers,
    "connection: close",
  ];
  await connection.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n${body}`));
  let text = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  while (!text.includes("\r\n\r\n")) {
    const count = await within(connection.read(buffer).catch(() => null), `an answer to ${line}`);
    if (count === null) break;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  const [head = "", rest = ""] = text.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1] ?? 0), head, text: rest };
}
