import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomStream } from '#data/random.ts';
import { printCondition, type Condition, type Expression } from '#contract/runs-expression.ts';
import type { Store } from '#store/store.ts';
import { addExperiment, addRun, finishRun, query } from './fixture.ts';
import { storeForAll } from './opened-store.ts';

/** A run as the plain evaluation sees it. */
interface PlainRun {
  readonly id: string;
  readonly texts: Readonly<Record<string, readonly string[]>>;
  readonly numbers: Readonly<Record<string, number | undefined>>;
  readonly tags: readonly string[];
  readonly flags: Readonly<Record<string, boolean>>;
}

let store: Store;
const runs: PlainRun[] = [];

storeForAll((opened) => {
  store = opened;
  addExperiment(store, 'exp-a', 'Layers');
  addExperiment(store, 'exp-b', 'Deep Pictures');
  const random = randomStream(7, 'test/runs-language');
  const one = <T>(list: readonly T[]): T => list[Math.floor(random.uniform() * list.length)]!;
  for (let at = 0; at < 60; at++) {
    const id = `run-${at}`;
    const model = one(['egra', 'mgcn', 'bpr']);
    const dataset = one(['demo', 'baby']);
    const layers = one([undefined, 1, 2, 3]);
    const optimizer = one([undefined, 'adam', 'SGD', '3']);
    const experiment = one(['exp-a', 'exp-b']);
    const seed = Math.floor(random.uniform() * 4);
    addRun(store, {
      id,
      model,
      dataset,
      experiment,
      seed,
      configuration: `config-${at}`,
      hyper: { ...(layers === undefined ? {} : { n_layers: layers }), ...(optimizer === undefined ? {} : { optimizer }) },
    });
    const recall = random.uniform() < 0.7 ? Math.round(random.uniform() * 20) / 100 : undefined;
    const bestEpoch = 1 + Math.floor(random.uniform() * 5);
    if (recall !== undefined) finishRun(store, id, { 'recall@20': recall, 'ndcg@20': recall / 2 }, {}, { epochs: 9, bestEpoch });
    const tags = ['paper', 'Table 2', '100%'].filter(() => random.uniform() < 0.3);
    const note = one(['', 'looks odd', '50% sure']);
    const [starred, locked, archived, trashed] = [0.4, 0.3, 0.3, 0.3].map((share) => random.uniform() < share) as [
      boolean,
      boolean,
      boolean,
      boolean,
    ];
    store.runs.annotate([id], { starred, note, addTags: tags });
    store.changes.apply([id], { type: 'own', name: 'mark', value: one(['', '5', 'good']) }, 1);
    const mark = store.pages.cells([[id]], ['my.mark'], 'best')[0]!['my.mark']!;
    // What waits is stopped on its way to the trash.
    const state = recall !== undefined ? 'finished' : trashed ? 'stopped' : 'queued';
    if (trashed) store.trash.move([id], 5);
    store.changes.apply([id], { type: 'lock', locked }, 1);
    store.changes.apply([id], { type: 'archive', archived }, 1);
    const text = (value: string | undefined) => (value === undefined ? [] : [value]);
    runs.push({
      id,
      texts: {
        state: [state],
        model: [model, model.toUpperCase()],
        dataset: [dataset, dataset],
        experiment: [experiment, experiment === 'exp-a' ? 'Layers' : 'Deep Pictures'],
        note: text(note === '' ? undefined : note),
        optimizer: text(optimizer),
        n_layers: text(layers?.toString()),
        'my.mark': text(mark.text ?? mark.value?.toString()),
      },
      numbers: {
        seed,
        n_layers: layers,
        optimizer: undefined,
        'my.mark': mark.value,
        'val.recall@20': recall,
        'val.ndcg@20': recall === undefined ? undefined : recall / 2,
        bestEpoch: recall === undefined ? undefined : bestEpoch,
        epochs: recall === undefined ? 0 : 9,
        model: undefined,
      },
      tags,
      flags: { starred, locked, archived, trashed },
    });
  }
});

