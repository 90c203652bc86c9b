/**
 * Files over HTTP, with retries.
 */

/** How often and how far apart. Units: seconds. */
export interface Retries {
  readonly retries?: number | undefined;
  readonly retryInterval?: number | undefined;
}

/** Gets a file; `undefined` where it cannot be had. */
export function download(url: string, retries: Retries): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return tried(retries, async () => {
    const response = await fetch(url);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    await response.body?.cancel();
    return undefined;
  });
}

/** Puts a file into a directory; tells whether it is there. */
export async function upload(
  { directory, fileName, text }: {
    readonly directory: string;
    readonly fileName: string;
    readonly text: string;
  },
  retries: Retries,
): Promise<boolean> {
  const url = new URL(fileName, directory.endsWith("/") ? directory : `${directory}/`);
  const isThere = await tried(retries, async () => {
    const response = await fetch(url, { method: "PUT", body: text });
    await response.body?.cancel();
    return response.ok ? true : undefined;
  });
  return isThere === true;
}

async function tried<T>(
  { retries = 1, retryInterval = 1 }: Retries,
  attempt: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (let left = retries; left >= 0; left--) {
    const result = await attempt().catch(() => undefined);
    if (result !== undefined) return result;
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, retryInterval * 1_000));
  }
  return undefined;
}
