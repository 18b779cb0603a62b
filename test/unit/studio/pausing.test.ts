/** A pause that was asked for, whatever becomes of the process or of the studio before it comes to it. */
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { closeAll, drawDemo, homeLike, openHere, request } from './fixture.ts';
import { HandWorker } from './hand-worker.ts';

let template: string;
beforeAll(async () => void (template = await drawDemo()), 120_000);
afterEach(closeAll);
afterAll(() => rmSync(template, { recursive: true, force: true }));

/** A studio whose runs are done by hand; the processes of each run, one after the other. */
async function byHand(home: string) {
  const workers: HandWorker[] = [];
  const studio = await openHere(home, {
    spawn: (name) => {
      const worker = new HandWorker();
      if (name.startsWith('run-')) workers.push(worker);
      queueMicrotask(() => (name.startsWith('run-') ? worker.say({ type: 'ready' }) : worker.exit(1)));
      return worker;
    },
  });
  return { studio, link: studio.link(), workers };
}

const wishes = (worker: HandWorker | undefined) => worker?.heard.filter(({ type }) => type === 'pause' || type === 'stop');

test('a run whose process dies while it is to pause pauses from its checkpoint, and trains no further', async () => {
  const { link, workers } = await byHand(homeLike(template));
  const [id] = (await link.call('experiments.start', request({ seeds: [1] }))).runIds;
  await vi.waitFor(() => expect(workers).toHaveLength(1));
  await link.call('runs.pause', { ids: [id!] });
  workers[0]!.exit(1);
  await vi.waitFor(() => expect(wishes(workers[1])).toEqual([{ type: 'pause', now: true }]));
});

test('a run that was to pause when its studio ended is paused at the next start, once', async () => {
  const home = homeLike(template);
  const first = await byHand(home);
  const [asked, other] = (await first.link.call('experiments.start', request({ seeds: [1, 2] }))).runIds;
  await vi.waitFor(() => expect(first.workers).toHaveLength(2));
  await first.link.call('runs.pause', { ids: [asked!] });
  await first.studio.close();

  const second = await byHand(home);
  const stateOf = async (id: string | undefined) => (await second.link.call('runs.get', { id: id! })).summary.state;
  expect(await stateOf(asked)).toBe('paused');
  expect(await stateOf(other)).not.toBe('paused');
  await second.link.call('runs.resume', { ids: [asked!] });
  await second.studio.close();

  const third = await byHand(home);
  expect((await third.link.call('runs.get', { id: asked! })).summary.state).not.toBe('paused');
});
