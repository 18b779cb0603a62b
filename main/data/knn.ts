/**
 * Nearest neighbours by cosine. A search proposes candidates in float32 (a device, or the plain loop below); cosines are then
 * computed in double from the raw values and ranked, ties to the lower id, so every device yields the same neighbours.
 */

/** Row-major [rows, width]. */
export interface FeatureTable {
  readonly rows: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** Up to `k` neighbours of each row by falling cosine: `ids[r·k …]`, −1 where there are fewer; `cosines` beside them. */
export interface Neighbours {
  readonly rows: number;
  readonly k: number;
  readonly ids: Int32Array;
  readonly cosines: Float32Array;
}

/** Proposes, for rows [from, to) of the table it was opened on, the `count` rows with the largest dot products, −1 where there are fewer. */
export interface CandidateSearch {
  candidates(from: number, to: number, count: number): Int32Array;
  dispose(): void;
}

/** Opens a search over unit rows, row-major [rows, width]. */
export type OpenSearch = (table: FeatureTable) => CandidateSearch;

export interface NeighbourOptions {
  readonly k: number;
  /** Whether a row may be its own neighbour (MGCN and FREEDOM: yes; EGRA's item block: no). */
  readonly self: boolean;
  readonly search?: OpenSearch;
}

/** Candidates beyond k that a float32 search may have ranked wrongly. */
const margin = 8;
/** Rows searched at once; bounds the memory of a device search. */
const blockRows = 1024;

/** The `k` rows of largest cosine for each row. Zero rows have no neighbours and are nobody's neighbour. */
export function nearestNeighbours(features: FeatureTable, options: NeighbourOptions): Neighbours {
  const { rows, width, values } = features;
  const { k } = options;
  const norms = rowNorms(features);
  const present = Int32Array.from(norms.keys()).filter((row) => norms[row]! > 0);
  const units = new Float32Array(present.length * width);
  for (let p = 0; p < present.length; p++) {
    const row = present[p]!;
    for (let c = 0; c < width; c++) units[p * width + c] = values[row * width + c]! / norms[row]!;
  }
  const ids = new Int32Array(rows * k).fill(-1);
  const cosines = new Float32Array(rows * k);
  const search = (options.search ?? plainSearch)({ rows: present.length, width, values: units });
  try {
    const count = Math.min(k + margin + 1, present.length);
    for (let from = 0; from < present.length; from += blockRows) {
      const to = Math.min(from + blockRows, present.length);
      const found = search.candidates(from, to, count);
      for (let p = from; p < to; p++) {
        const row = present[p]!;
        const ranked: { id: number; cosine: number }[] = [];
        for (let c = 0; c < count; c++) {
          const candidate = found[(p - from) * count + c]!;
          if (candidate < 0) continue;
          const id = present[candidate]!;
          if (id === row && !options.self) continue;
          ranked.push({ id, cosine: dot(values, row * width, id * width, width) / (norms[row]! * norms[id]!) });
        }
        ranked.sort((a, b) => b.cosine - a.cosine || a.id - b.id);
        for (let n = 0; n < Math.min(k, ranked.length); n++) {
          ids[row * k + n] = ranked[n]!.id;
          cosines[row * k + n] = ranked[n]!.cosine;
        }
      }
    }
  } finally {
    search.dispose();
  }
  return { rows, k, ids, cosines };
}

/** Exact search in plain JavaScript: no device needed, some seconds at 7,050 × 128. */
export const plainSearch: OpenSearch = ({ rows, width, values }) => ({
  candidates(from, to, count) {
    const found = new Int32Array((to - from) * count).fill(-1);
    const best = new Float64Array(count);
    for (let q = from; q < to; q++) {
      const place = (q - from) * count;
      let held = 0;
      for (let id = 0; id < rows; id++) {
        const score = dot(values, q * width, id * width, width);
        // Ids rise, so a tie stays behind the one already held.
        if (held === count && score <= best[held - 1]!) continue;
        let slot = held < count ? held++ : count - 1;
        for (; slot > 0 && best[slot - 1]! < score; slot--) {
          best[slot] = best[slot - 1]!;
          found[place + slot] = found[place + slot - 1]!;
        }
        best[slot] = score;
        found[place + slot] = id;
      }
    }
    return found;
  },
  dispose() {},
});

/** All cosines of rows [from, to) against all rows, [to − from, rows]; a zero row has cosine 0 with everything. */
export function cosineBlock(features: FeatureTable, from: number, to: number): Float32Array {
  const { rows, width, values } = features;
  const norms = rowNorms(features);
  const block = new Float32Array((to - from) * rows);
  for (let a = from; a < to; a++) {
    for (let b = 0; b < rows; b++) {
      const scale = norms[a]! * norms[b]!;
      block[(a - from) * rows + b] = scale > 0 ? dot(values, a * width, b * width, width) / scale : 0;
    }
  }
  return block;
}

function rowNorms({ rows, width, values }: FeatureTable): Float64Array {
  const norms = new Float64Array(rows);
  for (let r = 0; r < rows; r++) norms[r] = Math.sqrt(dot(values, r * width, r * width, width));
  return norms;
}

function dot(values: Float32Array, a: number, b: number, width: number): number {
  let even = 0;
  let odd = 0;
  let c = 0;
  for (; c + 1 < width; c += 2) {
    even += values[a + c]! * values[b + c]!;
    odd += values[a + c + 1]! * values[b + c + 1]!;
  }
  if (c < width) even += values[a + c]! * values[b + c]!;
  return even + odd;
}
