import type { Random } from '../random.ts';
import { makers, occasions, type DemoItem } from './catalogue.ts';
import { colourways } from './drawings.ts';

/** What one shopper likes: weights over occasions, colours and makers. */
interface Taste {
  readonly occasions: Float64Array;
  readonly colours: Float64Array;
  readonly makers: Float64Array;
}

/** How much each side of an item counts. Colours are seen, makers are read, occasions are neither. */
export const pull = { occasion: 2.2, colour: 2.2, maker: 2, fame: 0.8, complement: 2.6 } as const;

export interface Purchases {
  readonly users: Int32Array;
  readonly items: Int32Array;
}

/** What `count` shoppers bought, in order, each item once per shopper. */
export function goShopping(shop: readonly DemoItem[], count: number, random: Random): Purchases {
  const users: number[] = [];
  const items: number[] = [];
  for (let user = 0; user < count; user++) {
    const taste = drawTaste(random);
    const size = Math.min(48, Math.max(5, Math.round(Math.exp(2.25 + 0.5 * random.normal()))));
    const left = Float64Array.from(shop, (item) => liking(taste, item));
    let last: DemoItem | undefined;
    for (let bought = 0; bought < size; bought++) {
      const item = drawItem(shop, left, last, random);
      users.push(user);
      items.push(item);
      left[item] = 0;
      last = shop[item]!;
    }
  }
  return { users: Int32Array.from(users), items: Int32Array.from(items) };
}

/** Two or three likes of each sort, the first stronger. */
function drawTaste(random: Random): Taste {
  const likes = (length: number): Float64Array => {
    const weights = new Float64Array(length);
    const order = random.sampleWithoutReplacement(new Float64Array(length).fill(1), 2);
    weights[order[0]!] = 1;
    weights[order[1]!] = 0.75;
    return weights;
  };
  return { occasions: likes(occasions.length), colours: likes(colourways.length), makers: likes(makers.length) };
}

function liking(taste: Taste, item: DemoItem): number {
  return Math.exp(
    pull.occasion * taste.occasions[item.occasion]! +
      pull.colour * taste.colours[item.colourway]! +
      pull.maker * taste.makers[item.maker]! +
      pull.fame * item.fame,
  );
}

/**
 * The next purchase. After an item its complements pull: another kind of the same occasion in the same colours, the lamp that
 * goes with the chair. They look unlike, and only purchases tell.
 */
function drawItem(shop: readonly DemoItem[], left: Float64Array, last: DemoItem | undefined, random: Random): number {
  const isComplement = (item: DemoItem): boolean =>
    last !== undefined && item.kind !== last.kind && item.occasion === last.occasion && item.colourway === last.colourway;
  let total = 0;
  const weights = Float64Array.from(left, (weight, i) => {
    const value = weight > 0 && isComplement(shop[i]!) ? weight * Math.exp(pull.complement) : weight;
    total += value;
    return value;
  });
  let at = random.uniform() * total;
  for (let i = 0; i < weights.length; i++) {
    at -= weights[i]!;
    if (at < 0 && weights[i]! > 0) return i;
  }
  return weights.reduce((best, weight, i) => (weight > weights[best]! ? i : best), 0);
}
