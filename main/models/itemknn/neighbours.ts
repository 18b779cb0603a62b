import { csrFromEntries } from '#data/csr.ts';
import type { CsrMatrix, Modality } from '#data/dataset.ts';
import { add, addN, div, matMul, tensor2d, tidy } from '#engine/ops/basic.ts';
import type { Tensor2D } from '#engine/ops/basic.ts';
import { topKOfScores } from '#engine/ops/top-k.ts';

/** Candidates beyond k that float32 may have ranked wrongly. */
const margin = 8;
/** Items compared with all others at once. */
const blockRows = 512;

/**
 * S [N, N]: the k largest s_ij = x_i·x_j / (‖x_i‖‖x_j‖ + shrink) of each row, x the modalities side by side. The device proposes, the
 * values are computed in double, ties go to the lower item; a similarity of 0 is no entry. Directed.
 */
export function shrunkNeighbours(
  modalities: readonly Modality[],
  { items, k, shrink }: { items: number; k: number; shrink: number },
): CsrMatrix {
  const norms = Float64Array.from({ length: items }, (_, item) => Math.sqrt(dotOf(modalities, item, item)));
  const tables = modalities.map(({ values, width }) => tensor2d(values, [items, width]));
  const lengths = tensor2d(Float32Array.from(norms), [1, items]);
  const count = Math.min(k + margin, items);
  const rows: number[] = [];
  const columns: number[] = [];
  const values: number[] = [];
  for (let from = 0; from < items; from += blockRows) {
    const to = Math.min(from + blockRows, items);
    const scores = tidy(() => {
      const dots = addN(modalities.map((modality, m) => matMul(blockOf(modality, from, to), tables[m]!, false, true) as Tensor2D));
      const own = tensor2d(Float32Array.from(norms.subarray(from, to)), [to - from, 1]);
      // The smallest float keeps two zero rows without shrinkage from dividing by zero.
      return div(dots, add(matMul(own, lengths), Math.max(shrink, 1e-30))) as Tensor2D;
    });
    const proposed = topKOfScores(scores, { offsets: new Int32Array(to - from + 1), indices: new Int32Array(0) }, count).items;
    scores.dispose();
    for (let item = from; item < to; item++) {
      const candidates = [...proposed.subarray((item - from) * count, (item - from + 1) * count)].filter((other) => other >= 0);
      const ranked = candidates.map((other) => ({ other, score: similarity(modalities, norms, shrink, item, other) }));
      ranked.sort((a, b) => b.score - a.score || a.other - b.other);
      for (const { other, score } of ranked.slice(0, k)) {
        if (score === 0) continue;
        rows.push(item);
        columns.push(other);
        values.push(score);
      }
    }
  }
  for (const table of [...tables, lengths]) table.dispose();
  return csrFromEntries({ rows: items, columns: items }, { rows, columns, values });
}

function blockOf({ values, width }: Modality, from: number, to: number): Tensor2D {
  return tensor2d(values.subarray(from * width, to * width), [to - from, width]);
}

function similarity(modalities: readonly Modality[], norms: Float64Array, shrink: number, item: number, other: number): number {
  const scale = norms[item]! * norms[other]! + shrink;
  return scale > 0 ? dotOf(modalities, item, other) / scale : 0;
}

function dotOf(modalities: readonly Modality[], a: number, b: number): number {
  let sum = 0;
  for (const { values, width } of modalities) {
    for (let c = 0; c < width; c++) sum += values[a * width + c]! * values[b * width + c]!;
  }
  return sum;
}
