import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { forkSpawn, type Spawn } from '#studio/spawn.ts';
import { machineThreads, threadShare } from '#studio/threads.ts';
import { closeAll, drawDemo, ended, homeLike, openHere, outcome, request, until, when, workerEntry } from './fixture.ts';

let template: string;
beforeAll(async () => {
  template = await drawDemo();
});
afterEach(closeAll);
afterAll(() => rmSync(template, { recursive: true, force: true }));

/** Real workers whose process ids are known to the test. */
function watchedSpawn(onSpawn: (runId: string, kill: () => void) => void): Spawn {
  const spawn = forkSpawn(workerEntry);
  return (name) => {
    const worker = spawn(name);
    if (name.startsWith('run-')) onSpawn(name, () => worker.kill('SIGKILL'));
    return worker;
  };
}

test('an experiment runs in real workers, is stored, and one configuration shows its test values', async () => {
  const studio = await openHere(homeLike(template));
  const link = studio.link();
  const { runIds, experimentId } = await link.call('experiments.start', request({ seeds: [1, 2], name: 'Two seeds' }));
  const runs = await until(link, runIds, ...ended);
  for (const run of runs) {
    expect(run).toMatchObject({
      state: 'finished',
      epochs: 3,
      stopReason: 'epoch-limit',
      experimentName: 'Two seeds',
      test: { state: 'shown' },
    });
    expect(Object.keys(run.validation!)).toHaveLength(16);
    expect(run.sentence).toMatch(/^LightGCN on Demo, seed \d: validation Recall@20 0\.\d{4}, best at epoch \d of 3$/);
    expect(run.estimatedSeconds).toBeGreaterThan(0);
    expect(run.elapsedSeconds).toBeGreaterThan(0);
  }
  expect(runs[0]!.validation).not.toEqual(runs[1]!.validation);
  const detail = await link.call('runs.get', { id: runIds[0]! });
  // Both began together and shared the machine.
  expect(detail.provenance).toMatchObject({ codeVersion: '0.1.0', threads: threadShare(Math.min(2, machineThreads())), fallbacks: [] });
  expect(detail.artifacts.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['checkpoint-best', 'items', 'per-user-test', 'per-user-validation', 'top50', 'users']),
  );
  expect(detail.attempts).toMatchObject([{ attempt: 1, recomputedEpochs: 0, outcome: 'epoch-limit' }]);
  const { series } = await link.call('runs.series', { id: runIds[0]!, keys: ['loss', 'recall@20'] });
  expect(series.map(({ key, epochs }) => [key, [...epochs]])).toEqual([
    ['loss', [1, 2, 3]],
    ['recall@20', [1, 2, 3]],
  ]);
  const csv = await link.call('runs.artifact', { id: runIds[0]!, name: 'per-user-validation', format: 'csv' });
  const [head, ...lines] = new TextDecoder().decode(csv.bytes).trimEnd().split('\r\n');
  expect(head!.split(',')).toEqual([
    'user',
    ...['recall', 'ndcg', 'precision', 'map'].flatMap((name) => [5, 10, 20, 50].map((k) => `${name}@${k}`)),
  ]);
  const mean = lines.reduce((sum, line) => sum + Number(line.split(',')[3]), 0) / lines.length;
  expect(mean).toBeCloseTo(runs[0]!.validation!['recall@20']!, 12);
  // The same again is known and not run twice.
  const again = await link.call('experiments.start', request({ seeds: [1, 2] }));
  expect(again).toMatchObject({ known: 2, runIds });
  expect((await link.call('experiments.matrix', { id: again.experimentId })).cells.map((cell) => cell.state)).toEqual(['known', 'known']);
  expect((await link.call('experiments.matrix', { id: experimentId })).cells.map((cell) => cell.state)).toEqual(['finished', 'finished']);
});

