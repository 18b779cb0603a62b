import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Link } from '#contract/link.ts';
import type { ImportLogsEvent, LogFinding } from '#contract/log-import.ts';
import { event, file, scalar } from '#test/unit/logs/event-files.ts';
import { closeAll, drawDemo, homeLike, openHere, temporaryFolder } from './fixture.ts';

let template = '';
beforeAll(async () => {
  template = await drawDemo();
}, 600_000);
afterAll(closeAll);

/** Event files of runs that differ in one value. */
function logs(names: readonly string[], points = 3): string {
  const root = temporaryFolder();
  for (const [at, name] of names.entries()) {
    mkdirSync(join(root, name), { recursive: true });
    const events = Array.from({ length: points }, (_, step) =>
      event(step + 1, 100 + step, [scalar('valid/Recall@20', 0.125 * (step + 1)), scalar('test/NDCG@20', 0.25), scalar('odd/hit 10', at)]),
    );
    writeFileSync(join(root, name, 'events.out.tfevents.1.h'), file(events));
  }
  return root;
}

async function importing(link: Link, path: string, dataset?: string) {
  const events: ImportLogsEvent[] = [];
  for await (const one of link.stream('logs.import', { path, ...(dataset === undefined ? {} : { dataset }) })) events.push(one);
  return events;
}

async function inspecting(link: Link, path: string) {
  const events: LogFinding[] = [];
  for await (const one of link.stream('logs.inspect', { path })) events.push(one);
  return events;
}

