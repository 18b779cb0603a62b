import { describe, expect, it } from 'vitest';
import type { Finding } from '#contract/dataset-import.ts';
import { ProblemError } from '#contract/problem.ts';
import { importDataset } from '#data/import.ts';
import { inspect } from '#data/inspect.ts';
import {
  concat,
  everythingBelow,
  features,
  folderWith,
  goodFolder,
  interText,
  npyFile,
  PickleWriter,
  rawValues,
  sparseGraphFile,
  temporaryFolder,
  writeTensor,
  zipFile,
  type FileContents,
} from '#test/fixtures/dataset-files.ts';

/** One broken dataset: the good folder with some files replaced (null removes one), and the problem it must be named. */
interface Broken {
  readonly name: string;
  readonly files: Readonly<Record<string, string | Uint8Array | null>>;
  readonly code: string;
  /** Part of `where`. */
  readonly where: string;
}

const inter = String(goodFolder()['set.inter']);
const image = goodFolder()['image_feat.npy'] as Uint8Array;
const graph = goodFolder()['image_adj_10_True.pt'] as Uint8Array;
const swapLine = (line: number, text: string): string =>
  inter
    .split('\n')
    .map((old, index) => (index + 1 === line ? text : old))
    .join('\n');
const hugeHeader = (): Uint8Array => {
  const file = npyFile({ shape: [5, 3], data: new Uint8Array(60), version: 2 });
  new DataView(file.buffer).setUint32(8, 0x7fff_ffff, true);
  return file;
};
const hostile = new PickleWriter()
  .name('posix', 'system')
  .tuple((w) => void w.text('touch /tmp/avocet-was-here'))
  .call()
  .finish();
const tensorFile = (write: (writer: PickleWriter) => void, storages: FileContents): Uint8Array => {
  const writer = new PickleWriter();
  write(writer);
  return zipFile([
    ['g/data.pkl', writer.finish()],
    ...Object.entries(storages).map(([key, data]) => [`g/data/${key}`, data as Uint8Array] as const),
  ]);
};

