import { resolveHyper, type ModelCard } from '#contract/model-card.ts';
import type { OwnCheck, OwnSource } from '#contract/own-model.ts';
import { ProblemError } from '#contract/problem.ts';
import type { Batch } from '#data/batch.ts';
import { randomStreams } from '#data/random.ts';
import { Sampler } from '#data/sampler.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { Adam } from '#engine/ops/adam.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { TrainStep } from '#engine/ops/train-step.ts';
import type { Model, ModelContext, ModelDefinition } from '#models/define-model.ts';
import { loadOwnModel, ownCall } from './load.ts';
import { slopesOf } from './slopes.ts';
import { placeOf } from './source-place.ts';
import { trialDataset, trialSize, trialStage } from './trial-data.ts';

const stepsTaken = 3;
const learningRate = 0.01;

/**
 * Loads a model of the person's own, builds it on drawn data and trains it for a few steps, as a run would: every promise of
 * define-model.ts that can be seen from outside is looked at.
 * @throws ProblemError own.* that says what is wrong, where, and what would be right
 */
export async function checkOwnModel(own: OwnSource, { slopes }: { readonly slopes: boolean }): Promise<OwnCheck> {
  const definition = loadOwnModel(own);
  const device = await openDevice('wasm', { threads: 1 });
  try {
    const kinds = modalitiesToTry(definition.card);
    const found = kinds.map((modalities) => tryOut(own, definition, { modalities, device, slopes }));
    const { parameters, losses } = found[0]!;
    const all = found.flatMap((one) => one.slopes);
    return {
      card: definition.card,
      parameters,
      losses,
      remarks: [...new Set(found.flatMap((one) => one.remarks))],
      ...(slopes ? { slopes: [...new Map(all.map((slope) => [slope.parameter, slope])).values()] } : {}),
    };
  } finally {
    device.close();
  }
}

/** Where any modality will do, one and two are tried: a model must not count on a number. */
function modalitiesToTry({ needs }: ModelCard): readonly (readonly string[])[] {
  if (needs.length === 0) return [[]];
  const named = needs.filter((need) => need !== 'any');
  return named.length > 0 ? [named] : [['image', 'text'], ['text']];
}

interface Trial {
  readonly modalities: readonly string[];
  readonly device: OpenDevice;
  readonly slopes: boolean;
}

function tryOut(own: OwnSource, definition: ModelDefinition, { modalities, device, slopes }: Trial) {
  const random = randomStreams(1);
  const dataset = trialDataset(randomStreams(2).init, modalities, definition.card.needsKnowledge);
  const hyper = resolveHyper(definition.card, undefined, {});
  const { width, batchSize } = trialSize;
  const asked = ownCall(own, 'stages()', () => definition.stages?.(hyper) ?? []);
  const stages = Object.fromEntries(asked.map(({ id }) => [id, trialStage(randomStreams(3).init)]));
  const context: ModelContext = { dataset, hyper, random, width, batchSize, itemGraph: 'computed', stages };
  const before = device.memory().tensors;
  const model = ownCall(own, 'create()', () => definition.create(context));
  const remarks: string[] = [];
  let losses: number[] = [];
  let checked: ReturnType<typeof slopesOf> = [];
  const size = [...model.parameters.values()].reduce((sum, parameter) => sum + parameter.size, 0);
  if (definition.card.trained) {
    if (model.parameters.size === 0)
      throw wrong(own, 'own.no-parameters', 'the model has no parameters', 'Fill `parameters`, or write trained: false in the card.');
    const sampler = new Sampler(dataset, { batchSize, random });
    const batches = [...sampler.epoch()];
    ownCall(own, 'beforeEpoch()', () => {
      model.beforeEpoch?.(0);
      for (const _ of model.epochWork?.(0) ?? []);
    });
    remarks.push(...gradientRemarks(own, model, batches[0]!));
    losses = train(own, model, batches, remarks);
  }
  checkScores(own, model);
  if (slopes && definition.card.trained) {
    const [batch] = [...new Sampler(dataset, { batchSize, random }).epoch()];
    checked = slopesOf(
      own,
      model,
      ownCall(own, 'inputs()', () => model.inputs(batch!, 0)),
    );
  }
  ownCall(own, 'dispose()', () => model.dispose());
  const left = device.memory().tensors - before;
  if (left > 0) remarks.push(`${left} tensors are left after dispose(): memory grows with every run of a process.`);
  return { parameters: size, losses, remarks, slopes: checked };
}