describe('importing runs of other tools', () => {
  it('shows what is there, brings it once, and marks it', async () => {
    const link = (await openHere(homeLike(template))).link();
    const root = logs(['a', 'deep/b']);
    const before = (await inspecting(link, root)).flatMap((one) => (one.type === 'runs' ? one.runs : []));
    expect(before.map(({ name, metrics, known }) => [name, metrics.map((metric) => [metric.metric, metric.points]), known])).toEqual([
      [
        'a',
        [
          ['recall@20', 3],
          ['ndcg@20', 3],
          [undefined, 3],
        ],
        undefined,
      ],
      [
        'deep/b',
        [
          ['recall@20', 3],
          ['ndcg@20', 3],
          [undefined, 3],
        ],
        undefined,
      ],
    ]);
    expect((await importing(link, root, 'DEMO')).at(-1)).toMatchObject({ type: 'done', imported: 2, known: 0, skipped: 0 });
    expect((await importing(link, root)).at(-1)).toMatchObject({ type: 'done', imported: 0, known: 2 });

    const page = await link.call('runs.page', { filter: 'state = imported', columns: ['val.recall@20', 'test.ndcg@20'] });
    expect(page.rows.map((row) => row.runs[0]!.modelTitle).sort()).toEqual(['a', 'deep/b']);
    expect(page.rows[0]!.cells).toEqual({ 'val.recall@20': { value: 0.375, n: 1 }, 'test.ndcg@20': { value: 0.25, n: 1 } });
    expect(page.rows[0]).toMatchObject({ n: 1, mean: { 'recall@20': 0.375 } });
    const named = await link.call('runs.page', { filter: 'log."odd/hit 10" >= 1', columns: ['log.odd/hit 10'] });
    expect(named.rows.map((row) => [row.runs[0]!.modelTitle, row.cells])).toEqual([['deep/b', { 'log.odd/hit 10': { value: 1, n: 1 } }]]);
    await expect(link.call('runs.page', { filter: 'log.hti > 0' })).rejects.toMatchObject({ problem: { code: 'runs.unknown-field' } });
    expect((await link.call('runs.fields', {})).fields.filter(({ group }) => group === 'log').map(({ name }) => name)).toEqual([
      'log.odd/hit 10',
    ]);
    const run = page.rows[0]!.runs[0]!;
    expect(run).toMatchObject({ imported: 'tensorboard', state: 'imported', dataset: 'demo', bestEpoch: 3, epochs: 3 });
    expect(run.sentence).toBe(`${run.modelTitle} on Demo, imported from TensorBoard: validation Recall@20 0.3750, best at epoch 3 of 3`);
    const { series } = await link.call('runs.series', { id: run.id });
    expect(series.map(({ key }) => key).sort()).toEqual(['odd/hit 10', 'recall@20', 'test/ndcg@20']);
    const detail = await link.call('runs.get', { id: run.id });
    expect(detail.provenance).toBeUndefined();
    expect(detail.config.imported).toMatchObject({ tool: 'tensorboard', source: expect.stringContaining(root) as string });
    // The page may show where it was read from, and nothing beside it.
    const known = async (path: string) => (await link.call('files.known', { path })).known;
    expect([await known(detail.config.imported!.source), await known(join(root, 'other'))]).toEqual([true, false]);

    const after = (await inspecting(link, root)).flatMap((one) => (one.type === 'runs' ? one.runs : []));
    expect(after.every(({ known }) => known?.trashed === false)).toBe(true);
    expect((await link.call('experiments.list', {})).experiments).toEqual([]);
    expect((await link.call('datasets.list', {})).datasets[0]!.usedByRuns).toBe(0);
    await expect(link.call('compare.table', { scope: { runs: [run.id] } })).rejects.toMatchObject({ problem: { code: 'table.imported' } });
    await expect(link.call('compare.table', {})).rejects.toMatchObject({ problem: { code: 'table.empty' } });
    await expect(link.call('runs.resume', { ids: [run.id] })).rejects.toMatchObject({ problem: { code: 'run.imported' } });
    await expect(link.call('experiments.fromRun', { id: run.id })).rejects.toMatchObject({ problem: { code: 'run.imported' } });
  });

  it('lists two runs of the same content once, and says which was left out', async () => {
    const link = (await openHere(homeLike(template))).link();
    const root = logs(['a', 'other']);
    cpSync(join(root, 'a'), join(root, 'copy of a'), { recursive: true });
    const found = await inspecting(link, root);
    expect(found.flatMap((one) => (one.type === 'runs' ? one.runs.map(({ name }) => name) : []))).toHaveLength(2);
    const [left, ...more] = found.flatMap((one) => (one.type === 'skipped' ? [one.problem] : []));
    expect(left).toMatchObject({ code: 'logs.same-content', where: expect.stringContaining(root) as string });
    expect(left!.message).toMatch(/^The run (a|copy of a) has the same settings and points as (a|copy of a), and is listed once$/);
    expect(more).toEqual([]);
    expect(found.at(-1)).toMatchObject({ type: 'finished', runs: 2, skipped: 1 });
  });

  it('keeps its runs through the trash, and brings back what was deleted for good', async () => {
    const link = (await openHere(homeLike(template))).link();
    const root = logs(['a']);
    await importing(link, root);
    const { ids } = await link.call('runs.matching', {});
    await link.call('runs.annotate', { ids, note: 'odd', addTags: ['old'] });
    await link.call('runs.trash', { ids });
    expect((await importing(link, root)).at(-1)).toMatchObject({ imported: 0, known: 1 });
    await link.call('runs.restore', { ids });
    expect((await link.call('runs.page', { filter: 'tag = old' })).totalRuns).toBe(1);
    await link.call('runs.trash', { ids });
    await link.call('runs.purge', { ids });
    expect((await importing(link, root)).at(-1)).toMatchObject({ imported: 1, known: 0 });
  });

  it('leaves whole runs where it is stopped, and the rest comes later', async () => {
    const link = (await openHere(homeLike(template))).link();
    const names = Array.from({ length: 120 }, (_, at) => `run-${String(at).padStart(3, '0')}`);
    const root = logs(names, 40);
    const left = new AbortController();
    for await (const one of link.stream('logs.import', { path: root }, left.signal))
      if (one.type === 'progress' && one.done > 0) left.abort();
    const { ids } = await link.call('runs.matching', {});
    expect(ids.length).toBeGreaterThan(0);
    for (const id of ids.slice(0, 5)) {
      const { series } = await link.call('runs.series', { id });
      expect(series.map(({ epochs }) => epochs.length)).toEqual([40, 40, 40]);
    }
    expect((await importing(link, root)).at(-1)).toMatchObject({ imported: names.length - ids.length, known: ids.length });
  });
});
