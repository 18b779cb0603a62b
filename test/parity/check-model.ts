import { resolveHyper } from '#contract/model-card.ts';
import type { HyperValues } from '#contract/model-card.ts';
import type { Batch } from '#data/batch.ts';
import type { Dataset } from '#data/dataset.ts';
import { Adam } from '#engine/ops/adam.ts';
import { values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { TrainStep } from '#engine/ops/train-step.ts';
import type { Model } from '#models/define-model.ts';
import { modelById } from '#models/registry.ts';
import type { Adapter, Binding } from './adapter.ts';
import { adapters } from './adapters.ts';
import { bounds, compare, fault } from './compare.ts';
import type { Bound, Leniency, Part } from './compare.ts';
import { recordedStreams } from './recorded-random.ts';
import type { Recorded } from './recorded-random.ts';
import { scoresOf } from './scores.ts';
import { assign, fromOurs, loadStart } from './tables.ts';
import { datasetOf } from './vectors.ts';
import type { ModelVectors, ReferenceDataset, ReferenceParameter } from './vectors.ts';

/**
 * Compares a model on the opened device with its vectors: loss and terms of three steps, each gradient, parameters after one and
 * three Adam steps, score matrices before and after, with the stale vectors of a released scorer too, and each recorded variant.
 * Undefined where the project lacks the model.
 */
export function checkModel(vectors: ModelVectors, reference: ReferenceDataset): Part[] | undefined {
  const adapter = adapters[vectors.key];
  if (adapter === undefined) return undefined;
  requireKnown(adapter, vectors);
  const bindings = typeof adapter.bindings === 'function' ? adapter.bindings(vectors) : adapter.bindings;
  const recorded = adapter.pre === undefined ? vectors.noise.pre : adapter.pre(vectors, reference);
  const dataset = datasetOf(reference);
  const subject: Subject = {
    adapter,
    bindings,
    vectors: { ...vectors, noise: { ...vectors.noise, pre: recorded } },
    dataset,
    strays: new Map(),
  };
  const parts = vectors.loss.values.length === 0 ? checkUntrained(subject) : checkTrained(subject);
  if (adapter.further !== undefined) {
    const made = { create: (draws: Recorded) => create(subject, {}, draws), bindings, vectors, dataset };
    parts.push(...adapter.further(made));
  }
  for (const [name, variant] of Object.entries(vectors.variants ?? {})) {
    const hyper = adapter.variants?.[name];
    if (hyper === undefined) parts.push(fault(`variant.${name}`, 'not compared'));
    else parts.push(...checkVariant(subject, name, variant, hyper(variant)));
  }
  return parts;
}

/** @throws Error where the reference was run with a setting that ours does not have. */
function requireKnown({ only = {} }: Adapter, { hyper }: ModelVectors): void {
  for (const [key, computed] of Object.entries(only)) {
    const value = hyper[key];
    if (value === undefined || computed.includes(value)) continue;
    throw new Error(`${key} is ${JSON.stringify(value)}, ours computes ${computed.map((one) => JSON.stringify(one)).join(', ')}`);
  }
}

interface Subject {
  readonly adapter: Adapter;
  readonly bindings: readonly Binding[];
  readonly vectors: ModelVectors;
  readonly dataset: Dataset;
  /** By table of the reference: how far our gradient strays from its own. */
  readonly strays: Map<string, number>;
}

interface Moment {
  readonly model: Model;
  /** From 1. */
  readonly step: number;
  readonly inputs: object;
}

interface Visit {
  /** With the recorded start, in the first epoch. */
  readonly start?: (model: Model) => void;
  /** Before each step. */
  readonly before?: (moment: Moment) => void;
  /** After each step. */
  readonly after?: (moment: Moment, outcome: { total: number; terms: Readonly<Record<string, number>> }) => void;
  readonly end: (model: Model, draws: Recorded) => void;
}

/** The model with the recorded start takes the recorded steps, as a run takes them: compiled where the device compiles. */
function takeSteps(subject: Subject, hyper: HyperValues, visit: Visit): void {
  const { vectors } = subject;
  const draws = recorded(subject);
  draws.begin('pre');
  const model = create(subject, hyper, draws);
  const { beta1, beta2, eps, lr } = vectors.optimizer;
  try {
    model.beforeEpoch?.(0);
    draws.begin('score');
    visit.start?.(model);
    const adam = new Adam(model.parameters, { beta1, beta2, epsilon: eps });
    const training = new TrainStep({ parameters: model.parameters, adam, loss: (inputs) => model.loss(inputs) });
    for (let step = 1; step <= 3; step++) {
      draws.begin('loss', subject.adapter.asked?.(vectors));
      const inputs = model.inputs(batchOf(vectors, step), 0);
      const moment = { model, step, inputs };
      visit.before?.(moment);
      const outcome = training.run(inputs, lr);
      visit.after?.(moment, outcome);
    }
    training.dispose();
    adam.dispose();
    visit.end(model, draws);
  } finally {
    model.dispose();
  }
}

function recorded({ adapter, vectors }: Subject): Recorded {
  return recordedStreams(vectors.noise, { negatives: adapter.negatives?.(vectors), freeGraph: adapter.hasFreeGraph?.(vectors) });
}

function checkTrained(subject: Subject): Part[] {
  const { adapter, bindings, vectors } = subject;
  const parts: Part[] = [];
  const steps: StepRecord[] = [];
  const { hyper } = modelById(adapter.model).card;
  let unused: number | undefined;
  takeSteps(subject, 'stale_eval' in hyper ? { stale_eval: 'corrected' } : {}, {
    start: (model) => parts.push(checkScores(subject, 'scores.before', model, vectors.scores.before)),
    before: ({ model, step, inputs }) => {
      if (step === 1) parts.push(...checkGradients(subject, model, inputs));
      const full = fullStep(subject, model);
      if (full === undefined) return;
      steps.push({ loss: NaN, terms: adapter.terms(full.terms, vectors) });
      unused = full.unused;
    },
    after: ({ model, step }, { total, terms }) => {
      const loss = adapter.loss?.(total, terms) ?? total;
      if (steps.length < step) steps.push({ loss, terms: adapter.terms(terms, vectors) });
      else steps[step - 1] = { ...steps[step - 1]!, loss };
      if (step !== 2) parts.push(checkParameters(step === 1 ? 'after1' : 'after3', model, subject));
    },
    end: (model, draws) => {
      unused ??= draws.left();
      if (unused > 0) parts.push(fault('noise', `${unused} recorded draws were not used`));
      draws.begin('score');
      parts.push(checkScores(subject, 'scores.after3', model, vectors.scores.after3));
    },
  });
  if (vectors.scores.after3_cached !== undefined) {
    const end = (model: Model) => parts.push(checkScores(subject, 'scores.after3_cached', model, vectors.scores.after3_cached));
    takeSteps(subject, { stale_eval: 'released' }, { end });
  }
  parts.unshift(...checkLosses(subject, steps));
  const bound = new Set(bindings.map((binding) => binding.reference));
  // A table that never moves and that ours lacks changes nothing; scores would tell if it did.
  for (const { name, grad } of vectors.params) if (!bound.has(name) && grad !== null) parts.push(fault(name, 'not compared'));
  return parts;
}

/** Models that are not trained have scores alone. */
function checkUntrained(subject: Subject): Part[] {
  const model = create(subject, {}, recorded(subject));
  try {
    return [checkScores(subject, 'scores.before', model, subject.vectors.scores.before)];
  } finally {
    model.dispose();
  }
}

function checkVariant(subject: Subject, name: string, variant: NonNullable<ModelVectors['variants']>[string], hyper: HyperValues): Part[] {
  const { adapter, bindings, vectors, dataset } = subject;
  const parts: Part[] = [];
  const losses: number[] = [];
  const stale = 'stale_eval' in modelById(adapter.model).card.hyper ? { stale_eval: 'corrected' } : {};
  takeSteps(
    subject,
    { ...stale, ...hyper },
    {
      after: (_, { total, terms }) => losses.push(adapter.loss?.(total, terms) ?? total),
      end: (model, draws) => {
        parts.push(compare(`${name}.loss`, losses, variant.loss, bounds.loss));
        let worst: Part = { name: `${name}.after3`, error: 0, passed: true };
        for (const { name: reference, after3 } of variant.params) {
          const binding = bindings.find((candidate) => candidate.reference === reference);
          if (binding === undefined) {
            parts.push(fault(`${name}.${reference}`, 'not compared'));
            continue;
          }
          // Weight decay moves tables without a gradient too; what ours lacks is seen by no score.
          if (!model.parameters.has(binding.ours)) continue;
          const parameter = referenceOf(vectors, reference);
          const ours = tableOf(model, parameter, binding, dataset);
          const lenient = leniency(subject, parameter, 3, variant.weight_decay);
          worst = worse(worst, compare(`${name}.after3`, ours, after3, bounds.parameter, lenient), reference);
        }
        draws.begin('score');
        parts.push(worst, checkScores(subject, `${name}.scores`, model, variant.scores_after3));
      },
    },
  );
  return parts;
}

interface StepRecord {
  readonly loss: number;
  readonly terms: number[][];
}

function create({ adapter, bindings, vectors, dataset }: Subject, hyper: HyperValues, draws: Recorded): Model {
  const definition = modelById(adapter.model);
  const known = Object.entries(vectors.hyper).filter(([key]) => key in definition.card.hyper);
  const given = { ...(Object.fromEntries(known) as HyperValues), ...adapter.hyper?.(vectors), ...hyper };
  const model = definition.create({
    dataset,
    hyper: resolveHyper(definition.card, undefined, given),
    random: draws.streams,
    width: adapter.width?.(vectors) ?? Number(vectors.hyper['embedding_size'] ?? 64),
    batchSize: Number(vectors.hyper['train_batch_size']),
    itemGraph: 'computed',
    stages: {},
  });
  loadStart(model, bindings, vectors, dataset);
  return model;
}

function batchOf({ batch }: ModelVectors, step: number): Batch {
  const columns = {
    users: Int32Array.from(batch.users),
    positives: Int32Array.from(batch.pos),
    negatives: Int32Array.from(batch.neg ?? []),
  };
  return step === 3 ? { ...columns, isLast: true } : columns;
}

function checkScores({ adapter, vectors, dataset }: Subject, name: string, model: Model, expected: number[] | undefined): Part {
  if (expected === undefined) return fault(name, 'is missing');
  const ours = scoresOf(model, dataset.users);
  const scored = adapter.score === undefined ? ours : ours.map((product) => adapter.score!(product));
  return compare(name, scored, expected, loosened(bounds.score, vectors, name.startsWith('scores.') ? name : 'scores.after3'));
}

/** A bound wider by how far two float32 programs may lie apart where the reference's own strays so far from its double precision. */
function loosened(bound: Bound, { float64 }: ModelVectors, name: string): Bound {
  const strays = float64?.[`max_diff_${name.replace('.', '_')}`];
  return typeof strays === 'number' ? { ...bound, absolute: bound.absolute + 3 * strays } : bound;
}

function checkGradients({ bindings, vectors, dataset, strays }: Subject, model: Model, inputs: object): Part[] {
  const { gradients } = lossAndGradients(model.parameters, () => model.loss(inputs));
  const parts = bindings
    .filter(({ reference }) => vectors.params.some((parameter) => parameter.name === reference))
    .map((binding) => {
      const parameter = referenceOf(vectors, binding.reference);
      const gradient = gradients.get(binding.ours);
      // A table without a gradient and one whose gradient is all zero are the same here: neither moves.
      const none = new Float32Array(parameter.init.length);
      const ours = gradient === null || gradient === undefined ? none : fromOurs(parameter, values(gradient), binding, dataset);
      const expected = parameter.grad ?? none;
      strays.set(
        binding.reference,
        ours.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0),
      );
      return compare(`grad.${binding.reference}`, ours, expected, loosened(bounds.gradient, vectors, 'grad'));
    });
  for (const gradient of gradients.values()) gradient?.dispose();
  return parts;
}

