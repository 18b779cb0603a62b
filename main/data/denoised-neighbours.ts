import type { FeatureTable, Neighbours } from './knn.ts';

/** Cosine as it is stored, of any two rows. */
interface Cosines {
  readonly mean: number;
  of(a: number, b: number): number;
}

/**
 * Nearest neighbours that every modality agrees on (DA-MRS, models.md 2.17): of each table the up to `k` rows of largest cosine among
 * pairs whose cosine is at least its table's mean over all pairs, in every table; the row itself included, ties to the lower id. `near`
 * gives longer plain lists of a table, e.g. from a device; rows for which those do not suffice are compared with all.
 */
export function denoisedNeighbours(tables: readonly FeatureTable[], k: number, near: (table: number) => Neighbours): Neighbours[] {
  const cosines = tables.map(cosinesOf);
  return tables.map(({ rows }, t): Neighbours => {
    const own = cosines[t]!;
    const agreed = (a: number, b: number) => cosines.every((cosine) => cosine.of(a, b) >= cosine.mean);
    const found: Neighbours = { rows, k, ids: new Int32Array(rows * k).fill(-1), cosines: new Float32Array(rows * k) };
    const lists = near(t);
    for (let row = 0; row < rows; row++) {
      const listed = lists.ids.subarray(row * lists.k, (row + 1) * lists.k);
      const survivors: number[] = [];
      // They fall, so the first k that agree are all that is wanted.
      for (const id of listed) {
        if (survivors.length === k) break;
        if (id >= 0 && agreed(row, id)) survivors.push(id);
      }
      const last = listed[lists.k - 1] ?? -1;
      // Where the list ends above the mean and holds too few, more may follow.
      const isShort = survivors.length < k && last >= 0 && lists.k < rows && own.of(row, last) >= own.mean;
      const kept = isShort ? everyAgreed(rows, row, own, agreed) : survivors;
      kept.slice(0, k).forEach((id, place) => {
        found.ids[row * k + place] = id;
        found.cosines[row * k + place] = own.of(row, id);
      });
    }
    return found;
  });
}

function everyAgreed(rows: number, row: number, own: Cosines, agreed: (a: number, b: number) => boolean): number[] {
  const ranked: { id: number; cosine: number }[] = [];
  for (let id = 0; id < rows; id++) if (agreed(row, id)) ranked.push({ id, cosine: own.of(row, id) });
  ranked.sort((a, b) => b.cosine - a.cosine || a.id - b.id);
  return ranked.map(({ id }) => id);
}

/** Σ_ab cos(a, b) is the squared length of the sum of all unit rows: the mean needs no pair. A zero row has cosine 0 with all. */
function cosinesOf({ rows, width, values }: FeatureTable): Cosines {
  const scale = new Float64Array(rows);
  const sum = new Float64Array(width);
  for (let r = 0; r < rows; r++) {
    let squares = 0;
    for (let c = 0; c < width; c++) squares += values[r * width + c]! ** 2;
    scale[r] = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let c = 0; c < width; c++) sum[c] = sum[c]! + values[r * width + c]! * scale[r]!;
  }
  const mean = sum.reduce((total, x) => total + x * x, 0) / rows ** 2;
  return {
    mean,
    of: (a, b) => {
      if (scale[a] === 0 || scale[b] === 0) return -Infinity;
      let product = 0;
      for (let c = 0; c < width; c++) product += values[a * width + c]! * values[b * width + c]!;
      return product * scale[a]! * scale[b]!;
    },
  };
}
