import { onDestroy } from 'svelte';
import { router } from './router.svelte.ts';

/** What parts of the screens were left with, for as long as the window lives. */
const kept = new Map<string, unknown>();

/**
 * Choices, filters and selections of a component come back as they were left, for what its page is about:
 * `asLeft('curves', () => ({ metric, hidden }), (was) => ({ metric, hidden } = was))`, once while it initialises, after its state is
 * declared. `part` is one on its page.
 */
export function asLeft<T>(part: string, take: () => T, put: (was: T) => unknown): void {
  const name = `${router.place}/${part}`;
  // Only what `take` of the same part has put there.
  if (kept.has(name)) put(kept.get(name) as T);
  onDestroy(() => kept.set(name, take()));
}
