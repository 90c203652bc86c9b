/**
 * Ctrl-C: the first asks to end, a second one ends at once.
 */

/** The exit code of a program that an interrupt ended, by custom 128 + the signal's number. */
const INTERRUPTED = 130;

/** Resolves at the first interrupt (or request to terminate); the second one ends the program at once. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = () => {
      if (asked) Deno.exit(INTERRUPTED);
      asked = true;
      resolve();
    };
    // Windows knows no SIGTERM that a program could listen for.
    const signals: Deno.Signal[] = Deno.build.os === "windows"
      ? ["SIGINT", "SIGBREAK"]
      : ["SIGINT", "SIGTERM"];
    for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  });
}
