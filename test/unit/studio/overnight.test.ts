/** Fifty runs overnight, the studio restarted twice: nothing is lost or doubled (studio.md G8). */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '#store/store.ts';
import { closeAll, drawDemo, ended, homeLike, openHere, request, until } from './fixture.ts';
import { quickWorkers } from './quick-worker.ts';

const patience = 600_000;
let template = '';
beforeAll(async () => {
  template = await drawDemo();
}, patience);
afterAll(async () => {
  await closeAll();
  rmSync(template, { recursive: true, force: true });
}, patience);

test(
  'G8: fifty runs of a queue end once each, although the studio is restarted twice in the middle',
  async () => {
    const home = homeLike(template);
    const seeds = Array.from({ length: 50 }, (_, at) => at + 1);
    const [began, over]: [string[], string[]] = [[], []];
    let allowed = 0;
    const spawn = quickWorkers(
      () => over.length < allowed,
      (id) => began.push(id),
      (id) => over.push(id),
    );
    const first = await openHere(home, { spawn });
    await first.link().call('queue.concurrency', { runs: 2 });
    const { runIds } = await first.link().call('experiments.start', request({ seeds }));
    expect(runIds).toHaveLength(50);
    allowed = 17;
    await until(first.link(), runIds.slice(0, 17), ...ended);
    await first.close();

    const second = await openHere(home, { spawn });
    allowed = 34;
    await until(second.link(), runIds.slice(0, 34), ...ended);
    await second.close();

    const third = await openHere(home, { spawn });
    allowed = 50;
    const runs = await until(third.link(), [...runIds], ...ended);
    expect(runs.map(({ state }) => state)).toEqual(runIds.map(() => 'finished'));
    await third.close();

    expect([...over].sort()).toEqual([...runIds].sort());
    expect(new Set(began)).toEqual(new Set(runIds));
    // What was at work when the studio closed began again, and nothing else did.
    expect(began.length).toBeLessThanOrEqual(50 + 2 * 2);
    const store = openStore(home);
    const rows = store.runs.inScope({ experiments: [], runs: [] });
    expect(rows.map(({ id }) => id).sort()).toEqual([...runIds].sort());
    expect(runIds.map((id) => store.runs.testEvaluations(id))).toEqual(runIds.map(() => 1));
    store.close();
  },
  patience,
);
