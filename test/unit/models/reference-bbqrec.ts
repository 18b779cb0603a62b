/**
 * BBQRec's loss (models.md 3.3) a second time: in double, history by history, from its definitions. What stands still in a gradient is
 * taken from a `Still`, which keeps the values of its first evaluation: differences then move only what the gradient follows.
 */
import type { Batch } from '#data/batch.ts';
import type { Dataset } from '#data/dataset.ts';
import { cosine, dot, infoNce } from './reference-views.ts';
import type { Parameters, Table } from './reference-views.ts';

export class Still {
  readonly #kept = new Map<string, Table>();
  readonly #made = new Map<string, unknown>();

  /** What is found once and stands still as a whole. */
  once<T>(name: string, make: () => T): T {
    if (!this.#made.has(name)) this.#made.set(name, make());
    return this.#made.get(name) as T;
  }

  /** sg(x): the value of the first time. */
  at(name: string, value: Table): Table {
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    this.#kept.set(
      name,
      value.map((row) => [...row]),
    );
    return value;
  }
}

export interface BbqrecCase {
  readonly dataset: Dataset;
  readonly batch: Batch;
  /** Of each batch row, the row whose item stands beside it under π. */
  readonly partners: readonly number[];
  readonly beta: Table | undefined;
  readonly layers: number;
  readonly heads: number;
  readonly length: number;
  readonly levels: number;
  readonly bins: number;
  readonly hasIds: boolean;
  readonly isWeighted: boolean;
  readonly weights: { readonly tau: number; readonly align: number; readonly beh: number; readonly mi: number; readonly recon: number };
  readonly commitment: number;
}

const add = (...tables: readonly Table[]): Table =>
  tables[0]!.map((row, r) => row.map((_, c) => tables.reduce((sum, t) => sum + t[r]![c]!, 0)));
const minus = (a: Table, b: Table): Table => a.map((row, r) => row.map((value, c) => value - b[r]![c]!));
const squareOf = (row: readonly number[]): number => dot(row, row);
const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;

function affine(x: Table, parameters: Parameters, name: string, still?: Still): Table {
  const read = (part: string): Table | undefined => {
    const table = parameters.get(`${name}.${part}`);
    return table === undefined || still === undefined ? table : still.at(`${name}.${part}`, table);
  };
  const [weight, bias] = [read('weight')!, read('bias')];
  return x.map((row) => weight[0]!.map((_, c) => row.reduce((sum, value, k) => sum + value * weight[k]![c]!, bias?.[0]![c] ?? 0)));
}

const relu = (x: Table): Table => x.map((row) => row.map((value) => Math.max(0, value)));

function mlp(x: Table, parameters: Parameters, name: string, still?: Still): Table {
  return affine(relu(affine(x, parameters, `${name}.0`, still)), parameters, `${name}.1`, still);
}

function layerNorm(x: Table, parameters: Parameters, name: string): Table {
  const [scale, shift] = [parameters.get(`${name}.scale`)![0]!, parameters.get(`${name}.shift`)![0]!];
  return x.map((row) => {
    const middle = mean(row);
    const deviation = Math.sqrt(mean(row.map((value) => (value - middle) ** 2)) + 1e-8);
    return row.map((value, c) => ((value - middle) / deviation) * scale[c]! + shift[c]!);
  });
}

/** Codes, Σ C_l[c_l] and the distance of one row; nearest codes are those of the first evaluation. */
function quantised(y: readonly number[], given: BbqrecCase, parameters: Parameters, still: Still, name: string) {
  let rest = [...y];
  let distance = 0;
  const codes: number[] = [];
  const sum = y.map(() => 0);
  for (let level = 0; level < given.levels; level++) {
    const codebook = parameters.get(`codebook.${level}`)!;
    const far = codebook.map((code) => squareOf(rest.map((value, c) => value - code[c]!)));
    const nearest = still.at(`${name}.${level}`, [[far.indexOf(Math.min(...far))]])[0]![0]!;
    const code = codebook[nearest]!;
    const stopRest = still.at(`${name}.rest.${level}`, [rest])[0]!;
    const stopCode = still.at(`${name}.code.${level}`, [code])[0]!;
    distance +=
      squareOf(stopRest.map((value, c) => value - code[c]!)) + given.commitment * squareOf(rest.map((value, c) => value - stopCode[c]!));
    codes.push(nearest);
    code.forEach((value, c) => (sum[c]! += value));
    rest = rest.map((value, c) => value - code[c]!);
  }
  return { codes, sum, distance };
}