const broken: readonly Broken[] = [
  { name: 'no interaction file', files: { 'set.inter': null }, code: 'folder.no-inter', where: 'set' },
  {
    name: 'two interaction files, neither named as the folder',
    files: { 'set.inter': null, 'a.inter': inter, 'b.inter': inter },
    code: 'folder.several-inter',
    where: 'set',
  },
  { name: 'an empty file', files: { 'set.inter': '' }, code: 'inter.empty', where: 'set.inter' },
  {
    name: 'a header and nothing else: 0 users, 0 items',
    files: { 'set.inter': 'userID\titemID\tx_label\n' },
    code: 'inter.no-rows',
    where: 'set.inter:1',
  },
  { name: 'no label column', files: { 'set.inter': 'userID\titemID\n0\t1\n' }, code: 'inter.missing-column', where: 'set.inter:1' },
  {
    name: 'no item column',
    files: { 'set.inter': 'userID\tthing\tx_label\n0\t1\t0\n' },
    code: 'inter.missing-column',
    where: 'set.inter:1',
  },
  {
    name: 'the same column twice',
    files: { 'set.inter': 'userID\titemID\titemID\tx_label\n0\t1\t1\t0\n' },
    code: 'inter.duplicate-column',
    where: 'set.inter:1',
  },
  {
    name: 'a RecBole file',
    files: { 'set.inter': 'user_id:token\titem_id:token\trating:float\nA\tB\t5\n' },
    code: 'inter.recbole',
    where: 'set.inter:1',
  },
  {
    name: 'commas instead of tabs',
    files: { 'set.inter': inter.replaceAll('\t', ',') },
    code: 'inter.missing-column',
    where: 'set.inter:1',
  },
  { name: 'UTF-16', files: { 'set.inter': Uint8Array.of(0xff, 0xfe, 0x75, 0, 0x73, 0) }, code: 'inter.encoding', where: 'set.inter:1' },
  {
    name: 'a user that is no number',
    files: { 'set.inter': swapLine(5, 'A17\t3\t2') },
    code: 'inter.user-not-integer',
    where: 'set.inter:5',
  },
  { name: 'a negative item', files: { 'set.inter': swapLine(6, '1\t-1\t0') }, code: 'inter.item-not-integer', where: 'set.inter:6' },
  {
    name: 'an item beyond any table',
    files: { 'set.inter': swapLine(3, '0\t99999999999\t0') },
    code: 'inter.item-out-of-range',
    where: 'set.inter:3',
  },
  {
    name: 'raw ids instead of dense ones',
    files: { 'set.inter': swapLine(4, '0\t7203355\t1') },
    code: 'inter.ids-not-dense',
    where: 'set.inter:4',
  },
  { name: 'a label 3', files: { 'set.inter': swapLine(2, '0\t0\t3') }, code: 'inter.label', where: 'set.inter:2' },
  { name: 'a row that is too short', files: { 'set.inter': swapLine(7, '1\t2') }, code: 'inter.column-count', where: 'set.inter:7' },
  {
    name: 'a timestamp that is no number',
    files: { 'set.inter': 'userID\titemID\ttimestamp\tx_label\n0\t0\tyesterday\t0\n' },
    code: 'inter.timestamp',
    where: 'set.inter:2',
  },
  { name: 'a pair in two parts', files: { 'set.inter': swapLine(5, '0\t0\t2') }, code: 'split.pair-in-two-parts', where: 'set.inter:5' },
  { name: 'no validation rows', files: { 'set.inter': inter.replaceAll('\t1\n', '\t2\n') }, code: 'split.empty-part', where: 'set.inter' },
  { name: 'no train rows', files: { 'set.inter': inter.replaceAll('\t0\n', '\t2\n') }, code: 'split.empty-part', where: 'set.inter' },
  {
    name: 'held-out users without any train row',
    files: {
      'set.inter': interText([
        [0, 0, 0],
        [1, 1, 1],
        [2, 2, 2],
        [3, 3, 0],
        [0, 4, 0],
      ]),
    },
    code: 'split.no-evaluated-users',
    where: 'set.inter',
  },
  { name: 'features with a row too few', files: { 'image_feat.npy': features(4, 3) }, code: 'features.row-count', where: 'image_feat.npy' },
  {
    name: 'features of one dimension',
    files: { 'image_feat.npy': npyFile({ shape: [5], data: new Uint8Array(20) }) },
    code: 'features.shape',
    where: 'image_feat.npy',
  },
  {
    name: 'features of width 0',
    files: { 'image_feat.npy': npyFile({ shape: [5, 0], data: new Uint8Array(0) }) },
    code: 'features.shape',
    where: 'image_feat.npy',
  },
  {
    name: 'integer features',
    files: { 'image_feat.npy': npyFile({ descr: '<i4', shape: [5, 3], data: new Uint8Array(60) }) },
    code: 'features.type',
    where: 'image_feat.npy',
  },
  {
    name: 'an infinite feature',
    files: { 'image_feat.npy': features(5, 3, (r, c) => (r === 3 && c === 1 ? Infinity : 1)) },
    code: 'features.infinite',
    where: 'image_feat.npy: row 3',
  },
  {
    name: 'a value beyond float32',
    files: { 'image_feat.npy': npyFile({ descr: '<f8', shape: [5, 1], data: rawValues('f8', [1, 2, 1e300, 4, 5]) }) },
    code: 'features.infinite',
    where: 'image_feat.npy: row 2',
  },
  {
    name: 'features cut off',
    files: { 'image_feat.npy': image.slice(0, image.length - 7) },
    code: 'npy.truncated',
    where: 'image_feat.npy',
  },
  {
    name: 'a header that promises fewer rows than there are',
    files: { 'image_feat.npy': concat([image, new Uint8Array(12)]) },
    code: 'npy.trailing-bytes',
    where: 'image_feat.npy',
  },
  {
    name: 'a header that lies about a giant shape',
    files: { 'image_feat.npy': npyFile({ shape: [5, 300_000_000], data: new Uint8Array(60) }) },
    code: 'npy.truncated',
    where: 'image_feat.npy',
  },
  {
    name: 'a shape beyond all numbers',
    files: { 'image_feat.npy': npyFile({ shape: [9e15, 9e15], data: new Uint8Array(60) }) },
    code: 'npy.shape',
    where: 'image_feat.npy',
  },
  { name: 'a huge header', files: { 'image_feat.npy': hugeHeader() }, code: 'npy.header-too-large', where: 'image_feat.npy' },
  {
    name: 'a header with code in it',
    files: { 'image_feat.npy': npyFile({ descr: "<f4', 'x': __import__('os'), 'y': '", shape: [5, 3], data: new Uint8Array(60) }) },
    code: 'npy.header',
    where: 'image_feat.npy',
  },
  {
    name: 'pickled objects as features',
    files: { 'image_feat.npy': npyFile({ descr: '|O', shape: [5], data: hostile }) },
    code: 'npy.object',
    where: 'image_feat.npy',
  },
  { name: 'text called .npy', files: { 'image_feat.npy': 'these are not numbers' }, code: 'npy.not-npy', where: 'image_feat.npy' },
  {
    name: 'the same modality twice',
    files: { 'Image_feat.npy': features(5, 3) },
    code: 'features.duplicate-name',
    where: 'image_feat.npy',
  },
  {
    name: 'a graph of other items',
    files: { 'image_adj_10_True.pt': sparseGraphFile(6, [[5, 5, 1]]) },
    code: 'graph.shape',
    where: 'image_adj_10_True.pt',
  },
  {
    name: 'a graph with NaN',
    files: { 'image_adj_10_True.pt': sparseGraphFile(5, [[0, 1, Number.NaN]]) },
    code: 'graph.not-finite',
    where: 'image_adj_10_True.pt',
  },
  {
    name: 'a graph entry outside its shape',
    files: { 'image_adj_10_True.pt': sparseGraphFile(5, [[7, 1, 1]]) },
    code: 'torch.index-out-of-range',
    where: 'image_adj_10_True.pt',
  },
  {
    name: 'a graph cut off',
    files: { 'image_adj_10_True.pt': graph.slice(0, graph.length - 30) },
    code: 'zip.truncated',
    where: 'image_adj_10_True.pt',
  },
  {
    name: 'a graph of the old format',
    files: { 'image_adj_10_True.pt': Uint8Array.of(0x80, 2, 0x8a, 10, ...new Array<number>(40).fill(0)) },
    code: 'zip.not-zip',
    where: 'image_adj_10_True.pt',
  },
  {
    name: 'a path outside the folder in the zip',
    files: {
      'image_adj_10_True.pt': zipFile([
        ['g/data.pkl', hostile],
        ['../../etc/cron.d/x', new Uint8Array(3)],
      ]),
    },
    code: 'zip.path-outside',
    where: 'image_adj_10_True.pt',
  },
  {
    name: 'the same name twice in the zip',
    files: {
      'image_adj_10_True.pt': zipFile([
        ['g/data.pkl', hostile],
        ['g/data.pkl', hostile],
      ]),
    },
    code: 'zip.duplicate-entry',
    where: 'image_adj_10_True.pt',
  },
  {
    name: 'a compressed zip',
    files: { 'image_adj_10_True.pt': zipFile([['g/data.pkl', hostile]], { method: 8 }) },
    code: 'zip.compressed',
    where: 'image_adj_10_True.pt',
  },
  {
    name: 'a damaged zip',
    files: { 'image_adj_10_True.pt': zipFile([['g/data.pkl', hostile]], { breakChecksum: true }) },
    code: 'zip.checksum',
    where: 'image_adj_10_True.pt',
  },
  {
    name: 'a hostile pickle',
    files: { 'image_adj_10_True.pt': zipFile([['g/data.pkl', hostile]]) },
    code: 'pickle.forbidden',
    where: 'image_adj_10_True.pt/data.pkl',
  },
  {
    name: 'a tensor that reaches beyond its storage',
    files: {
      'image_adj_10.pt': tensorFile(
        (w) => writeTensor(w, { storage: 'FloatStorage', key: '0', shape: [5, 5], stride: [5, 1], elements: 25 }),
        { '0': new Uint8Array(40) },
      ),
      'image_adj_10_True.pt': null,
    },
    code: 'torch.outside-storage',
    where: 'image_adj_10.pt',
  },
  {
    name: 'a tensor unfolded to any size by strides of 0',
    files: {
      'image_adj_10.pt': tensorFile(
        (w) => writeTensor(w, { storage: 'FloatStorage', key: '0', shape: [1_000_000, 1_000_000], stride: [0, 0], elements: 1 }),
        { '0': new Uint8Array(4) },
      ),
      'image_adj_10_True.pt': null,
    },
    code: 'torch.too-large',
    where: 'image_adj_10.pt',
  },
  {
    name: 'an item table without ids',
    files: { 'items.tsv': 'title\tprice\nMug\t3\nLamp\t5\n' },
    code: 'items.missing-column',
    where: 'items.tsv:1',
  },
  {
    name: 'an item twice in the table',
    files: { 'items.tsv': 'itemID\ttitle\n0\tMug\n0\tLamp\n' },
    code: 'items.repeated-id',
    where: 'items.tsv:3',
  },
  {
    name: 'an item table of another dataset',
    files: { 'items.tsv': 'itemID\ttitle\n0\tMug\n17\tLamp\n' },
    code: 'items.id-out-of-range',
    where: 'items.tsv',
  },
];

