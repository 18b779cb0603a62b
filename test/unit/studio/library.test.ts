import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connect, memoryChannels } from '#contract/link.ts';
import type { ToWorker } from '#contract/task.ts';
import { forkSpawn } from '#studio/spawn.ts';
import { closeAll, drawDemo, ended, homeLike, openHere, request, temporaryFolder, until, when, workerEntry } from './fixture.ts';
import { HandWorker } from './hand-worker.ts';

let template: string;
beforeAll(async () => {
  template = await drawDemo();
});
afterEach(closeAll);
afterAll(() => rmSync(template, { recursive: true, force: true }));

test('the demo is there at the first start, whatever door opens, with pictures, titles and a fingerprint', async () => {
  const home = temporaryFolder();
  const reading = await openHere(home, { demo: true, resume: false });
  const { datasets, broken } = await reading.link().call('datasets.list', {});
  expect(broken).toEqual([]);
  expect(datasets.map(({ id, source }) => [id, source])).toEqual([['demo', 'demo']]);
  const demo = datasets[0]!;
  expect(demo.users).toBeGreaterThan(700);
  expect(demo.items).toBeGreaterThan(400);
  expect(demo.pictured).toBeGreaterThan(0.9 * demo.items);
  const picture = await reading.link().call('datasets.picture', { dataset: 'demo', item: demo.samplePictures[0]! });
  expect(picture.type).toMatch(/^image\//);
  expect(picture.bytes.length).toBeGreaterThan(100);
  const page = await reading.link().call('datasets.items', { dataset: 'demo', limit: 3, order: 'popularity' });
  expect(page.items).toHaveLength(3);
  expect(page.total).toBe(demo.items);
  expect(page.items[0]!.trainRows).toBeGreaterThanOrEqual(page.items[1]!.trainRows);
  rmSync(home, { recursive: true, force: true });
});

test('an import streams progress, is listed before its last event, and can be cancelled without a trace', async () => {
  const home = homeLike(template);
  const studio = await openHere(home);
  const link = studio.link();
  const file = join(home, 'log.csv');
  const rows = Array.from({ length: 60 }, (_unused, user) =>
    Array.from({ length: 8 }, (_unused_, k) => `u${user},i${(user * 3 + k * 5) % 37}`),
  ).flat();
  writeFileSync(file, ['user,item', ...rows, ''].join('\n'));
  const findings: string[] = [];
  for await (const finding of link.stream('datasets.inspect', { path: file })) findings.push(finding.type);
  expect(findings).toContain('preview');
  expect(findings[findings.length - 1]).toBe('finished');
  const wish = {
    from: 'log' as const,
    file,
    name: 'Small log',
    mapping: { user: 'user', item: 'item' },
    split: { rule: 'ratio-per-user' as const },
  };
  let id = '';
  for await (const event of link.stream('datasets.import', wish)) {
    if (event.type !== 'done') continue;
    id = event.summary.id;
    expect((await link.call('datasets.list', {})).datasets.map((dataset) => dataset.id)).toContain(id);
  }
  expect(id).toBe('small-log');
  const before = readdirSync(join(home, 'datasets')).sort();
  expect(before).toEqual(['demo', 'small-log']);
  const abort = new AbortController();
  const cancelled = (async () => {
    for await (const _event of link.stream('datasets.import', { ...wish, name: 'Never' }, abort.signal)) abort.abort();
  })();
  await cancelled;
  await studio.close();
  expect(readdirSync(join(home, 'datasets')).sort()).toEqual(before);
  const again = await openHere(home);
  expect((await again.link().call('datasets.list', {})).datasets.map((dataset) => dataset.id).sort()).toEqual(['demo', 'small-log']);
});

test('an import that is killed while it cleans up leaves nothing behind either', async () => {
  const home = homeLike(template);
  const written = join(home, 'datasets', '.importing-0123456789ab');
  class Stuck extends HandWorker {
    override send(message: ToWorker): void {
      if (message.type === 'start') {
        mkdirSync(written);
        writeFileSync(join(written, 'train-users.i32'), 'half');
        this.say({ type: 'progress', value: { type: 'progress', phase: 'Splitting', fraction: 0.6 } });
      }
      // As the studio's own patience ends it: before it has removed a thing.
      if (message.type === 'stop') queueMicrotask(() => this.kill('SIGKILL'));
    }
  }
  const fork = forkSpawn(workerEntry);
  const studio = await openHere(home, {
    spawn: (name) => {
      if (name !== 'import') return fork(name);
      const worker = new Stuck();
      queueMicrotask(() => worker.say({ type: 'ready' }));
      return worker;
    },
  });
  const abort = new AbortController();
  const wish = { from: 'log' as const, file: '/none.csv', name: 'Never', mapping: { user: 'user', item: 'item' } };
  let seen = false;
  for await (const _event of studio.link().stream('datasets.import', { ...wish, split: { rule: 'ratio-per-user' } }, abort.signal)) {
    seen = existsSync(written);
    abort.abort();
  }
  await studio.close();
  expect([seen, readdirSync(join(home, 'datasets'))]).toEqual([true, ['demo']]);
});

test('an import goes on where its window is closed', async () => {
  const studio = await openHere(homeLike(template));
  const other = studio.link();
  const [near, far] = memoryChannels();
  studio.serve(far);
  const left = (async () => {
    const wish = { from: 'dataset' as const, dataset: 'demo', name: 'Left alone', split: { rule: 'ratio-per-user' as const, seed: 3 } };
    for await (const _event of connect(near).stream('datasets.import', wish)) near.close();
  })();
  await expect(left).rejects.toMatchObject({ problem: { code: 'link.closed' } });
  for await (const { jobs } of other.stream('studio.watch', {})) if (jobs.length === 0) break;
  const { datasets } = await other.call('datasets.list', {});
  expect(datasets.map(({ name }) => name).sort()).toEqual(['Demo', 'Left alone']);
});

test('an import that fails after its window was closed stands with its reason until it is put away', async () => {
  const studio = await openHere(homeLike(template));
  const other = studio.link();
  const [near, far] = memoryChannels();
  studio.serve(far);
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'bad.inter'), 'userID\titemID\tx_label\n0\t0\t0\n0\t1\t7\n');
  const left = expect(
    (async () => {
      for await (const _event of connect(near).stream('datasets.import', { from: 'folder', folder, name: 'Bad' })) near.close();
    })(),
  ).rejects.toMatchObject({ problem: { code: 'link.closed' } });
  const notices = other.stream('studio.notices', {})[Symbol.asyncIterator]();
  const notice = notices.next();
  for await (const { jobs } of other.stream('studio.watch', {})) {
    if (jobs.length === 0) continue;
    near.close();
    break;
  }
  await left;
  expect(await notice).toMatchObject({ value: { title: 'Failed: Importing Bad', route: '/datasets' } });
  await notices.return?.();
  for await (const { jobs, failedJobs } of other.stream('studio.watch', {})) {
    if (jobs.length > 0) continue;
    expect(failedJobs).toMatchObject([{ text: 'Importing Bad', problem: { where: expect.stringContaining('bad.inter:3') as string } }]);
    await other.call('jobs.putAway', { id: failedJobs[0]!.id });
    break;
  }
  for await (const { failedJobs } of other.stream('studio.watch', {})) if (failedJobs.length === 0) break;
  rmSync(folder, { recursive: true, force: true });
});

