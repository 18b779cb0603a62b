import { expect, test } from 'vitest';
import * as v from 'valibot';
import { resolveHyper } from '#contract/model-card.ts';
import { runConfigSchema, type RunConfig } from '#contract/run.ts';
import { cards } from '#models/cards.ts';
import { commandOf } from '#studio/command-line.ts';
import { configurationsOf } from '#studio/configurations.ts';
import { requestOf } from '#studio/request-of-run.ts';

const cardOf = (id: string) => cards.find((card) => card.id === id)!;
const configOf = (model: string, more: Partial<Record<keyof RunConfig, unknown>> = {}) =>
  v.parse(runConfigSchema, {
    dataset: 'demo',
    model,
    hyper: resolveHyper(cardOf(model), undefined, {}),
    seed: 3,
    budget: {},
    protocol: 'validation',
    itemGraph: 'computed',
    device: 'wasm',
    threads: 0,
    ...more,
  });

test('a clone repeats settings as values and the training settings as budget', () => {
  const hyper = resolveHyper(cardOf('lightgcn'), undefined, { n_layers: 2 });
  const request = requestOf(configOf('lightgcn', { hyper, budget: { learningRate: 0.01, batchSize: 512 }, itemGraph: 'imported' }), cards);
  expect(request.models[0]?.values).toEqual({ n_layers: 2 });
  expect(request).toMatchObject({ seeds: [3], budget: { learningRate: 0.01, batchSize: 512 }, itemGraph: 'imported' });
});

test('a clone of a preset names what differs from the preset, also where that is the default of the card', () => {
  const card = cardOf('egra');
  const { id, key } = [...card.presets, ...card.ablations].flatMap((preset) =>
    Object.entries(preset.values).flatMap(([name, value]) => (value === card.hyper[name]!.default ? [] : [{ id: preset.id, key: name }])),
  )[0]!;
  const usual = card.hyper[key]!.default;
  const hyper = resolveHyper(card, id, { [key]: usual });
  expect(requestOf(configOf('egra', { preset: id, hyper }), cards).models).toMatchObject([{ preset: id, values: { [key]: usual } }]);
});

test('a clone keeps its learning rate where its preset was published with another', () => {
  const clone = (learningRate: number) => requestOf(configOf('lattice', { preset: 'baby', budget: { learningRate } }), cards);
  for (const rate of [1e-3, 5e-4, 0.01]) expect(configurationsOf(clone(rate), cards)[0]!.config.budget.learningRate).toBe(rate);
  expect(clone(1e-3).models[0]!.values).toMatchObject({ lr: 1e-3 });
  expect(commandOf(clone(1e-3), cards)).toContain('--preset baby --set lr=0.001');
});

test('a run that another model of its experiment made train longer says so in its command, a model that asks for it itself does not', () => {
  const command = (model: string) => commandOf(requestOf(configOf(model, { budget: { minEpochs: 40 } }), cards), cards);
  expect(command('lightgcn')).toBe('npm run -s avocet -- run --dataset demo --model lightgcn --seed 3 --min-epochs 40');
  expect(command('egra')).toBe('npm run -s avocet -- run --dataset demo --model egra --seed 3');
});
