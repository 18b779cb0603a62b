import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '#contract/problem.ts';
import { checkConditionUnits, checkUnits, dateOf } from '#contract/runs-fields.ts';
import {
  comparisons,
  flags,
  functions,
  mentions,
  printCondition,
  printExpression,
  type Condition,
  type Expression,
  type FunctionName,
} from '#contract/runs-expression.ts';
import { withoutCondition, writtenConditions } from '#contract/runs-conditions.ts';
import { parseCondition, parseFormula } from '#contract/runs-parser.ts';

/** A tree without its places, which printing does not keep. */
const bare = (tree: unknown): unknown =>
  JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'at' ? undefined : value))) as unknown;

const at = 0;
const names = fc.constantFrom(
  'ii_k',
  'learningRate',
  'seed',
  'val.recall@20',
  'test.ndcg@10',
  'last.map@5',
  'my.verdict',
  'n-layers',
  'min',
  'ln',
);
const metrics = fc.constantFrom('val.recall@20', 'max.ndcg@10');
const numbers = fc
  .oneof(fc.integer({ min: -1000, max: 1000 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((value) => (Object.is(value, -0) ? 0 : value));
/** Anything a person may type between quotes, and words that look like something else. */
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    'and',
    'not',
    'in',
    'starred',
    '0.5',
    '-1',
    'a b',
    'val.recall@20',
    'max',
    '(',
    '"',
    '\\',
    "it's",
    '2026-11-21',
    'cold-start',
  ),
);

const expression: fc.Arbitrary<Expression> = fc.letrec<{ any: Expression }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    numbers.map((value): Expression => ({ kind: 'number', value, at })),
    names.map((name): Expression => ({ kind: 'field', name, at })),
    tie('any').map((of): Expression => ({ kind: 'negated', of, at })),
    fc
      .tuple(fc.constantFrom('+', '-', '*', '/', '^'), tie('any'), tie('any'))
      .map(([sign, left, right]) => ({ kind: 'binary', sign, left, right, at }) as Expression),
    fc
      .constantFrom<FunctionName>('abs', 'sqrt', 'ln', 'round', 'min', 'max')
      .chain((name) =>
        fc
          .array(tie('any'), { minLength: functions[name].least, maxLength: functions[name].most })
          .map((of): Expression => ({ kind: 'call', name, of, at })),
      ),
  ),
})).any;

const field: fc.Arbitrary<Expression> = names.map((name): Expression => ({ kind: 'field', name, at }));
const right: fc.Arbitrary<Expression> = fc.oneof(
  expression,
  metrics.map((name): Expression => ({ kind: 'field', name, at })),
  texts.map((value): Expression => ({ kind: 'text', value, at })),
);
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constant('compare' as const),
    left: fc.oneof(field, expression),
    operator: fc.constantFrom(...comparisons),
    right,
    at: fc.constant(at),
  }),
  fc.record({
    kind: fc.constant('among' as const),
    field: names,
    values: fc.array(fc.oneof(texts, numbers), { minLength: 1, maxLength: 4 }),
    isNot: fc.boolean(),
    at: fc.constant(at),
  }),
  fc.oneof(field, expression).map((of): Condition => ({ kind: 'missing', of, at })),
  fc.constantFrom(...flags).map((name): Condition => ({ kind: 'flag', name, at })),
  texts.map((text): Condition => ({ kind: 'word', text, at })),
);
/** Joins hold at least two parts, none of their own kind: brackets that change nothing are not kept. */
const joined = (kind: 'all' | 'any', parts: fc.Arbitrary<Condition>) =>
  fc
    .array(
      parts.filter((part) => part.kind !== kind),
      { minLength: 2, maxLength: 3 },
    )
    .map((of): Condition => ({ kind, of, at }));
const condition: fc.Arbitrary<Condition> = fc.letrec<{ any: Condition }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    tie('any').map((of): Condition => ({ kind: 'not', of, at })),
    joined('all', tie('any')),
    joined('any', tie('any')),
  ),
})).any;

describe('a metric under the name of its log', () => {
  test.each(['log.hit@10 > 0.5', 'log."valid/hit 10" >= 0.5', 'val.recall@20 > log.auc', 'log."a \\"b\\"" is missing'])(
    '%s is read and written',
    (text) => {
      expect(printCondition(parseCondition(text)!)).toBe(text);
    },
  );
});

