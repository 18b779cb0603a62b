import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Link } from '#contract/link.ts';
import type { ExperimentRequest } from '#contract/experiment.ts';
import type { ToWorker } from '#contract/task.ts';
import type { Queue } from '#contract/view.ts';
import { allowed, listed, type GraphicsDevice } from '#studio/graphics-list.ts';
import { closeAll, drawDemo, homeLike, openHere, refusal, request } from './fixture.ts';
import { HandWorker } from './hand-worker.ts';

const GB = 1e9;
const patience = { timeout: 60_000, interval: 20 };
const two: readonly GraphicsDevice[] = [
  { index: 0, name: 'Simulated A', totalBytes: 80 * GB },
  { index: 1, name: 'Simulated B', totalBytes: 80 * GB },
];

let template: string;
beforeAll(async () => void (template = await drawDemo()), 120_000);
afterEach(closeAll);
afterAll(() => rmSync(template, { recursive: true, force: true }));

/** A studio whose graphics processors are these and whose processes do what the test says: they are there, and hear their tasks. */
async function simulated(home: string, devices = two) {
  const workers = new Map<string, HandWorker>();
  const studio = await openHere(home, {
    spawn: (name) => {
      const worker = new HandWorker();
      workers.set(name, worker);
      // Nothing but runs is asked for here: who measures the device is told so at once.
      queueMicrotask(() => (name.startsWith('run') ? worker.say({ type: 'ready' }) : worker.exit(1)));
      return worker;
    },
    listGraphics: () => Promise.resolve(devices),
  });
  return { studio, link: studio.link(), workers };
}

async function queueOf(link: Link): Promise<Queue> {
  for await (const queue of link.stream('queue.watch', {})) return queue;
  throw new Error('the studio closed');
}

async function started(link: Link, more: Partial<ExperimentRequest>): Promise<string[]> {
  return (await link.call('experiments.start', request(more))).runIds;
}

const graphicsOf = (worker: HandWorker | undefined) => {
  const told = worker?.heard.find((message): message is Extract<ToWorker, { type: 'start' }> => message.type === 'start');
  return told?.task.kind === 'train' ? told.task.graphics : undefined;
};
const working = (queue: Queue) => queue.running.map(({ id }) => id).sort();

test('runs on two graphics processors and the processor go side by side, each told where it computes; a pinned one waits for its own', async () => {
  const { link, workers } = await simulated(homeLike(template));
  await vi.waitFor(async () => expect((await queueOf(link)).lanes.map(({ id }) => id)).toEqual(['cpu', 'gpu0', 'gpu1']), patience);
  await link.call('queue.lane', { lane: 'cpu', slots: 1 });
  const [first, second] = await started(link, { device: 'tensorflow', pin: 'gpu1', seeds: [1, 2] });
  const [free] = await started(link, { device: 'tensorflow', seeds: [3] });
  const [own] = await started(link, { device: 'wasm', seeds: [4] });
  const [bound] = await started(link, { device: 'tensorflow', pin: 'cpu', seeds: [5] });
  const queue = await queueOf(link);
  expect(working(queue)).toEqual([first, free, own].sort());
  expect(queue.waiting.map(({ id, pin }) => [id, pin])).toEqual([
    [second, 'gpu1'],
    [bound, 'cpu'],
  ]);
  expect(queue.waits).toEqual({});
  await vi.waitFor(() => {
    expect([first, free, own].map((id) => graphicsOf(workers.get(id!)))).toEqual([1, 0, undefined]);
    expect(workers.get(own!)!.heard.length).toBeGreaterThan(0);
  }, patience);

  workers.get(own!)!.exit(1);
  await link.call('runs.stop', { ids: [own!], keep: false });
  await vi.waitFor(async () => expect(working(await queueOf(link))).toContain(bound), patience);
  await vi.waitFor(() => expect(graphicsOf(workers.get(bound!))).toBe(-1), patience);
});

test('a pin is changed, taken back and done again, and holds over a restart, as the order does', async () => {
  const home = homeLike(template);
  const before = await simulated(home);
  await before.link.call('queue.hold', { held: true });
  const ids = await started(before.link, { device: 'tensorflow', seeds: [1, 2, 3] });
  const pin = (lane?: 'gpu0' | 'gpu1') => ({ ids: [ids[1]!], change: { type: 'pin' as const, ...(lane === undefined ? {} : { lane }) } });
  const pins = async (link: Link) => (await queueOf(link)).waiting.map((run) => run.pin);
  const done = await before.link.call('runs.change', pin('gpu1'));
  expect(done.changed).toBe(1);
  expect(await pins(before.link)).toEqual([undefined, 'gpu1', undefined]);
  await before.link.call('runs.steps', { steps: done.undo });
  expect(await pins(before.link)).toEqual([undefined, undefined, undefined]);
  await before.link.call('runs.steps', { steps: done.redo });
  await before.link.call('queue.order', { ids: [ids[1]!, ids[2]!, ids[0]!] });
  await before.studio.close();

  const { link } = await simulated(home);
  expect((await queueOf(link)).waiting.map(({ id }) => id)).toEqual([ids[1], ids[2], ids[0]]);
  expect(await pins(link)).toEqual(['gpu1', undefined, undefined]);
  const cloned = await link.call('experiments.fromRun', { id: ids[1]! });
  expect(cloned.pin).toBe('gpu1');
});

