import { describe, expect, it } from 'vitest';
import type { Finding } from '#contract/dataset-import.ts';
import { ProblemError } from '#contract/problem.ts';
import { importDataset } from '#data/import.ts';
import { inspect } from '#data/inspect.ts';
import { brokenDatasets, inter } from '#test/fixtures/broken-datasets.ts';
import type { BrokenDataset } from '#test/fixtures/broken-datasets.ts';
import { everythingBelow, features, folderWith, goodFolder, interText, temporaryFolder } from '#test/fixtures/dataset-files.ts';

async function brokenFolder({ files }: BrokenDataset): Promise<string> {
  const kept = Object.entries({ ...goodFolder(), ...files }).filter((entry): entry is [string, string | Uint8Array] => entry[1] !== null);
  return folderWith(Object.fromEntries(kept));
}

async function importProblem(folder: string, root: string, choices: Record<string, string> = {}, name = 'Broken') {
  try {
    for await (const event of importDataset({ from: 'folder', folder, name, choices }, { root })) void event;
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

  it.each(brokenDatasets)('$name → $code', async (one) => {
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

  it('the name of the demo, also before the demo is there', async () => {
    const root = await temporaryFolder();
    expect(await importProblem(await folderWith(goodFolder()), root, {}, 'Demo')).toMatchObject({ code: 'dataset.name-taken' });
    expect(await everythingBelow(root)).toEqual([]);
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
