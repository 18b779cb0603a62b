import type { Progress } from '#contract/run.ts';

/** The words over the patience ticks. Misses count only after the smallest number of epochs. */
export function patienceWords(progress: Pick<Progress, 'epoch' | 'minEpochs' | 'misses' | 'patience'> | undefined): {
  label: string;
  summary: string;
  used: number;
} {
  if (progress === undefined) return { label: 'Patience', summary: 'No epoch is finished yet', used: 0 };
  const { epoch, minEpochs, misses, patience } = progress;
  const left = Math.max(0, patience - misses);
  const used = patience === 0 ? 1 : Math.min(1, misses / patience);
  if (epoch < minEpochs)
    return {
      label: `Patience: from epoch ${minEpochs}`,
      summary: `Epochs without gain count after epoch ${minEpochs}; then ${patience} are allowed`,
      used,
    };
  const last = misses > 0 ? ` The last ${misses === 1 ? 'epoch' : `${misses} epochs`} brought no gain.` : '';
  return { label: `Patience: ${left} of ${patience} left`, summary: `${left} of ${patience} epochs without gain left.${last}`, used };
}
