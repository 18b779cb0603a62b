/** Lines between the places of the same item in two lists. Pure. */
import type { RankedList } from '#contract/recommendation.ts';

export interface Slope {
  readonly item: number;
  readonly hit: boolean;
  /** SVG path. */
  readonly path: string;
  readonly ends: readonly { readonly x: number; readonly y: number }[];
  /** Only in the right list. */
  readonly isNew: boolean;
}

type Rows = RankedList['rows'];

/** A curve for an item in both lists, a stub for one in the left alone or the right alone; in drawing order, hits last. */
export function slopesOf(left: Rows, right: Rows, { width, row }: { readonly width: number; readonly row: number }): Slope[] {
  const y = (index: number) => (index + 0.5) * row;
  const places = new Map(right.map(({ item }, index) => [item, index]));
  const known = new Set(left.map(({ item }) => item));
  const [near, far, stub] = [4, width - 4, 18];
  const slopes: Slope[] = left.map(({ item, hit }, index) => {
    const place = places.get(item);
    const [from, to] = [y(index), place === undefined ? undefined : y(place)];
    if (to === undefined)
      return { item, hit, path: `M${near} ${from}H${near + stub - 4}M${near + stub - 4} ${from - 4}v8`, ends: [], isNew: false };
    const path = `M${near} ${from}C${width / 2} ${from} ${width / 2} ${to} ${far} ${to}`;
    return {
      item,
      hit,
      path,
      ends: [
        { x: near, y: from },
        { x: far, y: to },
      ],
      isNew: false,
    };
  });
  right.forEach(({ item, hit }, index) => {
    if (known.has(item)) return;
    slopes.push({ item, hit, path: `M${width - stub} ${y(index)}H${width}`, ends: [{ x: width - stub, y: y(index) }], isNew: true });
  });
  return slopes.sort((a, b) => Number(a.hit) - Number(b.hit));
}