async function brokenFolder({ files }: Broken): Promise<string> {
  const kept = Object.entries({ ...goodFolder(), ...files }).filter((entry): entry is [string, string | Uint8Array] => entry[1] !== null);
  return folderWith(Object.fromEntries(kept));
}

async function importProblem(folder: string, root: string, choices: Record<string, string> = {}) {
  try {
    for await (const event of importDataset({ from: 'folder', folder, name: 'Broken', choices }, { root })) void event;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  return undefined;
}

async function inspected(folder: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of inspect(folder)) findings.push(finding);
  return findings;
}

describe('broken datasets', () => {
  it('the folder they are made from is sound', async () => {
    const root = await temporaryFolder();
    expect(await importProblem(await folderWith(goodFolder()), root)).toBeUndefined();
    expect(await everythingBelow(root)).toContain('broken/manifest.json');
  });

  it.each(broken)('$name → $code', async (one) => {
    const folder = await brokenFolder(one);
    const root = await temporaryFolder();
    const before = await everythingBelow(folder);

    const problem = await importProblem(folder, root);
    expect(problem).toMatchObject({ kind: 'data', code: one.code });
    expect(problem?.where).toContain(one.where);
    expect(problem?.fix).toBeTruthy();
    expect(await everythingBelow(root)).toEqual([]);
    expect(await everythingBelow(folder)).toEqual(before);

    const findings = await inspected(folder);
    const found = findings.find((finding) => finding.type === 'problem' && finding.problem.code === one.code);
    expect(found).toMatchObject({ blocking: true });
    expect(findings.at(-1)).toMatchObject({ type: 'finished', importable: false });
  });

  it('a second dataset under a name that is taken', async () => {
    const root = await temporaryFolder();
    const folder = await folderWith(goodFolder());
    expect(await importProblem(folder, root)).toBeUndefined();
    const before = await everythingBelow(root);
    expect(await importProblem(folder, root)).toMatchObject({ code: 'dataset.name-taken' });
    expect(await everythingBelow(root)).toEqual(before);
  });

  it('counts a problem that occurs often and lists five places', async () => {
    const rows = Array.from({ length: 40 }, (_, r) => [r % 4, 'x', 0] as const);
    const findings = await inspected(await folderWith({ 'set.inter': interText(rows) }));
    const problem = findings.find((finding) => finding.type === 'problem');
    expect(problem).toMatchObject({ count: 40, examples: ['set.inter:2', 'set.inter:3', 'set.inter:4', 'set.inter:5', 'set.inter:6'] });
  });
});

