import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { matMul, tensor2d, tidy, values } from '#engine/ops/basic.ts';
import { Belongings } from '#models/parts/parameters.ts';
import { frequencies, Spectrum } from '#models/smore/spectrum.ts';

const rows = 3;

/** SMORE's transforms against sums by definition, in double. */
describe.each([8, 7])('the spectrum of %d columns', (width) => {
  let device: OpenDevice;
  let own: Belongings;
  beforeAll(async () => {
    device = await openDevice('cpu');
    own = new Belongings();
  });
  afterAll(() => {
    own.dispose();
    device.close();
  });

  const random = randomStream(width, 'spectrum');
  const draw = (count: number) => Float32Array.from({ length: count }, () => random.normal());
  const x = draw(rows * width);
  const pairs = draw(2 * frequencies(width));

  it('goes there and back, and a filter is the circular convolution it stands for', () => {
    const spectrum = new Spectrum(own, width);
    const { returned, filtered, mapped } = tidy(() => {
      const table = tensor2d(x, [rows, width]);
      const filter = spectrum.filter(tensor2d(pairs, [frequencies(width), 2]));
      const through = spectrum.back(spectrum.product(spectrum.of(table), filter));
      return {
        returned: values(spectrum.back(spectrum.of(table))),
        filtered: values(through),
        mapped: values(matMul(table, spectrum.map(filter))),
      };
    });
    returned.forEach((value, place) => expect(value).toBeCloseTo(x[place]!, 5));
    filtered.forEach((value, place) => {
      const [row, t] = [Math.floor(place / width), place % width];
      expect(value).toBeCloseTo(byDefinition(x.subarray(row * width, (row + 1) * width), t), 4);
      expect(mapped[place]).toBeCloseTo(value, 4);
    });
  });

  /** Column t of irfft(c · rfft(row)), from the whole spectrum and its mirror image. */
  function byDefinition(row: Float32Array, t: number): number {
    let sum = 0;
    for (let k = 0; k < width; k++) {
      const own = Math.min(k, width - k);
      const isMirror = k !== own;
      const isReal = own === 0 || 2 * own === width;
      const [cr, ci] = [pairs[2 * own]!, isReal ? 0 : (isMirror ? -1 : 1) * pairs[2 * own + 1]!];
      row.forEach((value, s) => {
        const angle = (2 * Math.PI * k * (t - s)) / width;
        sum += (value * (cr * Math.cos(angle) - ci * Math.sin(angle))) / width;
      });
    }
    return sum;
  }
});