interface FullStep {
  readonly terms: Readonly<Record<string, number>>;
  /** Recorded draws that it did not ask for. */
  readonly unused: number;
}

/** The next step with all its terms and draws, where the model skips one because its weight is 0: of a twin with another weight and the same tables. */
function fullStep(subject: Subject, model: Model): FullStep | undefined {
  const { adapter, vectors } = subject;
  const zero = Object.keys(adapter.fullTerms ?? {}).some((key) => vectors.hyper[key] === 0);
  if (!zero) return undefined;
  const draws = recorded(subject);
  draws.begin('pre');
  const twin = create(subject, adapter.fullTerms ?? {}, draws);
  try {
    for (const [name, variable] of model.parameters) assign(twin.parameters.get(name)!, values(variable));
    twin.beforeEpoch?.(0);
    draws.begin('loss');
    const record = lossAndGradients(twin.parameters, () => twin.loss(twin.inputs(batchOf(vectors, 1), 0)));
    for (const gradient of record.gradients.values()) gradient?.dispose();
    return { terms: record.terms, unused: draws.left() };
  } finally {
    twin.dispose();
  }
}

function checkLosses({ adapter, vectors }: Subject, steps: readonly StepRecord[]): Part[] {
  const loss = compare(
    'loss',
    steps.map((step) => step.loss),
    vectors.loss.values,
    bounds.loss,
  );
  const termBound = adapter.hasCancellingTerms === true ? bounds.cancellingTerm : bounds.term;
  const compared = adapter.hasStrayingTerms?.(vectors) === true ? [1] : [1, 2, 3];
  const expected = compared.map((step) => vectors.loss.terms.filter((term) => term.step === step).map((term) => term.values));
  const ours = compared.map((step) => steps[step - 1]!.terms);
  return [loss, compare('terms', ours.flat(2), expected.flat(2), termBound)];
}

