/**
 * Whether a system under test can be connected to at all, before a whole suite finds out case by case.
 */
import type { Clock } from "./clock.ts";
import type { ConnectRequest, TesterLink } from "./tester_link.ts";

/** Connects once and leaves again; gives why that was not possible, if so. The link serves nothing else. */
export async function probe(
  link: TesterLink,
  request: ConnectRequest,
  { clock, withinSeconds }: { readonly clock: Clock; readonly withinSeconds: number },
): Promise<string | undefined> {
  const found = Promise.withResolvers<string | undefined>();
  link.attach({
    onUpgrade: () => ({ isAccepted: false, status: 503 }),
    onUp: () => found.resolve(undefined),
    onText: () => {},
    onBinary: () => {},
    onDown: () => {},
    onFailed: ({ cause }) => found.resolve(cause),
  });
  const cancel = clock.at(
    clock.nowMs() + withinSeconds * 1_000,
    () => found.resolve(`no answer within ${withinSeconds} s`),
  );
  link.connect?.(request);
  try {
    return await found.promise;
  } finally {
    cancel();
    await link.stop();
  }
}