test('a live view has everything from the start and every epoch once', async () => {
  const studio = await openHere(homeLike(template));
  const link = studio.link();
  const { runIds } = await link.call('experiments.start', request({ budget: { epochs: 6 } }));
  const epochs: number[] = [];
  for await (const update of link.stream('runs.watch', { id: runIds[0]! })) {
    for (const series of update.series ?? []) if (series.key === 'loss') epochs.push(...series.epochs);
  }
  expect(epochs).toEqual([1, 2, 3, 4, 5, 6]);
});

describe('a killed worker', () => {
  test('goes on from its checkpoint to the numbers of an undisturbed run, and harms no other run (S7)', async () => {
    // Long enough that the kill, which follows two reported epochs, never comes after the end.
    const undisturbed = await openHere(homeLike(template));
    const calm = await undisturbed.link().call('experiments.start', request({ budget: { epochs: 40, patience: 40 } }));
    await until(undisturbed.link(), calm.runIds, ...ended);

    const kills = new Map<string, () => void>();
    const attempts = new Map<string, number>();
    const spawn = watchedSpawn((id, kill) => {
      kills.set(id, kill);
      attempts.set(id, (attempts.get(id) ?? 0) + 1);
    });
    const studio = await openHere(homeLike(template), { spawn });
    const link = studio.link();
    await link.call('settings.set', { concurrency: 3 });
    const { runIds } = await link.call('experiments.start', request({ budget: { epochs: 40, patience: 40 }, seeds: [1, 2, 3] }));
    await when(link, runIds[0]!, (run) => run.epochs >= 2);
    kills.get(runIds[0]!)!();
    const runs = await until(link, runIds, ...ended);
    expect(runs.map((run) => run.state)).toEqual(['finished', 'finished', 'finished']);
    expect([...runIds].map((id) => attempts.get(id))).toEqual([2, 1, 1]);
    expect(await outcome(link, runIds[0]!)).toEqual(await outcome(undisturbed.link(), calm.runIds[0]!));
    const { attempts: record } = await link.call('runs.get', { id: runIds[0]! });
    expect(record[0]!.outcome).toMatch(/killed \(SIGKILL\)/);
    expect(record[1]!.recomputedEpochs).toBeLessThanOrEqual(1);
    const { lines } = await link.call('runs.console', { id: runIds[0]! });
    expect(lines.some((line) => /ended unexpectedly \(SIGKILL\); going on from the last checkpoint\./.test(line.text))).toBe(true);
  });

  test('three times without an epoch is a failed run that says killed, and the queue goes on', async () => {
    let starts = 0;
    const spawn = watchedSpawn((_id, kill) => {
      starts += 1;
      if (starts <= 3) kill();
    });
    const studio = await openHere(homeLike(template), { spawn });
    const link = studio.link();
    // One at a time, so that all three kills hit the first run.
    await link.call('queue.concurrency', { runs: 1 });
    const { runIds } = await link.call('experiments.start', request({ seeds: [1, 2] }));
    const runs = await until(link, runIds, ...ended);
    expect(runs[0]).toMatchObject({ state: 'failed', attempt: 3, problem: { kind: 'killed', code: 'run.killed' } });
    expect(runs[1]).toMatchObject({ state: 'finished', attempt: 1 });
    // Without an epoch there is no checkpoint to speak of.
    expect(runs[0]!.problem!.fix).not.toContain('checkpoint');
    const { lines } = await link.call('runs.console', { id: runIds[0]! });
    expect(lines.map(({ text }) => text)).toContain('The process ended unexpectedly (SIGKILL); it begins again.');
    // A person may try again; then it succeeds.
    await link.call('runs.resume', { ids: [runIds[0]!] });
    expect((await until(link, [runIds[0]!], ...ended))[0]).toMatchObject({ state: 'finished', attempt: 4 });
  });
});

