/** Several models over several datasets by ranks (Demšar 2006): values of different datasets are never averaged, their ranks are. */
import { chiSquaredProbability, studentizedRange } from './distributions.ts';
import { ranks, type Better } from './marks.ts';
import { isSame } from './same-value.ts';

/** Fewer datasets than this make neither Friedman's test nor a critical difference worth the name (protocol.md section 9, rule 7). */
export const leastDatasets = 5;

export interface RankSummary {
  /** Datasets on which every row has a value; the others are left out, nothing is filled in. */
  readonly datasets: number;
  /** Mean rank of each row, 1 = best; empty where no dataset is complete. */
  readonly averages: readonly number[];
  /** Friedman's test with ties corrected; from {@link leastDatasets} datasets and three rows on. */
  readonly friedman?: { readonly statistic: number; readonly degrees: number; readonly p: number };
  /** Nemenyi: average ranks that differ by more are told apart at α. */
  readonly criticalDifference?: number;
  /** Longest stretches of rows (indices, best first) whose average ranks stay within the critical difference. */
  readonly groups: readonly (readonly number[])[];
}

/** `columns[dataset][row]`: one metric; undefined where a row has no value. */
export function rankSummary(columns: readonly (readonly (number | undefined)[])[], better: Better, alpha = 0.05): RankSummary {
  const complete = columns.filter((column) => column.every((value) => value !== undefined));
  const n = complete.length;
  const rows = columns[0]?.length ?? 0;
  if (n === 0 || rows < 2) return { datasets: n, averages: [], groups: [] };
  const ranked = complete.map((column) => ranks(column, better).map((rank) => rank!));
  const averages = Array.from({ length: rows }, (_, row) => ranked.reduce((sum, column) => sum + column[row]!, 0) / n);
  if (n < leastDatasets || rows < 3) return { datasets: n, averages, groups: [] };
  const criticalDifference = (studentizedRange(1 - alpha, rows) / Math.SQRT2) * Math.sqrt((rows * (rows + 1)) / (6 * n));
  return { datasets: n, averages, friedman: friedman(ranked), criticalDifference, groups: stretches(averages, criticalDifference) };
}

/** Friedman's chi-squared over ranks[dataset][row], divided by what ties take away. */
function friedman(ranked: readonly (readonly number[])[]): { statistic: number; degrees: number; p: number } {
  const n = ranked.length;
  const k = ranked[0]!.length;
  const sums = Array.from({ length: k }, (_, row) => ranked.reduce((sum, column) => sum + column[row]!, 0));
  let ties = 0;
  for (const column of ranked) {
    const counts = new Map<number, number>();
    for (const rank of column) counts.set(rank, (counts.get(rank) ?? 0) + 1);
    for (const count of counts.values()) ties += count ** 3 - count;
  }
  const plain = (12 / (n * k * (k + 1))) * sums.reduce((sum, value) => sum + value ** 2, 0) - 3 * n * (k + 1);
  const correction = 1 - ties / (n * k * (k * k - 1));
  // Every dataset a single tie: no order to test.
  if (correction <= 0) return { statistic: 0, degrees: k - 1, p: 1 };
  const statistic = plain / correction;
  return { statistic, degrees: k - 1, p: chiSquaredProbability(statistic, k - 1) };
}

function stretches(averages: readonly number[], criticalDifference: number): number[][] {
  const order = [...averages.keys()].sort((a, b) => averages[a]! - averages[b]! || a - b);
  const found: number[][] = [];
  let furthest = 0;
  for (let from = 0; from < order.length; from++) {
    let to = from;
    while (to + 1 < order.length && averages[order[to + 1]!]! - averages[order[from]!]! <= criticalDifference) to++;
    if (to > from && to > furthest) found.push(order.slice(from, to + 1));
    furthest = Math.max(furthest, to);
  }
  return found;
}

/** Columns in which `first` is better than, equal to and worse than `second`; columns that lack either are left out. */
export function winTieLoss(
  first: readonly (number | undefined)[],
  second: readonly (number | undefined)[],
  better: Better,
): { readonly win: number; readonly tie: number; readonly loss: number } {
  let [win, tie, loss] = [0, 0, 0];
  for (const [index, a] of first.entries()) {
    const b = second[index];
    if (a === undefined || b === undefined) continue;
    if (isSame(a, b)) tie++;
    else if (a > b === (better === 'higher')) win++;
    else loss++;
  }
  return { win, tie, loss };
}
