/** Following a stream of the studio while the app lives: the owner of the folder may end, and this app take its place, or another. */
import { toProblem } from '#contract/problem.ts';

const firstWaitMs = 250;
const longestWaitMs = 5000;

export interface Following<T> {
  /** Asks anew, of whoever owns the folder now. */
  readonly open: () => AsyncIterable<T>;
  readonly take: (value: T) => void;
  /** A connection ended before it said anything: nobody may be there for a while. */
  readonly onLost?: () => void;
  readonly signal: AbortSignal;
  /** Waits before the next attempt; tests do not. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Takes every value, over as many connections as it needs: at once after one that answered, after a growing wait where none does. Ends with
 * `signal`, or where the studio refuses for another reason than a lost connection.
 */
export async function keepFollowing<T>({ open, take, onLost, signal, wait = pause }: Following<T>): Promise<void> {
  let waitMs = firstWaitMs;
  while (!signal.aborted) {
    let isAnswered = false;
    try {
      for await (const value of open()) {
        if (signal.aborted) return;
        isAnswered = true;
        take(value);
      }
    } catch (error) {
      if (toProblem(error).code !== 'link.closed') return;
    }
    if (isAnswered) waitMs = firstWaitMs;
    else if (!signal.aborted) {
      onLost?.();
      await wait(waitMs, signal);
      waitMs = Math.min(longestWaitMs, waitMs * 2);
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
  });
}
