/** What a test against the baseline found, column by column: raw and adjusted p beside difference, interval and effect. */
import type { Finding } from '#contract/significance.ts';

export interface FindingColumn {
  readonly name: string;
  readonly of: (finding: Finding) => number | string | undefined;
  readonly isNumber: boolean;
  /** `value`: that of the metric. */
  readonly unit: 'value' | '1' | '';
}

const number = (name: string, unit: FindingColumn['unit'], of: (finding: Finding) => number | undefined): FindingColumn => ({
  ...{ name, unit, of },
  isNumber: true,
});
const text = (name: string, of: (finding: Finding) => string): FindingColumn => ({ name, unit: '', of, isNumber: false });

export const findingColumns: readonly FindingColumn[] = [
  number('difference', 'value', ({ difference }) => difference),
  number('low', 'value', ({ interval }) => interval?.[0]),
  number('high', 'value', ({ interval }) => interval?.[1]),
  number('p', '1', ({ p }) => p),
  number('adjusted_p', '1', ({ adjusted }) => adjusted),
  number('effect', '1', ({ effect }) => effect),
  text('effect_name', ({ effectName }) => effectName),
  number('pairs', '', ({ n }) => n),
  text('test', ({ method }) => method),
  text('verdict', ({ verdict }) => verdict),
];
