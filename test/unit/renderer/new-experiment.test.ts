import { describe, expect, it, vi } from 'vitest';
import type { Link } from '#contract/link.ts';
import type { Plan } from '#contract/experiment.ts';
import { newExperiment } from '#renderer/state/new-experiment.svelte.ts';
import { studio } from '#renderer/state/studio.svelte.ts';
import { cards, demo } from './cards.ts';

// The form waits a moment itself; a busy machine lets it wait longer.
const patience = { timeout: 60_000 };

type Answer = (plan: Plan) => void;

const plan = (runs: number) => ({ runs, matrix: { datasets: [], seeds: [], rows: [], cells: [] } }) as unknown as Plan;

/** A studio at its first start, whose plans are answered by hand. */
function firstStart(plans: Answer[]): Link {
  const answers: Readonly<Record<string, unknown>> = {
    'models.list': { models: cards, own: { folder: '', broken: [], checking: [] } },
    'datasets.list': { datasets: [demo], broken: [] },
    'devices.speeds': { device: 'wasm', because: 'unmeasured', rows: [] },
    'experiments.list': { experiments: [] },
    'devices.probe': { devices: [] },
    'studio.capabilities': {},
  };
  const call = (name: string) =>
    name === 'experiments.plan' ? new Promise<Plan>((answer) => plans.push(answer)) : Promise.resolve(answers[name]);
  const stream = () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) });
  return { call, stream, onClose: () => undefined, close: () => undefined } as unknown as Link;
}

describe('the plan of an experiment', () => {
  it('holds while the same is asked again, and not after a change', async () => {
    const plans: Answer[] = [];
    studio.start(() => Promise.resolve(firstStart(plans)));

    await newExperiment.load();
    expect(newExperiment.isPlanning).toBe(true);
    await vi.waitFor(() => expect(plans).toHaveLength(1), patience);
    plans[0]!(plan(9));
    await vi.waitFor(() => expect(newExperiment.isPlanning).toBe(false), patience);

    // A job of the studio has ended, and the lists are read again: the button to start stays as it is.
    await newExperiment.load();
    expect(newExperiment.isPlanning).toBe(false);
    expect(newExperiment.plan?.runs).toBe(9);
    await vi.waitFor(() => expect(plans).toHaveLength(2), patience);
    plans[1]!(plan(8));
    await vi.waitFor(() => expect(newExperiment.plan?.runs).toBe(8), patience);

    newExperiment.change({ seeds: [1] });
    expect(newExperiment.isPlanning).toBe(true);
    newExperiment.change({ seeds: [1, 2, 3] });
    expect(newExperiment.isPlanning).toBe(true);
    await vi.waitFor(() => expect(plans).toHaveLength(3), patience);
    plans[2]!(plan(8));
    await vi.waitFor(() => expect(newExperiment.isPlanning).toBe(false), patience);
  });
});
