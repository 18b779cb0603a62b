/** How a comparison is tested, as its tabs share it, and the statistics as they come: progress, then the answer. */
import { toProblem, type Problem } from '#contract/problem.ts';
import type { TestOptionsInput } from '#contract/significance.ts';
import type { Statistics, StatisticsRequest } from '#contract/statistics.ts';
import { untrack } from 'svelte';
import { studio } from './studio.svelte.ts';

/** What is asked; the empty words mean "by default". */
export class TestChoices {
  design = $state<'user' | 'seed'>('user');
  test = $state<'' | 't' | 'wilcoxon' | 'bootstrap'>('');
  correction = $state<'holm' | 'benjamini-hochberg' | 'none'>('holm');
  alternative = $state<'two-sided' | 'greater' | 'less'>('two-sided');
  alpha = $state(0.05);
  /** As typed; empty for the noise floor. */
  minimum = $state('');
  family = $state<'baseline' | 'pairs'>('baseline');

  get minimumFault(): string | undefined {
    if (this.minimum.trim() === '') return undefined;
    const value = Number(this.minimum);
    return Number.isFinite(value) && value >= 0 ? undefined : 'A number of at least 0';
  }

  get options(): TestOptionsInput {
    const { design, test, correction, alternative, alpha, minimum } = this;
    const hasMinimum = minimum.trim() !== '' && this.minimumFault === undefined;
    return {
      design,
      correction,
      alternative,
      alpha,
      ...(test === '' ? {} : { test }),
      ...(hasMinimum ? { minimum: Number(minimum) } : {}),
    };
  }
}

export interface StatisticsAnswer {
  readonly value: Statistics | undefined;
  readonly problem: Problem | undefined;
  /** 0 … 1 while the worker tests; undefined otherwise. */
  readonly fraction: number | undefined;
  readonly isCancelled: boolean;
  cancel(): void;
  reload(): void;
}

/**
 * The statistics of what `ask` returns; what it reads is tracked, and another question ends the one under way. Make it while a component
 * initialises.
 */
export function statistics(ask: () => StatisticsRequest): StatisticsAnswer {
  let value = $state.raw<Statistics | undefined>();
  let problem = $state.raw<Problem | undefined>();
  let fraction = $state<number | undefined>();
  let isCancelled = $state(false);
  let asked = $state(0);
  let current: AbortController | undefined;

  async function follow(request: StatisticsRequest, signal: AbortSignal): Promise<void> {
    try {
      for await (const event of studio.stream('compare.statistics', request, signal)) {
        if (signal.aborted) return;
        if (event.type === 'progress') fraction = event.fraction;
        else {
          value = event.statistics;
          problem = undefined;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      const found = toProblem(error);
      if (found.code === 'link.closed') asked++;
      else problem = found;
    }
    if (!signal.aborted) fraction = undefined;
  }

  $effect(() => {
    void asked;
    const request = ask();
    const control = new AbortController();
    current = control;
    untrack(() => {
      fraction = 0;
      isCancelled = false;
    });
    void follow(request, control.signal);
    return () => control.abort();
  });

  return {
    get value() {
      return value;
    },
    get problem() {
      return problem;
    },
    get fraction() {
      return fraction;
    },
    get isCancelled() {
      return isCancelled;
    },
    cancel: () => {
      current?.abort();
      fraction = undefined;
      isCancelled = true;
    },
    reload: () => void asked++,
  };
}
