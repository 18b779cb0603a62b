import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { href, parseRoute, screens } from '#renderer/state/route.ts';

describe('addresses', () => {
  test('name a screen, what it shows and what it keeps', () => {
    expect(parseRoute('#/runs/r-12?tab=config')).toEqual({ screen: 'runs', id: 'r-12', query: { tab: 'config' } });
    expect(parseRoute('#/settings')).toEqual({ screen: 'settings', query: {} });
  });

  test('that are empty lead to Datasets', () => {
    for (const hash of ['', '#', '#/']) expect(parseRoute(hash)).toEqual({ screen: 'datasets', query: {} });
  });

  test('that are none of ours are told as they were written', () => {
    for (const hash of ['#/nowhere', '#/nowhere/x?y=z', '#runs2'])
      expect(parseRoute(hash)).toEqual({ screen: 'datasets', query: {}, unknown: hash });
  });

  test('come back as they were written', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...screens),
        fc.string({ minLength: 1 }),
        fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 })),
        (screen, id, query) => {
          fc.pre(!Object.hasOwn(query, '__proto__'));
          expect(parseRoute(href(screen, id, query))).toEqual({ screen, id, query: { ...query } });
        },
      ),
    );
  });

  test('leave empty values out', () => {
    expect(href('compare', undefined, { metric: '', part: undefined, rows: 'model' })).toBe('#/compare?rows=model');
  });

  test('with a broken escape are read as they stand', () => {
    expect(parseRoute('#/runs/%E0%A4%A').id).toBe('%E0%A4%A');
  });
});
