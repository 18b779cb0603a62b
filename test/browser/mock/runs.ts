/** Runs drawn from formulas: curves that rise, turn and stop as real ones do. Only for looking at screens. */
import type { Cell, ExperimentSummary } from '#contract/experiment.ts';
import type { ConsoleLine, RunDetail, RunState, RunSummary, Series } from '#contract/run.ts';
import { randomStream } from './noise.ts';

export interface Drawn {
  readonly id: string;
  readonly model: string;
  readonly title: string;
  readonly dataset: string;
  readonly datasetName: string;
  readonly seed: number;
  readonly differences: readonly { key: string; value: string }[];
  readonly experiment: string;
  state: RunState;
  epochs: number;
  readonly best: number;
  readonly length: number;
  readonly level: number;
  /** Epoch in which the loss became not a number. */
  readonly divergesAt?: number;
  held?: boolean;
}

export function series(run: Drawn, stage = 'train'): Series[] {
  const noise = randomStream(run.id + stage);
  const n = run.epochs;
  const epochs = Int32Array.from({ length: n }, (_, index) => index + 1);
  const loss = new Float64Array(n);
  const recall = new Float64Array(n);
  for (let index = 0; index < n; index++) {
    const epoch = index + 1;
    loss[index] = 9 + 11 * Math.exp(-epoch / 9) + noise() * 0.25;
    const rise = 1 - Math.exp(-epoch / (run.best / 3.2));
    recall[index] =
      run.level * (0.2 + 0.8 * rise) + noise() * run.level * 0.01 - (epoch > run.best ? (epoch - run.best) * run.level * 0.0006 : 0);
    if (run.divergesAt !== undefined && epoch >= run.divergesAt - 2) {
      loss[index] = epoch === run.divergesAt - 1 ? 140.2 : epoch === run.divergesAt ? 4.1e7 : loss[index]!;
      recall[index] = recall[index]! * (epoch >= run.divergesAt - 1 ? 0.7 : 1);
    }
  }
  const at = Math.min(run.best, n) - 1;
  if (at >= 0) recall[at] = Math.max(...recall) + run.level * 0.004;
  const seconds = Float64Array.from({ length: n }, () => 0.3 + noise() * 0.02);
  const make = (key: string, values: Float64Array<ArrayBuffer>): Series => ({ key, stage, epochs, values });
  return [
    make('loss', loss),
    make('recall@20', recall),
    make(
      'ndcg@20',
      recall.map((value) => value * 0.45),
    ),
    make(
      'recall@10',
      recall.map((value) => value * 0.62),
    ),
    make('train-seconds', seconds),
    make(
      'learning-rate',
      seconds.map((_, index) => 1e-3 * 0.96 ** (index / 50)),
    ),
  ];
}

export function valuesAt(run: Drawn): Record<string, number> | undefined {
  if (run.epochs === 0) return undefined;
  const list = series(run)[1]!.values;
  const top = Math.max(...list);
  return Object.fromEntries(
    [5, 10, 20, 50].flatMap((k) =>
      (
        [
          ['recall', 1],
          ['ndcg', 0.45],
          ['precision', 0.05],
          ['map', 0.3],
        ] as const
      ).map(([name, share]) => [`${name}@${k}`, top * share * (k / 20) ** 0.55]),
    ),
  );
}

const now = Date.now();

