import type { Curves } from '#contract/table.ts';
import type { Series } from '#contract/run.ts';
import { aggregate } from '#stats/aggregate.ts';
import { configurations, type ComparisonSource, type Configuration } from './compared-run.ts';

/** Curves of a comparison: per dataset and configuration the mean over its runs, epoch by epoch, with how many train at each. */
export function buildCurves(
  source: ComparisonSource,
  scope: { readonly experiments: readonly string[]; readonly runs: readonly string[] },
  metric: string,
): Curves {
  const entries = configurations(source.runs(scope));
  return {
    metric,
    curves: entries.flatMap((entry) => {
      const runs = entry.runs.length > 0 ? entry.runs : entry.unfinished;
      const ids = runs.map((run) => run.summary.id);
      const values = present(ids.map((id) => source.series(id, metric)));
      if (values.length === 0) return [];
      const first = runs[0]!.summary;
      const mean = meanSeries(metric, values);
      const best = bestOf(entry, metric);
      return [
        {
          key: `${entry.dataset}/${entry.key}`,
          dataset: entry.dataset,
          datasetName: first.datasetName,
          model: entry.model,
          title: `${source.modelTitle(entry.model)}${first.imported === undefined ? '' : ' (imported)'}`,
          differences: entry.differences,
          inferred: entry.inferred,
          n: runs.length,
          runIds: ids,
          mean: mean.series,
          whole: mean.whole,
          held: mean.held,
          ...(values.length > 1 ? { sd: mean.sd } : {}),
          loss: meanSeries('loss', present(ids.map((id) => source.series(id, 'loss')))).series,
          steps: runs[0]!.steps,
          seconds: meanSeries('train-seconds', present(ids.map((id) => source.series(id, 'train-seconds')))).series,
          ...best,
          ...(first.stopReason === undefined ? {} : { stopReason: first.stopReason }),
          sentence: first.sentence,
        },
      ];
    }),
  };
}

function present(series: readonly (Series | undefined)[]): readonly Series[] {
  return series.filter((entry): entry is Series => entry !== undefined);
}

/** Of one run its best epoch and what the metric was at it; of several the median epoch and the mean of what it was at theirs. */
function bestOf(entry: Configuration, metric: string): { bestEpoch?: number; bestValue?: number } {
  const epochs = entry.runs.flatMap((run) => (run.summary.bestEpoch === undefined ? [] : [run.summary.bestEpoch])).sort((a, b) => a - b);
  const mean = aggregate(entry.runs.flatMap((run) => run.summary.validation?.[metric] ?? []));
  const median = epochs[Math.floor((epochs.length - 1) / 2)];
  return { ...(median === undefined ? {} : { bestEpoch: median }), ...(mean === undefined ? {} : { bestValue: mean.mean }) };
}

/** Mean and sample sd per epoch over the runs still training at it, to the end of the longest; `held` says of how many, so that the tail of one does not pass for a mean. */
function meanSeries(
  key: string,
  all: readonly Series[],
): { series: Series; sd: Float64Array<ArrayBuffer>; held: Int32Array<ArrayBuffer>; whole: number } {
  const byLength = [...all].sort((a, b) => b.epochs.length - a.epochs.length);
  const longest = byLength[0];
  const length = longest?.epochs.length ?? 0;
  const values = new Float64Array(length);
  const sd = new Float64Array(length);
  const held = new Int32Array(length);
  for (let at = 0; at < length; at++) {
    const here = all.flatMap((series) => (at < series.values.length ? [series.values[at]!] : []));
    const result = aggregate(here);
    held[at] = here.length;
    values[at] = result?.mean ?? Number.NaN;
    sd[at] = result?.sd ?? 0;
  }
  return {
    series: { key, stage: 'training', epochs: longest?.epochs ?? new Int32Array(0), values },
    sd,
    held,
    whole: Math.min(length, byLength[byLength.length - 1]?.epochs.length ?? 0),
  };
}
