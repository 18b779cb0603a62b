import type { HyperValues } from '#contract/model-card.ts';
import type { Batch } from '#data/batch.ts';
import type { Dataset } from '#data/dataset.ts';
import {
  average,
  cosine,
  dot,
  infoNce,
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
 * SIGER written a second time, straight from models.md 1.2, dense and in double, batch row by batch row: no distinct rows, no shared
 * denominators, graphs from their definitions. `frozen` holds what carries no gradient (ρ, signs, anchors) at the parameters where it
 * was made, so that differences of the loss are its gradient.
 */
export interface Frozen {
  readonly shifts: ReadonlyMap<string, readonly [Table, Table]>;
  readonly anchors: { readonly users: Table; readonly items: Table };
}

export interface SigerCase {
  readonly dataset: Dataset;
  readonly hyper: HyperValues;
  readonly batch: Batch;
  readonly batchSize: number;
  /** Unit noise of a batch row: table, side, view, entity id → [width]. */
  readonly noise: (table: number, side: 'users' | 'items', view: 0 | 1, id: number) => number[];
}

export interface SigerTerms {
  readonly total: number;
  readonly terms: Readonly<Record<string, number>>;
  readonly frozen: Frozen;
}

export function plainSiger(parameters: Parameters, given: SigerCase, frozen?: Frozen): SigerTerms {
  const { dataset, hyper, batch, batchSize } = given;
  const b = lightGcn(normalisedInteractions(dataset), parameters.get('nodes')!, hyper['n_ui_layers'] as number);
  const { modal, side: f } = plainEncoder(parameters, dataset, b, {
    graphs: infusedDense(dataset, hyper),
    hops: hyper['n_mm_layers'] as number,
    input: hyper['sem_input'] as 'gated_id' | 'projected',
    fusion: hyper['fusion'] as 'mgcn' | 'mean',
  });
  const terms: Record<string, number> = plainRanking(sum(b, f), dataset, batch, batchSize);
  let total = terms['bpr']! + (hyper['reg_weight'] as number) * terms['reg']!;

  const { u, i } = rowsOfBatch(dataset, batch);
  const tau = hyper['tau'] as number;
  const sides = { users: u, items: i };
  const nce = (x: Table, y: Table, rows: number[]) => infoNce(x, y, tau, hyper['nce_duplicates'] === 'mask' ? rows : undefined);
  const shifts = new Map<string, readonly [Table, Table]>();
  if ((hyper['lambda_cl'] as number) > 0) {
    const on = hyper['pert_on'];
    const tables = on === 'semantic' ? modal : on === 'fused' ? [f] : on === 'behavior' ? [b] : [...modal, f, b];
    let contrast = 0;
    tables.forEach((table, t) => {
      for (const side of ['users', 'items'] as const) {
        const x = sides[side].map((row) => table[row]!);
        const shift = frozen?.shifts.get(`${t} ${side}`) ?? drawnShifts(x, sides[side], t, side, given);
        shifts.set(`${t} ${side}`, shift);
        const [first, second] = shift.map((of) => x.map((row, r) => row.map((value, c) => value + of[r]![c]!)));
        contrast += nce(first!, second!, sides[side]);
      }
    });
    terms['contrast'] = contrast;
    total += (hyper['lambda_cl'] as number) * contrast;
  }

  const anchors = frozen?.anchors ?? { users: u.map((row) => [...b[row]!]), items: i.map((row) => [...b[row]!]) };
  if ((hyper['lambda_al'] as number) > 0) {
    const weight = hyper['lambda_al'] as number;
    if (hyper['anc_form'] !== 'off') {
      terms['anchor'] = 0;
      for (const side of ['users', 'items'] as const) {
        const rows = sides[side];
        const anchor = hyper['anchor_detach'] === true ? anchors[side] : rows.map((row) => b[row]!);
        const views = modal.map((table) => rows.map((row) => table[row]!));
        terms['anchor'] += anchorForm(anchor, views, rows, hyper);
      }
      total += weight * terms['anchor'];
    }
    if (hyper['fus'] === 'on') {
      terms['fused'] = 0;
      for (const rows of [u, i]) {
        const [behavior, semantic] = [b, f].map((table) => rows.map((row) => table[row]!));
        const [there, back] = [nce(behavior!, semantic!, rows), nce(semantic!, behavior!, rows)];
        terms['fused'] += hyper['fus_dir'] === 'b2f' ? there : hyper['fus_dir'] === 'f2b' ? back : (there + back) / 2;
      }
      total += weight * terms['fused'];
    }
  }
  return { total, terms, frozen: { shifts, anchors } };
}

function anchorForm(b: Table, views: readonly Table[], rows: number[], hyper: HyperValues): number {
  const tau = hyper['tau'] as number;
  if (hyper['anc_form'] !== 'joint') {
    const nce = (x: Table, y: Table) => infoNce(x, y, tau, hyper['nce_duplicates'] === 'mask' ? rows : undefined);
    const separate = average(views.map((view) => nce(b, view)));
    return hyper['anc_form'] === 'triplet' ? separate + nce(views[0]!, views[1]!) : separate;
  }
  const term = (r: number, m: number, other: number) => Math.exp(cosine(b[r]!, views[m]![other]!) / tau);
  return average(
    rows.map((entity, r) =>
      average(
        views.map((_, m) => {
          let others = 0;
          rows.forEach((otherEntity, other) => {
            const isOther = otherEntity !== entity;
            const isRepeat = !isOther && other !== r && hyper['nce_duplicates'] === 'mask';
            const isKept = hyper['anc_mask_self'] === true ? isOther : !isRepeat;
            if (isKept) views.forEach((__, of) => (others += term(r, of, other)));
          });
          const own = hyper['anc_mask_self'] === true ? term(r, m, r) : 0;
          return -Math.log(term(r, m, r) / (own + others));
        }),
      ),
    ),
  );
}

function drawnShifts(
  x: Table,
  rows: number[],
  table: number,
  side: 'users' | 'items',
  { hyper, noise, dataset }: SigerCase,
): [Table, Table] {
  const norms = x.map((row) => Math.sqrt(dot(row, row)));
  const middle = average(norms);
  const rho = (norm: number): number =>
    ({ norm, mean: middle, rel: norm / middle, const: 1, inv: middle / norm })[
      hyper['mod_rho'] as 'norm' | 'mean' | 'rel' | 'const' | 'inv'
    ];
  const shift = (view: 0 | 1) =>
    x.map((row, r) => {
      const id = side === 'users' ? rows[r]! : rows[r]! - dataset.users;
      const direction = noise(table, side, view, id);
      return row.map((value, c) => (hyper['eps'] as number) * rho(norms[r]!) * Math.sign(value) * direction[c]!);
    });
  return [shift(0), shift(1)];
}

/** Ŝ_m of every modality, [N, N], from features and train rows. */
export function infusedDense(dataset: Dataset, hyper: HyperValues): Table[] {
  const shared = collaborativeDense(dataset, hyper);
  return dataset.modalities.map((modality) => {
    const own = hyper['alpha_by'] === 'modality' ? hyper[`alpha_${modality.name}`] : undefined;
    const alpha = (own ?? hyper['alpha']) as number;
    const semantic = plainNeighbours(modality, hyper['sem_k'] as number);
    return semantic.map((row, a) => row.map((value, b) => alpha * shared[a]![b]! + (1 - alpha) * value));
  });
}

function collaborativeDense({ items, users, train }: Dataset, hyper: HyperValues): Table {
  const takers = Array.from({ length: items }, () => new Set<number>());
  train.items.forEach((item, row) => takers[item]!.add(train.users[row]!));
  const score = (a: number, b: number): number => {
    const common = Array.from({ length: users }, (_, user) => user).filter((user) => takers[a]!.has(user) && takers[b]!.has(user)).length;
    if (a === b || common < (hyper['co_min'] as number)) return 0;
    const [n, m] = [takers[a]!.size, takers[b]!.size];
    return { count: common, cosine: common / Math.sqrt(n * m), jaccard: common / (n + m - common) }[
      hyper['co_score'] as 'count' | 'cosine' | 'jaccard'
    ];
  };
  const links = takers.map((_, a) => {
    const row = onlyLargest(
      takers.map((__, b) => score(a, b)),
      hyper['co_k'] as number,
    );
    if (hyper['co_isolated'] === 'self' && !row.some((value) => value > 0)) row[a] = 1;
    return row;
  });
  return normalised(links);
}