/** A loss that is a number, and gradients that are; says which parameters the loss does not see. */
function gradientRemarks(own: OwnSource, model: Model, batch: Batch): string[] {
  const inputs = ownCall(own, 'inputs()', () => model.inputs(batch, 0));
  const { total, gradients } = ownCall(own, 'loss()', () => {
    try {
      return lossAndGradients(model.parameters, () => model.loss(inputs));
    } catch (error) {
      throw /connection between any variable/i.test(String(error)) ? withoutGradient(own) : error;
    }
  });
  const unseen: string[] = [];
  let broken: string | undefined;
  for (const [name, gradient] of gradients) {
    if (gradient === null) unseen.push(name);
    else if (!gradient.dataSync().every(Number.isFinite)) broken ??= name;
    gradient?.dispose();
  }
  const fix = 'Look for a division by zero, a logarithm of zero or an exponential of something large.';
  if (!Number.isFinite(total)) throw wrong(own, 'own.loss', `the loss of the first batch is ${total}`, fix);
  if (broken !== undefined) throw wrong(own, 'own.gradient', `the gradient of ${broken} is not finite`, fix);
  if (unseen.length === gradients.size) throw withoutGradient(own);
  return unseen.map((name) => `The loss does not depend on ${name}: it is never trained.`);
}

function withoutGradient(own: OwnSource): ProblemError {
  const fix = 'Compute it from the tables in `parameters` with functions of avocet/ops: a value that was read back has no gradient.';
  return wrong(own, 'own.no-gradient', 'the loss depends on no parameter', fix);
}

function train(own: OwnSource, model: Model, batches: readonly Batch[], remarks: string[]): number[] {
  const adam = new Adam(model.parameters);
  const step = new TrainStep({ parameters: model.parameters, adam, loss: (inputs) => model.loss(inputs) });
  try {
    const losses: number[] = [];
    for (let taken = 0; taken < stepsTaken; taken++) {
      const batch = { ...batches[taken % batches.length]!, isLast: taken === stepsTaken - 1 };
      losses.push(ownCall(own, 'a training step', () => step.run(model.inputs(batch, 0), learningRate).total));
    }
    if (step.mode.startsWith('eager'))
      remarks.push(`Steps are not compiled (${step.mode}): slower, with the same numbers. inputs() does host work, loss() tensors alone.`);
    return losses;
  } finally {
    step.dispose();
    adam.dispose();
  }
}

/** Vectors of every user and item, or blocks of scores, of the promised shapes and finite. */
function checkScores(own: OwnSource, model: Model): void {
  const { users, items } = trialSize;
  const finite = (name: string, tensor: { dataSync(): ArrayLike<number> }) => {
    if (!Array.from(tensor.dataSync()).every(Number.isFinite))
      throw wrong(own, 'own.scores', `${name} holds values that are not finite`, 'They must be numbers after any number of steps.');
  };
  if (model.scorer !== undefined) {
    const asked = Int32Array.of(0, users - 1);
    const scores = ownCall(own, 'scorer()', () => model.scorer!().scores(asked));
    expectShape(own, 'scorer().scores([2 users])', scores.shape, [2, items]);
    finite('scorer()', scores);
    scores.dispose();
    return;
  }
  const found = ownCall(own, 'represent()', () => model.represent());
  expectShape(own, 'represent().users', found.users.shape, [users, found.items.shape[1]]);
  expectShape(own, 'represent().items', found.items.shape, [items, found.users.shape[1]]);
  for (const name of ['users', 'items'] as const) finite(`represent().${name}`, found[name]);
  found.users.dispose();
  found.items.dispose();
}

function expectShape(own: OwnSource, what: string, found: readonly number[], wanted: readonly number[]): void {
  if (found.length === wanted.length && wanted.every((size, axis) => size === found[axis])) return;
  throw wrong(
    own,
    'own.shape',
    `${what} is [${found.join(', ')}] on data of ${trialSize.users} users and ${trialSize.items} items, not [${wanted.join(', ')}]`,
    'One row per user and per item of the dataset, in the order of their ids.',
  );
}

function wrong(own: OwnSource, code: string, message: string, fix: string): ProblemError {
  return new ProblemError({ kind: 'config', code, message, values: { model: own.id }, where: placeOf(own, 'model.ts'), fix });
}
