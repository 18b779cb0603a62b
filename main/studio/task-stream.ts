import { channelClosed } from '#contract/link.ts';
import type { TaskRun } from './worker-task.ts';

export interface StreamedTask<T> {
  /** Starts the task; what it reports goes to `report`. */
  readonly start: (report: (value: T) => void) => TaskRun;
  readonly signal: AbortSignal;
  /** Once the task has ended well, and before the stream says so. */
  readonly completed?: () => Promise<void>;
  /** However it has ended; with why it failed where the window was closed on it, as then nobody is told by the stream. */
  readonly ended?: (untold: unknown) => void;
  /** True for values that are handed on only once the task is over. */
  readonly isLast?: (value: T) => boolean;
  /** The task goes on where a window is closed on it: it can be seen and ended elsewhere. */
  readonly outlivesWindow?: boolean;
}

/**
 * What a worker task reports, as a stream. Leaving it cancels the task and waits until nothing of it is left.
 * @throws ProblemError of the task; nothing where `signal` ended it
 */
export async function* taskStream<T>({
  start,
  signal,
  completed,
  ended,
  isLast,
  outlivesWindow,
}: StreamedTask<T>): AsyncGenerator<T, void, void> {
  const values: T[] = [];
  let wake: (() => void) | undefined;
  let failure: unknown;
  let isOver = false;
  const poke = () => {
    wake?.();
    wake = undefined;
  };
  const goesOn = () => outlivesWindow === true && signal.reason === channelClosed;
  const run = start((value) => {
    values.push(value);
    poke();
  });
  const over = run.result
    .then(() => completed?.())
    .catch((error: unknown) => (failure = error))
    .finally(() => {
      isOver = true;
      ended?.(goesOn() ? failure : undefined);
      poke();
    });
  const cancel = () => {
    if (!goesOn()) run.cancel();
    poke();
  };
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    while (!signal.aborted) {
      if (values.length > 0) {
        if (!isOver && isLast?.(values[0]!) === true) await over;
        yield values.shift()!;
      } else if (isOver) break;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    if (failure !== undefined && !signal.aborted) throw failure;
  } finally {
    signal.removeEventListener('abort', cancel);
    if (!goesOn()) {
      if (!isOver) run.cancel();
      await over;
    }
  }
}
