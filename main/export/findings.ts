/** What a test against the baseline found, column by column: raw and adjusted p beside difference, interval and effect. */
import type { Finding } from '#contract/significance.ts';

export interface FindingColumn {
  readonly name: string;
  readonly of: (finding: Finding) => number | string | undefined;
  readonly isNumber: boolean;
}

const number = (name: string, of: (finding: Finding) => number | undefined): FindingColumn => ({ name, of, isNumber: true });
const text = (name: string, of: (finding: Finding) => string): FindingColumn => ({ name, of, isNumber: false });

export const findingColumns: readonly FindingColumn[] = [
  number('difference', ({ difference }) => difference),
  number('low', ({ interval }) => interval?.[0]),
  number('high', ({ interval }) => interval?.[1]),
  number('p', ({ p }) => p),
  number('adjusted_p', ({ adjusted }) => adjusted),
  number('effect', ({ effect }) => effect),
  text('effect_name', ({ effectName }) => effectName),
  number('pairs', ({ n }) => n),
  text('test', ({ method }) => method),
  text('verdict', ({ verdict }) => verdict),
];
