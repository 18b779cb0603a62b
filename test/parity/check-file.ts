import { basename } from 'node:path';
import { checkEvaluator } from './check-evaluator.ts';
import { checkGraphs } from './check-graphs.ts';
import { checkModel } from './check-model.ts';
import { line } from './compare.ts';
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
    const vectors = readJson(path) as Partial<ModelVectors & GraphVectors & EvaluatorVectors>;
    const parts =
      vectors.params !== undefined
        ? checkModel(vectors as ModelVectors, datasetBeside(path))
        : vectors.train_mask !== undefined
          ? await checkEvaluator(vectors as EvaluatorVectors)
          : vectors.graphs !== undefined
            ? checkGraphs(vectors as GraphVectors, datasetBeside(path))
            : undefined;
    if (parts === undefined) return { line: `FAIL ${name} not implemented`, passed: false };
    return { line: line(name, parts), passed: parts.length > 0 && parts.every((part) => part.passed) };
  } catch (error) {
    return {
      line: `FAIL ${name} not compared: ${error instanceof Error ? error.message : String(error)}`.replaceAll('\n', ' '),
      passed: false,
    };
  }
}
