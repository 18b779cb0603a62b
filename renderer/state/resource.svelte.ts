import { toProblem, type Problem } from '#contract/problem.ts';
import { untrack } from 'svelte';

/**
 * One answer a page shows, with its loading and error states: `const list = resource(() => studio.call('datasets.list', {}))`.
 * What `load` reads before its first await is tracked, so a change of filter loads again; an answer that comes late is dropped.
 * Make it while a component initialises. A page that keeps its last answer (a `Former` of its module) shows it at once when it is opened
 * again, until the new one is there.
 */
export interface Resource<T> {
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  readonly isLoading: boolean;
  reload(): void;
}

/** The last answer of a page, kept beyond it. Nothing that a person must not see stale for a moment. */
export interface Former<T> {
  value?: T | undefined;
}

export function resource<T>(load: () => Promise<T>, former: Former<T> = {}): Resource<T> {
  let value = $state.raw(former.value);
  let problem = $state.raw<Problem | undefined>();
  let isLoading = $state(true);
  let turn = 0;
  let asked = $state(0);

  $effect(() => {
    void asked;
    const mine = ++turn;
    const answer = load();
    untrack(() => (isLoading = true));
    answer.then(
      (found) => {
        if (mine !== turn) return;
        value = found;
        former.value = found;
        problem = undefined;
        isLoading = false;
      },
      (error: unknown) => {
        if (mine !== turn) return;
        const found = toProblem(error);
        // A lost connection is said by the frame; the answer is asked for again and comes when the studio is back.
        if (found.code === 'link.closed') {
          asked++;
          return;
        }
        problem = found;
        isLoading = false;
      },
    );
    return () => {
      turn++;
    };
  });

  return {
    get value() {
      return value;
    },
    get problem() {
      return problem;
    },
    get isLoading() {
      return isLoading;
    },
    reload: () => void asked++,
  };
}
