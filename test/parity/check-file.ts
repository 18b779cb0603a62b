import { basename } from 'node:path';
import { adapters } from './adapters.ts';
import { checkEvaluator } from './check-evaluator.ts';
import { checkGraphs } from './check-graphs.ts';
import { checkModel } from './check-model.ts';
import { line } from './compare.ts';
import type { Part } from './compare.ts';
import { requireForm } from './forms.ts';
import { datasetBeside, readJson } from './vectors.ts';
import type { EvaluatorVectors, GraphVectors, ModelVectors } from './vectors.ts';

export interface Verdict {
  readonly line: string;
  readonly passed: boolean;
}

/** Compares one file of reference vectors on the opened device. Whatever cannot be read or compared is a failure with words. */
export async function checkFile(path: string): Promise<Verdict> {
  const name = basename(path);
  try {
    const parts = await partsOf(path);
    if (parts === undefined) return { line: `FAIL ${name} not implemented`, passed: false };
    return { line: line(name, parts), passed: parts.length > 0 && parts.every((part) => part.passed) };
  } catch (error) {
    return {
      line: `FAIL ${name} not compared: ${error instanceof Error ? error.message : String(error)}`.replaceAll('\n', ' '),
      passed: false,
    };
  }
}

async function partsOf(path: string): Promise<Part[] | undefined> {
  const vectors = readJson(path);
  if (has(vectors, 'key') || has(vectors, 'params')) {
    if (has(vectors, 'key') && typeof vectors.key === 'string' && adapters[vectors.key] === undefined) return undefined;
    requireForm('model', vectors);
    return checkModel(vectors as unknown as ModelVectors, datasetBeside(path));
  }
  if (has(vectors, 'train_mask')) {
    requireForm('evaluator', vectors);
    return checkEvaluator(vectors as unknown as EvaluatorVectors);
  }
  if (has(vectors, 'graphs')) {
    requireForm('graphs', vectors);
    return checkGraphs(vectors as unknown as GraphVectors, datasetBeside(path));
  }
  throw new Error('it holds no vectors of a model (key), of graphs or of the evaluator (train_mask)');
}

function has<K extends string>(value: unknown, key: K): value is Readonly<Record<K, unknown>> {
  return typeof value === 'object' && value !== null && key in value;
}
