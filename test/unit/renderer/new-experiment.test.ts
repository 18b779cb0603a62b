import { describe, expect, it, vi } from 'vitest';
import type { Plan } from '#contract/experiment.ts';
import { history } from '#renderer/state/history.svelte.ts';
import { newExperiment } from '#renderer/state/new-experiment.svelte.ts';
import { cards, demo } from './cards.ts';
import { connectTo } from './drawn-link.ts';

// The form waits a moment itself; a busy machine lets it wait longer.
const patience = { timeout: 60_000 };

type Answer = (plan: Plan) => void;

const request = { name: '', datasets: ['demo'], models: [{ model: 'lightgcn' }], seeds: [1] };

const plan = (runs: number) => ({ runs, matrix: { datasets: [], seeds: [], rows: [], cells: [] } }) as unknown as Plan;

/** A studio at its first start, whose plans are answered by hand. */
function firstStart(plans: Answer[]): void {
  const answers: Readonly<Record<string, unknown>> = {
    'models.list': { models: cards, own: { folder: '', broken: [], checking: [] } },
    'datasets.list': { datasets: [demo, { ...demo, id: 'old', name: 'Old', archivedAt: 5 }], broken: [] },
    'devices.speeds': { device: 'wasm', because: 'unmeasured', rows: [] },
    'experiments.list': { experiments: [] },
    'devices.probe': { devices: [] },
    'experiments.fromRun': { ...request, name: 'The cloned one' },
    'studio.capabilities': {},
  };
  connectTo((name) => (name === 'experiments.plan' ? new Promise<Plan>((answer) => plans.push(answer)) : Promise.resolve(answers[name])));
}

describe('the plan of an experiment', () => {
  it('holds while the same is asked again, and not after a change', async () => {
    const plans: Answer[] = [];
    firstStart(plans);

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

describe('what is half typed', () => {
  const several = { ...request, models: [{ model: 'mgcn' }, { model: 'lightgcn' }, { model: 'lightgcn', preset: 'baby' }] };
  const typedAt = () => newExperiment.draft.models.flatMap((_, at) => newExperiment.typed.of(at, 'n_layers')?.text ?? []);

  it('goes with its model when another is taken away or put in, and names the field', () => {
    firstStart([]);
    newExperiment.fill(several);
    newExperiment.type(1, 'n_layers', 'many');
    expect(newExperiment.wrongSetting).toBe('LightGCN: Propagation layers');
    newExperiment.toggleModel('mgcn');
    expect(newExperiment.typed.of(0, 'n_layers')?.text).toBe('many');
    newExperiment.toggleModel('mgcn');
    expect(typedAt()).toEqual(['many']);
    newExperiment.removeModel(0);
    expect(newExperiment.wrongSetting).toBeUndefined();
  });

  it('and the values that were varied are of their own model, not of the one that moves into its place', () => {
    firstStart([]);
    newExperiment.fill({ ...request, models: [{ model: 'lightgcn' }, { model: 'mgcn' }] });
    newExperiment.vary(0, 'lr', [0.1, 0.2]);
    newExperiment.stopVarying(0, 'lr');
    newExperiment.removeModel(0);
    newExperiment.varyAgain(0, 'lr', [0.001]);
    expect(newExperiment.draft.models[0]).toMatchObject({ model: 'mgcn', vary: { lr: [0.001] } });
    newExperiment.vary(0, 'lr', [0.3, 0.4]);
    newExperiment.stopVarying(0, 'lr');
    newExperiment.varyAgain(0, 'lr', [0.001]);
    expect(newExperiment.draft.models[0]).toMatchObject({ vary: { lr: [0.3, 0.4] } });
  });
});

describe('what takes the place of the form', () => {
  const searched = { ...request, search: { strategy: 'tpe', trials: 5 }, pin: 'cpu' } as const;

  it('leaves nothing of a search or a pin that the next file does not name, and goes back', () => {
    firstStart([]);
    newExperiment.fill(searched);
    expect(newExperiment.draft.search?.strategy).toBe('tpe');
    const back = newExperiment.fill(request);
    expect(newExperiment.draft.search).toBeUndefined();
    expect(newExperiment.draft.pin).toBeUndefined();
    back();
    expect(newExperiment.draft).toMatchObject({ search: { strategy: 'tpe', trials: 5 }, pin: 'cpu' });
  });

  it('is empty after Clear, and back after its undo', () => {
    firstStart([]);
    newExperiment.fill({ ...searched, name: 'Half a day of choices' });
    const back = newExperiment.reset();
    expect(newExperiment.draft).toMatchObject({ name: '', models: [], datasets: ['demo'] });
    expect(newExperiment.draft.search).toBeUndefined();
    expect(newExperiment.draft.pin).toBeUndefined();
    back();
    expect(newExperiment.draft).toMatchObject({ name: 'Half a day of choices', search: { strategy: 'tpe' } });
  });

  it('shows the archived dataset of a clone until it is put away', async () => {
    firstStart([]);
    newExperiment.fill({ ...request, datasets: ['old'] });
    await newExperiment.load();
    expect(newExperiment.datasets.map(({ id }) => id)).toEqual(['demo', 'old']);
    newExperiment.toggleDataset('demo');
    expect(newExperiment.draft.datasets).toEqual(['demo', 'old']);
    newExperiment.toggleDataset('old');
    expect(newExperiment.draft.datasets).toEqual(['demo']);
    expect(newExperiment.datasets.map(({ id }) => id)).toEqual(['demo']);
  });

  it('is a cloned run, until that is taken back', async () => {
    firstStart([]);
    newExperiment.fill({ ...searched, name: 'Half a day of choices' });
    await newExperiment.load({ from: 'run-1' });
    expect(newExperiment.draft.name).toBe('The cloned one');
    expect(newExperiment.draft.search).toBeUndefined();
    await history.undo();
    expect(newExperiment.draft.name).toBe('Half a day of choices');
    // The address still names the run, and the lists are read again when a job ends.
    await newExperiment.load({ from: 'run-1' });
    expect(newExperiment.draft.name).toBe('Half a day of choices');
    // Who comes again to clone it means it.
    newExperiment.answered = undefined;
    await newExperiment.load({ from: 'run-1' });
    expect(newExperiment.draft.name).toBe('The cloned one');
  });

  it('keeps what was ticked and taken off since the address asked for a dataset and a model', async () => {
    firstStart([]);
    newExperiment.answered = undefined;
    newExperiment.reset();
    const wish = { dataset: 'demo', model: 'lightgcn' };
    await newExperiment.load(wish);
    expect([newExperiment.draft.datasets, newExperiment.draft.models.map(({ model }) => model)]).toEqual([['demo'], ['lightgcn']]);
    newExperiment.toggleModel('lightgcn');
    newExperiment.toggleDataset('demo');
    // A job has ended meanwhile.
    await newExperiment.load(wish);
    expect([newExperiment.draft.datasets, newExperiment.draft.models]).toEqual([[], []]);
    newExperiment.answered = undefined;
  });

  it('stays though the address asks for a run that was in the form before', async () => {
    firstStart([]);
    newExperiment.answered = undefined;
    newExperiment.reset();
    await newExperiment.load({ from: 'run-1' });
    newExperiment.fill({ ...request, name: 'A template' });
    await newExperiment.load({ from: 'run-1' });
    expect(newExperiment.draft.name).toBe('A template');
    newExperiment.answered = undefined;
  });
});
