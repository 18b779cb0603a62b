/**
 * What `work` emits, as an async generator, in order; ends when the work ends and throws what it throws. A consumer that stops
 * early leaves the work running to its end: pass an AbortSignal to the work to stop it.
 */
export async function* eventStream<T>(work: (emit: (event: T) => void) => Promise<void>): AsyncGenerator<T, void, void> {
  const waiting: T[] = [];
  let wake: (() => void) | undefined;
  let outcome: { error?: unknown } | undefined;
  const ring = (): void => {
    wake?.();
    wake = undefined;
  };
  work((event) => {
    waiting.push(event);
    ring();
  }).then(
    () => {
      outcome = {};
      ring();
    },
    (error: unknown) => {
      outcome = { error };
      ring();
    },
  );
  for (;;) {
    while (waiting.length > 0) yield waiting.shift()!;
    if (outcome !== undefined) {
      if ('error' in outcome) throw outcome.error;
      return;
    }
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}
