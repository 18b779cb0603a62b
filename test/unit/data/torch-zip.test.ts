import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '#contract/problem.ts';
import { csrFromEntries } from '#data/csr.ts';
import { arrayNames, isNode, isTorchName, readPickle } from '#data/formats/pickle.ts';
import { crc32 } from '#contract/crc32.ts';
import { readTorchZip } from '#data/formats/torch-zip.ts';
import { concat, PickleWriter, rawValues, sparseGraphFile, writeTensor, zipFile } from '#test/fixtures/dataset-files.ts';

const anyName = (): boolean => true;
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.code;
    throw error;
  }
  return 'none';
};

describe('pickle', () => {
  const oneOfEach = (protocol: number): Uint8Array =>
    concat([
      Uint8Array.of(0x80, protocol, 0x7d, 0x28), // {, mark
      ...[Uint8Array.of(0x58, 1, 0, 0, 0, 0x61)], // 'a'
      Uint8Array.of(0x5d, 0x28, 0x4b, 1, 0x47, 0x40, 4, 0, 0, 0, 0, 0, 0, 0x4e, 0x88, 0x58, 2, 0, 0, 0, 0xc3, 0xa9, 0x65), // [1, 2.5, None, True, 'é']
      Uint8Array.of(0x58, 1, 0, 0, 0, 0x62, 0x4a, 0x70, 0x11, 1, 0, 0x8a, 1, 0xfd, 0x86), // 'b': (70000, −3)
      Uint8Array.of(0x75, 0x2e), // set items, stop
    ]);

  it.each([2, 3, 4, 5])('reads values of protocol %i', (protocol) => {
    const root = readPickle(oneOfEach(protocol), 'x', anyName);
    expect(root).toEqual({
      node: 'dict',
      entries: [
        ['a', { node: 'list', items: [1, 2.5, null, true, 'é'] }],
        ['b', { node: 'tuple', items: [70000, -3] }],
      ],
    });
  });

  it.each(['0', '1', '6'])('refuses protocol %s', (protocol) => {
    expect(codeOf(() => readPickle(Uint8Array.of(0x80, Number(protocol), 0x4e, 0x2e), 'x', anyName))).toBe('pickle.protocol');
  });

  it('allows exactly the names data needs, old and new', () => {
    for (const name of [
      'scipy.sparse.coo.coo_matrix',
      'scipy.sparse._coo.coo_matrix',
      'scipy.sparse._csr.csr_array',
      'numpy.core.multiarray._reconstruct',
      'numpy._core.multiarray._reconstruct',
      'numpy.dtype',
    ]) {
      expect(arrayNames.has(name)).toBe(true);
    }
    for (const name of ['torch._utils._rebuild_tensor_v2', 'torch.LongStorage', 'torch.Size', 'collections.OrderedDict'])
      expect(isTorchName(name)).toBe(true);
    for (const name of [
      'os.system',
      'builtins.eval',
      'torch.load',
      'torch.hub.load',
      'numpy.load',
      'torch._utils._rebuild_wrapper_subclass',
      'posix.system',
      'torch.serialization.load',
      'torch.x.FloatStorage',
    ]) {
      expect(isTorchName(name) || arrayNames.has(name)).toBe(false);
    }
  });

  it('names what a hostile pickle asks for, by either opcode, and does not call it', () => {
    const global = new PickleWriter().name('os', 'system').finish();
    const stacked = new PickleWriter().text('os').text('system').raw(0x93).finish();
    for (const bytes of [global, stacked]) {
      expect(() => readPickle(bytes, 'x', isTorchName)).toThrow(/asks to run os\.system/);
    }
  });

  it('keeps calls as nodes', () => {
    const bytes = new PickleWriter()
      .name('torch', 'Size')
      .tuple((w) => void w.integers([3, 4]))
      .call()
      .finish();
    const root = readPickle(bytes, 'x', isTorchName);
    expect(isNode(root, 'call') && root.callee).toBe('torch.Size');
  });

  it('bounds work: an endless memo loop, a giant string, a deep stack', () => {
    expect(codeOf(() => readPickle(concat([Uint8Array.of(0x80, 2), new Uint8Array(3_000_000).fill(0x4e)]), 'x', anyName))).toBe(
      'pickle.limit',
    );
    expect(codeOf(() => readPickle(Uint8Array.of(0x80, 4, 0x8d, 255, 255, 255, 255, 255, 0, 0, 0, 0x2e), 'x', anyName))).toBe(
      'pickle.limit',
    );
    expect(codeOf(() => readPickle(Uint8Array.of(0x80, 2, 0x58, 255, 255, 255, 3), 'x', anyName))).toBe('pickle.truncated');
  });

  it('only ever reads or names a problem', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (tail) => {
        expect(codeOf(() => readPickle(concat([Uint8Array.of(0x80, 2), tail]), 'x', isTorchName))).toMatch(/^(none|pickle\.)/);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('.pt', () => {
  const dense = (
    shape: number[],
    stride: number[],
    offset: number,
    storage: string,
    data: Uint8Array,
    elements: number,
    order?: string,
  ) => {
    const writer = new PickleWriter();
    writeTensor(writer, { storage, key: '0', shape, stride, offset, elements });
    const entries: (readonly [string, Uint8Array])[] = [
      ['any-prefix/data.pkl', writer.finish()],
      ['any-prefix/data/0', data],
    ];
    if (order !== undefined) entries.push(['any-prefix/byteorder', new TextEncoder().encode(order)]);
    return readTorchZip(zipFile(entries), 'g.pt').get('')!;
  };

  it('follows strides and offset', () => {
    const data = rawValues('f4', [0, 1, 2, 3, 4, 5, 6]);
    expect(Array.from(dense([2, 3], [3, 1], 1, 'FloatStorage', data, 7).values)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(Array.from(dense([3, 2], [1, 3], 1, 'FloatStorage', data, 7).values)).toEqual([1, 4, 2, 5, 3, 6]);
    expect(Array.from(dense([2, 2], [0, 1], 2, 'FloatStorage', data, 7).values)).toEqual([2, 3, 2, 3]);
  });

  it('reads other storages and byte orders', () => {
    expect(Array.from(dense([2], [1], 0, 'DoubleStorage', rawValues('f8', [1.5, -2]), 2).values)).toEqual([1.5, -2]);
    expect(Array.from(dense([2], [1], 0, 'LongStorage', rawValues('i8', [-7, 9]), 2).values)).toEqual([-7, 9]);
    expect(Array.from(dense([2], [1], 0, 'HalfStorage', rawValues('u2', [0x3c00, 0xc000]), 2).values)).toEqual([1, -2]);
    expect(Array.from(dense([2], [1], 0, 'BFloat16Storage', rawValues('u2', [0x3f80, 0xc000]), 2).values)).toEqual([1, -2]);
    expect(Array.from(dense([2], [1], 0, 'FloatStorage', rawValues('f4', [1, 2], true), 2, 'big').values)).toEqual([1, 2]);
  });

  it('reads a sparse tensor; repeated entries are there and add up', () => {
    const tensor = readTorchZip(
      sparseGraphFile(3, [
        [2, 1, 0.5],
        [0, 0, 1],
        [2, 1, 0.25],
      ]),
      'g.pt',
    ).get('')!;
    if (tensor.form !== 'sparse') throw new Error('expected a sparse tensor');
    expect(tensor.shape).toEqual([3, 3]);
    const matrix = csrFromEntries({ rows: 3, columns: 3 }, tensor);
    expect(Array.from(matrix.offsets)).toEqual([0, 1, 1, 2]);
    expect(Array.from(matrix.values)).toEqual([1, 0.75]);
  });

  it('reads an ordered dict of tensors by name', () => {
    const writer = new PickleWriter().name('collections', 'OrderedDict').raw(0x29).call().raw(0x28).text('weight');
    writeTensor(writer, { storage: 'FloatStorage', key: '0', shape: [2], stride: [1], elements: 2 });
    const file = zipFile([
      ['a/data.pkl', writer.raw(0x75).finish()],
      ['a/data/0', rawValues('f4', [3, 4])],
    ]);
    expect(Array.from(readTorchZip(file, 'w.pt').get('weight')!.values)).toEqual([3, 4]);
  });

  it('only ever reads or names a problem, whatever is cut or flipped', () => {
    const good = sparseGraphFile(4, [
      [0, 1, 1],
      [3, 2, 0.5],
    ]);
    const codes = new Set<string>();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: good.length }),
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 3 }),
        (length, flips) => {
          const bytes = good.slice(0, length < good.length / 2 ? good.length : length);
          for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
          const code = codeOf(() => readTorchZip(bytes, 'g.pt'));
          codes.add(code);
          expect(code).toMatch(/^(none|zip\.|pickle\.|torch\.|npy\.)/);
        },
      ),
      { numRuns: 3000 },
    );
    expect(codes.size).toBeGreaterThan(4);
  });

  it('knows the checksum of the standard’s example', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});

const baby = '../shared/data/baby';
describe.skipIf(!existsSync(baby))('graphs of Baby (skipped: no ../shared)', () => {
  it('hold the entries that models.md 0.3 states', async () => {
    const { readGraphFile, parseGraphName } = await import('#data/graph-file.ts');
    const read = async (name: string) => (await readGraphFile(`${baby}/${name}`, parseGraphName(name)!, 7050)).summary;
    expect(await read('image_adj_10_True.pt')).toMatchObject({
      form: 'knn-cosine',
      modality: 'image',
      k: 10,
      entries: 70500,
      repeated: 0,
      rowsWithoutSelf: 53,
    });
    expect(await read('text_adj_10_True.pt')).toMatchObject({ entries: 70500, rowsWithoutSelf: 4 });
    expect(await read('mm_adj_freedomdsp_10_1.pt')).toMatchObject({
      form: 'freedom-mix',
      imageWeight: 0.1,
      entries: 126598,
      repeated: 14402,
    });
  });
});
