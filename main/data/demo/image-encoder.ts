import type { Random } from '../random.ts';
import { principalRows, type Table } from './projection.ts';

/** Side of the pictures the features are computed from. */
export const encodedSize = 48;

const grid = 4;
const orientations = 8;
const hueBins = 12;

/**
 * Features of pictures from their pixels alone: edge orientations on a 4 × 4 grid (a small HOG), a hue histogram weighted by
 * saturation, and mean colours on the grid; each part at unit length, then the 64 strongest directions over all pictures.
 * Row r belongs to `pictures[r]`; an absent picture gives a row of zeros.
 */
export function encodeImages(pictures: readonly (Float32Array | undefined)[], width: number, random: Random): Float32Array {
  const parts = grid * grid * orientations + hueBins + grid * grid * 3;
  const table: Table = { rows: pictures.length, width: parts, values: new Float64Array(pictures.length * parts) };
  pictures.forEach((pixels, row) => {
    if (pixels !== undefined) table.values.set(describe(pixels), row * parts);
  });
  centre(
    table,
    pictures.map((pixels) => pixels !== undefined),
  );
  return principalRows(table, width, random);
}

function describe(pixels: Float32Array): Float64Array {
  const edges = unit(edgeOrientations(pixels));
  const hues = unit(hueHistogram(pixels));
  const means = unit(meanColours(pixels));
  return Float64Array.from([...edges, ...hues, ...means]);
}

function edgeOrientations(pixels: Float32Array): Float64Array {
  const size = encodedSize;
  const grey = new Float32Array(size * size);
  for (let p = 0; p < grey.length; p++) grey[p] = 0.299 * pixels[3 * p]! + 0.587 * pixels[3 * p + 1]! + 0.114 * pixels[3 * p + 2]!;
  const result = new Float64Array(grid * grid * orientations);
  for (let y = 1; y < size - 1; y++) {
    for (let x = 1; x < size - 1; x++) {
      const dx = grey[y * size + x + 1]! - grey[y * size + x - 1]!;
      const dy = grey[(y + 1) * size + x]! - grey[(y - 1) * size + x]!;
      const strength = Math.hypot(dx, dy);
      if (strength < 0.02) continue;
      // An edge and its mirror image in brightness count as one orientation.
      const turn = (Math.atan2(dy, dx) / Math.PI + 2) % 1;
      const bin = Math.min(orientations - 1, Math.floor(turn * orientations));
      const cell = Math.floor((y * grid) / size) * grid + Math.floor((x * grid) / size);
      result[cell * orientations + bin]! += strength;
    }
  }
  return result.map(Math.sqrt);
}

function hueHistogram(pixels: Float32Array): Float64Array {
  const result = new Float64Array(hueBins);
  for (let p = 0; p < pixels.length; p += 3) {
    const [red, green, blue] = [pixels[p]!, pixels[p + 1]!, pixels[p + 2]!];
    const high = Math.max(red, green, blue);
    const range = high - Math.min(red, green, blue);
    if (range < 0.06) continue;
    const sector = high === red ? ((green - blue) / range + 6) % 6 : high === green ? (blue - red) / range + 2 : (red - green) / range + 4;
    // Shared between the two nearest bins, so that a small change of hue is a small change of the histogram.
    const at = (sector / 6) * hueBins;
    const low = Math.floor(at) % hueBins;
    result[low]! += range * (1 - (at - Math.floor(at)));
    result[(low + 1) % hueBins]! += range * (at - Math.floor(at));
  }
  return result.map(Math.sqrt);
}

function meanColours(pixels: Float32Array): Float64Array {
  const cell = encodedSize / grid;
  const result = new Float64Array(grid * grid * 3);
  for (let y = 0; y < encodedSize; y++) {
    for (let x = 0; x < encodedSize; x++) {
      const to = (Math.floor(y / cell) * grid + Math.floor(x / cell)) * 3;
      for (let c = 0; c < 3; c++) result[to + c]! += (1 - pixels[(y * encodedSize + x) * 3 + c]!) / (cell * cell);
    }
  }
  return result;
}

function unit(values: Float64Array): Float64Array {
  let squares = 0;
  for (const value of values) squares += value * value;
  return squares === 0 ? values : values.map((value) => value / Math.sqrt(squares));
}

/** Subtracts the mean of the given rows from them; other rows stay zero. */
function centre(table: Table, isGiven: readonly boolean[]): void {
  const { width, values } = table;
  const mean = new Float64Array(width);
  let count = 0;
  isGiven.forEach((given, row) => {
    if (!given) return;
    count++;
    for (let c = 0; c < width; c++) mean[c]! += values[row * width + c]!;
  });
  isGiven.forEach((given, row) => {
    if (given) for (let c = 0; c < width; c++) values[row * width + c]! -= mean[c]! / count;
  });
}