/** Missing stays missing, as does what is no number. */
function numberOf(run: PlainRun, expression: Expression): number | undefined {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'text':
      return undefined;
    case 'field':
      return run.numbers[expression.name];
    case 'negated': {
      const of = numberOf(run, expression.of);
      return of === undefined ? undefined : -of;
    }
    case 'call': {
      const of = expression.of.map((part) => numberOf(run, part));
      if (of.includes(undefined)) return undefined;
      const value = { abs: Math.abs, sqrt: Math.sqrt, min: Math.min, max: Math.max }[expression.name as 'abs'](...(of as [number]));
      return Number.isNaN(value) ? undefined : value;
    }
    case 'binary': {
      const [a, b] = [numberOf(run, expression.left), numberOf(run, expression.right)];
      if (a === undefined || b === undefined || (expression.sign === '/' && b === 0)) return undefined;
      return { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '^': a ** b }[expression.sign];
    }
  }
}

function holds(run: PlainRun, condition: Condition): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.of.every((part) => holds(run, part));
    case 'any':
      return condition.of.some((part) => holds(run, part));
    case 'not':
      return !holds(run, condition.of);
    case 'flag':
      return run.flags[condition.name]!;
    case 'word':
      throw new Error('not generated');
    case 'missing':
      if (condition.of.kind !== 'field') return numberOf(run, condition.of) === undefined;
      if (condition.of.name === 'tag') return run.tags.length === 0;
      return run.numbers[condition.of.name] === undefined && (run.texts[condition.of.name] ?? []).length === 0;
    case 'among': {
      const at = 0;
      const left = { kind: 'field', name: condition.field, at } as const;
      const some = condition.values.some((value) =>
        compares(run, left, '=', typeof value === 'number' ? { kind: 'number', value, at } : { kind: 'text', value, at }),
      );
      if (!condition.isNot) return some;
      return !some && (condition.field === 'tag' || !holds(run, { kind: 'missing', of: left, at }));
    }
    case 'compare':
      return compares(run, condition.left, condition.operator, condition.right);
  }
}

function compares(run: PlainRun, left: Expression, operator: string, right: Expression): boolean {
  const word = right.kind === 'text' ? right.value : right.kind === 'number' ? String(right.value) : undefined;
  const plain = (text: string) => text.toLowerCase();
  if (left.kind === 'field' && word !== undefined) {
    const isText = ['state', 'model', 'dataset', 'experiment', 'note'].includes(left.name);
    if (left.name === 'tag' || isText || right.kind === 'text' || operator.endsWith('~')) {
      const values =
        left.name === 'tag'
          ? run.tags
          : (run.texts[left.name] ?? (run.numbers[left.name] === undefined ? [] : [String(run.numbers[left.name])]));
      const some = values.some((value) => (operator.endsWith('~') ? plain(value).includes(plain(word)) : plain(value) === plain(word)));
      return operator.startsWith('!') ? !some && (left.name === 'tag' || values.length > 0) : some;
    }
  }
  const [a, b] = [numberOf(run, left), numberOf(run, right)];
  if (a === undefined || b === undefined) return false;
  return { '=': a === b, '!=': a !== b, '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b }[operator] ?? false;
}

const at = 0;
const numeric = fc.constantFrom('seed', 'n_layers', 'val.recall@20', 'val.ndcg@20', 'bestEpoch', 'epochs', 'my.mark', 'optimizer');
const worded = fc.constantFrom('state', 'model', 'dataset', 'experiment', 'note', 'optimizer', 'my.mark', 'tag');
const literals = fc.constantFrom(0, 1, 2, 3, 5, 0.1, 0.05, -1);
const words = fc.constantFrom(
  'egra',
  'EGRA',
  'mgcn',
  'demo',
  'exp-b',
  'deep pictures',
  'adam',
  'sgd',
  '3',
  'good',
  'paper',
  'table 2',
  '%',
  'a',
  'finished',
  'stopped',
  'odd',
);
const states = fc.constantFrom('finished', 'queued', 'stopped');
const expression: fc.Arbitrary<Expression> = fc.letrec<{ any: Expression }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    literals.map((value): Expression => ({ kind: 'number', value, at })),
    numeric.map((name): Expression => ({ kind: 'field', name, at })),
    tie('any').map((of): Expression => ({ kind: 'negated', of, at })),
    fc
      .tuple(fc.constantFrom('+', '-', '*', '/'), tie('any'), tie('any'))
      .map(([sign, left, right]) => ({ kind: 'binary', sign, left, right, at }) as Expression),
    fc.tuple(fc.constantFrom('abs', 'sqrt'), tie('any')).map(([name, of]) => ({ kind: 'call', name, of: [of], at }) as Expression),
    fc
      .tuple(fc.constantFrom('min', 'max'), tie('any'), tie('any'))
      .map(([name, a, b]) => ({ kind: 'call', name, of: [a, b], at }) as Expression),
  ),
})).any;
const field = (name: string): Expression => ({ kind: 'field', name, at });
const text = (value: string): Expression => ({ kind: 'text', value, at });
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(expression, fc.constantFrom('=', '!=', '<', '<=', '>', '>='), expression)
    .map(([left, operator, right]) => ({ kind: 'compare', left, operator, right, at }) as Condition),
  fc
    .tuple(worded, fc.constantFrom('=', '!=', '~', '!~'), words, states)
    .map(
      ([name, operator, word, state]) =>
        ({ kind: 'compare', left: field(name), operator, right: text(name === 'state' ? state : word), at }) as Condition,
    ),
  fc
    .tuple(worded, fc.array(words, { minLength: 1, maxLength: 3 }), states, fc.boolean())
    .map(([name, values, state, isNot]): Condition => ({
      kind: 'among',
      field: name,
      values: name === 'state' ? [state] : values,
      isNot,
      at,
    })),
  fc
    .tuple(fc.constantFrom('seed', 'n_layers', 'my.mark'), fc.array(literals, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([name, values, isNot]): Condition => ({ kind: 'among', field: name, values, isNot, at })),
  fc.oneof(worded, numeric).map((name): Condition => ({ kind: 'missing', of: field(name), at })),
  fc.constantFrom('starred', 'locked', 'archived', 'trashed').map((name) => ({ kind: 'flag', name, at }) as Condition),
);
const condition: fc.Arbitrary<Condition> = fc.letrec<{ any: Condition }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    leaf,
    tie('any').map((of): Condition => ({ kind: 'not', of, at })),
    fc
      .tuple(fc.constantFrom('all', 'any'), fc.array(tie('any'), { minLength: 2, maxLength: 3 }))
      .map(([kind, of]) => ({ kind, of, at }) as Condition),
  ),
})).any;

