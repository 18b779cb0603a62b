import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { experimentRequestSchema } from '#contract/experiment.ts';
import { cards } from '#models/cards.ts';
import type { Store } from '#store/store.ts';
import { comparableSet, hasSettings, rowRequest, type ReproducedRow } from '#studio/reproduction/comparable-set.ts';
import { readReferences } from '#studio/reproduction/references.ts';
import { reportCsv, reportMarkdown } from '#studio/reproduction/report-text.ts';
import { reproductionReport, type RowOutcome } from '#studio/reproduction/report.ts';
import { finishRun } from '#test/unit/store/fixture.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';
import { experimentsOf, putDataset, summary } from '../store-fixture.ts';

const splits = {
  baby: 'ce6fb74455eeb278e71cb1167d01a2d3026e94146c52436aa80eaa214649a8df',
  tiktok: '7bcd4c4ece045804d4280688dc79c2860ba3af0301c835f8c694a5051d9cadc8',
};
const dataset = (name: string, splitHash: string, width = 128) =>
  summary(name, {
    fingerprint: { splitHash, splitShape: '', graphShape: '' },
    modalities: ['image', 'text'].map((modality) => ({ name: modality, width, sourceType: 'float32', covered: 500, missing: 0 })),
    graphs: ['freedom-mix'],
  });

const published = `source,split,dataset,model,metric,value,note
First,mmrec-random-8:1:1,baby,MF,recall@20,0.0600,
First,mmrec-random-8:1:1,baby,MF,ndcg@20,0.0250,
First,mmrec-random-8:1:1,baby,MF,recall@50,0.1000,
Second,mmrec-random-8:1:1,baby,BPR,recall@20,0.0300,
First,mmrec-random-8:1:1,baby,MGCN,recall@20,0.0964,
First,mmrec-random-8:1:1,baby,FREEDOM,recall@20,0.0992,
First,mmrec-random-8:1:1,sports,BPR,recall@20,0.0653,
DiffMM README table,lattice/mmssl-split,baby,BPR,recall@20,0.0440,
DiffMM README table,lattice/mmssl-split,tiktok,MF-BPR,recall@20,0.0346,
Logs,"lattice/mmssl-split, validation and test exchanged",tiktok,MFBPR,recall@20,0.0558,
`;
const peer = `source,dataset,model,settings,recall@20,ndcg@20,note
MMRec,baby,MGCN,cl_loss=1e-2,0.0938,0.0423,fitted
MMRec,baby,MGCN,cl_loss=0.001,0.0952,0.0415,fitted
MMRec,baby,FREEDOM,dropout=0.8 reg_weight=0,0.0965,0.0412,
`;
const references = [...readReferences(published, 'published.csv'), ...readReferences(peer, 'peer.csv')];

let store: Store;
storeForEach((opened) => {
  store = opened;
  putDataset(store, 'baby', dataset('baby', splits.baby));
  putDataset(store, 'tiktok', dataset('tiktok', splits.tiktok));
});

const rowOf = (id: string): ReproducedRow => comparableSet.find((row) => row.id === id)!;

/** A row with runs in the store, of which as many finish as there are values of test Recall@20. */
function outcome(id: string, on: string, values: readonly number[], seeds = [1, 2, 3]): RowOutcome {
  const row = rowOf(id);
  const experiments = experimentsOf(store);
  const request = v.parse(experimentRequestSchema, rowRequest(row, { id: on, name: on }, { seeds }));
  const { experimentId, runIds } = experiments.start(request, 1);
  for (const [at, value] of values.entries())
    finishRun(store, runIds[at]!, { 'recall@20': value + 0.001 }, { 'recall@20': value, 'ndcg@20': value / 2 });
  const { runs } = experiments.detail(experimentId);
  return { row, ...(row.choices.length === 1 ? { chosen: row.choices[0]! } : {}), runs, wanted: runs.length, finished: values.length };
}

const report = (
  on: keyof typeof splits,
  outcomes: readonly RowOutcome[],
  more: { splitHash?: string; width?: number; epochs?: number } = {},
) =>
  reproductionReport({
    dataset: dataset(on, more.splitHash ?? splits[on], more.width),
    cards,
    outcomes,
    references,
    files: ['published.csv', 'peer.csv'],
    epochs: more.epochs ?? 1000,
    seeds: [1, 2, 3],
  });

