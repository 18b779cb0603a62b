import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { strToU8, zipSync, type Zippable } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import type { Problem, ProblemError } from '#contract/problem.ts';
import { checkAmount } from '#data/archive/packed.ts';
import { writeNpy } from '#data/formats/npy-writer.ts';
import { goodFolder } from '#test/fixtures/dataset-files.ts';
import { event, file, scalar } from '#test/unit/logs/event-files.ts';
import { cleanUp, place } from '#test/unit/logs/reading.ts';
import { recognise } from '#worker/recognise/recognise.ts';

afterAll(cleanUp);

const look = (paths: readonly string[], unpackTo = join(place({}), 'unpacked')) =>
  recognise(paths, { unpackTo, signal: new AbortController().signal });

async function refusal(...paths: string[]): Promise<Problem> {
  const error = await look(paths).then(
    (found) => expect.unreachable(JSON.stringify(found)),
    (thrown: unknown) => thrown,
  );
  return (error as ProblemError).problem;
}

const events = () => file([1, 2].map((step) => event(step, 100 + step, [scalar('valid/Recall@20', step / 8)])));
const vectors = (rows: number) => writeNpy(new Float32Array(rows * 2), [rows, 2]);
const log = 'user_id,item_id,rating,timestamp\nu1,i1,5,100\nu2,i1,3,101\nu1,i2,4,102\n';
const lists = Array.from({ length: 4 }, (_, user) => Array.from({ length: 5 }, (_, rank) => `${user}\t${user + rank}\t${(9 - rank) / 10}`))
  .flat()
  .join('\n');
const zipped = (files: Readonly<Record<string, string | Uint8Array>>) =>
  zipSync(
    Object.fromEntries(
      Object.entries(files).map(([name, content]) => [name, typeof content === 'string' ? strToU8(content) : content]),
    ) as Zippable,
  );

