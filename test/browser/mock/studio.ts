/** A studio drawn in memory: answers what New experiment, Queue and Run detail ask. Everything else is a problem value. */
import type { ListedDataset } from '#contract/dataset-findings.ts';
import type { Cell, ExperimentRequest } from '#contract/experiment.ts';
import type { Router } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import { procedures } from '#contract/procedures.ts';
import { settingsSchema, type Queue } from '#contract/view.ts';
import * as v from 'valibot';
import { plannedMatrix } from '#renderer/state/planned-matrix.ts';
import { drawnCards } from './cards.ts';
import { detail, experiment, lines, series, summary, type Drawn } from './runs.ts';

const dataset = (id: string, name: string, users: number, items: number, modalities: string[], graphs: string[] = []): ListedDataset => ({
  id,
  name,
  about: '',
  source: id === 'demo' ? 'demo' : 'mmrec-folder',
  createdAt: 0,
  users,
  items,
  interactions: users * 8,
  train: users * 6,
  validation: users,
  test: users,
  density: 0.02,
  modalities: modalities.map((modality) => ({ name: modality, width: 64, sourceType: 'float32' as const, covered: items, missing: 0 })),
  graphs,
  fingerprint: { splitHash: 'd41f09c2', splitShape: 'x', graphShape: 'y' },
  bytes: 1e6,
  titled: 0,
  pictured: 0,
  samplePictures: [],
  hasTimes: false,
  notes: 0,
  folder: '/home/mock/datasets',
  usedByRuns: 0,
});

const datasets = [
  dataset('demo', 'Demo', 800, 500, ['image', 'text']),
  dataset('tiktok', 'TikTok', 9308, 6710, ['image', 'audio']),
  dataset('baby', 'Baby', 19445, 7050, ['image', 'text'], ['image', 'text']),
];

const draw = (part: Partial<Drawn> & Pick<Drawn, 'id' | 'model' | 'title' | 'seed' | 'state'>): Drawn => ({
  dataset: 'tiktok',
  datasetName: 'TikTok',
  differences: [],
  experiment: 'depth',
  epochs: part.state === 'queued' ? 0 : 70,
  best: 50,
  length: 72,
  level: 0.06,
  ...part,
});

const k = (value: string) => [{ key: 'ii_k', value }];
const demo = { dataset: 'demo', datasetName: 'Demo', level: 0.125 };

function busyRuns(): Drawn[] {
  const runs: Drawn[] = [
    draw({
      id: 'r-egra-t1',
      model: 'egra',
      title: 'EGRA',
      seed: 1,
      state: 'running',
      differences: k('10'),
      epochs: 42,
      best: 33,
      level: 0.0625,
      length: 64,
    }),
    draw({
      id: 'r-freedom-t2',
      model: 'freedom',
      title: 'FREEDOM',
      seed: 2,
      state: 'running',
      epochs: 64,
      best: 59,
      level: 0.0565,
      length: 90,
    }),
    draw({ id: 'r-freedom-t3', model: 'freedom', title: 'FREEDOM', seed: 3, state: 'queued' }),
  ];
  for (const seed of [1, 2, 3])
    runs.push(draw({ id: `r-freedom-d${seed}`, model: 'freedom', title: 'FREEDOM', seed, state: 'finished', ...demo }));
  runs.push(draw({ id: 'r-freedom-t1', model: 'freedom', title: 'FREEDOM', seed: 1, state: 'finished' }));
  for (const seed of [1, 2])
    runs.push(draw({ id: `r-egra-d10-${seed}`, model: 'egra', title: 'EGRA', seed, state: 'finished', differences: k('10'), ...demo }));
  runs.push(draw({ id: 'r-egra-d10-3', model: 'egra', title: 'EGRA', seed: 3, state: 'queued', differences: k('10'), ...demo }));
  for (const seed of [1, 2, 3])
    runs.push(
      draw({
        id: `r-egra-d20-${seed}`,
        model: 'egra',
        title: 'EGRA',
        seed,
        state: 'queued',
        differences: k('20'),
        ...demo,
        held: seed === 3,
      }),
    );
  for (const seed of [2, 3])
    runs.push(draw({ id: `r-egra-t10-${seed}`, model: 'egra', title: 'EGRA', seed, state: 'queued', differences: k('10') }));
  for (const seed of [1, 2, 3])
    runs.push(draw({ id: `r-egra-t20-${seed}`, model: 'egra', title: 'EGRA', seed, state: 'queued', differences: k('20') }));
  for (const lr of ['0.0005', '0.001', '0.01']) {
    for (const seed of [1, 2, 3]) {
      const fails = lr === '0.01' && seed === 2;
      runs.push(
        draw({
          id: `r-lr-${lr}-${seed}`,
          model: 'egra',
          title: 'EGRA',
          seed,
          state: fails ? 'failed' : 'finished',
          differences: [{ key: 'lr', value: lr }],
          experiment: 'lr',
          ...demo,
          ...(fails ? { epochs: 12, best: 8, divergesAt: 12 } : {}),
        }),
      );
    }
  }
  return runs;
}

