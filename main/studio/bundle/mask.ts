/**
 * What of a run's words may be handed on while its test values are masked. Avocet's own lines, settings and metrics are masked where they are
 * made; what a program or a model of the person's own wrote may hold anything, in any language, so it goes by who wrote it and never by its words.
 */
import type { ConsoleLine, RunConfig } from '#contract/run.ts';
import type { Problem } from '#contract/problem.ts';

/** Whether what was trained is code of the person's own: a command, or a model of theirs. */
export function isOwnCode(config: Pick<RunConfig, 'external' | 'source'>): boolean {
  return config.external !== undefined || config.source !== undefined;
}

/** Of a console the studio's own lines, and how many others there were. Lines of earlier versions do not say whose they are: they count as others. */
export function ownLines(lines: readonly ConsoleLine[]): { readonly lines: readonly ConsoleLine[]; readonly leftOut: number } {
  const own = lines.filter(({ by }) => by === 'studio');
  return { lines: own, leftOut: lines.length - own.length };
}

/** What went wrong without the words that code of the person's own gave it. */
export function bareProblem({ kind, code, fix }: Problem): Pick<Problem, 'kind' | 'code' | 'fix'> {
  return { kind, code, ...(fix === undefined ? {} : { fix }) };
}

/** Whether a series has a name that the trained code gave it: the terms beside its loss. */
export function isNamedByCode(key: string): boolean {
  return key.startsWith('loss/');
}
