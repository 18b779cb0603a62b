import { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GraphicsMeter, nvidiaFeed, readingOf, type Feed } from '#studio/graphics-meter.ts';
import { Hub } from '#studio/hub.ts';
import { readTrace, RunTrace } from '#studio/meter-trace.ts';
import { Meters } from '#studio/meters.ts';
import type { RunNews } from '#studio/supervisor.ts';

const fakeTool = join(import.meta.dirname, '../../fixtures/nvidia-smi.mjs');
const MiB = 1024 ** 2;

/** A tool whose lines and end the test says. */
class DrawnFeed implements Feed {
  lines: ((line: string) => void)[] = [];
  ends: ((isMissing: boolean) => void)[] = [];
  isStopped = false;
  onLine = (listener: (line: string) => void) => void this.lines.push(listener);
  onEnd = (listener: (isMissing: boolean) => void) => void this.ends.push(listener);
  stop = () => void (this.isStopped = true);
  say = (line: string) => this.lines.forEach((listener) => listener(line));
  end = (isMissing: boolean) => this.ends.forEach((listener) => listener(isMissing));
}

function drawn() {
  const feeds: DrawnFeed[] = [];
  const later: { milliseconds: number; work: () => void; isOff: boolean }[] = [];
  const clock = { now: 0 };
  const meter = new GraphicsMeter({
    start: () => {
      const feed = new DrawnFeed();
      feeds.push(feed);
      return feed;
    },
    onReading: () => undefined,
    now: () => clock.now,
    after: (milliseconds, work) => {
      const entry = { milliseconds, work, isOff: false };
      later.push(entry);
      return () => (entry.isOff = true);
    },
  });
  return { meter, feeds, later, clock };
}

afterEach(() => void vi.unstubAllEnvs());

describe('a line of the driver', () => {
  test('becomes numbers, and what is not told is absent', () => {
    expect(readingOf('0, NVIDIA H100 80GB HBM3, 37, 1024, 81559, 41, 118.20, 700.00')).toEqual({
      index: 0,
      name: 'NVIDIA H100 80GB HBM3',
      utilisation: 37,
      usedBytes: 1024 * MiB,
      totalBytes: 81559 * MiB,
      celsius: 41,
      watts: 118.2,
      wattsLimit: 700,
    });
    expect(readingOf('1, NVIDIA A100, MIG 1g, [N/A], 3, 9728, 38, [Not Supported], [N/A]')).toEqual({
      index: 1,
      name: 'NVIDIA A100, MIG 1g',
      usedBytes: 3 * MiB,
      totalBytes: 9728 * MiB,
      celsius: 38,
    });
  });

  test('that is an error in words is none', () => {
    expect(readingOf('NVIDIA-SMI has failed because it couldn’t communicate with the NVIDIA driver.')).toBeUndefined();
    expect(readingOf('')).toBeUndefined();
  });
});

describe('the meter', () => {
  test('asks only while it is wanted, and forgets what it knew', () => {
    const { meter, feeds } = drawn();
    expect(feeds).toHaveLength(0);
    meter.want(true);
    meter.want(true);
    expect(feeds).toHaveLength(1);
    feeds[0]!.say('0, GPU, 37, 1024, 81559, 41, 118.20, 700.00');
    expect(meter.readings).toHaveLength(1);
    meter.want(false);
    expect(feeds[0]!.isStopped).toBe(true);
    expect(meter.readings).toEqual([]);
    // What was under way when it was stopped is no news.
    feeds[0]!.say('0, GPU, 37, 1024, 81559, 41, 118.20, 700.00');
    expect(meter.readings).toEqual([]);
  });

  test('never asks again where there is no tool', () => {
    const { meter, feeds, later } = drawn();
    meter.want(true);
    feeds[0]!.end(true);
    meter.want(false);
    meter.want(true);
    expect(feeds).toHaveLength(1);
    expect(later).toHaveLength(0);
  });

  test('asks again a minute after the tool ended, and shows nothing meanwhile', () => {
    const { meter, feeds, later } = drawn();
    meter.want(true);
    feeds[0]!.say('0, GPU, 37, 1024, 81559, 41, 118.20, 700.00');
    feeds[0]!.end(false);
    expect(meter.readings).toEqual([]);
    expect(later[0]).toMatchObject({ milliseconds: 60_000 });
    meter.want(true);
    expect(feeds).toHaveLength(1);
    later[0]!.work();
    expect(feeds).toHaveLength(2);
    feeds[1]!.end(false);
    meter.want(false);
    expect(later[1]!.isOff).toBe(true);
  });

  test('does not show what a silent driver said long ago', () => {
    const { meter, feeds, clock } = drawn();
    meter.want(true);
    feeds[0]!.say('0, GPU, 37, 1024, 81559, 41, 118.20, 700.00');
    clock.now = 7_000;
    expect(meter.readings).toHaveLength(1);
    clock.now = 60_000;
    expect(meter.readings).toEqual([]);
  });
});

