/** What the files of a finished run take on the disk. */
import type { DatasetSummary } from '#contract/dataset.ts';
import type { ModelCard } from '#contract/model-card.ts';
import type { RunConfig } from '#contract/run.ts';
import type { PastRuns } from '#store/past-runs.ts';
import { remembered } from './remembered.ts';

interface Planned {
  readonly dataset: { readonly summary: DatasetSummary };
  readonly configuration: { readonly card: Pick<ModelCard, 'id' | 'needs' | 'trained'> };
  readonly config: Pick<RunConfig, 'model' | 'budget'>;
}

/** By past runs of the model on the dataset with vectors as wide, the largest of them; else at most what its sizes come to. */
export function runBytes(past: Pick<PastRuns, 'bytes'>): (cell: Planned) => number {
  const largest = remembered((key: string) => {
    const [model, dataset, width] = JSON.parse(key) as [string, string, number];
    return Math.max(0, ...past.bytes(model, dataset, width));
  });
  return (cell) => {
    const { config, dataset } = cell;
    const known = largest(JSON.stringify([config.model, dataset.summary.id, config.budget.width]));
    return known > 0 ? known : expectedBytes(cell);
  };
}

/**
 * Lists with their scores and per-user values; of a trained model its vectors and what they are the sum of, and two checkpoints: of the best
 * epoch the values, of the last one also two moments of each.
 */
function expectedBytes({ dataset: { summary }, configuration: { card }, config }: Planned): number {
  const lists = 2 * summary.users * 50 * 4;
  const perUser = Math.min(summary.users, summary.validation + summary.test) * 2 * 17 * 8;
  if (!card.trained) return lists + perUser;
  const { width } = config.budget;
  const vectors = (summary.users + summary.items) * width * 4;
  const seesFeatures = card.needs.length > 0;
  const shares = seesFeatures ? (1 + summary.modalities.length) * summary.items * width * 4 : 0;
  const features = seesFeatures ? summary.modalities.reduce((sum, modality) => sum + modality.width, 0) * (summary.items + width) * 4 : 0;
  return vectors + 4 * (vectors + features) + shares + lists + perUser;
}