export function drawnStudio(scene: string): Router {
  const runs = scene === 'first' ? [] : busyRuns();
  let held = false;
  let concurrency = 2;
  const lanes = () => [{ id: 'cpu' as const, slots: concurrency, running: 0, isOwnBudget: false, takenBytes: 0 }];
  const wakes = new Set<() => void>();
  const changed = () => {
    for (const wake of wakes) wake();
  };
  if (scene !== 'first' && scene !== 'still') {
    setInterval(() => {
      for (const run of runs) if (run.state === 'running') run.epochs = run.epochs >= run.best + 20 ? run.best - 10 : run.epochs + 1;
      changed();
    }, 1500);
  }
  const find = (id: string) => {
    const run = runs.find((candidate) => candidate.id === id);
    if (run === undefined)
      throw new ProblemError({
        kind: 'data',
        code: 'run.unknown',
        message: `There is no run ${id}`,
        fix: 'It may have been removed. Open Runs to see what exists.',
      });
    return run;
  };
  const waiting = () => runs.filter((run) => run.state === 'queued');
  const known: Cell[] = ['demo', 'tiktok'].flatMap((id) =>
    [1, 2, 3].map((seed) => ({ dataset: id, model: 'lightgcn', configuration: 'lightgcn', seed, state: 'known' as const, masked: true })),
  );
  const experiments = () =>
    runs.length === 0
      ? []
      : [
          experiment(
            'depth',
            'Item block depth on two sets',
            runs.filter((run) => run.experiment === 'depth'),
            known,
          ),
          experiment(
            'lr',
            'Learning rate check',
            runs.filter((run) => run.experiment === 'lr'),
          ),
        ];
  const queue = (): Queue => ({
    held,
    concurrency,
    lanes: lanes(),
    waits: {},
    running: runs.filter((run) => run.state === 'running' || run.state === 'paused').map(summary),
    waiting: waiting().map((run, index) => ({ ...summary(run), queuePosition: index + 1 })),
    finishedToday: runs.filter((run) => run.state === 'finished' || run.state === 'failed').map(summary),
    experiments: experiments(),
    ...(runs.length === 0 ? {} : { timeLeft: { seconds: 540, low: 420, high: 780, basis: 'from 41 past runs' } }),
  });
  const requestOf = (run: Drawn): ExperimentRequest => ({
    name: '',
    datasets: [run.dataset],
    models: [{ model: run.model, values: {}, vary: {} }],
    seeds: [run.seed],
    budget: { learningRate: 0.01 },
  });
  async function* following<T>(make: () => T, signal: AbortSignal): AsyncGenerator<T> {
    while (!signal.aborted) {
      yield make();
      await new Promise<void>((resolve) => {
        const wake = () => (wakes.delete(wake), resolve());
        wakes.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
  }
  const done = { ok: true as const };
  const set = (ids: readonly string[], change: (run: Drawn) => void) => {
    for (const id of ids) change(find(id));
    changed();
    return done;
  };

  const known_: Partial<Router> = {
    'studio.capabilities': () => ({ shell: 'browser', nativeDialogs: false, revealInFolder: false, platform: 'linux' }),
    'studio.watch': (_, signal) =>
      following(
        () => ({
          version: '0.1.0',
          startedAt: Date.now(),
          home: '/home/someone/avocet',
          freeBytes: 412e9,
          device: 'wasm',
          memoryBytes: 3.2e9,
          totalMemoryBytes: 12e9,
          running: runs.filter((run) => run.state === 'running').length,
          waiting: waiting().length,
          held,
          runs: 214,
          timeLeft: { seconds: 540, low: 420, high: 780, basis: 'from 41 past runs' },
          jobs: [],
          resumed: [],
        }),
        signal,
      ),
    'settings.get': () => v.parse(settingsSchema, { concurrency, device: 'wasm' }),
    'settings.watch': (_input, signal) => following(() => v.parse(settingsSchema, { concurrency, device: 'wasm' }), signal),
    'settings.set': () => v.parse(settingsSchema, { concurrency, device: 'wasm' }),
    'devices.probe': () => ({
      devices: [
        { id: 'wasm', available: true, name: 'wasm' },
        { id: 'cpu', available: true, name: 'cpu' },
        { id: 'tensorflow', available: false, name: 'TensorFlow', missing: 'not found: libtensorflow.so.2' },
        { id: 'webgpu', available: false, name: 'WebGPU', missing: 'no GPU driver that Dawn accepts was found' },
      ],
    }),
    'devices.speeds': () => ({
      machine: 'Eight-core Processor',
      state: 'idle',
      fraction: 0,
      rows: [],
      device: 'wasm',
      because: 'unmeasured',
    }),
    'models.list': () => ({ models: drawnCards }),
    'datasets.list': () => ({ datasets, broken: [] }),
    'experiments.list': () => ({ experiments: experiments() }),
    'experiments.plan': (request) => {
      const matrix = plannedMatrix(request, drawnCards, datasets);
      const cells = matrix.cells.map((cell) =>
        scene !== 'first' && !request.runKnown && cell.model === 'lightgcn' ? { ...cell, state: 'known' as const } : cell,
      );
      const isKnown = cells.filter((cell) => cell.state === 'known').length;
      const n = cells.length - isKnown;
      const egra = request.models.filter((choice) => choice.model === 'egra').length;
      return {
        matrix: { ...matrix, cells },
        runs: n,
        known: isKnown,
        time: { seconds: n * 40, low: n * 30, high: n * 57, basis: 'from 41 past runs' },
        pretraining: { stages: egra * request.seeds.length * request.datasets.length, seconds: 120 },
        diskBytes: n * 22e6,
        freeBytes: 412e9,
        ...(request.seeds.length > 1 ? { halfWidth: 0.002 * Math.sqrt(3 / request.seeds.length) } : {}),
        budget: { ...request.budget, minEpochs: Math.max(request.budget.minEpochs, egra > 0 ? 40 : 0) },
        notes: [
          { level: 'good', text: `Same budget, batch and patience for all ${request.models.length} models` },
          { level: 'good', text: 'All models can run on all chosen datasets' },
          ...(egra > 0 ? [{ level: 'inferred' as const, text: 'Most EGRA settings are our reading of the paper' }] : []),
        ],
        impossible: [],
        command: 'npm run -s avocet -- sweep experiment.yaml',
        sweep: { yaml: 'datasets: [demo]\n', json: '{ "datasets": ["demo"] }\n' },
      };
    },
    'experiments.start': (request) => {
      const added = request.seeds.map((seed) =>
        draw({
          id: `r-new-${Date.now()}-${seed}`,
          model: request.models[0]!.model,
          title: request.models[0]!.model,
          seed,
          state: seed === 1 ? 'running' : 'queued',
          epochs: 1,
        }),
      );
      runs.push(...added);
      changed();
      return { experimentId: 'depth', runIds: added.map((run) => run.id), known: 0 };
    },
    'experiments.get': ({ id }) => {
      const found = experiments().find((candidate) => candidate.id === id);
      if (found === undefined)
        throw new ProblemError({ kind: 'data', code: 'experiment.unknown', message: `There is no experiment ${id}` });
      return { summary: found, runs: runs.filter((run) => run.experiment === id).map(summary) };
    },
    'experiments.fromRun': ({ id }) => requestOf(find(id)),
    'queue.watch': (_, signal) => following(queue, signal),
    'queue.hold': (input) => ((held = input.held), changed(), done),
    'devices.lanes': () => ({ lanes: lanes() }),
    'queue.lane': ({ slots }) => ((concurrency = slots ?? concurrency), changed(), done),
    'queue.concurrency': (input) => ((concurrency = input.runs), changed(), done),
    'queue.order': ({ ids }) => {
      const first = ids.map(find);
      const rest = runs.filter((run) => !first.includes(run));
      runs.splice(
        0,
        runs.length,
        ...rest.filter((run) => run.state !== 'queued'),
        ...first,
        ...rest.filter((run) => run.state === 'queued'),
      );
      changed();
      return done;
    },
    'runs.get': ({ id }) => detail(find(id)),
    'runs.series': ({ id }) => ({ series: series(find(id)) }),
    'runs.console': ({ id }) => ({ lines: lines(find(id)), total: lines(find(id)).length }),
    'runs.config': ({ id }) => detail(find(id)).config,
    'runs.summaries': ({ ids }) => ({ runs: ids.map((id) => summary(find(id))) }),
    'runs.page': (query) => {
      const found = runs.filter((run) => summary(run).sentence.toLowerCase().includes(query.search.toLowerCase())).slice(0, query.limit);
      return {
        rows: found.map((run) => ({ key: run.id, runs: [summary(run)], n: 1, mean: {}, sd: {} })),
        totalRows: found.length,
        totalRuns: found.length,
        facets: {},
        constants: [],
      };
    },
    'runs.watch': async function* ({ id }, signal) {
      const run = find(id);
      let seen = -1;
      for await (const epoch of following(() => run.epochs, signal)) {
        const from = epoch < seen ? 0 : Math.max(0, seen);
        const fresh = series(run).map((one) => ({ ...one, epochs: one.epochs.slice(from), values: one.values.slice(from) }));
        yield { summary: summary(run), series: fresh, lines: seen < 0 ? lines(run) : lines(run).slice(from + 1) };
        seen = epoch;
        if (run.state === 'finished' || run.state === 'failed') return;
      }
    },
    'runs.pause': ({ ids }) => set(ids, (run) => (run.state = 'paused')),
    'runs.resume': ({ ids }) => set(ids, (run) => (run.state = 'running')),
    'runs.stop': ({ ids }) => set(ids, (run) => (run.state = 'stopped')),
    'runs.hold': ({ ids, held: isHeld }) => set(ids, (run) => (run.held = isHeld)),
    'runs.annotate': () => done,
    'runs.trash': ({ ids }) => {
      for (const id of ids) runs.splice(runs.indexOf(find(id)), 1);
      changed();
      return { moved: ids.length, bytes: 6_200_000 };
    },
    'compare.configs': (scope) => {
      const [own, other] = scope.runs.map((id) => find(id));
      return {
        runs: scope.runs.map((id) => ({ id, runIds: [id], title: summary(find(id)).sentence })),
        metrics: [],
        rows: [
          {
            key: 'lr',
            values: [own, other].map((run) => run?.differences[0]?.value ?? '0.001'),
            differs: own?.differences[0]?.value !== other?.differences[0]?.value,
          },
          ...Array.from({ length: 31 }, (_, index) => ({ key: `setting_${index}`, values: ['1', '1'], differs: false })),
        ],
      };
    },
  };
  const missing = (name: string) => () => {
    throw new ProblemError({ kind: 'internal', code: 'mock', message: `The drawn studio does not answer ${name}` });
  };
  return Object.fromEntries(
    Object.keys(procedures).map((name) => [name, known_[name as keyof Router] ?? missing(name)]),
  ) as unknown as Router;
}
