/** The difference that seeds alone make (protocol.md section 8): what a star has to exceed unless the person says otherwise. */
import { aggregate } from '#stats/aggregate.ts';

/** Sample sd of three seeds of one configuration on splits whose noise is published, by split hash and metric. */
const published: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ce6fb74455eeb278e71cb1167d01a2d3026e94146c52436aa80eaa214649a8df: { 'recall@20': 0.0009, 'ndcg@20': 0.0001 },
  '66f4562da905d5a376c7348d93c11c0abcb79a010ca01889f917eabbfc136570': { 'recall@20': 0.0014, 'ndcg@20': 0.0003 },
  '69163ed44aae4a6ec6c95ce5699d7b9a51edc3dd2ecf5aba0d6d03fe9f7d66cf': { 'recall@20': 0.0013, 'ndcg@20': 0.0005 },
};

/** The published sd between seeds of a split; undefined where none is known. */
export function noiseFloor(splitHash: string, metric = 'recall@20'): number | undefined {
  return published[splitHash]?.[metric];
}

/** Of one column: the published spread of its split, else the sd between seeds pooled over its rows. */
export function columnNoise(
  rows: readonly (readonly number[])[],
  splitHash: string,
  metric: string,
): { readonly value: number; readonly from: string } {
  const known = noiseFloor(splitHash, metric);
  if (known !== undefined) return { value: known, from: 'published spread of seeds on this split' };
  let [squares, degrees] = [0, 0];
  for (const values of rows) {
    const { n = 0, sd = 0 } = aggregate(values) ?? {};
    if (n < 2) continue;
    squares += (n - 1) * sd ** 2;
    degrees += n - 1;
  }
  if (degrees === 0) return { value: 0, from: 'no spread known: one seed each' };
  return { value: Math.sqrt(squares / degrees), from: 'spread between seeds, pooled over the rows' };
}