describe('a layout is told', () => {
  it('for datasets: an MMRec folder, also from some of its files, a RecBole folder, a log, and a folder that holds one log', async () => {
    const folder = place(goodFolder());
    expect(await look([folder])).toEqual([{ kind: 'dataset', path: folder, layout: 'folder' }]);
    const parts = readdirSync(folder).filter((name) => /\.inter$|feat\.npy$/.test(name));
    expect(await look(parts.map((name) => join(folder, name)))).toEqual([{ kind: 'dataset', path: folder, layout: 'folder' }]);
    const atomic = place({
      'ml.inter': 'user_id:token\titem_id:token\trating:float\n1\t2\t3\n4\t5\t6\n',
      'ml.item': 'item_id:token\tclass:token_seq\n2\tx\n',
    });
    expect(await look([atomic])).toEqual([{ kind: 'dataset', path: join(atomic, 'ml.inter'), layout: 'log' }]);
    const logs = place({ 'ratings.csv': log, 'readme.md': '# ratings' });
    const found = [{ kind: 'dataset', path: join(logs, 'ratings.csv'), layout: 'log' }];
    expect(await look([join(logs, 'ratings.csv')])).toEqual(found);
    expect(await look([logs])).toEqual(found);
    const lines = place({ 'reviews.jsonl': '{"reviewerID":"a","asin":"b"}\n{"reviewerID":"c","asin":"d"}\n' });
    expect(await look([lines])).toMatchObject([{ kind: 'dataset', layout: 'log' }]);
  });

  it('for runs of other tools, by file and by folder, and counts them', async () => {
    const runs = place({ 'a/events.out.tfevents.1.h': events(), 'b/events.out.tfevents.1.h': events() });
    expect(await look([runs])).toEqual([{ kind: 'logs', path: runs, tools: ['tensorboard'], runs: 2 }]);
    const one = join(runs, 'a', 'events.out.tfevents.1.h');
    expect(await look([one])).toEqual([{ kind: 'logs', path: one, tools: ['tensorboard'], runs: 1 }]);
    const table = place({ 'rec_cutoff_20_relthreshold_0_2026.tsv': 'model\tRecall\tnDCG\nItemKNN_k=5\t0.1\t0.2\n' });
    expect(await look([table])).toMatchObject([{ kind: 'logs', tools: ['elliot'], runs: 1 }]);
    const wandb = place({ 'export.csv': '"Name","State","Created","Runtime","recall@20"\n"a","finished","2026-01-01","10","0.1"\n' });
    expect(await look([join(wandb, 'export.csv')])).toMatchObject([{ kind: 'logs', tools: ['wandb'], runs: 1 }]);
  });

  it('for results of a model of one’s own: vectors beside each other, alone, together; lists with and without names', async () => {
    const folder = place({
      'user_vectors.npy': vectors(3),
      'item_vectors.npy': vectors(4),
      'lists.tsv': lists,
      'named.csv': `user,item,score\n${lists.replaceAll('\t', ',')}`,
    });
    const [users, items] = [join(folder, 'user_vectors.npy'), join(folder, 'item_vectors.npy')];
    const both = [
      {
        kind: 'external',
        form: 'vectors',
        files: [
          { role: 'users', path: users },
          { role: 'items', path: items },
        ],
      },
    ];
    for (const paths of [[users], [items], [items, users]]) expect(await look(paths)).toEqual(both);
    expect(await look([join(folder, 'named.csv')])).toEqual([
      { kind: 'external', form: 'lists', files: [{ role: 'lists', path: join(folder, 'named.csv') }] },
    ]);
    // Without names it might be a log of ratings as well: the person says which.
    expect((await look([join(folder, 'lists.tsv')])).map(({ kind }) => kind)).toEqual(['external', 'dataset']);
    const ratings = place({ 'u.data': '1\t5\t3\t100\n1\t6\t5\t101\n2\t5\t4\t102\n' });
    expect((await look([join(ratings, 'u.data')])).map(({ kind }) => kind)).toEqual(['dataset']);
  });

  it('for values of papers, and for a bundle by its manifest', async () => {
    const folder = place({
      'published.csv': 'source,split,dataset,model,metric,value,note\nA paper,mmrec,baby,MGCN,recall@20,0.0964,\n',
      'bundle.zip': zipped({ 'runs/a/metrics.json': '{}', 'manifest.json': '{\n  "format": "avocet-bundle",\n  "version": 1\n}' }),
    });
    expect(await look([join(folder, 'published.csv')])).toEqual([{ kind: 'reported', path: join(folder, 'published.csv') }]);
    expect(await look([join(folder, 'bundle.zip')])).toEqual([{ kind: 'bundle', path: join(folder, 'bundle.zip') }]);
  });
});

