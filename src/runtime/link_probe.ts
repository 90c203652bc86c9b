/**
 * Whether a system under test can be connected to at all, before a whole suite finds out case by case.
 */
import type { Clock } from "./clock.ts";
import type { ConnectFailure, ConnectRequest, TesterLink } from "./tester_link.ts";

/**
 * Connects once and leaves again; gives why that was not possible, if so: `isUnreachable` where nobody is there, or
 * nobody answers. The link serves nothing else.
 */
export async function probe(
  link: TesterLink,
  request: ConnectRequest,
  { clock, withinSeconds }: { readonly clock: Clock; readonly withinSeconds: number },
): Promise<ConnectFailure | undefined> {
  const found = Promise.withResolvers<ConnectFailure | undefined>();
  link.attach({
    onUpgrade: () => ({ isAccepted: false, status: 503 }),
    onUp: () => found.resolve(undefined),
    onText: () => {},
    onBinary: () => {},
    onDown: () => {},
    onFailed: (failure) => found.resolve(failure),
  });
  const cancel = clock.at(
    clock.nowMs() + withinSeconds * 1_000,
    () => found.resolve({ cause: `no answer within ${withinSeconds} s`, isUnreachable: true }),
  );
  link.connect?.(request);
  try {
    return await found.promise;
  } finally {
    cancel();
    await link.stop();
  }
}
