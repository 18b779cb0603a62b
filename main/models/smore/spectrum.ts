import type { Tensor2D } from '@tensorflow/tfjs-core';
import { add, concat, matMul, mul, reshape, slice, sub } from '#engine/ops/basic.ts';
import type { Belongings } from '../parts/parameters.ts';

/**
 * Real Fourier transforms of rows of `width` columns, orthonormal, as products with two fixed matrices: few columns make that cheaper
 * than a fast transform, and it has a gradient everywhere. A spectrum is [n, 2K]: K real parts, then K imaginary ones, K = ⌊width/2⌋ + 1.
 */
export class Spectrum {
  /** [width, 2K]: the spectra of the unit vectors. */
  readonly #forward: Tensor2D;
  /** [2K, width]. */
  readonly #inverse: Tensor2D;
  readonly #count: number;

  constructor(own: Belongings, width: number) {
    const { forward, inverse } = transforms(width);
    this.#count = frequencies(width);
    this.#forward = own.constant(forward, width, 2 * this.#count);
    this.#inverse = own.constant(inverse, 2 * this.#count, width);
  }

  /** x [n, width] → [n, 2K]. */
  of(x: Tensor2D): Tensor2D {
    return matMul(x, this.#forward) as Tensor2D;
  }

  /** Element-wise complex product of spectra, or with one row for all, [1, 2K]. */
  product(a: Tensor2D, b: Tensor2D): Tensor2D {
    const [ar, ai] = this.#parts(a);
    const [br, bi] = this.#parts(b);
    return concat([sub(mul(ar, br), mul(ai, bi)) as Tensor2D, add(mul(ar, bi), mul(ai, br)) as Tensor2D], 1);
  }

  /** A learnt complex vector, stored as [K, 2] pairs of real and imaginary part, as a spectrum [1, 2K]. */
  filter(pairs: Tensor2D): Tensor2D {
    const column = (part: 0 | 1) => reshape(slice(pairs, [0, part], [this.#count, 1]), [1, this.#count]) as Tensor2D;
    return concat([column(0), column(1)], 1);
  }

  /** Back to [n, width]. Imaginary parts of frequency 0, and of the highest where width is even, have no effect. */
  back(spectrum: Tensor2D): Tensor2D {
    return matMul(spectrum, this.#inverse) as Tensor2D;
  }

  /** Transform, filter and inverse as one linear map [width, width], for x·map. */
  map(filter: Tensor2D): Tensor2D {
    return this.back(this.product(this.#forward, filter));
  }

  #parts(x: Tensor2D): [real: Tensor2D, imaginary: Tensor2D] {
    const rows = x.shape[0];
    return [slice(x, [0, 0], [rows, this.#count]), slice(x, [0, this.#count], [rows, this.#count])];
  }
}

/** K, how many frequencies a real row has. */
export function frequencies(width: number): number {
  return Math.floor(width / 2) + 1;
}

function transforms(width: number): { forward: Float32Array; inverse: Float32Array } {
  const count = frequencies(width);
  const forward = new Float32Array(width * 2 * count);
  const inverse = new Float32Array(2 * count * width);
  const scale = 1 / Math.sqrt(width);
  for (let k = 0; k < count; k++) {
    const isReal = k === 0 || 2 * k === width;
    // A frequency and its mirror image are one here.
    const weight = isReal ? 1 : 2;
    for (let t = 0; t < width; t++) {
      const angle = (2 * Math.PI * ((t * k) % width)) / width;
      const [cosine, sine] = [Math.cos(angle) * scale, isReal ? 0 : Math.sin(angle) * scale];
      forward[t * 2 * count + k] = cosine;
      forward[t * 2 * count + count + k] = -sine;
      inverse[k * width + t] = weight * cosine;
      inverse[(count + k) * width + t] = -weight * sine;
    }
  }
  return { forward, inverse };
}
