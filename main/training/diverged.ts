import type { Variable } from '@tensorflow/tfjs-core';
import { ProblemError } from '#contract/problem.ts';
import { mainStage } from '#contract/run.ts';

/** Where numbers stopped being finite. Epoch and batch count from 1. */
export interface Divergence {
  readonly stage: string;
  readonly epoch: number;
  readonly batch: number;
  /** Term of the loss ("bpr"), "loss" when each term is finite, or "parameter item.embedding". */
  readonly term: string;
  readonly value: number;
}

/** The first part of a loss that is not finite: a term by name, else the total. */
export function divergedTerm(total: number, terms: Readonly<Record<string, number>>): { term: string; value: number } | undefined {
  for (const [term, value] of Object.entries(terms)) if (!Number.isFinite(value)) return { term, value };
  return Number.isFinite(total) ? undefined : { term: 'loss', value: total };
}

/** Beyond this, a score (a float32 sum of 64 products of two such values) is no longer finite. */
const largestUsable = 1e18;

/** The first parameter with a value that is not finite, or so large that scores computed from it are not. */
export function divergedParameter(values: ReadonlyMap<string, Float32Array>): { term: string; value: number } | undefined {
  for (const [name, array] of values) {
    for (const value of array) if (!(Math.abs(value) < largestUsable)) return { term: `parameter ${name}`, value };
  }
  return undefined;
}

export function divergedProblem(found: Divergence): ProblemError {
  const value = Number.isNaN(found.value) ? 'NaN' : String(found.value);
  return new ProblemError({
    kind: 'diverged',
    code: 'training.diverged',
    message: `diverged at epoch ${found.epoch}: ${found.term} is ${value}`,
    where: `${found.stage === mainStage ? '' : `stage ${found.stage}, `}epoch ${found.epoch}, batch ${found.batch}`,
    values: { stage: found.stage, epoch: found.epoch, batch: found.batch, term: found.term, value },
    fix: 'Lower the learning rate or the weight of that term.',
  });
}

/** Current values of every parameter, copied from the device. */
export function readParameters(parameters: ReadonlyMap<string, Variable>): Map<string, Float32Array> {
  return new Map([...parameters].map(([name, parameter]) => [name, new Float32Array(parameter.dataSync())]));
}
