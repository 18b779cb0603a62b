import * as v from 'valibot';
import { splitAskSchema, type SplitAnswer, type SplitSource } from '#contract/dataset-import.ts';
import { toProblem } from '#contract/problem.ts';
import { openSplitSource, previewSplit } from '#data/split-source.ts';

/**
 * Holds the rows of one source and answers what splits of them would be like. `null` says that the rows are read. A question that cannot be
 * answered gets its problem and the task stays. Throws where the source cannot be read.
 */
export async function answerSplits(
  source: SplitSource,
  datasetFolder: string | undefined,
  questions: AsyncIterable<unknown>,
  answer: (value: SplitAnswer | null) => void,
  signal: AbortSignal,
): Promise<void> {
  const rows = await openSplitSource(source, datasetFolder, signal);
  answer(null);
  for await (const question of questions) {
    const { id, wish } = v.parse(splitAskSchema, question);
    try {
      answer({ id, preview: await previewSplit(rows, wish) });
    } catch (error) {
      answer({ id, problem: toProblem(error) });
    }
  }
}
