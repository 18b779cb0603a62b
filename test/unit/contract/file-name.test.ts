import { expect, it } from 'vitest';
import { baseName } from '#contract/file-name.ts';

it.each([
  ['Six models, three datasets', 'six-models-three-datasets'],
  ['  LightGCN & EGRA: Baby/Sports?  ', 'lightgcn-egra-baby-sports'],
  ['Modèle élevé', 'modèle-élevé'],
  ['Mode\u0300le', 'modèle'],
  ['ガイド', 'ガイド'],
  ['推荐 模型', '推荐-模型'],
  ['../..', 'table'],
  ['', 'table'],
  ['CON', 'con-table'],
  ['Con 2', 'con-2'],
  [`${'a'.repeat(59)} b`, 'a'.repeat(59)],
])('%j names %j', (title, name) => {
  expect(baseName(title)).toBe(name);
});

it('a long title is cut between signs', () => {
  expect(baseName('𝒜'.repeat(80))).toBe('𝒜'.repeat(60));
});
