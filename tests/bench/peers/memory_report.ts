/**
 * Tells how much memory the process takes once everything in it is idle; then it waits for its end.
 */

/** Between two looks at the memory. */
const PAUSE_MS = 500;
const LOOKS = 8;

/** Prints `memory <resident bytes> <heap bytes>`. */
export async function reportMemory(isIntact: () => boolean): Promise<void> {
  const { residentBytes, heapBytes } = await leastMemory();
  if (!isIntact()) throw new Error("not everything is connected any more");
  console.log(`memory ${residentBytes} ${heapBytes}`);
}

/** The least of some looks, each after a collection. */
export async function leastMemory(): Promise<{ readonly residentBytes: number; readonly heapBytes: number }> {
  const { gc } = globalThis as unknown as { gc: () => void };
  const resident: number[] = [];
  const heap: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    gc();
    const memory = Deno.memoryUsage();
    resident.push(memory.rss);
    heap.push(memory.heapUsed + memory.external);
  }
  return { residentBytes: Math.min(...resident), heapBytes: Math.min(...heap) };
}