export function summary(run: Drawn): RunSummary {
  const values = valuesAt(run);
  const epochsDone = run.epochs;
  const bestEpoch = epochsDone === 0 ? undefined : Math.min(run.best, epochsDone);
  const words = [run.title, ...run.differences.map((difference) => `${difference.key} ${difference.value}`)].join(', ');
  const name = `${run.title} on ${run.datasetName}${run.differences.length === 0 ? '' : `, ${run.differences.map((difference) => `${difference.key} ${difference.value}`).join(', ')}`}, seed ${run.seed}`;
  const live = run.state === 'running' || run.state === 'paused';
  const sentence =
    run.state === 'finished' && values !== undefined
      ? `${name}: validation Recall@20 ${values['recall@20']!.toFixed(4)}, best at epoch ${bestEpoch} of ${epochsDone}`
      : run.state === 'failed'
        ? `${name}: diverged at epoch ${run.divergesAt}`
        : `${name}: ${run.state}`;
  return {
    id: run.id,
    experimentId: run.experiment,
    experimentName: run.experiment === 'depth' ? 'Item block depth on two sets' : 'Learning rate check',
    state: run.state,
    dataset: run.dataset,
    datasetName: run.datasetName,
    model: run.model,
    modelTitle: run.title,
    seed: run.seed,
    configHash: words,
    differences: [...run.differences],
    device: 'wasm',
    createdAt: now - 3_600_000,
    ...(run.state === 'queued' ? {} : { startedAt: now - 600_000 }),
    ...(run.state === 'finished' || run.state === 'failed' ? { endedAt: now - 60_000 } : {}),
    epochs: epochsDone,
    ...(bestEpoch === undefined ? {} : { bestEpoch }),
    ...(values === undefined ? {} : { validation: values }),
    test:
      run.state === 'finished'
        ? { state: 'masked', reason: 'masked until the selection of this experiment is frozen' }
        : { state: 'none', reason: 'test is evaluated once, when the run has finished' },
    secondsPerEpoch: 0.3,
    evaluationSeconds: 0.05,
    elapsedSeconds: run.state === 'failed' ? 14 : run.epochs * 0.35,
    estimatedSeconds: 20,
    peakMemoryBytes: 412e6,
    ...(run.state === 'finished' ? { stopReason: 'early-stopping' as const } : {}),
    ...(run.state === 'failed'
      ? {
          problem: {
            kind: 'diverged' as const,
            code: 'training.loss-not-finite',
            message: `The loss became not a number in epoch ${run.divergesAt}`,
            values: { epoch: run.divergesAt ?? 0, batch: 3, batches: 4, term: 'alignment' },
            where: `epoch ${run.divergesAt}, batch 3 of 4, alignment loss`,
            fix: 'Start it again with a smaller learning rate; the preset uses 0.001.',
            detail: 'at Trainer.step (trainer.ts:212)\nat Trainer.epoch (trainer.ts:140)',
          },
        }
      : {}),
    attempt: 1,
    starred: false,
    note: '',
    tags: [],
    ...(run.held === undefined ? {} : { held: run.held }),
    ...(live
      ? {
          progress: {
            stage: 'train',
            stageIndex: run.model === 'egra' ? 1 : 0,
            stageCount: run.model === 'egra' ? 2 : 1,
            epoch: run.epochs,
            epochLimit: 1000,
            ...(bestEpoch === undefined ? {} : { bestEpoch, bestValue: values!['recall@20']! }),
            misses: Math.max(0, run.epochs - run.best),
            patience: 20,
            minEpochs: 0,
            secondsPerEpoch: 0.3,
            timeLeft: { seconds: 120, low: 60, high: 240, basis: 'from 12 past runs' },
          },
        }
      : {}),
    sentence,
    inferred: run.model === 'egra',
  };
}

export function lines(run: Drawn): ConsoleLine[] {
  const [loss, recall] = series(run);
  const text: ConsoleLine[] = [{ at: now - 700_000, level: 'info', text: 'prepared: wasm, 1 thread, 800 users, 500 items' }];
  for (let index = 0; index < run.epochs; index++) {
    const grew = (loss!.values[index] ?? 0) > 100;
    text.push({
      at: now - 600_000 + index * 350,
      level: grew ? 'warn' : 'info',
      text: `epoch ${index + 1} loss ${loss!.values[index]!.toPrecision(4)} recall@20 ${recall!.values[index]!.toFixed(4)} 0.3 s`,
    });
  }
  if (run.divergesAt !== undefined) {
    text.push({ at: now, level: 'error', text: `epoch ${run.divergesAt}, batch 3 of 4: loss is not a number` });
    text.push({ at: now, level: 'info', text: 'stopped; other runs of the sweep go on' });
  }
  return text;
}