test('a run whose dataset is damaged says what is wrong with it and where it lies; another seed of it is one that no run has', async () => {
  const home = homeLike(template);
  const link = (await openHere(home)).link();
  await link.call('queue.hold', { held: true });
  const { runIds } = await link.call('experiments.start', request({ seeds: [1, 5] }));
  const manifest = join(home, 'datasets/demo/manifest.json');
  writeFileSync(manifest, 'torn');
  expect((await link.call('datasets.list', {})).datasets).toEqual([]);
  await link.call('queue.hold', { held: false });
  const [run] = await until(link, runIds, ...ended);
  expect(run!.problem).toMatchObject({ code: 'dataset.damaged', message: expect.stringContaining('manifest.json') as string });
  expect(run!.problem!.where).toBe(join(home, 'datasets/demo'));
  expect((await link.call('runs.get', { id: runIds[0]! })).nextSeed).toBe(6);
});

test('of a run that goes on the record names the files in its folder with their sizes, and none once it has ended', async () => {
  const link = (await openHere(homeLike(template))).link();
  const { runIds } = await link.call('experiments.start', request({ budget: { epochs: 4000, minEpochs: 4000 } }));
  const id = runIds[0]!;
  await when(link, id, ({ epochs }) => epochs > 2);
  const { working, artifacts } = await link.call('runs.get', { id });
  expect(artifacts).toEqual([]);
  expect(working!.map(({ file }) => file)).not.toContain('lock');
  const checkpoint = working!.find(({ file }) => file.startsWith('checkpoint-last'));
  expect(checkpoint!.bytes).toBeGreaterThan(10_000);
  await link.call('runs.stop', { ids: [id], keep: true });
  await until(link, [id], ...ended);
  const after = await link.call('runs.get', { id });
  expect(after.working).toBeUndefined();
  expect(after.artifacts.map(({ name }) => name)).toContain('checkpoint-best');
});

test('what a killed import left behind is gone at the next opening', async () => {
  const home = homeLike(template);
  for (const name of ['.importing-0011aabb', '.removing-old']) mkdirSync(join(home, 'datasets', name));
  await openHere(home);
  expect(readdirSync(join(home, 'datasets'))).toEqual(['demo']);
});

