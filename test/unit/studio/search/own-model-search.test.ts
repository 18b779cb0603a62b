/** A search over a model of the person's own, whose card is there only once it was checked, and may not be there at all. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Link } from '#contract/link.ts';
import { closeAll, drawDemo, homeLike, openHere, request, until } from '../fixture.ts';

let template: string;
beforeAll(async () => void (template = await drawDemo()), 120_000);
afterEach(closeAll);
afterAll(() => rmSync(template, { recursive: true, force: true }));

const id = 'my-model';

/** A data folder with a search of two trials over such a model, the queue held. */
async function searching() {
  const home = homeLike(template);
  const studio = await openHere(home);
  const link = studio.link();
  await link.call('models.create', { id });
  await link.call('queue.hold', { held: true });
  const models = [{ model: id, ranges: { reg_weight: { from: 1e-6, to: 1e-2 } } }];
  const search = { strategy: 'tpe' as const, trials: 3, seed: 4 };
  const { experimentId } = await link.call('experiments.start', request({ models, search, budget: { epochs: 1 } }));
  const close = () => studio.close();
  return { home, experimentId, close };
}

async function isOver(link: Link, experimentId: string): Promise<void> {
  for await (const _queue of link.stream('queue.watch', {}))
    if ((await link.call('experiments.get', { id: experimentId })).summary.search?.isOver === true) return;
}

test('opens again and goes on to its last trial', async () => {
  const { home, experimentId, close } = await searching();
  await close();
  const link = (await openHere(home)).link();
  await link.call('queue.hold', { held: false });
  await isOver(link, experimentId);
  const { runs } = await link.call('experiments.get', { id: experimentId });
  expect(runs.map(({ state }) => state)).toEqual(['finished', 'finished', 'finished']);
});

test('keeps nobody from opening its folder, in safe mode or with the model gone, and says why it stands still', async () => {
  const { home, experimentId, close } = await searching();
  await close();
  const safe = await openHere(home, { safe: true });
  expect((await safe.link().call('experiments.list', {})).experiments.map((experiment) => experiment.id)).toEqual([experimentId]);
  await safe.close();
  rmSync(join(home, 'models', id), { recursive: true });
  const notices: string[] = [];
  const link = (await openHere(home, { onNotice: (text) => notices.push(text) })).link();
  await link.call('queue.hold', { held: false });
  expect(notices).toContain('The search My Model on Demo stands still: There is no model my-model.');
  const { summary } = await link.call('experiments.get', { id: experimentId });
  expect(summary).toMatchObject({ search: { strategy: 'tpe', isOver: false } });
  // Other work goes on beside it.
  const { runIds } = await link.call('experiments.start', request({ seeds: [7], budget: { epochs: 1 } }));
  await until(link, runIds, 'finished');
});
