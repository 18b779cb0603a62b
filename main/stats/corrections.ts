/** p-values adjusted for how many are looked at together. Order in = order out; compare with α as they are. */
export type Correction = 'holm' | 'benjamini-hochberg' | 'none';

export function adjust(p: readonly number[], correction: Correction): readonly number[] {
  if (correction === 'none') return [...p];
  return correction === 'holm' ? holm(p) : benjaminiHochberg(p);
}

/** Holm's step-down: holds the chance of any false finding in the family, whatever depends on what. */
function holm(p: readonly number[]): number[] {
  const rising = order(p);
  const adjusted = p.map(() => 1);
  let floor = 0;
  for (const [place, index] of rising.entries()) {
    floor = Math.max(floor, Math.min(1, (p.length - place) * p[index]!));
    adjusted[index] = floor;
  }
  return adjusted;
}

/** Benjamini and Hochberg's step-up: holds the expected share of false findings among those found. */
function benjaminiHochberg(p: readonly number[]): number[] {
  const rising = order(p);
  const adjusted = p.map(() => 1);
  let ceiling = 1;
  for (let place = rising.length - 1; place >= 0; place--) {
    const index = rising[place]!;
    ceiling = Math.min(ceiling, (p.length / (place + 1)) * p[index]!);
    adjusted[index] = ceiling;
  }
  return adjusted;
}

function order(p: readonly number[]): number[] {
  return [...p.keys()].sort((a, b) => p[a]! - p[b]! || a - b);
}
