/** The run sentence (look.md, signature 2): one readable line, the same in every list, tooltip, notification and caption. */
import { logToolTitles } from '#contract/log-import.ts';
import type { RunSummary } from '#contract/run.ts';
import { verdictWords } from '#contract/search.ts';
import type { RunRow } from '#store/run-rows.ts';
import { differencesText } from './configurations.ts';

function sentenceOf(run: RunRow): string {
  if (run.imported !== undefined)
    return `${run.modelTitle} on ${run.datasetName}, imported from ${logToolTitles[run.imported]}: ${stateOf(run)}`;
  const settings = run.differences.length === 0 ? '' : ` (${differencesText(run.differences)})`;
  return `${run.modelTitle}${settings} on ${run.datasetName}, seed ${run.seed}: ${stateOf(run)}`;
}

export function withSentence(run: RunRow): RunSummary {
  return { ...run, sentence: sentenceOf(run) };
}

function stateOf(run: RunRow): string {
  switch (run.state) {
    case 'queued':
      return run.held === true ? 'on hold' : 'waiting';
    case 'preparing':
      return 'preparing';
    case 'running': {
      const progress = run.progress;
      if (progress === undefined) return 'running';
      const stage = progress.stageCount > 1 ? `stage ${progress.stageIndex + 1} of ${progress.stageCount}, ` : '';
      const best =
        progress.bestValue === undefined ? '' : `, best validation Recall@20 ${progress.bestValue.toFixed(4)} at ${progress.bestEpoch}`;
      return `${stage}epoch ${progress.epoch} of at most ${progress.epochLimit}${best}`;
    }
    case 'paused':
      return `paused after epoch ${run.epochs}`;
    case 'lost':
      return `interrupted after epoch ${run.epochs}, can be resumed`;
    case 'failed': {
      const value = resultOf(run);
      return `failed, ${run.problem?.message ?? 'reason unknown'}${value === undefined ? '' : `; ${value}`}`;
    }
    case 'stopped':
      if (run.verdict !== undefined) return `${verdictWords(run.verdict)}; ${resultOf(run) ?? 'no result'}`;
      return resultOf(run) === undefined ? 'stopped before the first result' : `stopped, ${resultOf(run)}`;
    case 'finished':
      return resultOf(run) ?? 'finished';
    case 'imported':
      return resultOf(run) ?? (run.epochs === 0 ? 'values without curves' : `${run.epochs} steps logged`);
  }
}

function resultOf(run: RunRow): string | undefined {
  const recall = run.validation?.['recall@20'];
  if (recall === undefined || run.bestEpoch === undefined) return undefined;
  return `validation Recall@20 ${recall.toFixed(4)}, best at epoch ${run.bestEpoch} of ${run.epochs}`;
}
