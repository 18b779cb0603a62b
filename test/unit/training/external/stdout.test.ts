import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Lines, readLine } from '#training/external/stdout.ts';

describe('a line of stdout', () => {
  test('is an epoch with what it reports', () => {
    expect(readLine('{"epoch": 3, "loss": 0.5, "terms": {"bpr": 0.25}, "learning_rate": 1e-3, "output": "epoch-3"}', 2)).toEqual({
      kind: 'epoch',
      epoch: 3,
      loss: 0.5,
      terms: { bpr: 0.25 },
      learningRate: 1e-3,
      output: 'epoch-3',
    });
    expect(readLine('{"epoch":1}\r', 0)).toEqual({ kind: 'epoch', epoch: 1, terms: {} });
  });

  test.each([
    ['{"epoch": 2}', 2, /must rise, and epoch 2 was reported/],
    ['{"epoch": 1.5}', 0, /whole number/],
    ['{"epoch": 0}', 0, /whole number/],
    ['{"epoch": 1, "loss": "small"}', 0, /"loss" must be a number/],
    ['{"epoch": 1, "terms": [1]}', 0, /"terms" must be an object/],
    ['{"epoch": 1, "output": "../elsewhere"}', 0, /below the output folder/],
    ['{"epoch": 1, "output": "."}', 0, /below the output folder/],
    ['{"epoch": 1, "recall": 0.5}', 0, /"recall" is not known/],
    ['{"epoch": 1,}', 0, /not JSON/],
  ])('%s after epoch %i looks like a report and is none', (line, after, reason) => {
    expect(readLine(line, after)).toMatchObject({ kind: 'malformed', text: line, reason: expect.stringMatching(reason) });
  });

  test.each(['NaN', 'Infinity', '-Infinity'])('with a loss of %s, as Python writes it, tells that training diverged', (value) => {
    expect(readLine(`{"epoch": 4, "loss": ${value}}`, 3)).toEqual({ kind: 'diverged', epoch: 4, term: 'loss' });
    expect(readLine(`{"epoch": 4, "loss": 1, "terms": {"reg": ${value}}}`, 3)).toEqual({ kind: 'diverged', epoch: 4, term: 'reg' });
  });

  test('of any other text is console, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('"epoch"')),
        (text) => {
          expect(readLine(text, 0)).toEqual({ kind: 'console', text: text.trimEnd() });
        },
      ),
    );
    expect(readLine('the "epoch" is over', 0).kind).toBe('console');
  });

  test('read back is what was reported, for all legal reports', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    const report = fc.record(
      {
        epoch: fc.integer({ min: 1 }),
        loss: number,
        terms: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), number),
        learning_rate: number,
      },
      { requiredKeys: ['epoch'] },
    );
    fc.assert(
      fc.property(report, (given) => {
        const { epoch, loss, terms, learning_rate: rate } = JSON.parse(JSON.stringify(given)) as typeof given;
        expect(readLine(JSON.stringify(given), 0)).toEqual({
          kind: 'epoch',
          epoch,
          terms: terms ?? {},
          ...(loss === undefined ? {} : { loss }),
          ...(rate === undefined ? {} : { learningRate: rate }),
        });
      }),
    );
  });
});

test('text is cut into the same lines however it arrives', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z ]{0,12}$/), { minLength: 1 }), fc.array(fc.nat(20)), (lines, cuts) => {
      const text = lines.map((line) => `${line}\n`).join('');
      const found: string[] = [];
      const reader = new Lines((line) => found.push(line));
      let at = 0;
      for (const cut of cuts) {
        reader.push(text.slice(at, at + cut));
        at += cut;
      }
      reader.push(text.slice(at));
      reader.finish();
      expect(found).toEqual(lines);
    }),
  );
});

test('a line that never ends is cut, and the last one needs no end', () => {
  const found: string[] = [];
  const reader = new Lines((line) => found.push(line), 4);
  reader.push('abcdef');
  reader.push('gh\r\nij');
  reader.finish();
  expect(found).toEqual(['abcd', 'gh', 'ij']);
});
