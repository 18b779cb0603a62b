import type { Link } from '#contract/link.ts';
import { studio } from '#renderer/state/studio.svelte.ts';

/** Connects the page to a studio that answers calls as it is told to, and whose streams say nothing. */
export function connectTo(call: (name: string, input: never) => Promise<unknown>): void {
  const stream = () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) });
  studio.start(() => Promise.resolve({ call, stream, onClose: () => undefined, close: () => undefined } as unknown as Link));
}