describe('stop, pause and resume', () => {
  test('pause keeps the checkpoint, resume ends where an unpaused run ends', async () => {
    const studio = await openHere(homeLike(template));
    const link = studio.link();
    const wish = request({ budget: { epochs: 40, patience: 40 } });
    const { runIds } = await link.call('experiments.start', wish);
    const id = runIds[0]!;
    await when(link, id, (run) => run.epochs >= 1);
    await link.call('runs.pause', { ids: [id] });
    const [paused] = await until(link, [id], 'paused', 'finished');
    expect(paused).toMatchObject({ state: 'paused' });
    expect(paused!.epochs).toBeLessThan(40);
    await link.call('runs.resume', { ids: [id] });
    await until(link, [id], ...ended);
    const calm = await link.call('experiments.start', { ...wish, runKnown: true });
    await until(link, calm.runIds, ...ended);
    expect(await outcome(link, id)).toEqual(await outcome(link, calm.runIds[0]!));
  });

  test('pause now drops the epoch begun, and resume ends where an unpaused run ends', async () => {
    const studio = await openHere(homeLike(template));
    const link = studio.link();
    const wish = request({ budget: { epochs: 40, patience: 40 } });
    const { runIds } = await link.call('experiments.start', wish);
    const id = runIds[0]!;
    await when(link, id, (run) => run.epochs >= 1);
    await link.call('runs.pause', { ids: [id], now: true });
    const [paused] = await until(link, [id], 'paused', 'finished');
    expect(paused).toMatchObject({ state: 'paused' });
    const { lines } = await link.call('runs.console', { id });
    // Between two epochs there is none to drop.
    expect(lines.at(-1)!.text).toMatch(/^paused after epoch (\d+)(; epoch \d+, which had begun, is dropped)?$/);
    await link.call('runs.resume', { ids: [id] });
    await until(link, [id], ...ended);
    const calm = await link.call('experiments.start', { ...wish, runKnown: true });
    await until(link, calm.runIds, ...ended);
    expect(await outcome(link, id)).toEqual(await outcome(link, calm.runIds[0]!));
  });

  test('stop and keep evaluates the best so far; stop and discard goes to the trash and can come back', async () => {
    const studio = await openHere(homeLike(template));
    const link = studio.link();
    const { runIds } = await link.call('experiments.start', request({ budget: { epochs: 20_000, patience: 20_000 }, seeds: [1, 2, 3] }));
    const [kept, discarded, waiting] = runIds as [string, string, string];
    await when(link, kept, (run) => run.epochs >= 2);
    await link.call('runs.stop', { ids: [kept, waiting], keep: true });
    const [run, third] = await until(link, [kept, waiting], ...ended);
    expect(run).toMatchObject({ state: 'stopped', stopReason: 'stopped-by-user', test: { state: 'shown' } });
    expect(run!.validation!['recall@20']).toBeGreaterThan(0);
    expect(third).toMatchObject({ state: 'stopped', epochs: 0 });
    await when(link, discarded, (live) => live.epochs >= 1);
    await link.call('runs.stop', { ids: [discarded], keep: false });
    await until(link, [discarded], ...ended);
    const rows = async (trashed: boolean) =>
      (await link.call('runs.page', { collapse: false, trashed })).rows.map((row) => row.runs[0]!.id);
    // Its worker says that it stopped; it is in the trash once the process is gone.
    await expect.poll(() => rows(true), { timeout: 60_000 }).toEqual([discarded]);
    expect(await rows(false)).not.toContain(discarded);
    await link.call('runs.restore', { ids: [discarded] });
    expect(await rows(true)).toEqual([]);
  });
});

