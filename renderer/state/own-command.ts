/** Models of one's own as they are typed: parameters a line each, and what is still missing. Pure. */
import { externalId, parameterName, parameterValue, type External } from '#contract/external.ts';
import type { HyperValues } from '#contract/model-card.ts';
import type { RunConfig } from '#contract/run.ts';

export type ParametersRead =
  { readonly values: HyperValues; readonly fault?: undefined } | { readonly fault: string; readonly values?: undefined };

/** Reads "dim = 64" lines; blank lines and comments (#) are passed over. */
export function readParameters(text: string): ParametersRead {
  const values: HyperValues = {};
  for (const [at, whole] of text.split('\n').entries()) {
    const line = whole.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, key = '', value = ''] = /^([^=:]+)[=:](.*)$/.exec(line) ?? [];
    const name = key.trim();
    if (name === '') return { fault: `Line ${at + 1} wants name = value` };
    if (!parameterName.test(name)) return { fault: `Line ${at + 1}: ${name} cannot be a name; letters, digits, _, - and . can` };
    if (Object.hasOwn(values, name)) return { fault: `Line ${at + 1}: ${name} is there already` };
    values[name] = parameterValue(value);
  }
  return { values };
}

export const parametersText = (values: HyperValues): string =>
  Object.entries(values)
    .map(([key, value]) => `${key} = ${String(value)}`)
    .join('\n');

export const isWholePath = (path: string): boolean => /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(path.trim());

/** Why a title cannot be taken, or undefined. `others` are the ids of models of one's own beside it. */
export function titleFault(title: string, others: readonly string[]): string | undefined {
  if (title.trim() === '') return 'Give it the name that tables will show';
  if (title.trim().length > 60) return 'At most 60 letters';
  return others.includes(externalId(title.trim())) ? 'Another model of this experiment has that name' : undefined;
}

/** Where on the person's own disk a run came from: the folder of its command, a file of its results, the log it was read from (without the line). */
export function placeOf({ imported, external }: Pick<RunConfig, 'imported' | 'external'>): string | undefined {
  if (imported !== undefined) return imported.source.replace(/:\d+$/, '');
  return external?.kind === 'command' ? external.folder : external?.files[0]?.path;
}

/** The words of an imported or run model for lists: its command, or where its results came from. */
export function externalWords(external: External): string {
  return external.kind === 'command' ? external.command : external.files.map(({ path }) => path).join(', ');
}
