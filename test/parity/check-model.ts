import { resolveHyper } from '#contract/model-card.ts';
import type { Batch } from '#data/batch.ts';
import type { Dataset } from '#data/dataset.ts';
import { Adam } from '#engine/ops/adam.ts';
import { tensor } from '@tensorflow/tfjs-core';
import { values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { TrainStep } from '#engine/ops/train-step.ts';
import type { Model, ModelContext, Representation } from '#models/define-model.ts';
import { modelById } from '#models/registry.ts';
import { adapters } from './adapters.ts';
import type { Adapter, Binding } from './adapters.ts';
import { bounds, compare, fault } from './compare.ts';
import type { Part } from './compare.ts';
import { recordedStreams } from './recorded-random.ts';
import { datasetOf } from './vectors.ts';
import type { ModelVectors, ReferenceDataset, ReferenceParameter } from './vectors.ts';

/**
 * Compares a model on the opened device with its vectors: loss and terms of three steps, each gradient, parameters after one and
 * three Adam steps, score matrices before and after. Undefined where the project lacks the model.
 */
export function checkModel(vectors: ModelVectors, reference: ReferenceDataset): Part[] | undefined {
  const adapter = adapters[vectors.key];
  if (adapter === undefined) return undefined;
  const dataset = datasetOf(reference);
  const { streams, left } = recordedStreams(vectors.noise);
  const context = contextOf(vectors, dataset, adapter, streams);
  const model = modelById(adapter.model).create(context);
  const parts: Part[] = [];
  try {
    load(model, adapter, vectors, dataset);
    parts.push(compare('scores.before', scores(model.represent()), vectors.scores.before, bounds.score));
    model.beforeEpoch?.(0);
    const adam = new Adam(model.parameters, {
      beta1: vectors.optimizer.beta1,
      beta2: vectors.optimizer.beta2,
      epsilon: vectors.optimizer.eps,
    });
    const training = new TrainStep({ parameters: model.parameters, adam, loss: (inputs) => model.loss(inputs) });
    const steps: StepRecord[] = [];
    for (let step = 1; step <= 3; step++) {
      const inputs = model.inputs(batchOf(vectors), 0);
      if (step === 1) parts.push(...checkGradients(model, inputs, { adapter, vectors, dataset }));
      const skipped = skippedTerms(model, { adapter, vectors, dataset });
      // As a run takes it: compiled where the device compiles.
      const { total, terms } = training.run(inputs, vectors.optimizer.lr);
      steps.push({ loss: total, terms: adapter.terms(skipped ?? terms, vectors.hyper) });
      if (step !== 2) parts.push(checkParameters(step === 1 ? 'after1' : 'after3', model, { adapter, vectors, dataset }));
    }
    training.dispose();
    adam.dispose();
    parts.push(compare('scores.after3', scores(model.represent()), vectors.scores.after3, bounds.score));
    parts.unshift(...checkLosses(vectors, steps));
    const bound = new Set(adapter.bindings.map((binding) => binding.reference));
    for (const { name } of vectors.params) if (!bound.has(name)) parts.push(fault(name, 'not compared'));
    if (left() > 0) parts.push(fault('noise', `${left()} recorded draws were not used`));
    return parts;
  } finally {
    model.dispose();
  }
}

interface StepRecord {
  readonly loss: number;
  readonly terms: number[][];
}

interface Subject {
  readonly adapter: Adapter;
  readonly vectors: ModelVectors;
  readonly dataset: Dataset;
}

function contextOf(vectors: ModelVectors, dataset: Dataset, adapter: Adapter, random: ModelContext['random']): ModelContext {
  const { card } = modelById(adapter.model);
  const known = Object.entries(vectors.hyper).filter(([key]) => key in card.hyper);
  return {
    dataset,
    hyper: resolveHyper(card, undefined, Object.fromEntries(known)),
    random,
    width: Number(vectors.hyper['embedding_size']),
    batchSize: Number(vectors.hyper['train_batch_size']),
    itemGraph: 'computed',
    stages: {},
  };
}

function batchOf({ batch }: ModelVectors): Batch {
  return { users: Int32Array.from(batch.users), positives: Int32Array.from(batch.pos), negatives: Int32Array.from(batch.neg ?? []) };
}

/** Puts the recorded starting values into the model; every value of every table must be recorded. */
function load(model: Model, adapter: Adapter, vectors: ModelVectors, dataset: Dataset): void {
  for (const [name, variable] of model.parameters) {
    const start = new Float32Array(variable.size);
    let filled = 0;
    for (const binding of adapter.bindings.filter((candidate) => candidate.ours === name)) {
      const parameter = referenceOf(vectors, binding.reference);
      const { from, values: placed } = toOurs(parameter, parameter.init, binding, dataset);
      start.set(placed, from);
      filled += placed.length;
    }
    if (filled !== start.length) throw new Error(`${filled} of ${start.length} starting values of ${name} are recorded`);
    const loaded = tensor(start, variable.shape, 'float32');
    variable.assign(loaded);
    loaded.dispose();
  }
}

function checkGradients(model: Model, inputs: object, { adapter, vectors, dataset }: Subject): Part[] {
  const { gradients } = lossAndGradients(model.parameters, () => model.loss(inputs));
  const parts = adapter.bindings.map((binding) => checkGradient(binding, vectors, dataset, gradients.get(binding.ours)));
  for (const gradient of gradients.values()) gradient?.dispose();
  return parts;
}

/** All terms of the next step, where the model skips one because its weight is 0: from a twin with another weight and the same tables. */
function skippedTerms(model: Model, { adapter, vectors, dataset }: Subject): Readonly<Record<string, number>> | undefined {
  const zero = Object.keys(adapter.fullTerms ?? {}).some((key) => vectors.hyper[key] === 0);
  if (!zero) return undefined;
  const { streams } = recordedStreams(vectors.noise);
  const context = contextOf(vectors, dataset, adapter, streams);
  const twin = modelById(adapter.model).create({ ...context, hyper: { ...context.hyper, ...adapter.fullTerms } });
  try {
    load(twin, adapter, vectors, dataset);
    for (const [name, variable] of model.parameters) twin.parameters.get(name)!.assign(variable.clone());
    twin.beforeEpoch?.(0);
    const record = lossAndGradients(twin.parameters, () => twin.loss(twin.inputs(batchOf(vectors), 0)));
    for (const gradient of record.gradients.values()) gradient?.dispose();
    return record.terms;
  } finally {
    twin.dispose();
  }
}

function checkLosses(vectors: ModelVectors, steps: readonly StepRecord[]): Part[] {
  const loss = compare(
    'loss',
    steps.map((step) => step.loss),
    vectors.loss.values,
    bounds.loss,
  );
  const expected = [1, 2, 3].map((step) => vectors.loss.terms.filter((term) => term.step === step).map((term) => term.values));
  return [loss, compare('terms', steps.map(({ terms }) => terms).flat(2), expected.flat(2), bounds.loss)];
}

function checkGradient(
  binding: Binding,
  vectors: ModelVectors,
  dataset: Dataset,
  gradient: Parameters<typeof values>[0] | null | undefined,
): Part {
  const parameter = referenceOf(vectors, binding.reference);
  const name = `grad.${binding.reference}`;
  const size = parameter.init.length;
  // A table without a gradient and one whose gradient is all zero are the same here: neither moves.
  const expected = parameter.grad ?? new Float32Array(size);
  if (gradient === null || gradient === undefined) return compare(name, new Float32Array(size), expected, bounds.gradient);
  return compare(name, fromOurs(parameter, values(gradient), binding, dataset), expected, bounds.gradient);
}

function checkParameters(moment: 'after1' | 'after3', model: Model, { adapter, vectors, dataset }: Subject): Part {
  let worst: Part = { name: moment, error: 0, passed: true };
  for (const binding of adapter.bindings) {
    const parameter = referenceOf(vectors, binding.reference);
    const variable = model.parameters.get(binding.ours);
    const ours = variable === undefined ? Float32Array.from(parameter.init) : fromOurs(parameter, values(variable), binding, dataset);
    const part = compare(moment, ours, parameter[moment] ?? parameter.init, bounds.parameter, parameter.unstable);
    if (!(part.error <= worst.error) || !part.passed) {
      worst = {
        ...part,
        error: Math.max(part.error, worst.error),
        passed: part.passed && worst.passed,
        ...(part.passed ? {} : { name: `${moment}(${binding.reference})` }),
      };
    }
  }
  return worst;
}

function referenceOf(vectors: ModelVectors, name: string): ReferenceParameter {
  const found = vectors.params.find((parameter) => parameter.name === name);
  if (found === undefined) throw new Error(`the reference has no parameter ${name}`);
  return found;
}

function toOurs(
  parameter: ReferenceParameter,
  reference: ArrayLike<number>,
  binding: Binding,
  dataset: Dataset,
): { from: number; values: Float32Array } {
  const [rows, columns = 1] = parameter.shape as [number, number?];
  const placed = new Float32Array(reference.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) placed[binding.transposed === true ? c * rows + r : r * columns + c] = reference[r * columns + c]!;
  }
  return { from: (binding.row?.(dataset) ?? 0) * columns, values: placed };
}

function fromOurs(parameter: ReferenceParameter, ours: Float32Array, binding: Binding, dataset: Dataset): Float32Array {
  const [rows, columns = 1] = parameter.shape as [number, number?];
  const from = (binding.row?.(dataset) ?? 0) * columns;
  const taken = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) taken[r * columns + c] = ours[from + (binding.transposed === true ? c * rows + r : r * columns + c)]!;
  }
  return taken;
}

/** users · itemsᵀ in double from the vectors that would be kept; disposes them. */
function scores({ users, items }: Representation): Float64Array {
  const [u, i] = [values(users), values(items)];
  const width = users.shape[1];
  const [rows, columns] = [users.shape[0], items.shape[0]];
  users.dispose();
  items.dispose();
  const matrix = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let w = 0; w < width; w++) sum += u[r * width + w]! * i[c * width + w]!;
      matrix[r * columns + c] = sum;
    }
  }
  return matrix;
}
