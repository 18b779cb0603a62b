import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { csvRows } from '#logs/parts/csv-rows.ts';
import { cleanUp, place, problemsIn, runsIn, seriesOf, valuesOf } from './reading.ts';

afterAll(cleanUp);

describe('Weights & Biases', () => {
  it('is read from the table of runs', async () => {
    const csv = [
      '"Name","State","Notes","User","Tags","Created","Runtime","Sweep","model","lr","valid/recall@20","test/ndcg@20","hit@10"',
      '"calm-1","finished","-","ada","a, b","2026-11-21T10:00:00.000Z","12","","LightGCN","0.001","0.25","0.125","0.5"',
      '"odd-2","crashed","said ""no""","ada","","2026-11-21T10:00:00.000Z","12","","BPR","0.01","","",""',
    ].join('\n');
    const [first, second] = await runsIn(place({ 'wandb_export.csv': csv }));
    expect(first).toMatchObject({
      origin: { tool: 'wandb', name: 'calm-1' },
      model: 'LightGCN',
      settings: { lr: 0.001 },
      tags: ['a', 'b'],
    });
    expect(valuesOf(first!)).toEqual({ 'validation recall@20': 0.25, 'test ndcg@20': 0.125, 'log hit@10': 0.5 });
    expect(second).toMatchObject({ state: 'failed', note: 'said "no"', origin: { remarks: ['W&B says of its end: crashed'] } });
  });

  it('is read from panels, which are one run where they name the same', async () => {
    const panel = (metric: string, values: readonly string[]) =>
      `"Step","calm - 1 - ${metric}","calm - 1 - ${metric}__MIN","calm - 1 - ${metric}__MAX"\n${values.map((value, at) => `"${at}","${value}","0","9"`).join('\n')}\n`;
    const runs = await runsIn(
      place({ 'a.csv': panel('valid/recall@20', ['0.25', '', '0.5']), 'b.csv': panel('train/loss', ['2', '1', '0.5']) }),
    );
    expect(runs.map(({ origin }) => [origin.name, origin.steps])).toEqual([['calm - 1', 'logged']]);
    const [overTime] = await runsIn(place({ 'a.csv': panel('train/loss', ['2', '1']).replace('Step', 'Relative Time (Wall)') }));
    expect(overTime!.origin.steps).toBe('unknown');
    expect(seriesOf(runs[0]!)).toEqual({
      'recall@20': [
        [0, 2],
        [0.25, 0.5],
      ],
      loss: [
        [0, 1, 2],
        [2, 1, 0.5],
      ],
    });
  });

  it.each([
    [
      'JSON lines',
      'history.jsonl',
      '{"_step":0,"_timestamp":100,"valid":{"recall@20":0.25}}\n{"_step":1,"_timestamp":160,"valid":{"recall@20":0.5},"note":"x"}\n',
    ],
    ['CSV', 'history.csv', ',_step,_timestamp,valid.recall@20\n0,0,100,0.25\n1,1,160,0.5\n'],
  ])('is read from the folder of a run with its history as %s', async (_, name, history) => {
    const folder = 'wandb/run-20261121_100000-abc/files';
    const root = place({
      [`${folder}/config.yaml`]:
        'wandb_version: 1\n_wandb:\n  value: {}\nmodel:\n  desc: null\n  value: LightGCN\noptim:\n  value:\n    lr: 0.001\n',
      [`${folder}/wandb-summary.json`]: '{"valid.recall@20": 0.5, "test": {"recall@20": 0.125}, "_step": 1, "best": "yes"}',
      [`${folder}/${name}`]: history,
    });
    const [run] = await runsIn(root);
    expect(run).toMatchObject({
      origin: { name: 'run-20261121_100000-abc', remarks: [] },
      ...{ model: 'LightGCN', settings: { 'optim.lr': 0.001 }, startedAt: 100_000, endedAt: 160_000, bestStep: 1 },
    });
    expect(seriesOf(run!)).toEqual({
      'recall@20': [
        [0, 1],
        [0.25, 0.5],
      ],
    });
    expect(valuesOf(run!)).toMatchObject({ 'validation recall@20': 0.5, 'test recall@20': 0.125 });
  });

  it('names file and line of what is no JSON', async () => {
    const root = place({ 'history.jsonl': '{"_step":0,"a":1}\n{"_step":' });
    expect(await problemsIn(root)).toEqual([expect.objectContaining({ code: 'logs.damaged', where: `${join(root, 'history.jsonl')}:2` })]);
  });
});

describe('Elliot', () => {
  it('is read from its performance table, test values at the cut-off of the file', async () => {
    const tsv = 'model\tRecall\tnDCG\tHR\nItemKNN_nn=40_sim=cosine\t0.25\t0.125\t0.5\nRandom\t0.1\t\t0.2\n';
    const [first, second] = await runsIn(place({ 'performance/rec_cutoff_20_relthreshold_0_2026_11_21.tsv': tsv }));
    expect(first).toMatchObject({
      origin: { tool: 'elliot', name: 'ItemKNN_nn=40_sim=cosine' },
      model: 'ItemKNN',
      settings: { nn: 40, sim: 'cosine' },
    });
    expect(valuesOf(first!)).toEqual({ 'test recall@20': 0.25, 'test ndcg@20': 0.125, 'log test/HR@20': 0.5 });
    expect(second).toMatchObject({ model: 'Random', settings: {} });
  });
});

describe('rows of a CSV file', () => {
  it('are what was written, whatever their fields hold', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é') });
    fc.assert(
      fc.property(
        fc
          .integer({ min: 2, max: 4 })
          .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1 })),
        (rows) => {
          const text = rows.map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(',')).join('\r\n');
          const { columns, rows: body } = csvRows(text, 'x');
          expect([columns, ...body.map(({ fields }) => fields)]).toEqual(rows);
        },
      ),
    );
  });

  it('name the line of a quote without an end and of a row that is too long', () => {
    expect(() => csvRows('a,b\n"x', 'f')).toThrow(/^f:2: A quoted field has no end/);
    expect(() => csvRows('a,b\n"x\ny",1\n1,2,3', 'f')).toThrow(/^f:4: The row has 3 fields, the header 2/);
  });
});
