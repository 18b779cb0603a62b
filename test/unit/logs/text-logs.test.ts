import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { resultsIn } from '#logs/parts/log-text.ts';
import { pythonItems, pythonValue } from '#logs/parts/python-values.ts';
import { cleanUp, place, problemsIn, runsIn, seriesOf, valuesOf } from './reading.ts';

afterAll(cleanUp);

/** Messages as the log file of both tools has them. */
const log = (tool: 'mmrec' | 'recbole', messages: readonly string[]) =>
  messages.map((text, at) => `Sat 21 Nov 2026 10:00:${String(at).padStart(2, '0')} INFO ${tool === 'mmrec' ? '' : ' '}${text}`).join('\n');

const config =
  "\nmodel=LightGCN\ndataset=baby\nlearning_rate=0.001\nuse_gpu=True\nweight_decay=None\nn_layers=[1, 2]\nhyper_parameters=['n_layers', 'seed']\n\n";
const epoch = (at: number, recall: number) => [
  `epoch ${at} training [time: 2.50s, train loss: ${(30 - at).toFixed(4)}]`,
  `epoch ${at} evaluating [time: 1.50s, valid_score: ${recall.toFixed(6)}]`,
  `valid result: \nrecall@5: 0.0050    recall@20: ${recall.toFixed(4)}    ndcg@20: 0.0040    `,
  `test result: \nrecall@20: ${(recall / 2).toFixed(4)}    `,
];
const better = '██ LightGCN--Best validation results updated!!!';
const mmrec = log('mmrec', [
  '██Server: \thost',
  config,
  "=========1/2: Parameters:['n_layers', 'seed']=(1, 999)=======",
  ...epoch(0, 0.01),
  better,
  ...epoch(1, 0.03),
  better,
  ...epoch(2, 0.02),
  '+++++Finished training, best eval result in epoch 1',
  'best valid result: recall@5: 0.0150    recall@20: 0.0300    ',
  'test result: recall@20: 0.0150    ',
  "████Current BEST████:\nParameters: ['n_layers', 'seed']=(1, 999),\nValid: recall@20: 0.9,\nTest: recall@20: 0.9",
  "=========2/2: Parameters:['n_layers', 'seed']=(2, 7)=======",
  'train_loss1: 10.0000, train_loss2: 0.5000]',
  'epoch 0 evaluating [time: 1.00s, valid_score: 0.020000]',
  'valid result: \nrecall@20: 0.0200    ',
]);

describe('MMRec', () => {
  it('gives a run for each point of the grid, with the epoch it chose and its last words', async () => {
    const [first, second] = await runsIn(place({ 'log/LightGCN-baby.log': mmrec }));
    expect(first).toMatchObject({
      origin: { tool: 'mmrec', name: 'LightGCN-baby (1 of 2)', remarks: [] },
      ...{ model: 'LightGCN', dataset: 'baby', seed: 999, state: 'finished', bestStep: 2, steps: 3 },
      settings: { learning_rate: 0.001, use_gpu: true, n_layers: 1, seed: 999 },
    });
    expect(first!.settings).not.toHaveProperty('weight_decay');
    expect(first!.endedAt! - first!.startedAt!).toBe(18_000);
    expect(seriesOf(first!)).toMatchObject({
      'recall@20': [
        [1, 2, 3],
        [0.01, 0.03, 0.02],
      ],
      'test/recall@20': [
        [1, 2, 3],
        [0.005, 0.015, 0.01],
      ],
      loss: [
        [1, 2, 3],
        [30, 29, 28],
      ],
      'train-seconds': [
        [1, 2, 3],
        [2.5, 2.5, 2.5],
      ],
    });
    expect(valuesOf(first!)).toMatchObject({ 'validation recall@20': 0.03, 'test recall@20': 0.015, 'validation recall@5': 0.015 });
    expect(second).toMatchObject({
      origin: { remarks: ['The log ends before the best result was written'] },
      ...{ state: 'stopped', seed: 7, settings: { n_layers: 2 } },
    });
    // The loss has parts, and the line does not say of which epoch.
    expect(seriesOf(second!)).toMatchObject({ loss: [[1], [10.5]], 'loss/1': [[1], [10]], 'loss/2': [[1], [0.5]] });
  });

  it('is the same run from the lines of a terminal, which write no year', async () => {
    const shown = mmrec.replace(/^Sat (\d+ Nov) 2026 (\d+:\d+):\d+ INFO/gm, '$1 $2 INFO');
    const [run] = await runsIn(place({ 'console.txt': shown }));
    expect(run).toMatchObject({ model: 'LightGCN', bestStep: 2 });
    expect(run!.startedAt).toBeUndefined();
  });
});

