/**
 * IP addresses and ranges of them, as `10.0.0.0/8` or `fd00::/8` (CIDR, RFC 4632 and RFC 4291 §2.3).
 *
 * IPv4 addresses that come as IPv6 (`::ffff:10.0.0.1`, as sockets for both tell them) are the IPv4 addresses.
 */

/** A range; one address is a range too. */
export interface AddressRange {
  readonly bytes: readonly number[];
  readonly prefixBits: number;
}

/** Reads a range or a single address; `undefined` where it is none, or where bits are set behind the prefix. */
export function addressRangeOf(text: string): AddressRange | undefined {
  const [address = "", prefix, ...rest] = text.trim().split("/");
  const bytes = addressBytes(address);
  if (bytes === undefined || rest.length > 0) return undefined;
  const bitsMax = bytes.length * 8;
  const prefixBits = prefix === undefined ? bitsMax : /^\d{1,3}$/.test(prefix) ? Number(prefix) : NaN;
  // A mapped IPv4 range would mean other bits than those that were written.
  if (!(prefixBits <= bitsMax) || (prefix !== undefined && address.includes(":") && bytes.length === 4)) {
    return undefined;
  }
  const isWhole = bytes.every((byte, index) => (byte & ~maskOf(prefixBits, index) & 255) === 0);
  return isWhole ? { bytes, prefixBits } : undefined;
}

/** Whether an address is in one of the ranges; a text that is no address is in none. */
export function isInRanges(address: string, ranges: readonly AddressRange[]): boolean {
  const bytes = addressBytes(address);
  if (bytes === undefined) return false;
  return ranges.some((range) =>
    range.bytes.length === bytes.length &&
    range.bytes.every((byte, index) => byte === (bytes[index]! & maskOf(range.prefixBits, index)))
  );
}

/** An address in the form that it has everywhere else, without brackets and port; `undefined` where it is none. */
export function addressIn(text: string): string | undefined {
  const trimmed = text.trim();
  const bare = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(trimmed)?.[1] ??
    /^([\d.]+):\d{1,5}$/.exec(trimmed)?.[1] ?? trimmed;
  const bytes = addressBytes(bare);
  if (bytes === undefined) return undefined;
  return bytes.length === 4 ? bytes.join(".") : new URL(`http://[${bare}]/`).hostname.slice(1, -1);
}

/** The bits of one byte that belong to a prefix. */
function maskOf(prefixBits: number, index: number): number {
  const bits = Math.min(8, Math.max(0, prefixBits - index * 8));
  return (255 << (8 - bits)) & 255;
}

/** 4 or 16 bytes. */
function addressBytes(address: string): readonly number[] | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) {
    const bytes = address.split(".").map(Number);
    return bytes.every((byte) => byte <= 255) ? bytes : undefined;
  }
  if (!address.includes(":") || !URL.canParse(`http://[${address}]/`)) return undefined;
  // The URL parser gives every IPv6 address one spelling, without dots and with at most one gap.
  const [before = "", after] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const head = groupsOf(before);
  const tail = groupsOf(after ?? "");
  const groups = [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  const bytes = groups.flatMap((group) => [group >> 8, group & 255]);
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && groups[5] === 0xffff;
  return isMapped ? bytes.slice(12) : bytes;
}

function groupsOf(text: string): readonly number[] {
  return text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
}
