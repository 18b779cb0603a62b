import { describe, expect, test } from 'vitest';
import { filterMeant, marked, modelsMeant, namesFirst, search, wordsOf, type PaletteGroup } from '#renderer/state/palette.ts';

const entry = (label: string, hint?: string) => ({ id: label, label, ...(hint === undefined ? {} : { hint }), run: () => undefined });
const groups: PaletteGroup[] = [
  {
    id: 'commands',
    title: 'Commands',
    entries: [entry('Unfreeze view'), entry('Freeze selection', 'of Item block'), entry('Export table')],
  },
  { id: 'runs', title: 'Runs', isFiltered: true, note: '36, newest first', entries: [entry('EGRA on Demo, seed 1')] },
];

describe('the palette', () => {
  test('puts what starts with the words first and drops what lacks one of them', () => {
    const [found] = search(groups, 'free', 6);
    expect(found!.entries.map(({ label }) => label)).toEqual(['Freeze selection', 'Unfreeze view']);
    expect(found!.note).toBe('2');
    expect(search(groups, 'freeze item', 6)[0]!.entries.map(({ label }) => label)).toEqual(['Freeze selection']);
  });

  test('finds by other words too, below what the label or the hint says', () => {
    const entries = [{ ...entry('Say when runs end', 'Settings, Queue'), also: 'notify announce' }, entry('Announce', 'of a drawn page')];
    const found = search([{ id: 'commands', title: 'Commands', entries }], 'announce', 6);
    expect(found[0]!.entries.map(({ label }) => label)).toEqual(['Announce', 'Say when runs end']);
  });

  test('leaves what the studio filtered as it came', () => {
    expect(search(groups, 'zzz', 6).map(({ id, note }) => ({ id, note }))).toEqual([{ id: 'runs', note: '36, newest first' }]);
  });

  test('knows the models that a search names by the beginning of their names, and what else it asks for', () => {
    const cards = [
      { id: 'egra', title: 'EGRA' },
      { id: 'bpr', title: 'BPR' },
      { id: 'vbpr', title: 'VBPR' },
    ];
    expect(modelsMeant('EGRA demo 2', cards)).toEqual({ models: ['egra'], rest: 'demo 2' });
    expect(modelsMeant('bpr', cards)).toEqual({ models: ['bpr'], rest: '' });
    // One letter names nothing, and no run is of two models.
    expect(modelsMeant('e seed', cards)).toEqual({ models: [], rest: 'e seed' });
    expect(modelsMeant('egra bpr', cards)).toEqual({ models: [], rest: '' });
  });

  test('puts runs whose name matches before those that match elsewhere, both in their order', () => {
    const runs = ['MGCN on Demo, seed 1', 'EGRA on Demo, seed 2', 'LightGCN on Demo, seed 1', 'EGRA on Demo, seed 1'].map((name) =>
      entry(name),
    );
    expect(namesFirst(runs, wordsOf('egra')).map(({ label }) => label)).toEqual([
      'EGRA on Demo, seed 2',
      'EGRA on Demo, seed 1',
      'MGCN on Demo, seed 1',
      'LightGCN on Demo, seed 1',
    ]);
    expect(namesFirst(runs, [])).toEqual(runs);
  });

  test('marks the matched letters, whatever their case', () => {
    expect(marked('Données de José', wordsOf('donnees jose')).filter(({ hit }) => hit)).toEqual([
      { text: 'Données', hit: true },
      { text: 'José', hit: true },
    ]);
    expect(marked('Jose\u0301 2', wordsOf('josé'))[0]).toEqual({ text: 'Jose\u0301', hit: true });
    expect(marked('FREEDOM', wordsOf(' free '))).toEqual([
      { text: 'FREE', hit: true },
      { text: 'DOM', hit: false },
    ]);
  });
});

test('a search is a filter of the runs where it is a condition or names a model; words alone are none', () => {
  const cards = [
    { id: 'egra', title: 'EGRA' },
    { id: 'lightgcn', title: 'LightGCN' },
    ...['mgcn', 'mgcl', 'mgx', 'mgy'].map((id) => ({ id, title: id.toUpperCase() })),
  ];
  const found = (query: string) => filterMeant(query, cards);
  expect(found('val.recall@20 > 0.1 and starred')).toBe('val.recall@20 > 0.1 and starred');
  expect(found('egra')).toBe('model = EGRA');
  expect(found('egra demo')).toBe('model = EGRA and demo');
  expect(found('egra lightg')).toBeUndefined();
  expect(found('mgc')).toBe('model in (MGCN, MGCL)');
  for (const query of ['mg', 'freeze the selection', 'val.recall@20 >', '(', '']) expect(found(query)).toBeUndefined();
});
