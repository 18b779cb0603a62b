import { below, type Draws } from './draws.ts';
import { drawPoint, gridPoint, pointKey, sizeOf, type Point, type Space } from './space.ts';

/** Up to so many points the untried ones are listed and one of them is drawn; beyond, repeats are rare enough to draw again. */
const listed = 4096;
const tries = 200;

/** A point drawn from the space that none of `tried` equals; undefined where every point was tried (Bergstra & Bengio 2012). */
export function nextRandom(space: Space, tried: readonly Point[], draws: Draws): Point | undefined {
  const known = new Set(tried.map((point) => pointKey(space, point)));
  const size = sizeOf(space);
  if (size <= listed) {
    const open: Point[] = [];
    for (let index = 0; index < size; index++) {
      const point = gridPoint(space, index)!;
      if (!known.has(pointKey(space, point))) open.push(point);
    }
    return open.length === 0 ? undefined : open[below(draws, open.length)];
  }
  for (let attempt = 0; attempt < tries; attempt++) {
    const point = drawPoint(space, draws);
    if (!known.has(pointKey(space, point))) return point;
  }
  return undefined;
}
