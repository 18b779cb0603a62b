import { expect, it, vi } from 'vitest';
import { ProblemError } from '#contract/problem.ts';
import { studio } from '#renderer/state/studio.svelte.ts';
import { tour } from '#renderer/state/tour.svelte.ts';
import { connectTo } from './drawn-link.ts';

it('looks once for a demo that is gone, however often the status of the studio comes', async () => {
  const asked: string[] = [];
  const call = (name: string) => {
    asked.push(name);
    if (name !== 'experiments.get') return Promise.resolve({});
    return Promise.reject(
      new ProblemError({ kind: 'data', code: 'experiment.missing', message: 'There is no experiment exp-gone', values: {} }),
    );
  };
  connectTo(call);

  const looks = () => asked.filter((name) => name === 'experiments.get').length;
  tour.offer({ firstSteps: 'open', firstStepsExperiment: 'exp-gone' }, 3);
  await vi.waitFor(() => expect(looks()).toBe(1), { timeout: 60_000 });
  for (let pushes = 0; pushes < 3; pushes++) {
    await studio.call('studio.capabilities', {});
    tour.offer({ firstSteps: 'open', firstStepsExperiment: 'exp-gone' }, 3);
  }
  await studio.call('studio.capabilities', {});
  expect(looks()).toBe(1);
  expect(tour.isShown).toBe(false);
});
