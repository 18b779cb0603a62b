import * as v from 'valibot';
import type { DrawnFigure } from '#contract/saved-exports.ts';
import { testOptionsSchema } from '#contract/significance.ts';
import { exportOptionsSchema, tableFormulaSchema, type ExportOptions, type TableRequest } from '#contract/table.ts';
import type { Scope } from './comparison.svelte.ts';
import { router } from './router.svelte.ts';
import { attempt, studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

export type Format = ExportOptions['format'];

/** The choices of the Export screen; the table part comes from the address, so that "Export table" hands over what was seen. */
export class ExportChoices {
  format = $state<Format>('latex');
  scope = $state<'fragment' | 'file'>('fragment');
  columns = $state<'one' | 'two'>('two');
  arrange = $state<ExportOptions['arrange']>('whole');
  decimals = $state(4);
  sd = $state(true);
  n = $state(false);
  arrows = $state(true);
  stars = $state(true);
  best = $state(true);
  second = $state(true);
  gain = $state(false);
  inferredMarks = $state(true);
  caption = $state(true);
  reported = $state(true);
  date = $state(true);
  facts = $state(true);
  units = $state(false);

  /** The format is a file and no text: there is no source to see or to copy. */
  get isFile(): boolean {
    return this.format === 'xlsx' || this.format === 'parquet';
  }

  get options(): ExportOptions {
    const { format, scope, columns, arrange, decimals, sd, n, arrows, stars } = this;
    const { best, second, gain, inferredMarks, caption, reported, date, facts, units } = this;
    return {
      ...{ format, scope, columns, arrange, decimals, sd, n, arrows, stars },
      ...{ best, second, gain, inferredMarks, caption, reported, date, facts, units },
    };
  }

  reset(): void {
    const { format } = this;
    Object.assign(this, new ExportChoices(), { format });
  }

  /** Takes up what was last chosen for this comparison, else what was last chosen at all. */
  recall(comparison: string): void {
    const kept = stored();
    const options = kept[comparison] ?? kept[''];
    if (options !== undefined) Object.assign(this, options);
  }

  remember(comparison: string): void {
    const kept = Object.entries(stored()).filter(([key]) => key !== comparison && key !== '');
    const entries = [...kept.slice(-mostRemembered), [comparison, this.options], ['', this.options]];
    try {
      localStorage.setItem(remembered, JSON.stringify(Object.fromEntries(entries)));
    } catch {
      // A page that may keep nothing starts with the usual choices next time.
    }
  }
}

const remembered = 'avocet.export';
const mostRemembered = 50;

/** Choices by comparison, as far as they can still be read: an option that is no more is left out. */
function stored(): Record<string, ExportOptions> {
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(remembered) ?? '{}');
    if (typeof parsed !== 'object' || parsed === null) return {};
    return Object.fromEntries(
      Object.entries(parsed).flatMap(([key, value]) => {
        const options = v.safeParse(exportOptionsSchema, value);
        return options.success ? [[key, options.output]] : [];
      }),
    );
  } catch {
    return {};
  }
}

/** The table asked for by the address. */
export function tableOfRoute(scope: Scope): TableRequest {
  const { query } = router.route;
  const metrics = (query['metrics'] ?? '').split(',').filter((metric) => metric !== '');
  const part = query['part'];
  const formulas = readBy(v.array(tableFormulaSchema), query['formulas']);
  const tests = readBy(testOptionsSchema, query['tests']);
  return {
    scope: { experiments: [...scope.experiments], runs: [...scope.runs] },
    ...(metrics.length > 0 ? { metrics } : {}),
    ...(query['rows'] === 'configuration' ? { rows: 'configuration' } : {}),
    ...(part === 'validation' || part === 'test' ? { part } : {}),
    ...(query['segments'] === 'users' || query['segments'] === 'items' ? { segments: query['segments'] } : {}),
    ...(query['datasets'] ? { datasets: query['datasets'].split(',') } : {}),
    ...(formulas === undefined ? {} : { formulas }),
    ...(query['baseline'] ? { baseline: query['baseline'] } : {}),
    ...(tests === undefined ? {} : { tests }),
  };
}

/** What the Compare screen wrote into the address; undefined where it is anything else. */
function readBy<const Schema extends v.GenericSchema>(schema: Schema, text: string | undefined): v.InferOutput<Schema> | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Saves what the page makes: where the person chooses in the desktop, as a download in a browser. `remembered`: as what a figure is to be
 * known again, where it is one. What was written, or undefined where the
 * choice was left, the download began or a problem was told.
 */
export async function saveMade(
  fileName: string,
  title: string,
  make: () => Promise<Uint8Array<ArrayBuffer>>,
  remembered?: () => Promise<DrawnFigure>,
): Promise<{ path: string; bytes: number } | undefined> {
  const path = window.avocet === undefined ? undefined : await window.avocet.saveFile(fileName, title);
  if (window.avocet !== undefined && path === undefined) return undefined;
  const made = await attempt(make);
  if (made.problem !== undefined) toasts.fail(made.problem);
  else if (path === undefined) download(fileName, made.value);
  else {
    const content = made.value;
    const written = await attempt(async () =>
      studio.call('exports.figure', { path, content, ...(remembered === undefined ? {} : { figure: await remembered() }) }),
    );
    if (written.problem === undefined) return written.value;
    toasts.fail(written.problem);
  }
  return undefined;
}

/** Hands a file to the browser's download. */
export function download(fileName: string, content: string | Uint8Array<ArrayBuffer>): void {
  const type = typeof content === 'string' ? 'text/plain;charset=utf-8' : 'application/octet-stream';
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
