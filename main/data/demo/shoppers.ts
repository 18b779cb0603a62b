import type { Random } from '../random.ts';
import { makers, occasions, type DemoItem } from './catalogue.ts';
import { colourways } from './drawings.ts';

/** What one shopper likes: weights over rooms (an occasion in one colourway) and over makers. */
interface Taste {
  readonly rooms: Float64Array;
  readonly makers: Float64Array;
}

/**
 * How much each side of an item counts, in logarithms of the odds. A shopper furnishes a few rooms, each an occasion in one
 * colourway: the blue reading corner holds a lamp, a book and a chair that look unlike and are bought together, while a ball
 * and a clock in the same blue look alike and are not.
 */
const pull = { room: 4, maker: 1.2, fame: 0.65, complement: 0.7 } as const;

const roomsOfOne = 4;

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
      const item = nextItem(shop, left, last, random);
      users.push(user);
      items.push(item);
      left[item] = 0;
      last = shop[item]!;
    }
  }
  return { users: Int32Array.from(users), items: Int32Array.from(items) };
}

/** A few rooms, liked to different degrees, and two makers, the first more. */
function drawTaste(random: Random): Taste {
  const rooms = new Float64Array(occasions.length * colourways.length);
  for (const room of anyOf(rooms.length, roomsOfOne, random)) rooms[room] = 0.7 + 0.6 * random.uniform();
  const own = new Float64Array(makers.length);
  const [first, second] = anyOf(makers.length, 2, random);
  own[first!] = 1;
  own[second!] = 0.75;
  return { rooms, makers: own };
}

function anyOf(length: number, count: number, random: Random): Int32Array {
  return random.sampleWithoutReplacement(new Float64Array(length).fill(1), count);
}

function roomOf(item: DemoItem): number {
  return item.occasion * colourways.length + item.colourway;
}

function liking(taste: Taste, item: DemoItem): number {
  return Math.exp(pull.room * taste.rooms[roomOf(item)]! + pull.maker * taste.makers[item.maker]! + pull.fame * item.fame);
}

/** The next purchase: by liking, and more likely something of another kind for the room that the last purchase was for. */
function nextItem(shop: readonly DemoItem[], left: Float64Array, last: DemoItem | undefined, random: Random): number {
  const lastRoom = last === undefined ? -1 : roomOf(last);
  let total = 0;
  const weights = left.map((liked, i) => {
    const completes = roomOf(shop[i]!) === lastRoom && shop[i]!.kind !== last?.kind;
    const weight = completes ? liked * Math.exp(pull.complement) : liked;
    total += weight;
    return weight;
  });
  let at = random.uniform() * total;
  for (let i = 0; i < weights.length; i++) {
    at -= weights[i]!;
    if (at < 0 && weights[i]! > 0) return i;
  }
  // Rounding can leave a rest after the last item; the most likely one takes it.
  return weights.reduce((best, weight, i) => (weight > weights[best]! ? i : best), 0);
}