describe('the process of the tool', () => {
  test('stays and speaks, and ends when it is stopped', async () => {
    vi.stubEnv('AVOCET_NVIDIA_SMI', fakeTool);
    const feed = nvidiaFeed(1);
    const lines: string[] = [];
    const ended = new Promise<boolean>((resolve) => feed.onEnd(resolve));
    await new Promise<void>((resolve) =>
      feed.onLine((line) => {
        lines.push(line);
        if (lines.length === 2) resolve();
      }),
    );
    expect(lines.map((line) => readingOf(line)?.name)).toEqual(['NVIDIA H100 80GB HBM3', 'NVIDIA H100, MIG 1g.10gb']);
    feed.stop();
    expect(await ended).toBe(false);
  });

  test('says that there is none', async () => {
    vi.stubEnv('AVOCET_NVIDIA_SMI', join(tmpdir(), 'no-such-tool'));
    const feed = nvidiaFeed(1);
    expect(await new Promise<boolean>((resolve) => feed.onEnd(resolve))).toBe(true);
  });

  test('sends no signal where there is none: it has no number, and Node would take one from unset memory', async () => {
    vi.stubEnv('AVOCET_NVIDIA_SMI', join(tmpdir(), 'no-such-tool'));
    const kill = vi.spyOn(ChildProcess.prototype, 'kill').mockReturnValue(false);
    const feed = nvidiaFeed(1);
    feed.stop();
    expect(await new Promise<boolean>((resolve) => feed.onEnd(resolve))).toBe(true);
    expect(kill).not.toHaveBeenCalled();
    kill.mockRestore();
  });
});

describe('what is kept of a run', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'avocet-meters-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('stays within some hundred points however long it takes, with its peak of memory', () => {
    const trace = new RunTrace(folder, 0);
    for (let second = 1; second <= 20_000; second++)
      trace.add({ cores: second % 2 === 0 ? 2 : 1, memoryBytes: second === 7_777 ? 9e9 : 1e9 }, second * 1000);
    trace.save();
    const kept = readTrace(folder);
    expect(kept.seconds.length).toBeGreaterThan(200);
    expect(kept.seconds.length).toBeLessThanOrEqual(600);
    expect(kept.seconds[kept.seconds.length - 1]).toBe(20_000);
    expect(Math.max(...kept.values.memoryBytes!.map(Number))).toBe(9e9);
    for (const value of kept.values.cores!.slice(0, -1)) expect(value).toBeCloseTo(1.5, 1);
    expect(kept.values.watts).toBeUndefined();
  });

  test('goes on after a pause where it ended, and holds what a device told only at times', () => {
    const before = new RunTrace(folder, 0);
    for (let second = 1; second <= 10; second++) before.add({ memoryBytes: 1 }, second * 1000);
    before.save();
    const after = new RunTrace(folder, 900_000);
    for (let second = 1; second <= 10; second++) after.add({ memoryBytes: 2, watts: 300 }, 900_000 + second * 1000, 'H100');
    after.save();
    const { seconds, values, graphics } = readTrace(folder);
    expect(graphics).toBe('H100');
    expect(seconds[0]).toBeLessThan(4);
    expect(seconds[seconds.length - 1]).toBe(20);
    expect(values.watts![0]).toBeNull();
    expect(values.watts![values.watts!.length - 1]).toBe(300);
  });

  test('stands in the meters while the run is at work, with the device it computes on (G24)', async () => {
    const hub = new Hub<RunNews>();
    const feed = new DrawnFeed();
    const graphicsOf = vi.fn(() => 0);
    const meters = new Meters({ hub, start: () => feed, runFolder: () => folder, graphicsOf, now: () => 5_000 });
    meters.heard('run-1', 312e6, 1.9);
    feed.say('0, NVIDIA H100, 92, 12544, 81559, 55, 402.75, 700.00');
    expect(meters.view).toMatchObject({
      graphics: [{ index: 0, utilisation: 92, watts: 402.75 }],
      runs: [{ id: 'run-1', memoryBytes: 312e6, cores: 1.9, graphics: 0 }],
    });
    meters.heard('run-1', 320e6, 2);
    // The store is asked once a run, not once a second.
    expect(graphicsOf).toHaveBeenCalledTimes(1);
    meters.ended('run-1');
    expect(meters.view.runs).toEqual([]);
    // Nobody looks and nothing runs: the driver is left alone.
    expect(feed.isStopped).toBe(true);
    expect(meters.trace('run-1').graphics).toBe('NVIDIA H100');
    expect(JSON.parse(readFileSync(join(folder, 'meters.json'), 'utf8'))).toMatchObject({ values: { watts: [402.75] } });
    const abort = new AbortController();
    const watched = meters.watch(abort.signal);
    await watched.next();
    abort.abort();
    await watched.next();
    meters.close();
  });
});