const coloured = (text: string) => `\u001b[1;35m${text}\u001b[0m`;
const recbole = (paint: (text: string) => string) =>
  log('recbole', [
    "['run_recbole.py']",
    `\n${paint('General Hyper Parameters:\n')}${paint('seed')} =${paint(' 2020')}\n${paint('use_gpu')} = ${paint('False')}\n\n${paint('Training Hyper Parameters:\n')}${paint('learning_rate')} = ${paint('0.001')}\n`,
    `${paint('ml-100k')}\n${paint('The number of users')}: 944`,
    'BPR(\n  (user_embedding): Embedding(944, 64)\n)',
    `${paint('epoch 0 training')} [${paint('time')}: 0.40s, ${paint('train loss')}: 27.5000]`,
    `${paint('epoch 0 evaluating')} [${paint('time')}: 0.20s, ${paint('valid_score')}: 0.100000]`,
    `${paint('valid result')}: \nrecall@10 : 0.1    hit@10 : 0.3    ndcg@10 : 0.2`,
    `${paint('epoch 1 training')} [${paint('time')}: 0.40s, ${paint('train_loss1')}: 20.0000, ${paint('train_loss2')}: 1.0000]`,
    `${paint('epoch 1 evaluating')} [${paint('time')}: 0.20s, ${paint('valid_score')}: 0.050000]`,
    `${paint('valid result')}: \nrecall@10 : 0.05    hit@10 : 0.2    ndcg@10 : 0.1`,
    'Finished training, best eval result in epoch 0',
    `${paint('best valid ')}: OrderedDict([('recall@10', 0.1), ('hit@10', np.float64(0.3))])`,
    `${paint('test result')}: OrderedDict({'recall@10': np.float64(0.09), 'hit@10': 0.25})`,
  ]);

describe('RecBole', () => {
  it.each([
    ['plain', (text: string) => text],
    ['with the colours of a terminal', coloured],
  ])('is read %s', async (_, paint) => {
    const root = place({ 'log/BPR/BPR-ml-100k-Nov-21-2026_10-00-00-1a2b3c.log': recbole(paint) });
    const [run] = await runsIn(root);
    expect(run).toMatchObject({
      origin: { tool: 'recbole', name: 'BPR-ml-100k-Nov-21-2026_10-00-00-1a2b3c', remarks: [] },
      ...{ model: 'BPR', dataset: 'ml-100k', seed: 2020, bestStep: 1, settings: { use_gpu: false, learning_rate: 0.001 } },
    });
    expect(seriesOf(run!)).toMatchObject({
      'recall@10': [
        [1, 2],
        [0.1, 0.05],
      ],
      'valid/hit@10': [
        [1, 2],
        [0.3, 0.2],
      ],
      loss: [
        [1, 2],
        [27.5, 21],
      ],
    });
    expect(valuesOf(run!)).toMatchObject({
      'validation recall@10': 0.1,
      'test recall@10': 0.09,
      'log test/hit@10': 0.25,
      'log valid/hit@10': 0.3,
    });
  });

  it('says where a log has no end', async () => {
    const [run] = await runsIn(
      place({
        'a.log': recbole((text) => text)
          .split('\n')
          .slice(0, -2)
          .join('\n'),
      }),
    );
    expect(run).toMatchObject({ state: 'stopped', origin: { remarks: ['The log ends before the test result was written'] } });
  });
});

describe('what logs print', () => {
  it('are values as Python prints them', () => {
    expect(['1e-4', 'True', "'a b'", '[1, 2]', 'None'].map(pythonValue)).toEqual([0.0001, true, 'a b', '[1, 2]', 'None']);
    expect(pythonItems("['n, m', (1, 2), 3,]")).toEqual(["'n, m'", '(1, 2)', '3']);
    expect(pythonItems('3')).toBeUndefined();
  });

  it('are numbers by name, whatever else stands beside them', () => {
    expect(resultsIn('recall@20: 0.0812    NDCG@20 : 1e-3, x: nan')).toEqual({ 'recall@20': 0.0812, 'NDCG@20': 0.001 });
  });

  it('never fail, whatever stands in a file that begins as a log', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { maxLength: 12 }), async (lines) => {
        const root = place({
          'a.log': `${mmrec.split('\n').slice(0, 1).join('\n')}\n${lines.join('\n')}`,
          'b.log': `General Hyper Parameters:\n${lines.join('\n')}`,
        });
        expect(await problemsIn(root)).toEqual([]);
        cleanUp();
      }),
      { numRuns: 30 },
    );
  });
});
