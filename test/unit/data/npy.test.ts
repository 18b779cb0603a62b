import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '#contract/problem.ts';
import { float16ToNumber } from '#data/formats/float16.ts';
import { writeNpy } from '#data/formats/npy-writer.ts';
import { readNpy, toIntegers } from '#data/formats/npy.ts';
import { concat, npyFile, rawValues } from '#test/fixtures/dataset-files.ts';

const numbers = [0, 1, 2, 3, 4, 5];
const asNumbers = (values: ArrayLike<number | bigint>): number[] => Array.from(values, Number);

describe('.npy', () => {
  const types = ['f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8'];
  const cases = types.flatMap((type) =>
    ([1, 2, 3] as const).flatMap((version) => (['<', '>'] as const).map((order) => ({ type, version, order }))),
  );

  it.each(cases)('reads $order$type of version $version', ({ type, version, order }) => {
    const file = npyFile({ descr: `${order}${type}`, shape: [2, 3], data: rawValues(type, numbers, order === '>'), version });
    const { header, values } = readNpy(file, 'a.npy');
    expect(header.shape).toEqual([2, 3]);
    expect(asNumbers(values)).toEqual(numbers);
  });

  it('reads booleans and single bytes with the order written as |', () => {
    expect(asNumbers(readNpy(npyFile({ descr: '|b1', shape: [3], data: Uint8Array.of(1, 0, 1) }), 'a').values)).toEqual([1, 0, 1]);
    expect(asNumbers(readNpy(npyFile({ descr: '|i1', shape: [2], data: Uint8Array.of(255, 3) }), 'a').values)).toEqual([-1, 3]);
  });

  it('transposes Fortran order', () => {
    const { values } = readNpy(npyFile({ shape: [2, 3], data: rawValues('f4', [1, 4, 2, 5, 3, 6]), fortran: true }), 'a.npy');
    expect(asNumbers(values)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('reads data that does not lie on a multiple of its size', () => {
    const file = npyFile({ descr: '<f8', shape: [2], data: rawValues('f8', [1.5, -2.25]) });
    const shifted = concat([Uint8Array.of(9), file]).subarray(1);
    expect(asNumbers(readNpy(shifted, 'a.npy').values)).toEqual([1.5, -2.25]);
  });

  it('reads float16 by its bits', () => {
    // 1, −2, smallest subnormal, −0, largest, infinity, NaN: values of IEEE 754-2008, table 3.
    const data = rawValues('u2', [0x3c00, 0xc000, 0x0001, 0x8000, 0x7bff, 0x7c00, 0x7e00]);
    expect(asNumbers(readNpy(npyFile({ descr: '<f2', shape: [7], data }), 'a').values)).toEqual([
      1,
      -2,
      2 ** -24,
      -0,
      65504,
      Infinity,
      Number.NaN,
    ]);
  });

  it('refuses integers that no id can be', () => {
    const { header, values } = readNpy(npyFile({ descr: '<u8', shape: [1], data: new Uint8Array(8).fill(255) }), 'ids.npy');
    expect(() => toIntegers(values, header.type, 'ids.npy')).toThrow(/too large/);
  });

  it('reads every float16 as the engine does, which old ones of Electron cannot', () => {
    const view = new DataView(new ArrayBuffer(2)) as DataView & { getFloat16(at: number): number };
    for (let bits = 0; bits < 65536; bits++) {
      view.setUint16(0, bits);
      if (!Object.is(float16ToNumber(bits), view.getFloat16(0)))
        throw new Error(`0x${bits.toString(16)} became ${float16ToNumber(bits)}, not ${view.getFloat16(0)}`);
    }
  });

  it('reads what it writes, any shape', () => {
    fc.assert(
      fc.property(fc.array(fc.float(), { minLength: 0, maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (values, width) => {
        const rows = Math.floor(values.length / width);
        const own = Float32Array.from(values.slice(0, rows * width));
        const { header, values: back } = readNpy(writeNpy(own, [rows, width]), 'a.npy');
        expect(header.dataStart % 64).toBe(0);
        expect(header.shape).toEqual([rows, width]);
        expect(new Uint8Array(back.buffer)).toEqual(new Uint8Array(own.buffer));
      }),
    );
  });

  it('never does anything but read or name a problem, whatever bytes are cut or flipped', () => {
    const good = npyFile({
      shape: [4, 3],
      data: rawValues(
        'f4',
        Array.from({ length: 12 }, (_, i) => i),
      ),
    });
    fc.assert(
      fc.property(fc.nat(good.length), fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 }), (length, flips) => {
        const bytes = good.slice(0, length);
        for (const [at, value] of flips) if (at < length) bytes[at] = value;
        expectReadOrProblem(() => readNpy(bytes, 'a.npy'), /^npy\./);
      }),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => expectReadOrProblem(() => readNpy(bytes, 'a.npy'), /^npy\./)));
  });
});

function expectReadOrProblem(read: () => unknown, code: RegExp): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(ProblemError);
    expect((error as ProblemError).problem.code).toMatch(code);
  }
}
