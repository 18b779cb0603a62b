import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { experimentRequestSchema, type ParsedExperimentRequest } from '#contract/experiment.ts';
import type { HyperField, HyperValue, ModelCard } from '#contract/model-card.ts';
import type { RunConfig } from '#contract/run.ts';
import { leadingCommand, parse } from '#cli/arguments.ts';
import { run, runRequest } from '#cli/commands/run.ts';
import { sweep } from '#cli/commands/sweep.ts';
import { sweepRequest } from '#studio/sweep-file.ts';
import { cards } from '#models/cards.ts';
import { commandOf } from '#studio/command-line.ts';
import { configurationsOf } from '#studio/configurations.ts';
import { requestOf } from '#studio/request-of-run.ts';
import { sweepFiles } from '#studio/sweep-text.ts';
import { effectiveThreads } from '#studio/threads.ts';

/** Everything a request would run, resolved: one configuration for every dataset, row of the matrix and seed. */
function runsOf(request: ParsedExperimentRequest): RunConfig[] {
  return request.datasets.flatMap((dataset) =>
    configurationsOf(request, cards).flatMap(({ config }) => request.seeds.map((seed) => ({ ...config, dataset, seed }))),
  );
}

/** What the shell hands to the program: words and standard input of each command, in turn. */
function throughShell(commands: readonly string[]): { words: string[]; input: string }[] {
  const script = [String.raw`npm() { printf '%s\0' "$@"; printf '\1'; if [ "$5" = sweep ]; then cat; fi; printf '\2'; }`, ...commands];
  const said = execFileSync('sh', { input: script.join('\n'), encoding: 'utf8', maxBuffer: 1e8 });
  return said
    .split('\u0002')
    .slice(0, -1)
    .map((one) => {
      const [words = '', input = ''] = one.split('\u0001');
      return { words: words.split('\0').slice(0, -1), input };
    });
}

/** The request that the program makes of a command. */
function understood({ words, input }: { words: string[]; input: string }): ParsedExperimentRequest {
  expect(words.slice(0, 4)).toEqual(['run', '-s', 'avocet', '--']);
  const [name, ...rest] = leadingCommand(words.slice(4));
  const command = [run, sweep].find((candidate) => candidate.name === name)!;
  const { values, positionals } = parse(command, rest);
  if (command === run) return v.parse(experimentRequestSchema, runRequest(values, cards));
  expect(positionals).toEqual(['-']);
  return sweepRequest(input, 'standard input');
}

const valueOf = (field: HyperField): fc.Arbitrary<HyperValue> => {
  if (field.type === 'boolean') return fc.boolean();
  if (field.type === 'choice') return fc.constantFrom(...field.values);
  if (field.type === 'text') return fc.string();
  return field.type === 'integer'
    ? fc.integer({ min: field.min, max: field.max })
    : fc.double({ min: field.min, max: field.max, minExcluded: field.exclusiveMin, noNaN: true, noDefaultInfinity: true });
};

const valuesOf = (card: ModelCard) =>
  fc.record(Object.fromEntries(Object.entries(card.hyper).map(([key, field]) => [key, valueOf(field)])), { requiredKeys: [] });
const varyOf = (card: ModelCard) =>
  fc.record(
    Object.fromEntries(Object.entries(card.hyper).map(([key, field]) => [key, fc.array(valueOf(field), { minLength: 1, maxLength: 2 })])),
    { requiredKeys: [] },
  );
const presetOf = (card: ModelCard) => fc.constantFrom(undefined, ...[...card.presets, ...card.ablations].map(({ id }) => id));

const choice = (card: ModelCard, varies: boolean) =>
  fc
    .record({ preset: presetOf(card), values: valuesOf(card), vary: varies ? varyOf(card) : fc.constant({}) })
    .map(({ preset, values, vary }) => ({
      model: card.id,
      ...(preset === undefined ? {} : { preset }),
      values,
      // Two fields at most: the grid grows with each.
      vary: Object.fromEntries(Object.entries(vary).slice(0, 2)),
    }));