test('a run that does not fit into the memory left waits, says why, and starts when there is room', async () => {
  const { link, workers } = await simulated(homeLike(template));
  await link.call('queue.lane', { lane: 'cpu', slots: 3, memoryBytes: 0.25 * GB });
  const [first, second, third] = await started(link, { seeds: [1, 2, 3] });
  const queue = await queueOf(link);
  expect(working(queue)).toEqual([first]);
  expect(queue.lanes[0]).toMatchObject({ id: 'cpu', slots: 3, running: 1, isOwnBudget: true, budgetBytes: 0.25 * GB });
  const wait = queue.waits[second!];
  if (wait?.kind !== 'memory') throw new Error(`waits for ${wait?.kind}`);
  expect(wait).toMatchObject({ lane: 'cpu', budgetBytes: 0.25 * GB });
  expect(wait.needBytes).toBeGreaterThan(wait.freeBytes);
  expect(wait.freeBytes).toBeCloseTo(0.25 * GB - queue.lanes[0]!.takenBytes, -2);
  expect(queue.waits[third!]).toEqual({ kind: 'behind', lane: 'cpu', run: second });

  // What a process holds counts where it is more than was expected.
  workers.get(first!)!.say({ type: 'heartbeat', at: 0, memoryBytes: 0.24 * GB });
  await vi.waitFor(async () => expect((await queueOf(link)).lanes[0]!.takenBytes).toBe(0.24 * GB), patience);
  await link.call('queue.lane', { lane: 'cpu', memoryBytes: 0 });
  const all = await queueOf(link);
  expect(working(all)).toEqual([first, second, third].sort());
  expect(all.lanes[0]!.isOwnBudget).toBe(false);
});

test('a device without slots or not there keeps its runs, and the settings outlive the studio', async () => {
  const home = homeLike(template);
  const before = await simulated(home);
  await before.link.call('queue.lane', { lane: 'gpu0', slots: 0 });
  const [closed] = await started(before.link, { device: 'tensorflow', pin: 'gpu0' });
  const [gone] = await started(before.link, { device: 'tensorflow', pin: 'gpu7', seeds: [2] });
  expect((await queueOf(before.link)).waits).toEqual({
    [closed!]: { kind: 'closed', lane: 'gpu0' },
    [gone!]: { kind: 'missing', lane: 'gpu7' },
  });
  await before.studio.close();
  const { link } = await simulated(home);
  await vi.waitFor(async () => expect((await queueOf(link)).waits[closed!]).toEqual({ kind: 'closed', lane: 'gpu0' }), patience);
  await link.call('queue.lane', { lane: 'gpu0', slots: 2 });
  expect(working(await queueOf(link))).toEqual([closed]);
});

test('what a device never computes on is refused in words', async () => {
  const { link } = await simulated(homeLike(template));
  expect(await refusal(link.call('experiments.plan', request({ device: 'wasm', pin: 'gpu0' })))).toMatchObject({ code: 'config.pin' });
  await link.call('queue.hold', { held: true });
  const ids = await started(link, { device: 'wasm' });
  expect(await refusal(link.call('runs.change', { ids, change: { type: 'pin', lane: 'gpu0' } }))).toMatchObject({ code: 'run.pin' });
});

test('the driver’s list is read line by line, and what the environment leaves of it', () => {
  const found = listed('0, NVIDIA H100 80GB HBM3, 81559\n1, NVIDIA H100, MIG 1g.10gb, 9728\nNo devices were found\n2, Old, [N/A]\n');
  expect(found).toEqual([
    { index: 0, name: 'NVIDIA H100 80GB HBM3', totalBytes: 81559 * 1024 ** 2 },
    { index: 1, name: 'NVIDIA H100, MIG 1g.10gb', totalBytes: 9728 * 1024 ** 2 },
    { index: 2, name: 'Old' },
  ]);
  expect(allowed(found, '2, 0').map(({ index }) => index)).toEqual([0, 2]);
  expect(allowed(found, '-1')).toEqual([]);
  expect(allowed(found, 'GPU-1a2b').length).toBe(3);
});
