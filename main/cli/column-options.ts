/** Columns of "table" and "compare" beyond metrics: segments and formulas of one's own. */
import type { TableRequest } from '#contract/table.ts';
import { oneOf, texts, type OptionHelp, type Values } from './command.ts';

export const columnOptionHelp: Readonly<Record<string, OptionHelp>> = {
  segments: { type: 'string', value: 'S', help: 'users or items: besides the whole of each dataset a group of columns for each segment' },
  formula: {
    type: 'string',
    multiple: true,
    value: 'F',
    help: 'a column of your own, more is better: "val.recall@20 / val.recall@10", or "name: formula"',
  },
  'formula-lower': { type: 'string', multiple: true, value: 'F', help: 'the same, less is better: "time: elapsedSeconds / epochs"' },
};

/** @throws UsageError */
export function columnOptionsOf(values: Values): Pick<TableRequest, 'segments' | 'formulas'> {
  const segments = oneOf(values, 'segments', ['users', 'items']);
  const formulas = [
    ...texts(values, 'formula').map((text) => ({ ...named(text), better: 'higher' as const })),
    ...texts(values, 'formula-lower').map((text) => ({ ...named(text), better: 'lower' as const })),
  ];
  return { ...(segments === undefined ? {} : { segments }), ...(formulas.length === 0 ? {} : { formulas }) };
}

/** A name before the first colon; formulas hold none. */
function named(text: string): { text: string; label?: string } {
  const at = text.indexOf(':');
  return at < 0 ? { text } : { text: text.slice(at + 1).trim(), label: text.slice(0, at).trim() };
}
