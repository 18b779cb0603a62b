import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Link } from '#contract/link.ts';
import { cards } from '#models/cards.ts';
import { Hub } from '#studio/hub.ts';
import { Jobs } from '#studio/jobs.ts';
import { OwnModels } from '#studio/own-models/own-models.ts';
import { forkSpawn } from '#studio/spawn.ts';
import type { RunNews } from '#studio/supervisor.ts';
import { closeAll, drawDemo, ended, homeLike, openHere, request, temporaryFolder, until, workerEntry } from './fixture.ts';

let template: string;
beforeAll(async () => {
  template = await drawDemo();
});
afterEach(closeAll);
afterAll(() => rmSync(template, { recursive: true, force: true }));

const id = 'my-model';
const list = (link: Link) => link.call('models.list', { settled: true });

async function edit(home: string, file: string, from: string, to: string): Promise<void> {
  const path = join(home, 'models', id, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

describe('models of the person’s own', () => {
  it('are written, found, run with their source kept, and known until the source changes', async () => {
    const home = homeLike(template);
    const link = (await openHere(home)).link();
    const made = await link.call('models.create', { id });
    expect(made).toEqual({ folder: join(home, 'models', id), files: ['card.ts', 'model.ts'] });
    const { models, own } = await list(link);
    expect(own).toEqual({ folder: join(home, 'models'), broken: [], checking: [] });
    expect(models.map((card) => card.id)).toEqual([...cards.map((card) => card.id), id]);
    const card = models.at(-1)!;
    expect(card.own).toMatchObject({ folder: made.folder });

    const git = (...words: string[]) =>
      spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd: made.folder, encoding: 'utf8' });
    const hasGit = git('init', '-q').status === 0 && git('add', '.').status === 0 && git('commit', '-qm', 'first').status === 0;
    await edit(home, 'card.ts', 'default: 2', 'default: 3');
    const changed = (await list(link)).models.at(-1)!;

    const wanted = request({ models: [{ model: id }], budget: { epochs: 2 } });
    const { runIds } = await link.call('experiments.start', wanted);
    const [run] = await until(link, runIds, ...ended);
    expect(run).toMatchObject({ state: 'finished', modelTitle: 'My Model', epochs: 2 });
    const detail = await link.call('runs.get', { id: run!.id });
    expect(detail.config.source).toBe(changed.own!.source);
    expect(changed.own!.source).not.toBe(card.own!.source);
    expect(detail.provenance!.model).toMatchObject({
      ...{ 'source.sha256': changed.own!.source, 'source.files': 'card.ts, model.ts' },
      ...(hasGit ? { 'git commit': git('rev-parse', 'HEAD').stdout.trim(), 'git changes': '1 file differs from the commit' } : {}),
    });
    const path = join(home, 'own.zip');
    await link.call('bundles.save', { scope: { runs: [run!.id] }, path });
    const bundled = unzipSync(readFileSync(path));
    expect(strFromU8(bundled[`runs/${run!.id}/model/card.ts`]!)).toContain('default: 3');
    expect(detail.artifacts.map(({ name }) => name)).toEqual(expect.arrayContaining(['source card.ts', 'source model.ts', 'top50']));
    const kept = await link.call('runs.artifact', { id: run!.id, name: 'source model.ts', format: 'npy' });
    expect(new TextDecoder().decode(kept.bytes)).toBe(readFileSync(join(made.folder, 'model.ts'), 'utf8'));

    // The same source is the same configuration; a changed one is another, and its old runs stay what they were.
    expect(await link.call('experiments.plan', wanted)).toMatchObject({ runs: 0, known: 1 });
    await edit(home, 'model.ts', 'bprLoss(user!, positive!, negative!, 0)', 'bprLoss(user!, positive!, negative!, 1e-10)');
    expect(await link.call('experiments.plan', wanted)).toMatchObject({ runs: 1, known: 0 });
    const second = await link.call('experiments.start', wanted);
    const [other] = await until(link, second.runIds, ...ended);
    expect(other).toMatchObject({ state: 'finished', epochs: 2 });
    expect(other!.configHash).not.toBe(run!.configHash);
    // Else a table would take both for seeds of one configuration.
    const source = (summary: typeof run) => summary!.differences.find(({ key }) => key === 'source')!.value;
    expect([source(run), source(other)]).toEqual([
      changed.own!.source.slice(0, 8),
      (await list(link)).models.at(-1)!.own!.source.slice(0, 8),
    ]);
    expect(source(other)).not.toBe(source(run));
  });

  it('that are broken stop nothing: they are listed with what is wrong, where, and the fix', async () => {
    const home = homeLike(template);
    const link = (await openHere(home)).link();
    await link.call('models.create', { id });
    await edit(home, 'card.ts', 'default: 2', 'default: 20');
    mkdirSync(join(home, 'models', 'Not A Name'));
    mkdirSync(join(home, 'models', 'lightgcn'));
    const { models, own } = await list(link);
    expect(models.map((card) => card.id)).toEqual(cards.map((card) => card.id));
    expect(own.broken.map(({ id: name, problem }) => [name, problem.code])).toEqual([
      ['Not A Name', 'own.name'],
      ['lightgcn', 'own.taken'],
      [id, 'own.card'],
    ]);
    const problem = own.broken.find((entry) => entry.id === id)!.problem;
    expect(problem.message).toBe('hyper.n_layers.default must be at least 1 and at most 8, found 20');
    expect(problem.where).toMatch(/^my-model\/card\.ts:\d+$/);
    await expect(link.call('experiments.plan', request({ models: [{ model: id }] }))).rejects.toMatchObject({
      problem: { code: 'own.card', message: expect.stringMatching(/^your model my-model cannot be used: hyper\.n_layers/) },
    });
    // Mended, it is there.
    await edit(home, 'card.ts', 'default: 20', 'default: 2');
    expect(await link.call('experiments.plan', request({ models: [{ model: id }] }))).toMatchObject({ runs: 1 });
  });

  it('go on in a run from the source it was planned with, whatever happened to the folder', async () => {
    const home = homeLike(template);
    const link = (await openHere(home)).link();
    await link.call('models.create', { id });
    await link.call('queue.hold', { held: true });
    const { runIds } = await link.call('experiments.start', request({ models: [{ model: id }], budget: { epochs: 1 } }));
    rmSync(join(home, 'models', id), { recursive: true });
    await link.call('queue.hold', { held: false });
    expect(await until(link, runIds, ...ended)).toMatchObject([{ state: 'finished', modelTitle: 'My Model' }]);
    expect((await list(link)).models.map((card) => card.id)).toEqual(cards.map((card) => card.id));
  });

  it('fail in a run with the place in their own source', async () => {
    const home = homeLike(template);
    const link = (await openHere(home)).link();
    await link.call('models.create', { id });
    // Fine on the 14 users of the check, not on the demo's 800.
    await edit(
      home,
      'model.ts',
      '    return { rows: [users,',
      "    if (this.#users > 100) throw new Error('too many');\n    return { rows: [users,",
    );
    const { runIds } = await link.call('experiments.start', request({ models: [{ model: id }] }));
    const [run] = await until(link, runIds, ...ended);
    expect(run).toMatchObject({ state: 'failed', problem: { kind: 'config', code: 'own.threw' } });
    expect(run!.problem!.message).toContain('too many');
    expect(run!.problem!.where).toMatch(/^my-model\/model\.ts:\d+$/);
  });

  it('that never come to an end are left', async () => {
    const home = temporaryFolder();
    const hub = new Hub<RunNews>();
    const own = new OwnModels({
      folder: join(home, 'models'),
      spawn: forkSpawn(workerEntry),
      jobs: new Jobs(hub),
      builtIn: cards,
      mostMs: 50,
    });
    own.create(id);
    await edit(home, 'card.ts', 'export const card', 'for (;;);\nexport const card');
    await own.settle();
    expect(own.view().broken).toMatchObject([{ id, problem: { code: 'own.endless' } }]);
    await own.close();
    rmSync(home, { recursive: true });
  });

  it('are none where something else stands in the place of their folder', async () => {
    const home = homeLike(template);
    writeFileSync(join(home, 'models'), 'a file');
    const link = (await openHere(home)).link();
    expect((await list(link)).own).toMatchObject({ broken: [], checking: [] });
    expect(await link.call('experiments.plan', request())).toMatchObject({ runs: 1 });
  });

  it('are not written over others', async () => {
    const link = (await openHere(homeLike(template))).link();
    await link.call('models.create', { id });
    for (const name of [id, 'lightgcn', 'My model', '../elsewhere']) {
      await expect(link.call('models.create', { id: name })).rejects.toMatchObject({ problem: { code: 'own.name' } });
    }
  });

  it('are checked with slopes when asked', async () => {
    const link = (await openHere(homeLike(template))).link();
    await link.call('models.create', { id });
    const { slopes } = await link.call('models.check', { id });
    expect(slopes!.map(({ isEqual }) => isEqual)).toEqual([true, true]);
    await expect(link.call('models.check', { id: 'nobody' })).rejects.toMatchObject({
      problem: { code: 'own.unknown', fix: 'Your models: my-model.' },
    });
  });
});
