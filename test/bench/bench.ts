/*
 * Each row is measured in a process of its own, so that peak memory is that row's alone: build the model, a few steps to warm up, then the
 * median of the steps that follow, then one full evaluation. No figure is asserted; a shared machine drifts.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { resolveHyper } from '#contract/model-card.ts';
import { randomStreams } from '#data/random.ts';
import { Sampler } from '#data/sampler.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { DeviceId } from '#engine/engine.ts';
import { Adam } from '#engine/ops/adam.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import type { StageResult } from '#models/define-model.ts';
import { modelById } from '#models/registry.ts';
import { Evaluator } from '#training/evaluator.ts';
import { babySizeDataset } from './baby-size.ts';

interface Row {
  readonly work: string;
  readonly device: string;
  readonly threads: number;
  readonly stepMs: number;
  readonly stepMsRange: readonly [number, number];
  readonly epochSeconds: number;
  readonly evaluationSeconds: number;
  readonly peakMemoryMb: number;
}

const works = ['lightgcn', 'mgcn', 'egra'] as const;
const batchSize = 2048;
const warmUp = 4;
const counted = 15;

const { values } = parseArgs({
  options: { device: { type: 'string', default: 'wasm' }, json: { type: 'boolean' }, only: { type: 'string' }, row: { type: 'string' } },
});

function pretrained(items: number, width: number): Record<string, StageResult> {
  const random = randomStreams(1).init;
  const draw = () => Float32Array.from({ length: items * width }, () => random.normal());
  return { pretrain: { width, users: new Float32Array(0), items: draw(), parts: {} } };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function measure(work: string, deviceId: DeviceId): Promise<Row> {
  const dataset = babySizeDataset();
  const device = await openDevice(deviceId, { threads: 1 });
  const definition = modelById(work);
  const random = randomStreams(1);
  const model = definition.create({
    dataset,
    hyper: resolveHyper(definition.card, undefined, {}),
    random,
    width: 64,
    batchSize,
    itemGraph: 'computed',
    stages: pretrained(dataset.items, 64),
  });
  const sampler = new Sampler(dataset, { batchSize, random });
  const adam = new Adam(model.parameters);
  const steps: number[] = [];
  for (const batch of sampler.epoch()) {
    const started = performance.now();
    const step = lossAndGradients(model.parameters, () => model.loss(batch, 0));
    adam.step(step.gradients, 1e-3);
    for (const gradient of step.gradients.values()) gradient?.dispose();
    steps.push(performance.now() - started);
    if (steps.length === warmUp + counted) break;
  }
  const evaluator = new Evaluator(dataset);
  const started = performance.now();
  const representation = model.represent();
  const lists = await evaluator.rank(representation, evaluator.usersOf(['validation']), () => Promise.resolve());
  evaluator.score(lists, 'validation');
  const evaluationSeconds = (performance.now() - started) / 1000;
  const counts = steps.slice(warmUp);
  const stepMs = median(counts);
  return {
    work,
    device: device.name,
    threads: device.threads,
    stepMs,
    stepMsRange: [Math.min(...counts), Math.max(...counts)],
    epochSeconds: (stepMs * sampler.batches) / 1000,
    evaluationSeconds,
    peakMemoryMb: process.resourceUsage().maxRSS / 1024,
  };
}

function report(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.work,
    row.device,
    `${row.stepMs.toFixed(1)} (${row.stepMsRange[0].toFixed(1)} to ${row.stepMsRange[1].toFixed(1)})`,
    row.epochSeconds.toFixed(2),
    row.evaluationSeconds.toFixed(2),
    row.peakMemoryMb.toFixed(0),
  ]);
  const header = ['work', 'device', 'ms a step (range)', 's an epoch', 's evaluation', 'peak MB'];
  const widths = header.map((title, at) => Math.max(title.length, ...cells.map((row) => row[at]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd();
  return [`Baby size, drawn data, 128-d features, batch ${batchSize}; median of ${counted} steps`, line(header), ...cells.map(line)].join(
    '\n',
  );
}

if (values.row !== undefined) {
  process.stdout.write(JSON.stringify(await measure(values.row, values.device as DeviceId)));
  process.exit(0);
}
const chosen = works.filter((work) => values.only === undefined || work === values.only);
if (chosen.length === 0) {
  process.stderr.write(`--only must be one of ${works.join(', ')}, found "${values.only}"\n`);
  process.exit(2);
}
const rows: Row[] = [];
for (const work of chosen) {
  process.stderr.write(`${work} …\n`);
  const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--row', work, '--device', values.device], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1e7,
  });
  if (child.status !== 0) process.exit(1);
  rows.push(JSON.parse(child.stdout) as Row);
}
process.stdout.write(`${values.json === true ? JSON.stringify({ rows }, null, 2) : report(rows)}\n`);
