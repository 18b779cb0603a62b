import { createHash } from 'node:crypto';
import type { Budget, RunConfig } from '#contract/run.ts';
import type { Dataset } from '#data/dataset.ts';
import type { StageRequest } from '#models/define-model.ts';

/**
 * Hash of everything that decides a run's numbers: data (also their order in the file, which shuffling starts from), settings,
 * seed, device, and threads where results may depend on them. Equal identities train bit-identically; a checkpoint or stage of another
 * identity is not used.
 */
export function runIdentity(config: RunConfig, dataset: Dataset): string {
  const { model, source, hyper, seed, budget, protocol, evaluation, itemGraph, device } = config;
  const threads = decisiveThreads(config);
  return hashOf({ data: dataIdentity(dataset), model, source, hyper, seed, budget, protocol, evaluation, itemGraph, device, threads });
}

/** As {@link runIdentity}, for a stage: runs that ask for the same stage share its result. */
export function stageIdentity(config: RunConfig, dataset: Dataset, request: StageRequest, codeVersion: string): string {
  const { seed, protocol, evaluation, itemGraph, device } = config;
  const threads = decisiveThreads(config);
  const { model, hyper, epochs } = request;
  const budget = stageBudget(config.budget, request);
  // A model of the person's own may be its own stage; other stages do not depend on its source.
  const source = model === config.model ? config.source : undefined;
  return hashOf({
    data: dataIdentity(dataset),
    model,
    source,
    hyper,
    seed,
    budget,
    protocol,
    evaluation,
    itemGraph,
    device,
    threads,
    codeVersion,
    epochs,
  });
}

/**
 * The run's budget, or exactly so many epochs where the stage's length is set. Mirror Gradient is for the run's own model: another one
 * is pretrained without it.
 */
export function stageBudget(budget: Budget, { epochs }: StageRequest): Budget {
  if (epochs !== undefined) return { ...budget, epochs, minEpochs: epochs, patience: epochs };
  const { mirror: _mirror, mirrorDescent: _descent, mirrorEvery: _every, ...plain } = budget;
  return plain;
}

/** Only TensorFlow's sums may depend on the number of threads; the other devices give the same bits on any. */
function decisiveThreads({ device, threads }: RunConfig): number | undefined {
  return device === 'tensorflow' ? threads : undefined;
}

function dataIdentity(dataset: Dataset): unknown {
  return {
    fingerprint: dataset.fingerprint,
    train: hashOfArrays([dataset.train.users, dataset.train.items]),
    features: Object.fromEntries(dataset.modalities.map(({ name, hash }) => [name, hash])),
    graphs: Object.fromEntries(dataset.graphs.map(({ name, hash }) => [name, hash])),
    knowledge: dataset.knowledge?.hash,
  };
}

function hashOfArrays(arrays: readonly Int32Array[]): string {
  const hash = createHash('sha256');
  for (const array of arrays) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return hash.digest('hex');
}

/** SHA-256 of a value as JSON with sorted keys. */
export function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}