export function detail(run: Drawn): RunDetail {
  const failed = run.state === 'failed';
  return {
    summary: summary(run),
    config: {
      dataset: run.dataset,
      model: run.model,
      hyper: {
        n_layers: 2,
        reg_weight: 1e-4,
        ...Object.fromEntries(run.differences.map((difference) => [difference.key, Number(difference.value)])),
      },
      seed: run.seed,
      budget: {
        epochs: 1000,
        minEpochs: 0,
        patience: 20,
        batchSize: 2048,
        learningRate: run.differences.some((difference) => difference.key === 'lr') ? 0.01 : 0.001,
        width: 64,
      },
      protocol: 'validation',
      itemGraph: 'computed',
      device: 'wasm',
      threads: 1,
    },
    stages: [
      ...(run.model === 'egra' ? [{ id: 'pretrain', model: 'mgcn', state: 'done' as const, epochs: 44, bestEpoch: 23, seconds: 3 }] : []),
      {
        id: 'train',
        model: run.model,
        state: failed ? ('failed' as const) : run.state === 'finished' ? ('done' as const) : ('running' as const),
        epochs: run.epochs,
        seconds: 11,
      },
    ],
    attempts: [{ attempt: 1, startedAt: now - 600_000, fromEpoch: 0, recomputedEpochs: 0 }],
    provenance: {
      codeVersion: '0.1.0+a91c3e4',
      libraries: { '@tensorflow/tfjs-core': '4.22.0' },
      device: 'wasm',
      deviceVersion: '4.22.0',
      threads: 1,
      platform: 'linux x64',
      processor: 'A processor, 4 cores',
      fallbacks: [],
      splitHash: 'd41f09c2aa55d41f09c2aa55d41f09c2aa55d41f09c2aa55d41f09c2aa55d41f',
      featureHashes: { image: 'ab12cd34', text: '99887766' },
      itemGraph: 'computed from image and text, k 10',
      model: { 'item links': 4123 },
    },
    artifacts: [
      { name: 'checkpoint-best', file: 'checkpoint-best.bin', bytes: 3_100_000, sha256: 'aa'.repeat(32) },
      { name: 'checkpoint-last', file: 'checkpoint-last.bin', bytes: 3_100_000, sha256: 'bb'.repeat(32) },
      ...(failed
        ? []
        : [
            { name: 'top50', file: 'top50.bin', bytes: 160_000, sha256: 'cc'.repeat(32) },
            { name: 'users', file: 'users.bin', bytes: 204_800, sha256: 'dd'.repeat(32) },
          ]),
    ],
    folder: `/home/someone/avocet/runs/${run.id}`,
    command: `npm run -s avocet -- run --dataset ${run.dataset} --model ${run.model} --seed ${run.seed}`,
  };
}

export function experiment(id: string, name: string, runs: readonly Drawn[], known: readonly Cell[] = []): ExperimentSummary {
  const rows = [...new Map(runs.map((run) => [rowKey(run), run])).values()];
  const datasets = [...new Map(runs.map((run) => [run.dataset, { id: run.dataset, name: run.datasetName }])).values()];
  const cells: Cell[] = runs.map((run) => ({
    dataset: run.dataset,
    model: run.model,
    configuration: rowKey(run),
    seed: run.seed,
    state: run.state,
    runId: run.id,
    masked: true,
    progress: run.epochs / run.length,
    ...(run.state === 'failed' ? { reason: `diverged at epoch ${run.divergesAt}` } : {}),
  }));
  const n = (state: RunState) => runs.filter((run) => run.state === state).length;
  return {
    id,
    name,
    question: 'Does a denser item block help users with few interactions?',
    note: '',
    createdAt: now,
    runs: runs.length,
    finished: n('finished'),
    failed: n('failed'),
    running: n('running'),
    waiting: n('queued'),
    datasets: datasets.map((dataset) => dataset.id),
    models: [...new Set(runs.map((run) => run.model))],
    seeds: 3,
    protocol: 'validation',
    matrix: {
      datasets,
      seeds: [1, 2, 3],
      rows: [
        ...(known.length === 0
          ? []
          : [{ configuration: 'lightgcn', model: 'lightgcn', title: 'LightGCN', differences: '', inferred: false }]),
        ...rows.map((run) => ({
          configuration: rowKey(run),
          model: run.model,
          title: run.title,
          differences: run.differences.map((difference) => `${difference.key} ${difference.value}`).join(', '),
          inferred: run.model === 'egra',
        })),
      ],
      cells: [...known, ...cells],
    },
    elapsedSeconds: 300,
  };
}

const rowKey = (run: Drawn) => `${run.model} ${run.differences.map((difference) => `${difference.key} ${difference.value}`).join(' ')}`;
