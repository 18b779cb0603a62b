/**
 * Values to stand beside ours, from files that the researcher has: printed results (`source, split, dataset, model, metric, value, note`,
 * protocol.md 3.1) and what the published harness reaches on the very files (`source, dataset, model, settings, …, recall@20, …, note`).
 * None of them is part of Avocet.
 */
import { ProblemError } from '#contract/problem.ts';

export interface Reference {
  /** published: printed in a paper or repository, on its own copy of the data; peer: the harness run on these files at stated settings. */
  readonly kind: 'published' | 'peer';
  readonly source: string;
  /** As printed. */
  readonly model: string;
  readonly dataset: string;
  /** Family of splits; published rows alone have it. */
  readonly split: string;
  /** Settings of the harness, "reg_weight" to "0.1"; empty where none are printed. */
  readonly settings: Readonly<Record<string, string>>;
  /** Such as recall@20. */
  readonly metric: string;
  readonly value: number;
  readonly note: string;
}

/** Names under which one model is printed (protocol.md 3.1: aliases are unified). */
const aliases: Readonly<Record<string, string>> = {
  mf: 'bpr',
  mfbpr: 'bpr',
  bprmf: 'bpr',
  selfcfedlgn: 'selfcf',
  itemknncbf: 'itemknn',
};

/** The id of the model that a printed name means, where it is one of ours: "MF-BPR" is "bpr". */
export function modelOf(printed: string): string {
  const plain = printed.toLowerCase().replace(/[^a-z0-9]/g, '');
  return aliases[plain] ?? plain;
}

const metricName = /^(recall|ndcg|precision|map)@\d+$/;

/** @throws ProblemError reproduce.form with file:line for a table of another form or a value that is no number */
export function readReferences(text: string, file: string): Reference[] {
  const found: Reference[] = [];
  let header: readonly string[] | undefined;
  for (const [at, written] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (written.trim() === '') continue;
    const line = at + 1;
    const fields = fieldsOf(written);
    if (fields === undefined) throw form(file, line, 'A quote is opened and not closed in this row');
    if (header === undefined) {
      header = fields;
      if (!isPublished(header) && !isPeer(header)) throw form(file, line, 'These are not the columns of a table of results');
      continue;
    }
    const names = header;
    if (fields.length !== names.length) throw form(file, line, `The row has ${fields.length} fields where ${names.length} are named`);
    const field = (name: string) => fields[names.indexOf(name)] ?? '';
    const shared = { source: field('source'), model: field('model'), dataset: field('dataset').toLowerCase(), note: field('note') };
    for (const name of ['source', 'dataset', 'model'])
      if (field(name) === '') throw form(file, line, `The row names no ${name}`, `Write its ${name}; a value without one is nobody's.`);
    const add = (kind: Reference['kind'], metric: string, printed: string) => {
      const value = Number(printed);
      if (printed === '' || !Number.isFinite(value)) throw form(file, line, `"${printed}" is not a value of ${metric}`);
      if (metricName.test(metric) && (value < 0 || value > 1))
        throw form(file, line, `${metric} is ${printed}, and lies between 0 and 1`, 'Divide values in percent by 100.');
      found.push({ ...shared, kind, split: field('split'), settings: settingsOf(field('settings')), metric, value });
    };
    if (isPublished(names)) add('published', field('metric').toLowerCase(), field('value'));
    else for (const name of names) if (metricName.test(name) && field(name) !== '') add('peer', name, field(name));
  }
  return found;
}

/** The fields of a line, trimmed; a field may be quoted, with "" for a quote inside. Undefined where a quote stays open. */
function fieldsOf(line: string): string[] | undefined {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const [all, quoted, plain] = /^\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^",]*)(?=,|$))/.exec(rest) ?? [];
    if (all === undefined) return undefined;
    fields.push(quoted === undefined ? plain!.trim() : quoted.replaceAll('""', '"'));
    if (all.length === rest.length) return fields;
    rest = rest.slice(all.length + 1);
  }
}

function isPublished(names: readonly string[]): boolean {
  return ['source', 'split', 'dataset', 'model', 'metric', 'value'].every((name) => names.includes(name));
}

function isPeer(names: readonly string[]): boolean {
  return ['source', 'dataset', 'model', 'settings'].every((name) => names.includes(name)) && names.some((name) => metricName.test(name));
}

/** "n_layers=3 reg_weight=1e-4" */
function settingsOf(text: string): Record<string, string> {
  const pairs = text.split(/\s+/).filter((pair) => pair.includes('='));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

const columnsFix =
  'Give a CSV file with the columns source, split, dataset, model, metric, value, or with source, dataset, model, settings and recall@20.';

function form(file: string, line: number, message: string, fix = columnsFix): ProblemError {
  return new ProblemError({
    kind: 'data',
    code: 'reproduce.form',
    message,
    where: `${file}:${line}`,
    fix,
  });
}
