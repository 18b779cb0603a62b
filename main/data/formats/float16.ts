/** float16 by bits: subnormals, both zeros, infinities and NaN as IEEE 754 defines them. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Nearest float16 bits, ties to even; beyond 65,504 infinity. */
export function numberToFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -25) return sign;
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  // log2 may round up to the next power; the mantissa then falls below one and the step below corrects it.
  const step = 2 ** (exponent - 10);
  const scaled = size / step;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  if (exponent === -14 && rounded < 1024) return sign | rounded;
  return sign | (((exponent + 14) << 10) + rounded);
}

let table: Float32Array | undefined;

/** All 65,536 values, for decoding whole files by look-up. */
export function float16Table(): Float32Array {
  if (table === undefined) {
    table = new Float32Array(65536);
    for (let bits = 0; bits < 65536; bits++) table[bits] = float16ToNumber(bits);
  }
  return table;
}