describe('a report', () => {
  it('sets mean and spread beside each source of the dataset, split, model and metric; the first one has the bound', () => {
    const { rows, family, notComparable } = report('baby', [outcome('bpr', 'baby', [0.0571, 0.0575, 0.0579])]);
    expect(family).toBe('mmrec-random-8:1:1');
    expect(rows[0]!.test['recall@20']).toMatchObject({ n: 3, mean: expect.closeTo(0.0575, 12), sd: expect.closeTo(0.0004, 12) });
    expect(rows[0]!.validation!.mean).toBeCloseTo(0.0585, 12);
    expect(rows[0]!.comparisons.map(({ source, metric, value, verdict }) => [source, metric, value, verdict])).toEqual([
      ['First', 'recall@20', 0.06, 'within'],
      ['First', 'ndcg@20', 0.025, 'no bound'],
      ['Second', 'recall@20', 0.03, 'no bound'],
    ]);
    expect(rows[0]!.comparisons[0]).toMatchObject({ difference: expect.closeTo(-0.0025, 12), bound: { kind: 'relative', limit: 0.05 } });
    expect(notComparable).toEqual([
      {
        ...{ title: 'BPR', source: 'DiffMM README table', metric: 'recall@20', value: 0.044 },
        why: 'it is of another split of the same interactions: lattice/mmssl-split; this one is mmrec-random-8:1:1',
      },
    ]);
  });

  it('never sets a published value beside what was reached on other features, and holds the harness against its own settings', () => {
    const outcomes = [
      outcome('mgcn-0.01', 'baby', [0.094, 0.0941, 0.0942]),
      outcome('mgcn-0.001', 'baby', [0.09, 0.0901, 0.0902]),
      outcome('freedom-imported', 'baby', [0.098, 0.0985, 0.099]),
      outcome('freedom-computed', 'baby', [0.0965, 0.0965, 0.0965]),
    ];
    const fitted = report('baby', outcomes);
    expect(fitted.rows.map(({ id, comparisons }) => [id, comparisons.map(({ kind, value }) => `${kind} ${value}`)])).toEqual([
      ['mgcn-0.01', ['peer 0.0938', 'peer 0.0423']],
      ['mgcn-0.001', ['peer 0.0952', 'peer 0.0415']],
      ['freedom-imported', ['published 0.0992']],
      ['freedom-computed', ['peer 0.0965', 'peer 0.0412']],
    ]);
    expect(fitted.rows.map(({ comparisons }) => comparisons[0]!.verdict)).toEqual(['within', 'outside', 'within', 'within']);
    expect(fitted.rows[0]!.comparisons[0]!.bound).toEqual({ kind: 'absolute', limit: 0.0009 });
    expect(fitted.rows.map(({ isOnStandIns }) => isOnStandIns)).toEqual([true, true, false, true]);
    expect(fitted.notComparable.map(({ title, value }) => [title, value])).toEqual([
      ['MGCN', 0.0964],
      ['FREEDOM (computed graph)', 0.0992],
    ]);
    expect(fitted.notComparable[0]!.why).toMatch(/fitted stand-ins \(image 128 wide instead of 4096, text 128 wide instead of 384\)/);
  });

  it('decides nothing on runs cut short, on two seeds and while a selection is open', () => {
    const [bpr, layergcn] = [outcome('bpr', 'baby', [0.06, 0.06]), outcome('layergcn', 'baby', [0.08, 0.08, 0.08])];
    const some = report('baby', [bpr, layergcn]);
    expect(some.rows[0]!.comparisons[0]).toMatchObject({ verdict: 'not decidable', why: '2 seeds of 3' });
    expect(some.rows[0]!.remarks).toContain('2 of 3 runs finished');
    // Three of six runs: what they reached on test stays unseen, in the report too.
    expect(some.rows[1]).toMatchObject({ test: {}, candidates: 2, finished: 3, wanted: 6 });
    const short = outcome('bpr', 'baby', [0.06, 0.06, 0.06], [4, 5, 6]);
    const runs = short.runs.map((run) => ({ ...run, stopReason: 'epoch-limit' as const }));
    const cut = report('baby', [{ ...short, runs }], { epochs: 5 });
    expect(cut.rows[0]!.comparisons[0]).toMatchObject({ verdict: 'not decidable', why: 'cut at 5 epochs' });
  });

  it('names the family of TikTok’s split and keeps the exchanged one out', () => {
    const told = report('tiktok', [outcome('bpr', 'tiktok', [0.05, 0.05, 0.05])]);
    expect(told.family).toBe('lattice/mmssl-split');
    expect(told.rows[0]!.comparisons).toMatchObject([
      { value: 0.0346, verdict: 'outside', note: 'its loop picks the epoch by test Recall' },
    ]);
    expect(told.notComparable).toMatchObject([
      { source: 'Logs', value: 0.0558, why: expect.stringMatching(/validation and test exchanged/) },
    ]);
  });

  it('takes no name for a split: of unknown rows nothing is comparable', () => {
    const told = report('baby', [outcome('bpr', 'baby', [0.06])], { splitHash: 'a'.repeat(64) });
    expect(told.rows[0]!.comparisons).toEqual([]);
    expect(told.notComparable).toMatchObject([{ title: 'All models', why: expect.stringMatching(/by fingerprint, not by name/) }]);
  });

  it('says why a model cannot be trained on the dataset', () => {
    const impossible = { row: rowOf('freedom-imported'), runs: [], wanted: 0, finished: 0, impossible: 'it came without item graphs' };
    const told = report('tiktok', [impossible]);
    expect(told.rows).toEqual([]);
    expect(told.notComparable).toMatchObject([{ title: 'FREEDOM (imported graph)', why: 'it came without item graphs' }]);
  });
});

