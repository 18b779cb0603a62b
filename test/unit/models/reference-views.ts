import type { Batch } from '#data/batch.ts';
import type { Dataset } from '#data/dataset.ts';

/** The parts of models.md 0.3, 0.4 and 0.6 a second time: dense, in double, from their definitions. */
export type Table = number[][];
export type Parameters = ReadonlyMap<string, Table>;

/** What the modality encoder is told; `graphs` are item graphs [N, N] in the dataset's order, undefined to skip that step. */
export interface EncoderSettings {
  readonly graphs: readonly (Table | undefined)[];
  readonly hops: number;
  readonly input: 'gated_id' | 'projected';
  readonly fusion: 'mgcn' | 'mean';
}

/** s_m [M+N, d] of every modality, and Z from them and behaviour B. */
export function plainEncoder(
  parameters: Parameters,
  dataset: Dataset,
  b: Table,
  settings: EncoderSettings,
): { modal: Table[]; side: Table } {
  const { users, modalities } = dataset;
  const ids = parameters.get('nodes')!.slice(users);
  const block = normalisedInteractions(dataset)
    .slice(0, users)
    .map((row) => row.slice(users));
  const modal = modalities.map(({ name }, m) => {
    const projected = affine(parameters.get(`features.${name}`)!, parameters, `project.${name}`);
    const gated = () => {
      const gate = affine(projected, parameters, `gate.${name}`);
      return ids.map((row, i) => row.map((value, c) => value * logistic(gate[i]![c]!)));
    };
    let z = settings.input === 'projected' ? projected : gated();
    const graph = settings.graphs[m];
    if (graph !== undefined) for (let hop = 0; hop < settings.hops; hop++) z = product(graph, z);
    return [...product(block, z), ...z];
  });
  return { modal, side: settings.fusion === 'mean' ? mean(modal) : fused(modal, b, dataset, parameters) };
}

/** S̃_m [N, N] of raw features, k neighbours a row, self included. */
export function plainNeighbours({ width, values }: Dataset['modalities'][number], k: number): Table {
  const features = rowsOf(values, width);
  return normalised(
    features.map((row) =>
      onlyLargest(
        features.map((other) => cosine(row, other)),
        k,
      ),
    ),
  );
}

/** bpr and Reg2 of final vectors e [M+N, d]. */
export function plainRanking(e: Table, dataset: Dataset, batch: Batch, batchSize: number): { bpr: number; reg: number } {
  const { u, i, j } = rowsOfBatch(dataset, batch);
  const margin = u.map((row, r) => dot(e[row]!, e[i[r]!]!) - dot(e[row]!, e[j[r]!]!));
  const squares = [u, i, j].flat().reduce((sum, row) => sum + dot(e[row]!, e[row]!), 0);
  return { bpr: average(margin.map((value) => Math.log1p(Math.exp(-value)))), reg: squares / 2 / batchSize };
}

/** Users, positives and negatives as rows of stacked tables. */
export function rowsOfBatch({ users }: Dataset, batch: Batch): { u: number[]; i: number[]; j: number[] } {
  const items = (ids: Int32Array) => [...ids].map((item) => item + users);
  return { u: [...batch.users], i: items(batch.positives), j: items(batch.negatives) };
}

export function onlyLargest(row: readonly number[], k: number): number[] {
  const kept = new Set([...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b).slice(0, k));
  return row.map((value, place) => (kept.has(place) ? value : 0));
}

/** D^-½ S D^-½ with D the row sums. */
export function normalised(table: Table): Table {
  const scale = table.map((row) => row.reduce((sum, value) => sum + value, 0)).map((sum) => (sum > 0 ? 1 / Math.sqrt(sum) : 0));
  return table.map((row, a) => row.map((value, b) => value * scale[a]! * scale[b]!));
}

export function normalisedInteractions({ users, items, train }: Dataset): Table {
  const table = Array.from({ length: users + items }, () => new Array<number>(users + items).fill(0));
  train.users.forEach((user, row) => {
    const item = users + train.items[row]!;
    table[user]![item] = 1;
    table[item]![user] = 1;
  });
  return normalised(table);
}

export function lightGcn(graph: Table, nodes: Table, layers: number): Table {
  let [sum, last] = [nodes, nodes];
  for (let layer = 0; layer < layers; layer++) {
    last = product(graph, last);
    const next = last;
    sum = sum.map((row, n) => row.map((value, c) => value + next[n]![c]!));
  }
  return sum.map((row) => row.map((value) => value / (layers + 1)));
}

/** Z of models.md 0.6. */
export function fused(modal: readonly Table[], b: Table, { modalities }: Dataset, parameters: Parameters): Table {
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

/** With `keys` given, the other rows of a row's own key are no negatives (`nce_duplicates: mask`). */
export function infoNce(x: Table, y: Table, tau: number, keys?: readonly number[]): number {
  return average(
    x.map((row, a) => {
      const isRepeat = (other: number) => keys !== undefined && other !== a && keys[other] === keys[a];
      const scores = y.map((other, b) => (isRepeat(b) ? -Infinity : cosine(row, other) / tau));
      return Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[a]!;
    }),
  );
}

export function affine(x: Table, parameters: Parameters, name: string): Table {
  const bias = parameters.get(`${name}.bias`)![0]!;
  return product(x, parameters.get(`${name}.weight`)!).map((row) => row.map((value, c) => value + bias[c]!));
}

export function product(a: Table, b: Table): Table {
  const width = b[0]!.length;
  return a.map((row) => {
    const sums = new Array<number>(width).fill(0);
    row.forEach((value, k) => {
      if (value !== 0) b[k]!.forEach((other, c) => (sums[c] = sums[c]! + value * other));
    });
    return sums;
  });
}

export function mean(tables: readonly Table[]): Table {
  return tables[0]!.map((row, n) => row.map((_, c) => average(tables.map((table) => table[n]![c]!))));
}

export function average(list: readonly number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / list.length;
}

export function logistic(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, c) => sum + value * b[c]!, 0);
}

export function cosine(a: readonly number[], b: readonly number[]): number {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

export function sum(a: Table, b: Table): Table {
  return a.map((row, n) => row.map((value, c) => value + b[n]![c]!));
}