/** Terms, and their sum as it is differentiated. */
export function plainBbqrec(parameters: Parameters, given: BbqrecCase, still: Still): { total: number; terms: Record<string, number> } {
  const { dataset, batch, weights } = given;
  const { modalities } = dataset;
  const raw = (name: string, item: number): number[] => parameters.get(`features.${name}`)![item]!;
  const needsCodes = given.hasIds || given.isWeighted;
  const shared = (item: number): Table[] => modalities.map(({ name }) => mlp([raw(name, item)], parameters, `shared.${name}`));
  const middle = (tables: readonly Table[]): number[] => tables[0]![0]!.map((_, c) => mean(tables.map((table) => table[0]![c]!)));

  // Ids of all items: found at the start of an epoch, so they stand still.
  const ids = still.once('ids', () =>
    Array.from({ length: needsCodes ? dataset.items : 0 }, (_, item) => {
      const own = shared(item);
      const modal = own.map((y, m) => quantised(y[0]!, given, parameters, still, `modal.${item}.${m}`).sum);
      return { codes: quantised(middle(own), given, parameters, still, `id.${item}`).codes, modal };
    }),
  );
  const numbers = still.once('numbers', () =>
    ids.map(({ codes }, item) => ids.slice(0, item).filter((other) => other.codes.join() === codes.join()).length),
  );
  const inputOf = (item: number): number[] => {
    const id = parameters.get('items')![item]!;
    if (!given.hasIds) return id;
    const codes = ids[item]!.codes.map((code, level) => parameters.get(`codebook.${level}`)![code]!);
    return add([id], ...codes.map((code) => [code]), [parameters.get('extra')![numbers[item]!]!])[0]!;
  };
  const bin = (a: readonly number[], b: readonly number[]): number =>
    Math.min(given.bins - 1, Math.floor(((cosine(a, b) + 1) / 2) * given.bins));

  const lastState = (history: readonly number[]): number[] => {
    const own = history.slice(-given.length);
    let x = own.map((item, at) => add([inputOf(item)], [parameters.get('positions')![own.length - 1 - at]!])[0]!);
    const part = x[0]!.length / given.heads;
    for (let layer = 0; layer < given.layers; layer++) {
      const name = `block.${layer}`;
      const asking = layerNorm(x, parameters, `${name}.before`);
      const heads = Array.from({ length: given.heads }, (_, head) => {
        const [q, k, v] = [
          affine(asking, parameters, `${name}.query.${head}`),
          affine(x, parameters, `${name}.key.${head}`),
          affine(x, parameters, `${name}.value.${head}`),
        ];
        return q.map((row, i) => {
          const share = own.slice(0, i + 1).map((item, j) => {
            const gamma = given.isWeighted
              ? modalities.map(
                  (_, m) =>
                    parameters.get('gamma')![head * modalities.length + m]![bin(ids[own[i]!]!.modal[m]!, ids[item]!.modal[m]!)] ?? 0,
                )
              : [];
            // The weight itself times e^γ.
            return Math.exp(dot(row, k[j]!) / Math.sqrt(part)) * gamma.reduce((product, value) => product * Math.exp(value), 1);
          });
          const all = share.reduce((sum, value) => sum + value, 0);
          return v[0]!.map((__, c) => share.reduce((sum, value, j) => sum + (value / all) * v[j]![c]!, 0));
        });
      });
      const attended = x.map((_, i) => heads.flatMap((head) => head[i]!));
      const passed = layerNorm(add(asking, attended), parameters, `${name}.between`);
      x = add(passed, affine(relu(affine(passed, parameters, `${name}.inner`)), parameters, `${name}.outer`));
    }
    return layerNorm(x, parameters, 'end').at(-1)!;
  };

  const instances = still.once('instances', () =>
    [...batch.users].flatMap((user, row) => {
      const own = [...dataset.train.items].filter((_, place) => dataset.train.users[place] === user);
      const place = own.indexOf(batch.positives[row]!);
      return place < 1 ? [] : [{ history: own.slice(0, place), target: batch.positives[row]! }];
    }),
  );
  const sequence = infoNce(
    instances.map(({ history }) => lastState(history)),
    instances.map(({ target }) => inputOf(target)),
    weights.tau,
  );
  const terms: Record<string, number> = { sequence };
  if (!needsCodes) return { total: sequence, terms };

  const items = [...batch.positives];
  const shares = modalities.map(({ name }) =>
    mlp(
      items.map((item) => raw(name, item)),
      parameters,
      `shared.${name}`,
    ),
  );
  const specifics = modalities.map(({ name }) =>
    mlp(
      items.map((item) => raw(name, item)),
      parameters,
      `specific.${name}`,
    ),
  );
  const y = shares[0]!.map((row, r) => row.map((_, c) => mean(shares.map((table) => table[r]![c]!))));
  const codes = y.map((row, r) => quantised(row, given, parameters, still, `batch.${r}`));
  terms['quantise'] = mean(codes.map(({ distance }) => distance));
  let total = sequence;
  if (given.beta !== undefined) {
    const beta = items.map((item) => given.beta![item]!);
    terms['behaviour'] = shares.reduce((sum, table) => sum + infoNce(table, beta, weights.align), 0);
    total += weights.beh * terms['behaviour'];
    const jump = still.at(
      'straight',
      minus(
        codes.map(({ sum }) => sum),
        y,
      ),
    );
    terms['quantise'] += infoNce(add(y, jump), beta, weights.align);
  }
  total += terms['quantise'];
  if (weights.mi > 0) {
    const says = (x: Table, name: string, frozen?: Still) => ({
      middle: mlp(x, parameters, `bound.${name}.mean`, frozen),
      spread: mlp(x, parameters, `bound.${name}.log-variance`, frozen).map((row) => row.map((value) => Math.exp(Math.tanh(value)))),
    });
    const logOf = (o: readonly number[], middle: readonly number[], spread: readonly number[]): number =>
      o.reduce((sum, value, c) => sum - 0.5 * ((value - middle[c]!) ** 2 / spread[c]! + Math.log(spread[c]!)), 0);
    terms['mutual'] = modalities.reduce((sum, { name }, m) => {
      const { middle: at, spread } = says(shares[m]!, name, still);
      const o = specifics[m]!;
      return sum + mean(items.map((_, r) => logOf(o[r]!, at[r]!, spread[r]!) - logOf(o[given.partners[r]!]!, at[r]!, spread[r]!)));
    }, 0);
    terms['fit'] = modalities.reduce((sum, { name }, m) => {
      const { middle: at, spread } = says(still.at(`fit.y.${name}`, shares[m]!), name);
      const o = still.at(`fit.o.${name}`, specifics[m]!);
      return sum - mean(items.map((_, r) => logOf(o[r]!, at[r]!, spread[r]!)));
    }, 0);
    total += weights.mi * terms['mutual'] + terms['fit'];
  }
  if (weights.recon > 0) {
    terms['reconstruct'] = modalities.reduce((sum, { name }, m) => {
      const joined = shares[m]!.map((row, r) => [...row, ...specifics[m]![r]!]);
      const back = mlp(joined, parameters, `back.${name}`);
      return sum + mean(items.map((item, r) => mean(back[r]!.map((value, c) => (value - raw(name, item)[c]!) ** 2))));
    }, 0);
    total += weights.recon * terms['reconstruct'];
  }
  return { total, terms };
}
