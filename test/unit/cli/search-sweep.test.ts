import { describe, expect, it, test } from 'vitest';
import * as v from 'valibot';
import { sweep } from '#cli/commands/sweep.ts';
import { sweepRequest } from '#studio/sweep-file.ts';
import { globalOptions } from '#cli/arguments.ts';
import { helpText } from '#cli/help.ts';
import { experimentRequestSchema } from '#contract/experiment.ts';
import { ProblemError } from '#contract/problem.ts';
import { cards } from '#models/cards.ts';
import { commandOf } from '#studio/command-line.ts';

const file = (search: string, vary = '{ n_layers: [1, 2], reg_weight: { from: 1e-6, to: 1e-2, scale: log } }') => `
datasets: [demo]
models:
  - model: lightgcn
    vary: ${vary}
seeds: [1, 2]
search: ${search}
`;
const fault = (text: string): string => {
  try {
    sweepRequest(text, 'sweep.yaml');
  } catch (error) {
    if (error instanceof ProblemError) return `${error.problem.where}: ${error.problem.message}\n${error.problem.fix}`;
    throw error;
  }
  return 'taken';
};

describe('the search of a sweep file', () => {
  test('is a strategy with trials, seed and halving; lists and ranges stand together under vary', () => {
    const request = sweepRequest(file('{ strategy: tpe, trials: 12, seed: 5, halving: { first_epoch: 3, eta: 2 } }'), 'sweep.yaml');
    expect(request.search).toEqual({ strategy: 'tpe', trials: 12, seed: 5, halving: { firstEpoch: 3, eta: 2 } });
    expect(request.models).toEqual([
      { model: 'lightgcn', values: {}, vary: { n_layers: [1, 2] }, ranges: { reg_weight: { from: 1e-6, to: 1e-2, scale: 'log' } } },
    ]);
    expect(sweepRequest(file('random'), '').search).toEqual({ strategy: 'random', trials: 30, seed: 0 });
    expect(sweepRequest(file('{ strategy: random, halving: true }'), '').search?.halving).toEqual({ firstEpoch: 9, eta: 3 });
    expect(sweepRequest(file('{ strategy: random, halving: false }'), '').search?.halving).toBeUndefined();
  });

  it.each([
    ['{ strategy: bayes }', /"bayes" is not among the strategies of a search.*Known: grid, random, tpe/],
    ['{ strategy: tpe, trails: 30 }', /"trails" is not among the keys of search; nearest: trials/],
    ['{ strategy: tpe, trials: 0 }', /search\.trials: .*>=1/],
    ['{ strategy: tpe, halving: { first: 9 } }', /"first" is not among the keys of halving.*first_epoch, eta/],
    ['{ strategy: tpe, halving: { first_epoch: 0 } }', /search\.halving\.first_epoch: /],
    ['{ strategy: tpe, halving: { eta: 1 } }', /search\.halving\.eta: /],
  ])('says what is wrong with %s', (search, words) => {
    expect(fault(file(search))).toMatch(words);
  });

  test('says what is wrong with a range', () => {
    expect(fault(file('random', '{ reg_weight: { from: 1e-6, til: 1 } }'))).toMatch(
      /"til" is not among the keys of the range of reg_weight/,
    );
    expect(fault(file('random', '{ reg_weight: { from: 1e-6 } }'))).toMatch(/models\.0\.ranges\.reg_weight\.to/);
  });

  test('comes back from the command that repeats it', () => {
    for (const search of [
      '{ strategy: tpe, trials: 12, halving: { first_epoch: 3, eta: 2 } }',
      'random',
      '{ strategy: grid, halving: true }',
    ]) {
      const request = v.parse(experimentRequestSchema, sweepRequest(file(search), ''));
      const command = commandOf(request, cards);
      const [head, ...lines] = command.split('\n');
      expect(head).toBe("npm run -s avocet -- sweep - <<'YAML'");
      expect(sweepRequest(lines.slice(0, -1).join('\n'), '')).toEqual(request);
    }
  });

  test('is explained by the help of the command, in lines that are a sweep file', () => {
    const help = helpText([sweep], globalOptions);
    expect(help).toMatch(/With halving a trial trains its first seed/);
    const yaml = sweep.details!.slice(0, sweep.details!.indexOf('')).join('\n');
    expect(sweepRequest(yaml, '').search).toEqual({ strategy: 'tpe', trials: 30, seed: 0, halving: { firstEpoch: 9, eta: 3 } });
  });
});
