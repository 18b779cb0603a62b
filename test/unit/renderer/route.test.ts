import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { href, parseRoute, placeLeft, screens } from '#renderer/state/route.ts';

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

  test('come back as they were left, without what they asked for once', () => {
    const left = (hash: string) => placeLeft(parseRoute(hash));
    expect(left('#/compare/e1?tab=statistics')).toBe('#/compare/e1?tab=statistics');
    expect(left('#/export?runs=a%2Cb')).toBe('#/export?runs=a%2Cb');
    expect(left('#/runs/ab12?tab=console')).toBe('#/runs/ab12?tab=console');
    expect(left('#/datasets/d1?split=new&tab=items')).toBe('#/datasets/d1?tab=items');
    expect([left('#/datasets?import=open'), left('#/settings/storage?at=backups')]).toEqual(['#/datasets', '#/settings/storage']);
    // Their list and their form are kept by themselves.
    expect([left('#/runs?filter=state+%3D+failed'), left('#/new?from=ab12')]).toEqual(['#/runs', '#/new']);
  });
});
