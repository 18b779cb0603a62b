import { expect, test } from 'vitest';
import * as v from 'valibot';
import { importRequest } from '#cli/commands/import-run.ts';
import { runRequest } from '#cli/commands/run.ts';
import { sweepRequest } from '#studio/sweep-file.ts';
import { experimentRequestSchema } from '#contract/experiment.ts';
import { cards } from '#models/cards.ts';
import { commandOf } from '#studio/command-line.ts';

const external = { kind: 'command', title: 'My MF', command: `python "a b".py --say 'it''s'`, folder: '/work/my mf' } as const;

test('a run of a command takes lr for the budget that every model has, and the rest for its parameters', () => {
  const { models, budget, runKnown } = runRequest(
    { dataset: 'demo', model: 'My MF', command: external.command, folder: external.folder, set: ['lr=0.01', 'layers=2', 'encoder=resnet'] },
    cards,
  );
  expect(models).toEqual([{ model: 'external-my-mf', external, values: { layers: 2, encoder: 'resnet' } }]);
  expect(budget).toEqual({ learningRate: 0.01 });
  expect(runKnown).toBe(true);
});

test('results are named by whole paths', () => {
  const { models, seeds } = importRequest({ dataset: 'demo', model: 'My MF', lists: '/a/lists.tsv', ids: 'original', seed: '7' });
  expect(models[0]!.external).toEqual({
    kind: 'import',
    title: 'My MF',
    form: 'lists',
    ids: 'original',
    files: [{ role: 'lists', path: '/a/lists.tsv' }],
  });
  expect(seeds).toEqual([7]);
});

test('a sweep over parameters of a command is the same experiment when its file is read again', () => {
  const request = v.parse(experimentRequestSchema, {
    datasets: ['demo'],
    models: [
      { model: 'external-my-mf', external, values: { layers: 2 }, vary: { reg: [0.001, 0.01], encoder: ['resnet', 'vit b'] } },
      { model: 'lightgcn' },
    ],
    seeds: [1, 2],
  });
  const text = commandOf(request, cards).split('\n').slice(1, -1).join('\n');
  expect(sweepRequest(text, 'standard input')).toEqual(request);
  // By hand the title is enough.
  const short =
    'datasets: [demo]\nmodels:\n  - external: { kind: command, title: My MF, command: python mf.py, folder: /work }\nseeds: [1]\n';
  expect(sweepRequest(short, 'sweep.yaml').models[0]!.model).toBe('external-my-mf');
});