describe('an archive', () => {
  const inside = () => Object.fromEntries(Object.entries(goodFolder()).map(([name, content]) => [`set/${name}`, content]));

  it('is unpacked aside and what it holds is told: zip, tar and tar.gz of a dataset, with the same bytes', async () => {
    const folder = place({ ...inside(), 'set.zip': zipped(inside()) });
    const long = `${'deep/'.repeat(30)}events.out.tfevents.1.h`;
    const runs = place({ [long]: events() });
    execFileSync('tar', ['-cf', join(folder, 'set.tar'), '-C', folder, 'set']);
    execFileSync('tar', ['-czf', join(folder, 'runs.tar.gz'), '-C', runs, 'deep']);
    for (const archive of ['set.zip', 'set.tar']) {
      const [found] = await look([join(folder, archive)]);
      expect(found, archive).toMatchObject({ kind: 'dataset', layout: 'folder' });
      const path = (found as { path: string }).path;
      expect(basename(path)).toBe('set');
      expect(() => execFileSync('diff', ['-r', path, join(folder, 'set')]), archive).not.toThrow();
    }
    expect(await look([join(folder, 'runs.tar.gz')])).toMatchObject([{ kind: 'logs', tools: ['tensorboard'], runs: 1 }]);
  });

  it('that lies in another of its name does not mix with what it holds', async () => {
    const folder = place({ 'set.zip': zipped({ 'set.zip': zipped(inside()) }) });
    const [found] = await look([join(folder, 'set.zip')]);
    expect(found).toMatchObject({ kind: 'dataset', layout: 'folder' });
    const { path } = found as { path: string };
    expect(readdirSync(path).sort()).toEqual(Object.keys(goodFolder()).sort());
  });

  it('whose name is nothing but dots stays in its folder', async () => {
    const folder = place({ '...zip': zipped(goodFolder()) });
    const unpackTo = join(folder, 'incoming', 'own');
    await look([join(folder, '...zip')], unpackTo);
    expect(readdirSync(join(folder, 'incoming'))).toEqual(['own']);
    expect(readdirSync(unpackTo)).toEqual(['archive']);
  });

  it('of many files is measured as a whole, before more is written than any dataset has', () => {
    expect(() => checkAmount(3, 65 * 1024 ** 3, 'a.tar')).toThrow(/3 files of 70 GB together/);
    expect(() => checkAmount(200_001, 1, 'a.tar')).toThrow(/200001 files/);
    expect(() => checkAmount(200_000, 1, 'a.tar')).not.toThrow();
  });

  it('never writes outside its folder and says what is damaged', async () => {
    const folder = place({ 'evil.zip': zipped({ '../evil.inter': 'x' }), 'cut.zip': zipped(inside()).subarray(0, 300) });
    const unpackTo = join(folder, 'unpacked');
    await expect(look([join(folder, 'evil.zip')], unpackTo)).rejects.toMatchObject({ problem: { code: 'archive.outside' } });
    expect(existsSync(join(unpackTo, 'evil.inter'))).toBe(false);
    await expect(look([join(folder, 'cut.zip')], unpackTo)).rejects.toMatchObject({ problem: { code: 'archive.damaged' } });
    execFileSync('tar', ['-cPf', join(folder, 'evil.tar'), '-C', folder, '../' + basename(folder) + '/evil.zip']);
    await expect(look([join(folder, 'evil.tar')], unpackTo)).rejects.toMatchObject({ problem: { code: 'archive.outside' } });
  });
});

describe('what is not known', () => {
  it('is named, with what can be opened instead', async () => {
    const folder = place({
      'a.png': Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2),
      'b.txt': 'a poem\nof two lines\n',
      'c.csv': 'colour,size\nred,3\nblue,4\n',
      'd.pkl': Uint8Array.of(0x80, 4, 1, 0, 0),
      empty: '',
    });
    expect(await refusal(join(folder, 'a.png'))).toMatchObject({
      code: 'open.unknown',
      where: join(folder, 'a.png'),
      message: expect.stringMatching(/a picture$/),
      fix: expect.stringMatching(/YAML/),
    });
    expect((await refusal(join(folder, 'b.txt'))).message).toMatch(/delimiter/);
    expect((await refusal(join(folder, 'c.csv'))).message).toMatch(/without a column of users \(colour, size\)/);
    expect((await refusal(join(folder, 'd.pkl'))).message).toMatch(/pickle/);
    expect((await refusal(join(folder, 'empty'))).message).toMatch(/empty/);
    expect((await refusal(place({ 'x.md': '#', 'y.md': '#' }))).message).toMatch(/It holds x\.md, y\.md/);
    expect((await refusal(join(folder, 'a.png'), join(folder, 'b.txt'))).message).toMatch(/do not belong together/);
    expect((await refusal(join(folder, 'nowhere'))).message).toMatch(/does not exist/);
    expect(await refusal(place({ 'one.csv': log, 'two.csv': log }))).toMatchObject({ fix: expect.stringMatching(/one\.csv/) });
  });

  it('is refused with a reason where it is ours: a data folder, code of a model', async () => {
    expect((await refusal(place({ 'avocet.sqlite': '' }))).code).toBe('open.home');
    expect((await refusal(place({ 'card.ts': '', 'model.ts': '' }))).code).toBe('open.model');
  });
});