describe('the queue', () => {
  test('keeps its order, holds and hold over a restart, and starts nothing while held (G9)', async () => {
    const home = homeLike(template);
    const first = await openHere(home);
    const before = first.link();
    await before.call('queue.hold', { held: true });
    const { runIds } = await before.call('experiments.start', request({ seeds: [1, 2, 3], budget: { epochs: 1 } }));
    const [one, two, three] = runIds as [string, string, string];
    await before.call('queue.order', { ids: [three, one] });
    await before.call('runs.hold', { ids: [one], held: true });
    await first.close();

    const started: string[] = [];
    const second = await openHere(home, { spawn: watchedSpawn((id) => started.push(id)) });
    const link = second.link();
    for await (const queue of link.stream('queue.watch', {})) {
      expect(queue).toMatchObject({ held: true, running: [] });
      expect(queue.waiting.map((run) => [run.id, run.held])).toEqual([
        [three, false],
        [one, true],
        [two, false],
      ]);
      break;
    }
    expect(started).toEqual([]);
    await link.call('queue.hold', { held: false });
    await until(link, [two, three], ...ended);
    expect(started).toEqual([three, two]);
    await link.call('runs.hold', { ids: [one], held: false });
    await until(link, [one], ...ended);
    expect(started).toEqual([three, two, one]);
  });

  test('who watches hears of every change, also while the queue is held', async () => {
    const studio = await openHere(homeLike(template));
    const link = studio.link();
    await link.call('queue.hold', { held: true });
    const { runIds } = await link.call('experiments.start', request({ seeds: [1] }));
    const [id] = runIds;
    const seen: (boolean | undefined)[] = [];
    for await (const queue of link.stream('queue.watch', {})) {
      const held = queue.waiting.find((run) => run.id === id)?.held;
      seen.push(held);
      if (seen.length === 1) await link.call('runs.hold', { ids: [id!], held: true });
      else if (held === true) await link.call('runs.hold', { ids: [id!], held: false });
      else if (seen.includes(true)) break;
    }
    expect(seen.at(-1)).toBe(false);
  });

  test('runs as many side by side as the setting says', async () => {
    const studio = await openHere(homeLike(template));
    const link = studio.link();
    await link.call('queue.concurrency', { runs: 2 });
    const { runIds } = await link.call('experiments.start', request({ seeds: [1, 2, 3], budget: { epochs: 4 } }));
    let most = 0;
    for await (const queue of link.stream('queue.watch', {})) {
      most = Math.max(most, queue.running.length);
      expect(queue.timeLeft === undefined || queue.timeLeft.seconds >= 0).toBe(true);
      if (queue.running.length + queue.waiting.length === 0) break;
    }
    expect(most).toBe(2);
    expect((await link.call('runs.summaries', { ids: runIds })).runs.every((run) => run.state === 'finished')).toBe(true);
  });
});

test('a closed studio leaves its runs to the next one: only doors that work take them up', async () => {
  const home = homeLike(template);
  const first = await openHere(home);
  const { runIds } = await first.link().call('experiments.start', request({ budget: { epochs: 30, patience: 30 } }));
  await when(first.link(), runIds[0]!, (run) => run.epochs >= 2);
  await first.close();

  const reading = await openHere(home, { resume: false });
  const [lost] = (await reading.link().call('runs.summaries', { ids: runIds })).runs;
  expect(lost).toMatchObject({ state: 'lost', attempt: 1 });
  expect(lost!.sentence).toMatch(/interrupted after epoch \d+, can be resumed/);
  await reading.close();

  const notices: string[] = [];
  const working = await openHere(home, { onNotice: (text) => notices.push(text) });
  const [run] = await until(working.link(), runIds, ...ended);
  expect(run).toMatchObject({ state: 'finished', epochs: 30, attempt: 2 });
  expect(notices.join()).toMatch(/^1 interrupted run goes on \(after epoch ([2-9]|\d\d)\)\.$/);
  for await (const status of working.link().stream('studio.watch', {})) {
    expect(status.resumed).toEqual(runIds);
    expect(status.resumedAfter).toEqual([Number(/after epoch (\d+)/.exec(lost!.sentence)![1])]);
    expect(status.needYou).toBe(0);
    break;
  }
});

test('a run that was interrupted and fails when it goes on is told as one that needs a person', async () => {
  const home = homeLike(template);
  const first = await openHere(home);
  const { runIds } = await first.link().call('experiments.start', request({ budget: { epochs: 20_000, patience: 20_000 } }));
  await when(first.link(), runIds[0]!, (run) => run.epochs >= 1);
  await first.close();
  const second = await openHere(home, { spawn: watchedSpawn((_id, kill) => kill()) });
  await until(second.link(), runIds, 'failed');
  for await (const status of second.link().stream('studio.watch', {})) if (status.needYou === 1) break;
});
