import { describe, expect, test } from 'vitest';
import { externalCard, externalId, isExternalId, parameterName, parameterValue, type External } from '#contract/external.ts';
import { hyperFault } from '#contract/model-card.ts';

const external: External = { kind: 'command', title: 'My MF', command: 'python mf.py', folder: '/work' };

describe('a model of one’s own', () => {
  test.each([
    ['My MF', 'external-my-mf'],
    ['  LightGCN (torch) ', 'external-lightgcn-torch'],
    ['mf_2.0', 'external-mf-2-0'],
  ])('called %j is listed as %s', (title, id) => {
    expect(externalId(title)).toBe(id);
    expect(isExternalId(id)).toBe(true);
  });

  test('has an id in any script, and titles that differ in it differ', () => {
    const ids = ['模型', '模型二', 'Модель', 'Modèle', 'Modele', '!!!'].map(externalId);
    for (const id of ids) expect(id).toMatch(/^external-[a-z0-9-]+$/);
    expect(new Set(ids).size).toBe(ids.length);
    expect(isExternalId('lightgcn')).toBe(false);
  });

  test('has a card whose settings are its parameters, of the type of their values', () => {
    const card = externalCard(external, { dim: 64, encoder: 'resnet', warm: true }, { reg: [1e-3, 1e-2] });
    expect(card).toMatchObject({ id: 'external-my-mf', title: 'My MF', needs: [], stages: [] });
    expect(Object.entries(card.hyper).map(([key, field]) => [key, field.type, field.default])).toEqual([
      ['reg', 'number', 1e-3],
      ['dim', 'number', 64],
      ['encoder', 'text', 'resnet'],
      ['warm', 'boolean', true],
    ]);
    expect(hyperFault(card.hyper['dim']!, -1e300)).toBeUndefined();
    expect(hyperFault(card.hyper['dim']!, 'large')).toMatch(/must be a number/);
    expect(hyperFault(card.hyper['encoder']!, 3)).toMatch(/must be text/);
  });
});

test.each([
  ['1e-3', 1e-3],
  [' -2 ', -2],
  ['true', true],
  ['false', false],
  ['resnet', 'resnet'],
  ['', ''],
  ['Infinity', 'Infinity'],
  ['1,5', '1,5'],
])('a typed %j is %j', (text, value) => {
  expect(parameterValue(text)).toBe(value);
});

test('a parameter is named by a word', () => {
  for (const name of ['lr', '_x', 'a.b-c', 'K1']) expect(name).toMatch(parameterName);
  for (const name of ['', '1a', 'a b', 'a=b', 'a'.repeat(41), '-a']) expect(name).not.toMatch(parameterName);
});
