import type { HyperValues } from '#contract/model-card.ts';
import type { Batch } from '#data/batch.ts';
import type { Dataset } from '#data/dataset.ts';
import type { AlignmentOptions } from '#models/egra/alignment.ts';
import { plainAlignment, plainWeights } from './reference-alignment.ts';
import type { PlainWeights } from './reference-alignment.ts';
import {
  cosine,
  lightGcn,
  normalised,
  normalisedInteractions,
  onlyLargest,
  plainEncoder,
  plainNeighbours,
  plainRanking,
  rowsOfBatch,
  sum,
} from './reference-views.ts';
import type { Parameters, Table } from './reference-views.ts';

/**
 * EGRA written a second time, straight from models.md E1–E9, dense and in double, links included. Entity weights carry no gradient:
 * `frozen` holds those of the parameters where the loss was taken.
 */
export interface EgraCase {
  readonly dataset: Dataset;
  readonly hyper: HyperValues;
  readonly batch: Batch;
  readonly batchSize: number;
  /** Ē, item vectors that links are made from, by `pre_repr`. */
  readonly vectors: Readonly<Record<string, Table>>;
  /** t = 1, 2, … */
  readonly t: number;
}

export function plainEgra(
  parameters: Parameters,
  { dataset, hyper, batch, batchSize, vectors, t }: EgraCase,
  frozen?: PlainWeights,
): { total: number; terms: Readonly<Record<string, number>>; weights: PlainWeights } {
  const links = linksOf(dataset, hyper, vectors[hyper['pre_repr'] as string]!);
  const b = lightGcn(enhanced(dataset, hyper, links), parameters.get('nodes')!, hyper['n_ui_layers'] as number);
  const { side } = plainEncoder(parameters, dataset, b, {
    graphs: dataset.modalities.map((modality) =>
      hyper['mod_graph'] === 'raw'
        ? plainNeighbours(modality, hyper['mod_k'] as number)
        : hyper['mod_graph'] === 'none'
          ? undefined
          : normalised(links),
    ),
    hops: hyper['n_mm_layers'] as number,
    input: 'gated_id',
    fusion: hyper['fusion'] as 'mgcn' | 'mean',
  });
  const terms: Record<string, number> = plainRanking(sum(b, side), dataset, batch, batchSize);
  const options: AlignmentOptions = {
    align: hyper['align'] as AlignmentOptions['align'],
    anchorForm: hyper['anchor_form'] as AlignmentOptions['anchorForm'],
    temperature: hyper['tau'] as number,
    duplicates: hyper['nce_duplicates'] as AlignmentOptions['duplicates'],
    entityWeight: hyper['ent_weight'] as AlignmentOptions['entityWeight'],
    weightTemperature: hyper['tau_w'] as number,
  };
  const { u, i } = rowsOfBatch(dataset, batch);
  const [views, rows] = [
    { behavior: b, side },
    { userRows: u, itemRows: i },
  ];
  const weights = frozen ?? plainWeights(views, rows, options);
  terms['align'] = plainAlignment(views, rows, options, weights);
  const most = hyper['lambda_max'] as number;
  const start = most * (hyper['lambda0_ratio'] as number);
  const grown = start + ((t - 1) * (most - start)) / (hyper['warm_epochs'] as number);
  const weight = hyper['epoch_weight'] === 'off' ? most : Math.min(most, grown);
  return { total: terms['bpr']! + weight * terms['align'] + (hyper['reg_weight'] as number) * terms['reg']!, terms, weights };
}

/** S [N, N]. */
function linksOf(dataset: Dataset, hyper: HyperValues, vectors: Table): Table {
  const [k, source] = [hyper['ii_k'] as number, hyper['ii_source']];
  const directed =
    source === 'pretrained' ? fromVectors(vectors, k, hyper['ii_weight'] === 'cosine') : fromFeatures(dataset, k, source as string);
  const rules: Record<string, (own: number, other: number) => number> = { none: (own) => own, max: Math.max, mutual: Math.min };
  const rule = rules[hyper['ii_sym'] as string]!;
  return directed.map((row, a) => row.map((value, b) => rule(value, directed[b]![a]!)));
}

function fromVectors(vectors: Table, k: number, byCosine: boolean): Table {
  return vectors.map((row, a) => {
    // Below every cosine: never among the largest, and no weight.
    const cosines = vectors.map((other, b) => (a === b ? -2 : cosine(row, other)));
    const kept = onlyLargest(
      cosines.map((value) => value + 3),
      k,
    );
    return kept.map((value, b) => (value === 0 ? 0 : byCosine ? Math.max(cosines[b]!, 0) : 1));
  });
}

function fromFeatures({ modalities, items }: Dataset, k: number, source: string): Table {
  const near = modalities.map((modality) => plainNeighbours(modality, k).map((row) => row.map((value) => (value > 0 ? 1 : 0))));
  const shares = modalities.map(({ name }) => (name === 'image' ? 0.1 : 0.9));
  return Array.from({ length: items }, (_, a) =>
    Array.from({ length: items }, (__, b) => {
      if (a === b || source === 'none') return 0;
      if (source === 'raw_intersection') return near.every((of) => of[a]![b] === 1) ? 1 : 0;
      return near.reduce((total, of, m) => total + shares[m]! * of[a]![b]!, 0);
    }),
  );
}

/** Â⁺ [M+N, M+N]. */
function enhanced(dataset: Dataset, hyper: HyperValues, links: Table): Table {
  const { users } = dataset;
  const plain = normalisedInteractions(dataset);
  const coefficient = hyper['ii_coef'] as number;
  const block = hyper['ii_norm'] === 'block' ? normalised(links) : links;
  const base = hyper['ii_norm'] === 'block' ? plain : plain.map((row) => row.map((value) => (value > 0 ? 1 : 0)));
  const joined = base.map((row, a) =>
    row.map((value, b) => (a >= users && b >= users ? value + coefficient * block[a - users]![b - users]! : value)),
  );
  return hyper['ii_norm'] === 'block' ? joined : normalised(joined);
}
