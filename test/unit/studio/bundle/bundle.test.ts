import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Link } from '#contract/link.ts';
import { isBundled } from '#studio/bundle/gather.ts';
import { verifyBundle } from '#studio/bundle/verify.ts';
import { closeAll, drawDemo, homeLike, openHere, request, until } from '../fixture.ts';

const patienceMs = 300_000;
const models = [{ model: 'lightgcn', vary: { n_layers: [1, 2] } }];
let home: string;
let link: Link;
let ids: string[];
let experiment: string;
let path: string;

beforeAll(async () => {
  home = homeLike(await drawDemo());
  link = (await openHere(home)).link();
  ({ experimentId: experiment, runIds: ids } = await link.call('experiments.start', request({ models, seeds: [1, 2] })));
  await until(link, ids, 'finished');
  path = join(home, 'open.zip');
  await link.call('datasets.remark', { id: 'demo', licence: ' Free to use. ' });
  await link.call('bundles.save', { scope: { experiments: [experiment] }, path });
}, patienceMs);
afterAll(closeAll);

const contents = (file: string) => unzipSync(readFileSync(file));
/** The bundle with some files replaced, its manifest left as it is. */
function forged(changes: Record<string, (text: string) => string>): string {
  const files = contents(path);
  for (const [name, change] of Object.entries(changes)) files[name] = strToU8(change(strFromU8(files[name]!)));
  const target = join(home, 'forged.zip');
  writeFileSync(target, zipSync(files));
  return target;
}

describe('a bundle', () => {
  it('is whole: settings, commands, environment, metrics per user, tables, and the audit of the selection (G5); not the data, not weights', async () => {
    const files = contents(path);
    const text = (name: string) => strFromU8(files[name]!);
    expect(text(`runs/${ids[0]!}/command.txt`)).toContain('run --dataset demo --model lightgcn');
    expect(JSON.parse(text(`runs/${ids[0]!}/record.json`))).toMatchObject({
      state: 'finished',
      provenance: { device: expect.stringContaining('wasm') },
    });
    expect(JSON.parse(text(`experiments/${experiment}.json`))).toMatchObject({ request: { seeds: [1, 2] }, selection: null });
    expect(JSON.parse(text('datasets/demo.json'))).toMatchObject({
      fingerprint: { splitHash: expect.any(String) },
      licence: 'Free to use.',
    });
    expect(text('tables/configurations.tex')).toContain('\\toprule');
    const log = text(`runs/${ids[0]!}/log.txt`);
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z info .*\n[^]*epoch 1 loss/);
    expect(log).not.toMatch(/test/i);
    expect(log).not.toContain(home);
    expect(Object.keys(files).filter((name) => /checkpoint|\.inter|feat/.test(name))).toEqual([]);
    const { omitted } = JSON.parse(text('manifest.json')) as { omitted: { path: string; sha256: string }[] };
    expect(omitted.map(({ path: name }) => name)).toContain(`runs/${ids[0]!}/users.npy`);
  });

  it('takes of a run’s files only what its metrics are means of and its own source, whatever else a model leaves', () => {
    const left = [
      'checkpoint-best',
      'checkpoint-last',
      'users',
      'items',
      'item-shares',
      'top50',
      'top50-scores',
      'top50-validation',
      'users-validation',
    ];
    expect(left.filter(isBundled)).toEqual([]);
    expect(['per-user-validation', 'per-user-test', 'source card.ts'].filter(isBundled)).toHaveLength(3);
  });

  it('agrees with itself: every checksum, every mean over users, every cell', async () => {
    const found = await verifyBundle(path);
    expect(found.problems).toEqual([]);
    expect(found.runs).toBe(4);
    // Four runs with every metric at every cut-off of validation; two tables: one winner and both configurations, four metrics each.
    expect(found.metrics).toBeGreaterThanOrEqual(4 * 4);
    expect(found.cells).toBe(3 * 4);
  });

  it('has no test value before the selection is frozen, and those of the winner afterwards', async () => {
    const names = Object.keys(contents(path));
    expect(names.some((name) => name.endsWith('per-user-validation.npy'))).toBe(true);
    expect(names.filter((name) => name.endsWith('per-user-test.npy'))).toEqual([]);
    for (const id of ids) expect(JSON.parse(strFromU8(contents(path)[`runs/${id}/metrics.json`]!))).not.toHaveProperty('test');
    expect(strFromU8(contents(path)[`runs/${ids[0]!}/series.csv`]!)).not.toContain('test/');

    const { winners } = await link.call('experiments.freeze', { id: experiment });
    const saved = await link.call('bundles.save', { scope: { experiments: [experiment] } });
    expect(readdirSync(join(home, 'bundles')).map((name) => join(home, 'bundles', name))).toEqual([saved.path]);
    const shown = Object.keys(contents(saved.path)).filter((name) => name.endsWith('per-user-test.npy'));
    expect(shown.sort()).toEqual(winners[0]!.runIds.map((id) => `runs/${id}/per-user-test.npy`).sort());
    expect(JSON.parse(strFromU8(contents(saved.path)[`experiments/${experiment}.json`]!))).toMatchObject({ selection: { candidates: 2 } });
    expect((await verifyBundle(saved.path)).problems).toEqual([]);
  });
});

describe('verify names', () => {
  it('a file that was changed, and the numbers that no longer follow', async () => {
    const metrics = `runs/${ids[0]!}/metrics.json`;
    const found = await verifyBundle(forged({ [metrics]: (text) => text.replace(/("recall@20": )[\d.]+/, '$10.9') }));
    const said = found.problems.map(({ where, text }) => `${where} ${text}`);
    expect(said).toContainEqual(expect.stringMatching(/metrics\.json was changed/));
    expect(said).toContainEqual(
      expect.stringMatching(/per-user-validation\.npy the mean of recall@20 over \d+ users is 0\.\d+, the run says 0\.9$/),
    );
    expect(said).toContainEqual(expect.stringMatching(/configurations\.json, row \d \(LightGCN\), recall@20 the mean of its runs is/));
  });

  it('a table that was changed, even with its checksum', async () => {
    const { createHash } = await import('node:crypto');
    const change = (text: string) => text.replace(/("mean": )[\d.]+/, '$10.5');
    const changed = change(strFromU8(contents(path)['tables/models.json']!));
    const sha256 = createHash('sha256').update(changed).digest('hex');
    const target = forged({
      'tables/models.json': change,
      'manifest.json': (text) => text.replace(/("path": "tables\/models\.json",\s*"bytes": \d+,\s*"sha256": )"\w+"/, `$1"${sha256}"`),
    });
    const { problems } = await verifyBundle(target);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      where: expect.stringContaining('tables/models.json'),
      text: expect.stringMatching(/table says 0\.5/),
    });
  });

  it('what is missing, what was added, and a file that is none', async () => {
    const files = contents(path);
    delete files[`runs/${ids[1]!}/config.json`];
    files['runs/extra.txt'] = strToU8('more');
    const target = join(home, 'other.zip');
    writeFileSync(target, zipSync(files));
    const { problems } = await verifyBundle(target);
    expect(problems.map(({ where }) => where).sort()).toEqual([`runs/${ids[1]!}/config.json`, 'runs/extra.txt'].sort());
    writeFileSync(target, readFileSync(path).subarray(0, 2000));
    await expect(verifyBundle(target)).rejects.toThrow(/cannot be read/);
    await expect(verifyBundle(join(home, 'nowhere.zip'))).rejects.toThrow(/cannot be read/);
  });
});
