import { describe, expect, it } from 'vitest';
import { knownSplit, standIns } from '#studio/reproduction/known-splits.ts';
import { modelOf, readReferences } from '#studio/reproduction/references.ts';

const header = 'source,split,dataset,model,metric,value,note\n';

describe('printed values', () => {
  it('are read from a table of published values, quotes and all', () => {
    const text = `\ufeff${header}A README,mmrec-random-8:1:1,Baby,MF-BPR,Recall@20,0.0575,\r\nLogs,"a, b",tiktok,LightGCN,ndcg@20,0.0405,"[""n"", 3]"\r\n\r\n`;
    const shared = { kind: 'published', settings: {} };
    expect(readReferences(text, 'a.csv')).toEqual([
      {
        ...shared,
        source: 'A README',
        split: 'mmrec-random-8:1:1',
        dataset: 'baby',
        model: 'MF-BPR',
        metric: 'recall@20',
        value: 0.0575,
        note: '',
      },
      {
        ...shared,
        source: 'Logs',
        split: 'a, b',
        dataset: 'tiktok',
        model: 'LightGCN',
        metric: 'ndcg@20',
        value: 0.0405,
        note: '["n", 3]',
      },
    ]);
  });

  it('are read from a table of a harness, one for each metric but validation', () => {
    const text =
      'source,dataset,model,settings,seed,valid_recall@20,recall@20,ndcg@20,note\nMMRec,baby,BM3,n_layers=1 reg_weight=1e-1,999,0.0833,0.0845,0.0371,fitted';
    const found = readReferences(text, 'peer.csv');
    expect(found.map(({ kind, metric, value }) => [kind, metric, value])).toEqual([
      ['peer', 'recall@20', 0.0845],
      ['peer', 'ndcg@20', 0.0371],
    ]);
    expect(found[0]).toMatchObject({ settings: { n_layers: '1', reg_weight: '1e-1' }, note: 'fitted', split: '' });
  });

  it.each([
    ['columns of something else', 'user,item\n1,2', /a\.csv:1/, /columns/],
    ['a share above 1', `${header}s,x,baby,BPR,recall@20,5.75,`, /a\.csv:2/, /recall@20 is 5\.75, and lies between 0 and 1/],
    ['a row of nobody', `${header},x,baby,BPR,recall@20,0.05,`, /a\.csv:2/, /names no source/],
    ['a value that is none', `${header}s,x,baby,BPR,recall@20,0.05x,`, /a\.csv:2/, /"0\.05x" is not a value of recall@20/],
    ['a field too few', `${header}\ns,x,baby,BPR,recall@20,0.05`, /a\.csv:3/, /6 fields where 7 are named/],
    ['an open quote', `${header}"s,x,baby,BPR,recall@20,0.05,`, /a\.csv:2/, /quote/],
  ])('refuse %s, with its line', (_what, text, where, message) => {
    expect(() => readReferences(text, 'a.csv')).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({ where: expect.stringMatching(where), message: expect.stringMatching(message) }),
      }),
    );
  });

  it('belong to one model under all of its names', () => {
    expect(['BPR', 'MF', 'MFBPR', 'MF-BPR', 'LightGCN', 'SelfCFED_LGN', 'DA-MRS+MFBPR'].map(modelOf)).toEqual([
      ...['bpr', 'bpr', 'bpr', 'bpr'],
      ...['lightgcn', 'selfcf', 'damrsmfbpr'],
    ]);
  });
});

it('a split is known by its fingerprint, and features by their width', () => {
  const baby = knownSplit('ce6fb74455eeb278e71cb1167d01a2d3026e94146c52436aa80eaa214649a8df')!;
  expect(baby).toMatchObject({ dataset: 'baby', family: 'mmrec-random-8:1:1' });
  expect(knownSplit('63963b3a96889886d40072123d34260230a4e383d1cb183136b71d5b2e80c1f2')).toMatchObject({
    dataset: 'baby',
    family: 'lattice/mmssl-split',
  });
  expect(knownSplit('a'.repeat(64))).toBeUndefined();
  expect(standIns(baby, [{ name: 'image', width: 4096 }])).toEqual([]);
  expect(
    standIns(baby, [
      { name: 'image', width: 128 },
      { name: 'text', width: 384 },
      { name: 'sound', width: 3 },
    ]),
  ).toEqual(['image 128 wide instead of 4096']);
});