const models = (varies: boolean) =>
  fc
    .uniqueArray(fc.constantFrom(...cards), { minLength: 1, maxLength: 3 })
    .chain((chosen) => fc.tuple(...chosen.map((card) => choice(card, varies))));

const anyWords = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !/[\0-\u0008]/.test(text));

const requests = (varies: boolean): fc.Arbitrary<ParsedExperimentRequest> =>
  fc
    .record({
      name: anyWords,
      question: anyWords,
      datasets: fc.uniqueArray(fc.constantFrom('demo', 'baby', 'amazon-2018'), { minLength: 1, maxLength: 2 }),
      models: models(varies),
      seeds: fc.uniqueArray(fc.nat(2 ** 31 - 1), { minLength: 1, maxLength: 3 }),
      budget: fc.record(
        {
          epochs: fc.integer({ min: 1, max: 5000 }),
          minEpochs: fc.integer({ min: 0, max: 80 }),
          patience: fc.integer({ min: 0, max: 100 }),
          batchSize: fc.integer({ min: 1, max: 10_000 }),
          learningRate: fc.double({ min: 1e-9, max: 10, noNaN: true }),
          learningRateDecay: fc.double({ min: 1e-3, max: 1, noNaN: true }),
          width: fc.integer({ min: 1, max: 512 }),
        },
        { requiredKeys: [] },
      ),
      protocol: fc.constantFrom('validation' as const, 'mmrec' as const),
      itemGraph: fc.constantFrom('computed' as const, 'imported' as const),
      device: fc.constantFrom('wasm' as const, 'cpu' as const, 'tensorflow' as const, 'webgpu' as const),
      threads: fc.integer({ min: 1, max: 256 }),
    })
    .map((request) => v.parse(experimentRequestSchema, request));

/** As the plan words it: with the threads that compute. */
const planned = (request: ParsedExperimentRequest) =>
  commandOf({ ...request, threads: effectiveThreads(request.device, request.threads) }, cards);

describe('the command shown for runs, read by the shell and by the program,', () => {
  it('repeats any run exactly, whatever its experiment made of its budget', () => {
    fc.assert(
      fc.property(requests(false), (request) => {
        const runs = runsOf(request);
        const read = throughShell(runs.map((config) => commandOf(requestOf(config, cards), cards)));
        expect(read.map(({ words }) => words[4])).toEqual(runs.map(() => 'run'));
        expect(read.map((one) => runsOf(understood(one)))).toEqual(runs.map((config) => [config]));
      }),
      { numRuns: 20 },
    );
  });

  it('repeats a whole experiment exactly, with its name', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean().chain(requests), { minLength: 5, maxLength: 5 }), (asked) => {
        const read = throughShell(asked.map(planned)).map(understood);
        expect(read.map(runsOf)).toEqual(asked.map(runsOf));
        expect(read.map(({ name }) => name)).toEqual(asked.map(({ name }) => name));
      }),
      { numRuns: 8 },
    );
  });
});

describe('the file of an experiment', () => {
  const searched = fc.record({
    note: anyWords,
    runKnown: fc.boolean(),
    pin: fc.constantFrom(undefined, 'cpu'),
    evaluation: fc.constantFrom({}, { candidates: 'cold-items', validation: 'nested' }),
    search: fc.constantFrom(undefined, { strategy: 'tpe', trials: 7, seed: 3, halving: { firstEpoch: 2, eta: 4 } }, { strategy: 'random' }),
    ranges: fc.constantFrom({}, { lr: { from: 1e-6, to: 0.1, scale: 'log' } }),
  });

  it('gives the whole form back, as YAML and as JSON', () => {
    fc.assert(
      fc.property(requests(true), searched, (request, { ranges, ...more }) => {
        const models = request.models.map((model, at) => (at === 0 ? { ...model, ranges } : model));
        const asked = v.parse(experimentRequestSchema, { ...request, ...more, models });
        const { yaml, json } = sweepFiles(asked);
        expect(sweepRequest(yaml, 'experiment.yaml')).toEqual(asked);
        expect(sweepRequest(json, 'experiment.json')).toEqual(asked);
        expect(() => JSON.parse(json) as unknown).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });
});