describe('what has an honest remedy is a choice', () => {
  const withRepeat = inter.replace('0\t0\t0\n', '0\t0\t0\n0\t0\t0\n');
  const withNan = features(5, 3, (r, c) => (r === 1 ? Number.NaN : r === 2 ? 0 : r + c));

  it.each([
    ['repeats', { 'set.inter': withRepeat }, 1],
    ['nan-rows:image', { 'image_feat.npy': withNan }, 1],
    ['zero-rows:image', { 'image_feat.npy': withNan }, 1],
    ['encoding:items.csv', { 'items.csv': Uint8Array.from([...Buffer.from('itemID,title\n0,Caf'), 0xe9, 10]) }, 1],
  ] as const)('%s is shown with its count', async (id, files, count) => {
    const findings = await inspected(await folderWith({ ...goodFolder(), ...files }));
    const choice = findings.find((finding) => finding.type === 'choice' && finding.choice.id === id);
    expect(choice).toMatchObject({ choice: { count } });
    expect(findings.at(-1)).toMatchObject({ importable: true });
  });

  it('an import without an answer is refused and leaves nothing', async () => {
    const root = await temporaryFolder();
    const problem = await importProblem(await folderWith({ ...goodFolder(), 'set.inter': withRepeat }), root);
    expect(problem).toMatchObject({ code: 'import.choice-needed' });
    expect(problem?.fix).toContain('repeats = keep-first | refuse');
    expect(await everythingBelow(root)).toEqual([]);
  });

  it('an answer of refuse refuses, an unknown one is named', async () => {
    const folder = await folderWith({ ...goodFolder(), 'set.inter': withRepeat });
    expect(await importProblem(folder, await temporaryFolder(), { repeats: 'refuse' })).toMatchObject({ code: 'import.refused' });
    expect(await importProblem(folder, await temporaryFolder(), { repeats: 'maybe' })).toMatchObject({ code: 'import.unknown-answer' });
  });
});
