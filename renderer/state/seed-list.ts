/** Seeds as a person types them, "1, 2, 5-8", and back. */

export type SeedList =
  { readonly seeds: readonly number[]; readonly fault?: undefined } | { readonly seeds?: undefined; readonly fault: string };

const most = 100;

/** Reads a list with ranges; repeats are dropped, order kept. */
export function readSeeds(text: string): SeedList {
  const seeds: number[] = [];
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  if (parts.length === 0) return { fault: 'Type at least one seed' };
  for (const part of parts) {
    const range = /^(\d+)(?:[-–](\d+))?$/.exec(part);
    if (range === null) return { fault: `Not a seed: ${part}. Seeds are whole numbers from 0` };
    const from = Number(range[1]);
    const to = range[2] === undefined ? from : Number(range[2]);
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return { fault: `Too large: ${part}` };
    if (to < from) return { fault: `The range ${part} runs backwards` };
    if (to - from >= most) return { fault: `At most ${most} seeds, ${part} holds ${to - from + 1}` };
    for (let seed = from; seed <= to; seed++) if (!seeds.includes(seed)) seeds.push(seed);
  }
  return seeds.length > most ? { fault: `At most ${most} seeds, found ${seeds.length}` } : { seeds };
}

/** "1, 2, 3" for short lists, "1–10" for long runs of neighbours. */
export function seedText(seeds: readonly number[]): string {
  const first = seeds[0];
  const isRun = first !== undefined && seeds.every((seed, index) => seed === first + index);
  return isRun && seeds.length > 5 ? `${first}–${first + seeds.length - 1}` : seeds.join(', ');
}

/** The first n seeds from 1. */
export const seedsUpTo = (n: number): readonly number[] => Array.from({ length: n }, (_, index) => index + 1);