const speaksOf = (part: Condition, flag: string): boolean =>
  part.kind === 'all' || part.kind === 'any'
    ? part.of.some((inner) => speaksOf(inner, flag))
    : part.kind === 'not'
      ? speaksOf(part.of, flag)
      : part.kind === 'flag' && part.name === flag;

test('SQL finds the runs that a plain evaluation finds', () => {
  fc.assert(
    fc.property(condition, (tree) => {
      const [trash, archive] = [speaksOf(tree, 'trashed'), speaksOf(tree, 'archived')];
      const expected = runs
        .filter((run) => holds(run, tree) && (trash || !run.flags['trashed']) && (trash || archive || !run.flags['archived']))
        .map(({ id }) => id);
      const found = store.pages.matching(query({ filter: printCondition(tree) }));
      expect([...found].sort()).toEqual(expected.sort());
    }),
    { numRuns: 600 },
  );
});

test('formulas give in SQL what they give by hand, and sort by it with missing values last', () => {
  fc.assert(
    fc.property(expression, fc.boolean(), (tree, descending) => {
      const column = `=${printOf(tree)}`;
      const page = store.page(query({ collapse: false, limit: 100, columns: [column], sort: [{ field: column, descending }] }));
      const seen = page.rows.map((row) => ({ id: row.runs[0]!.id, value: row.cells![column]!.value }));
      const byId = new Map(runs.map((run) => [run.id, run]));
      for (const { id, value } of seen) {
        const expected = numberOf(byId.get(id)!, tree);
        expect(value === undefined ? undefined : value + 0).toEqual(expected === undefined ? undefined : expected + 0);
      }
      const values = seen.map(({ value }) => value);
      const present = values.filter((value) => value !== undefined);
      expect(values.slice(0, present.length)).toEqual(present);
      expect(present).toEqual([...present].sort((a, b) => (descending ? b - a : a - b)));
    }),
    { numRuns: 200 },
  );
});

const printOf = (tree: Expression) => printCondition({ kind: 'missing', of: tree, at: 0 }).replace(/ is missing$/, '');
