import type { HyperValues } from '#contract/model-card.ts';
import type { Batch } from '#data/batch.ts';
import type { Dataset } from '#data/dataset.ts';

/**
 * SIGER written a second time, straight from models.md 1.2, dense and in double, batch row by batch row: no distinct rows, no shared
 * denominators, graphs from their definitions. `frozen` holds what carries no gradient (ρ, signs, anchors) at the parameters where it
 * was made, so that differences of the loss are its gradient.
 */
export type Table = number[][];
export type Parameters = ReadonlyMap<string, Table>;

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
  const nodes = parameters.get('nodes')!;
  const users = dataset.users;
  const interactions = normalisedInteractions(dataset);
  const b = lightGcn(interactions, nodes, hyper['n_ui_layers'] as number);
  const ids = nodes.slice(users);
  const block = interactions.slice(0, users).map((row) => row.slice(users));
  const modal = infusedDense(dataset, hyper).map((graph, m) => {
    const { name } = dataset.modalities[m]!;
    const projected = affine(parameters.get(`features.${name}`)!, parameters, `project.${name}`);
    const gated = () => {
      const gate = affine(projected, parameters, `gate.${name}`);
      return ids.map((row, i) => row.map((value, c) => value * logistic(gate[i]![c]!)));
    };
    let z = hyper['sem_input'] === 'projected' ? projected : gated();
    for (let hop = 0; hop < (hyper['n_mm_layers'] as number); hop++) z = product(graph, z);
    return [...product(block, z), ...z];
  });
  const f = hyper['fusion'] === 'mean' ? mean(modal) : fused(modal, b, dataset, parameters);
  const e = b.map((row, n) => row.map((value, c) => value + f[n]![c]!));

  const [u, i, j] = [[...batch.users], [...batch.positives].map((item) => item + users), [...batch.negatives].map((item) => item + users)];
  const margin = u.map((row, r) => dot(e[row]!, e[i[r]!]!) - dot(e[row]!, e[j[r]!]!));
  const terms: Record<string, number> = { bpr: average(margin.map((value) => Math.log1p(Math.exp(-value)))) };
  terms['reg'] = [u, i, j].flat().reduce((sum, row) => sum + dot(e[row]!, e[row]!), 0) / 2 / batchSize;
  let total = terms['bpr']! + (hyper['reg_weight'] as number) * terms['reg'];

  const tau = hyper['tau'] as number;
  const sides = { users: u, items: i };
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
        contrast += infoNce(first!, second!, tau);
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
        const [there, back] = [infoNce(behavior!, semantic!, tau), infoNce(semantic!, behavior!, tau)];
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
    const separate = average(views.map((view) => infoNce(b, view, tau)));
    return hyper['anc_form'] === 'triplet' ? separate + infoNce(views[0]!, views[1]!, tau) : separate;
  }
  const term = (r: number, m: number, other: number) => Math.exp(cosine(b[r]!, views[m]![other]!) / tau);
  return average(
    rows.map((entity, r) =>
      average(
        views.map((_, m) => {
          let others = 0;
          rows.forEach((otherEntity, other) => {
            const isKept = hyper['anc_mask_self'] === true ? otherEntity !== entity : true;
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
  return dataset.modalities.map(({ name, width, values }) => {
    const own = hyper['alpha_by'] === 'modality' ? hyper[`alpha_${name}`] : undefined;
    const alpha = (own ?? hyper['alpha']) as number;
    const features = rowsOf(values, width);
    const near = features.map((row) => {
      const cosines = features.map((other) => cosine(row, other));
      return onlyLargest(cosines, hyper['sem_k'] as number);
    });
    const semantic = normalised(near);
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
    if (hyper['co_isolated'] === 'self' && row.every((value) => value === 0)) row[a] = 1;
    return row;
  });
  return normalised(links);
}

function onlyLargest(row: readonly number[], k: number): number[] {
  const kept = new Set([...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b).slice(0, k));
  return row.map((value, place) => (kept.has(place) ? value : 0));
}

/** D^-½ S D^-½ with D the row sums. */
function normalised(table: Table): Table {
  const scale = table.map((row) => row.reduce((sum, value) => sum + value, 0)).map((sum) => (sum > 0 ? 1 / Math.sqrt(sum) : 0));
  return table.map((row, a) => row.map((value, b) => value * scale[a]! * scale[b]!));
}

function normalisedInteractions({ users, items, train }: Dataset): Table {
  const table = Array.from({ length: users + items }, () => new Array<number>(users + items).fill(0));
  train.users.forEach((user, row) => {
    const item = users + train.items[row]!;
    table[user]![item] = 1;
    table[item]![user] = 1;
  });
  return normalised(table);
}

function lightGcn(graph: Table, nodes: Table, layers: number): Table {
  let [sum, last] = [nodes, nodes];
  for (let layer = 0; layer < layers; layer++) {
    last = product(graph, last);
    const next = last;
    sum = sum.map((row, n) => row.map((value, c) => value + next[n]![c]!));
  }
  return sum.map((row) => row.map((value) => value / (layers + 1)));
}

/** Z of models.md 0.6. */
function fused(modal: readonly Table[], b: Table, { modalities }: Dataset, parameters: Parameters): Table {
  const scores = modal.map((s) => {
    const hidden = affine(s, parameters, 'query.hidden').map((row) => row.map(Math.tanh));
    return product(hidden, parameters.get('query.score.weight')!).map((row) => Math.exp(row[0]!));
  });
  const common = b.map((row, n) => {
    const whole = scores.reduce((sum, of) => sum + of[n]!, 0);
    return row.map((_, c) => modal.reduce((sum, s, m) => sum + (scores[m]![n]! / whole) * s[n]![c]!, 0));
  });
  const specific = modal.map((s, m) => {
    const gate = affine(b, parameters, `preference.${modalities[m]!.name}`);
    return s.map((row, n) => row.map((value, c) => logistic(gate[n]![c]!) * (value - common[n]![c]!)));
  });
  return common.map((row, n) => row.map((value, c) => (specific.reduce((sum, p) => sum + p[n]![c]!, 0) + value) / (modal.length + 1)));
}

export function rowsOf(values: ArrayLike<number>, width: number): Table {
  return Array.from({ length: values.length / width }, (_, r) => Array.from({ length: width }, (__, c) => values[r * width + c]!));
}

function infoNce(x: Table, y: Table, tau: number): number {
  return average(
    x.map((row, a) => {
      const scores = y.map((other) => cosine(row, other) / tau);
      return Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[a]!;
    }),
  );
}

function affine(x: Table, parameters: Parameters, name: string): Table {
  const bias = parameters.get(`${name}.bias`)![0]!;
  return product(x, parameters.get(`${name}.weight`)!).map((row) => row.map((value, c) => value + bias[c]!));
}

function product(a: Table, b: Table): Table {
  const width = b[0]!.length;
  return a.map((row) => {
    const sums = new Array<number>(width).fill(0);
    row.forEach((value, k) => {
      if (value !== 0) b[k]!.forEach((other, c) => (sums[c] = sums[c]! + value * other));
    });
    return sums;
  });
}

function mean(tables: readonly Table[]): Table {
  return tables[0]!.map((row, n) => row.map((_, c) => average(tables.map((table) => table[n]![c]!))));
}

function average(list: readonly number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / list.length;
}

function logistic(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, c) => sum + value * b[c]!, 0);
}

export function cosine(a: readonly number[], b: readonly number[]): number {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