describe('what is printed parses to itself', () => {
  test('formulas', () => {
    fc.assert(
      fc.property(expression, (tree) => {
        expect(bare(parseFormula(printExpression(tree)))).toEqual(bare(tree));
      }),
      { numRuns: 500 },
    );
  });

  test('conditions', () => {
    fc.assert(
      fc.property(condition, (tree) => {
        expect(bare(parseCondition(printCondition(tree)))).toEqual(bare(tree));
      }),
      { numRuns: 1000 },
    );
  });

  test('any text either parses or is refused with a place inside it', () => {
    const pieces = fc
      .array(
        fc.constantFrom(
          'and',
          'or',
          'not',
          'model',
          'in',
          'is',
          '=',
          '<=',
          '~',
          '(',
          ')',
          ',',
          '"',
          '0.1',
          '-',
          '/',
          'egra',
          'val.recall@20',
          'ln',
          'missing',
        ),
        { maxLength: 12 },
      )
      .map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.oneof(pieces, fc.string()), (text) => {
        for (const parse of [parseCondition, parseFormula]) {
          try {
            parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(ProblemError);
            const { values, fix } = (error as ProblemError).problem;
            expect(values['position']).toBeGreaterThanOrEqual(0);
            expect(values['position']).toBeLessThanOrEqual(text.length);
            expect(fix).toBeTruthy();
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a query', () => {
  const read = (text: string) => bare(parseCondition(text));
  const compare = (name: string, operator: string, kind: 'text' | 'number', value: string | number) => ({
    kind: 'compare',
    left: { kind: 'field', name },
    operator,
    right: { kind, value },
  });

  test('joins comparisons, lists, flags and words', () => {
    expect(read('dataset in (demo, TikTok) and state != stopped and val.recall@20 >= 0.1 and cold start and starred')).toEqual({
      kind: 'all',
      of: [
        { kind: 'among', field: 'dataset', values: ['demo', 'TikTok'], isNot: false },
        compare('state', '!=', 'text', 'stopped'),
        compare('val.recall@20', '>=', 'number', 0.1),
        { kind: 'word', text: 'cold' },
        { kind: 'word', text: 'start' },
        { kind: 'flag', name: 'starred' },
      ],
    });
  });

  test('binds and closer than or, and brackets closer than both', () => {
    expect(read('model = egra or model = mgcn and not (seed = 1 or tag = "two words")')).toEqual({
      kind: 'any',
      of: [
        compare('model', '=', 'text', 'egra'),
        {
          kind: 'all',
          of: [
            compare('model', '=', 'text', 'mgcn'),
            { kind: 'not', of: { kind: 'any', of: [compare('seed', '=', 'number', 1), compare('tag', '=', 'text', 'two words')] } },
          ],
        },
      ],
    });
  });

  test('compares formulas, and metrics with metrics', () => {
    expect(parseCondition('(val.recall@20 - last.recall@20) / val.recall@20 > 0.1')).toMatchObject({
      kind: 'compare',
      operator: '>',
      left: { sign: '/' },
    });
    expect(parseCondition('val.recall@20 > max.recall@10')).toMatchObject({ right: { kind: 'field', name: 'max.recall@10' } });
    expect(parseCondition('ln(val.recall@20) > -3')).toMatchObject({ left: { kind: 'call', name: 'ln' }, right: { value: -3 } });
  });

  test('takes dates, versions, percent signs and names with hyphens as words', () => {
    expect(read('createdAt >= 2026-11-21')).toEqual(compare('createdAt', '>=', 'text', '2026-11-21'));
    expect(read('100% exp-7')).toEqual({
      kind: 'all',
      of: [
        { kind: 'word', text: '100%' },
        { kind: 'word', text: 'exp-7' },
      ],
    });
    expect(parseCondition('')).toBeUndefined();
  });

  test('says of trash and archive that they are spoken of, wherever they stand', () => {
    expect(mentions(parseCondition('model = egra and not (trashed or starred)')!, 'trashed')).toBe(true);
    expect(mentions(parseCondition('model = egra')!, 'trashed')).toBe(false);
  });

  test.each([
    ['model = egra and ii_k =', 23, /"ii_k =" has no value/],
    // Read as words to look for, each of these would give an answer to another question.
    ['createdAt > 2 h', 15, /createdAt is not counted in h/],
    ['val.recall@20 > 48 %', 20, /val.recall@20 is not counted in %/],
    ['model=egra && seed=1', 12, /"&&" does not belong here/],
    ['val.recall@20 between 0.1 and 0.2', 15, /"between" is no comparison/],
    ['note contains lucky', 6, /"contains" is no comparison/],
    ['model == egra', 7, /There is no sign ==/],
    ['model <> egra', 7, /There is no sign <>/],
    ['model = egra and state in (failed, broken)', 36, /"broken" is no state/],
    ['(model = egra', 1, /not closed/],
    ['model = egra or', 16, /condition is missing/],
    ['val.recall@20 / 2', 18, /calculated but not compared/],
    ['sqr(val.recall@20) > 1', 1, /no function sqr/],
    ['tag = "two words', 7, /has no end/],
    ['model = egra) and x', 13, /does not belong/],
    ['min(1) > 2', 1, /min takes 2 to 8 values, not 1/],
    ['seed is odd', 9, /missing or present/],
  ])('%s is refused at character %i', (text, character, message) => {
    try {
      parseCondition(text);
      expect.unreachable();
    } catch (error) {
      expect((error as ProblemError).problem).toMatchObject({ code: 'runs.filter', where: `filter, character ${character}` });
      expect((error as ProblemError).problem.message).toMatch(message);
    }
  });
});

describe('units', () => {
  const units = (text: string) => checkUnits(parseFormula(text), text, 'formula');
  test('divide and multiply, and settings and numbers fit everything', () => {
    expect(units('val.recall@20 / elapsedSeconds')).toEqual({ s: -1, B: 0, ms: 0 });
    expect(units('elapsedSeconds + 60')).toEqual({ s: 1, B: 0, ms: 0 });
    expect(units('secondsPerEpoch * epochs - elapsedSeconds')).toEqual({ s: 1, B: 0, ms: 0 });
  });

  test.each([
    ['elapsedSeconds + peakMemoryBytes', 16, /seconds \+ bytes has no meaning/],
    ['val.recall@20 - elapsedSeconds', 15, /plain number - seconds/],
    ['model + 1', 1, /model is a text/],
    ['min(seed, val.recall@20) + max(elapsedSeconds, peakMemoryBytes)', 28, /max compares different units/],
  ])('%s is refused at character %i', (text, character, message) => {
    expect(() => units(text)).toThrow(message);
    expect(() => units(text)).toThrow(`formula, character ${character}`);
  });

  test('a query does not compare numbers with words, nor order texts', () => {
    const check = (text: string) => checkConditionUnits(parseCondition(text)!, text);
    expect(() => check('seed = abc')).toThrow(/character 8.*seed is a number/);
    expect(() => check('model > egra')).toThrow(/character 1.*has no order/);
    expect(() => check('createdAt > yesterday')).toThrow(/is a time/);
    check('createdAt > 2026-11-21 and optimizer = adam and tag != x and learningRate < 0.1');
    expect(dateOf('2026-11-21')).toBe(Date.UTC(2026, 10, 21));
  });
});

test.each([
  ['seed => 3', 'Write >='],
  ['seed <> 3', 'Write !='],
  ['seed == 3', 'Write = once'],
])('%s is told what is written here: %s', (text, fix) => {
  expect(() => parseCondition(text)).toThrow(expect.objectContaining({ problem: expect.objectContaining({ fix }) as object }) as Error);
});

test('a number may carry the unit that its field is shown in', () => {
  expect(bare(parseCondition('peakMemoryBytes > 200 MB and elapsedSeconds <= 1.5 min'))).toEqual(
    bare(parseCondition('peakMemoryBytes > 2e8 and elapsedSeconds <= 90')),
  );
  // A word of its own after another condition stays one.
  expect(bare(parseCondition('seed = 1 and h'))).toEqual(bare(parseCondition('seed = 1 and "h"')));
});

describe('conditions by their places', () => {
  const parts = (text: string) => writtenConditions(text).map((found) => [found.text, text.slice(found.value.from, found.value.to)]);

  test('are what must hold together, each with the value that it asks for', () => {
    expect(parts('')).toEqual([]);
    expect(parts('model = LightGCN and val.recall@20 / elapsedSeconds >= -0.1 "cold start" starred')).toEqual([
      ['model = LightGCN', 'LightGCN'],
      ['val.recall@20 / elapsedSeconds >= -0.1', '-0.1'],
      ['"cold start"', '"cold start"'],
      ['starred', 'starred'],
    ]);
    expect(parts('dataset not in (Demo, "Über 100%") AND fileBytes > 200 MB and note is missing')).toEqual([
      ['dataset not in (Demo, "Über 100%")', 'Demo, "Über 100%"'],
      ['fileBytes > 200 MB', '200 MB'],
      ['note is missing', 'note is missing'],
    ]);
    expect(parts('(a or b) and not (c = 1 and d = 2) and (seed) = 3 and state in finished')).toEqual([
      ['(a or b)', '(a or b)'],
      ['not (c = 1 and d = 2)', 'not (c = 1 and d = 2)'],
      ['(seed) = 3', '3'],
      ['state in finished', 'finished'],
    ]);
    // Brackets around what must all hold are opened, however deep; those around alternatives are one condition.
    expect(parts('(a = 1 and ((b = 2) and (c = 3 or (d = 4 and e = 5)))) and (a) + (b) > (c)')).toEqual([
      ['a = 1', '1'],
      ['b = 2', '2'],
      ['(c = 3 or (d = 4 and e = 5))', '(c = 3 or (d = 4 and e = 5))'],
      ['(a) + (b) > (c)', '(c)'],
    ]);
    expect(parts('a = 1 and b = 2 or c = 3')).toEqual([['a = 1 and b = 2 or c = 3', 'a = 1 and b = 2 or c = 3']]);
    expect(() => parts('model =')).toThrow('has no value');
  });

  test('are taken out one by one, and what is left means what it meant', () => {
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 4 }), fc.nat(3), (list, index) => {
        const of = list.map((each) => (each.kind === 'any' ? `(${printCondition(each)})` : printCondition(each)));
        const written = of.join(' and ');
        const all = writtenConditions(written);
        const out = all[index % all.length]!;
        const left = all.filter((each) => each !== out).map((each) => `(${each.text})`);
        const flat = (text: string) => bare(parseCondition(text) ?? null);
        expect(flat(withoutCondition(written, out))).toEqual(flat(left.join(' and ')));
      }),
    );
  });
});