test('bad input arrives as a problem with its place, and imports nothing', async () => {
  const home = homeLike(template);
  const link = (await openHere(home)).link();
  mkdirSync(join(home, 'bad'));
  writeFileSync(join(home, 'bad', 'bad.inter'), 'userID\titemID\tx_label\n0\t0\t0\n0\t1\t7\n');
  const importing = (async () => {
    for await (const _event of link.stream('datasets.import', { from: 'folder', folder: join(home, 'bad'), name: 'Bad' }));
  })();
  await expect(importing).rejects.toMatchObject({ problem: { kind: 'data', where: expect.stringContaining('bad.inter:3') } });
  expect(readdirSync(join(home, 'datasets'))).toEqual(['demo']);
});

test('a dataset with runs stays, one without goes; a damaged one is listed with what is wrong', async () => {
  const home = homeLike(template);
  mkdirSync(join(home, 'datasets', 'broken'));
  writeFileSync(join(home, 'datasets', 'broken', 'manifest.json'), '{"format": "avocet-dataset/1"');
  const link = (await openHere(home)).link();
  const { broken } = await link.call('datasets.list', {});
  expect(broken).toMatchObject([{ id: 'broken', problem: { kind: 'data' } }]);
  await link.call('datasets.rename', { id: 'demo', name: 'Our demo' });
  const { runIds } = await link.call('experiments.start', request({ budget: { epochs: 1 } }));
  await until(link, runIds, ...ended);
  expect((await link.call('runs.summaries', { ids: runIds })).runs[0]!.datasetName).toBe('Our demo');
  await expect(link.call('datasets.remove', { id: 'demo' })).rejects.toMatchObject({
    problem: { code: 'dataset.in-use', values: { used: 1 } },
  });
  await link.call('datasets.remove', { id: 'broken' });
  expect(existsSync(join(home, 'datasets', 'broken'))).toBe(false);
  await expect(link.call('datasets.get', { id: 'broken' })).rejects.toMatchObject({ problem: { code: 'config.unknown-dataset' } });
});

test('a split of a dataset is a version of it; archived, removed and given back', async () => {
  const home = homeLike(template);
  const link = (await openHere(home)).link();
  const split = { rule: 'k-fold' as const, folds: 4, fold: 1 };
  const wish = { split, seed: 3 };
  const preview = await link.call('datasets.previewSplit', { source: { from: 'dataset', dataset: 'demo' }, wish });
  await link.call('datasets.remark', { id: 'demo', licence: 'Free to use.' });
  for await (const event of link.stream('datasets.import', { from: 'dataset', dataset: 'demo', name: 'Demo fold', ...wish }))
    if (event.type === 'done') expect(event.summary.fingerprint.splitHash).toBe(preview.fingerprint.splitHash);
  expect((await link.call('datasets.get', { id: 'demo-fold' })).detail.licence).toBe('Free to use.');
  const listed = async () => (await link.call('datasets.list', {})).datasets;
  expect((await listed()).map(({ id, version, versions, parent }) => [id, version, versions, parent])).toEqual([
    ['demo', 1, 2, undefined],
    ['demo-fold', 2, 2, 'demo'],
  ]);
  expect(await link.call('datasets.compare', { first: 'demo', second: 'demo-fold' })).toMatchObject({ verdict: 'other-split' });
  await expect(
    link.call('datasets.previewSplit', { source: { from: 'dataset', dataset: 'demo' }, wish: { split: { rule: 'temporal' } } }),
  ).rejects.toMatchObject({ problem: { code: 'split.no-times' } });

  await link.call('datasets.archive', { id: 'demo-fold', archived: true });
  expect((await listed())[1]!.archivedAt).toBeGreaterThan(0);
  await link.call('datasets.archive', { id: 'demo-fold', archived: false });
  expect((await listed())[1]!.archivedAt).toBeUndefined();

  await link.call('datasets.remove', { id: 'demo-fold' });
  expect((await listed()).map(({ id }) => id)).toEqual(['demo']);
  const { datasets } = await link.call('datasets.trashed', {});
  expect(datasets).toMatchObject([{ id: 'demo-fold', name: 'Demo fold' }]);
  await link.call('datasets.restore', { id: 'demo-fold' });
  expect((await listed()).map(({ id }) => id)).toEqual(['demo', 'demo-fold']);
  await link.call('datasets.remove', { id: 'demo-fold' });
  expect(await link.call('datasets.purge', { ids: ['demo-fold'] })).toEqual({ purged: 1, bytes: datasets[0]!.bytes });
  await expect(link.call('datasets.restore', { id: 'demo-fold' })).rejects.toMatchObject({ problem: { code: 'dataset.not-in-trash' } });
  expect(readdirSync(join(home, 'datasets'))).toEqual(['demo']);
});