it('is written as Markdown and CSV that say how it was selected and what is no reproduction', () => {
  const told = report('baby', [outcome('bpr', 'baby', [0.0571, 0.0575, 0.0579]), outcome('mgcn-0.01', 'baby', [0.094])]);
  const markdown = reportMarkdown(told);
  expect(markdown).toContain('Split ce6fb744 (train 8,000, validation 1,000, test 1,000): family "mmrec-random-8:1:1"');
  expect(markdown).toContain('are chosen on validation; test is scored once');
  expect(markdown).toContain('is never a reproduction of a published value');
  expect(markdown).toContain(
    '| BPR | reg\\_weight 0.1 | First | 0.0575 ± 0.0004 (3) | 0.0600 | −0.0025 (−4.2 %) | ± 5 % | within | no | 0.0288 ± 0.0002 (3) | 0.0250 | +0.0037 (+15.0 %) |',
  );
  expect(markdown).toContain(
    '| MGCN | cl\\_loss 0.01 | MMRec (fitted) | 0.0940 (1) | 0.0938 | +0.0002 (+0.2 %) | ± 0.0009 | not decidable: 1 seed of 3 |',
  );
  expect(markdown).toMatch(/\| MGCN \| First \| Recall@20 0\.0964 \| it was made with the original features/);
  const [header, ...lines] = reportCsv(told).trimEnd().split('\r\n');
  const columns = header!.split(',');
  expect(lines.map((line) => line.replace(/"[^"]*"/g, 'q').split(',').length)).toEqual(lines.map(() => columns.length));
  const first = Object.fromEntries(
    lines
      .find((line) => line.includes(',First,recall@20,'))!
      .split(',')
      .map((field, at) => [columns[at], field]),
  );
  expect(first).toMatchObject({
    model: 'BPR',
    stand_in_features: 'no',
    kind: 'published',
    ours_n: '3',
    printed: '0.06',
    verdict: 'within',
  });
  expect(Number(first['ours_mean'])).toBeCloseTo(0.0575, 12);
  expect(lines.filter((line) => line.includes('not comparable')).length).toBe(2);
});

describe('the set', () => {
  it('has settings and presets that the cards know, under names of its own', () => {
    expect(new Set(comparableSet.map(({ id }) => id)).size).toBe(comparableSet.length);
    for (const { model, choices } of comparableSet)
      for (const choice of choices) {
        const card = cards.find(({ id }) => id === model)!;
        expect(Object.keys(card.hyper)).toEqual(expect.arrayContaining(Object.keys(choice.values ?? {})));
        if (choice.preset !== undefined) expect(card.presets.map(({ id }) => id)).toContain(choice.preset);
      }
  });

  it('has the settings of a harness where every one of them is equal', () => {
    const bpr = cards.find(({ id }) => id === 'bpr')!;
    const choice = { model: 'bpr', values: { reg_weight: 1e-4 } };
    expect(hasSettings(choice, bpr, { reg_weight: '1e-4' })).toBe(true);
    expect(hasSettings(choice, bpr, { reg_weight: '0.001' })).toBe(false);
    expect(hasSettings(choice, bpr, { reg_weight: '1e-4', n_layers: '2' })).toBe(false);
    expect(hasSettings(choice, bpr, {})).toBe(true);
  });
});
