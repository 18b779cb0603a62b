/** Who wants to know when something changed. Listeners read what they need themselves: the hub carries no state. */

export type Topic = 'queue' | 'status' | 'speeds' | 'meters' | 'settings' | 'recent' | 'jobs' | `run ${string}` | `verification ${string}`;

export class Hub<Payload = undefined> {
  readonly #listeners = new Map<string, Set<(payload: Payload | undefined) => void>>();

  subscribe(topic: Topic, listener: (payload: Payload | undefined) => void): () => void {
    let listeners = this.#listeners.get(topic);
    if (listeners === undefined) this.#listeners.set(topic, (listeners = new Set()));
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(topic) === listeners) this.#listeners.delete(topic);
    };
  }

  /** Several topics with one listener; returns how to leave all of them. */
  subscribeAll(topics: readonly Topic[], listener: (payload: Payload | undefined) => void): () => void {
    const leaves = topics.map((topic) => this.subscribe(topic, listener));
    return () => leaves.forEach((leave) => leave());
  }

  tell(topic: Topic, payload?: Payload): void {
    for (const listener of this.#listeners.get(topic) ?? []) listener(payload);
  }
}

/**
 * A value now, and again after each change, at most once per `everyMs`; ends with `signal`. `subscribe` returns how to leave.
 */
export async function* following<T>(
  read: () => T | Promise<T>,
  subscribe: (changed: () => void) => () => void,
  everyMs: number,
  signal: AbortSignal,
): AsyncGenerator<T, void, void> {
  let isStale = true;
  let wake: (() => void) | undefined;
  const poke = () => {
    wake?.();
    wake = undefined;
  };
  const leave = subscribe(() => {
    isStale = true;
    poke();
  });
  signal.addEventListener('abort', poke, { once: true });
  try {
    while (!signal.aborted) {
      if (isStale) {
        isStale = false;
        yield await read();
        await pause(everyMs, signal);
      } else {
        await new Promise<void>((resolve) => (wake = resolve));
      }
    }
  } finally {
    signal.removeEventListener('abort', poke);
    leave();
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}