function checkParameters(moment: 'after1' | 'after3', model: Model, subject: Subject): Part {
  const { bindings, vectors, dataset } = subject;
  let worst: Part = { name: moment, error: 0, passed: true };
  for (const binding of bindings) {
    const parameter = vectors.params.find(({ name }) => name === binding.reference);
    if (parameter === undefined) continue;
    const ours = tableOf(model, parameter, binding, dataset);
    const lenient = leniency(subject, parameter, moment === 'after1' ? 1 : 3);
    worst = worse(worst, compare(moment, ours, parameter[moment] ?? parameter.init, bounds.parameter, lenient), binding.reference);
  }
  return worst;
}

/**
 * Adam divides a gradient by its own size, so what rounding changes in the gradient, here the most of its table, counts as
 * lr·δ/(|g| + ε) in a step, at most the step there and back. `decay` times the entry is what the optimiser adds to g.
 */
function leniency({ vectors, strays }: Subject, parameter: ReferenceParameter, steps: number, decay = 0): Leniency {
  const { lr, eps } = vectors.optimizer;
  const { name, init, grad, unstable } = parameter;
  const stray = strays.get(name) ?? 0;
  const moved = (value: number, i: number) => Math.min(1, stray / (Math.abs((grad?.[i] ?? 0) + decay * value) + eps));
  return { skip: unstable, slack: init.map((value, i) => 2 * steps * lr * moved(value, i)) };
}

/** Our values of a reference's table; where ours has none, it never moves. */
function tableOf(model: Model, parameter: ReferenceParameter, binding: Binding, dataset: Dataset): Float32Array {
  const variable = model.parameters.get(binding.ours);
  return variable === undefined ? Float32Array.from(parameter.init) : fromOurs(parameter, values(variable), binding, dataset);
}

function worse(worst: Part, part: Part, reference: string): Part {
  if (part.error <= worst.error && part.passed) return worst;
  return {
    ...part,
    error: Math.max(part.error, worst.error),
    passed: part.passed && worst.passed,
    name: part.passed ? worst.name : `${part.name}(${reference})`,
  };
}

function referenceOf(vectors: ModelVectors, name: string): ReferenceParameter {
  const found = vectors.params.find((parameter) => parameter.name === name);
  if (found === undefined) throw new Error(`the reference has no parameter ${name}`);
  return found;
}
