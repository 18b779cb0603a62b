import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { toProblem } from '#contract/problem.ts';
import { fromRequest, toRequest, withChanges } from '#renderer/state/experiment-draft.ts';
import { remedies } from '#renderer/state/run-words.ts';
import { closeAll, drawDemo, homeLike, openHere, request, until } from './fixture.ts';
import { HandWorker } from './hand-worker.ts';

const patience = 180_000;
let template: string;
beforeAll(async () => void (template = await drawDemo()), patience);
afterEach(closeAll);
afterAll(() => rmSync(template, { recursive: true, force: true }));

const words = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';

test(
  'a run that ran out of memory is cloned with half its batch: what the offer opens in the form starts, and says whose child it is',
  async () => {
    const workers = new Map<string, HandWorker>();
    const studio = await openHere(homeLike(template), {
      spawn: (name) => {
        const worker = new HandWorker();
        workers.set(name, worker);
        if (!name.startsWith('run')) queueMicrotask(() => worker.exit(1));
        return worker;
      },
      listGraphics: () => Promise.resolve([]),
    });
    const link = studio.link();
    // The batch of the model's own settings and that of the budget: the offer must win over both.
    const models = [{ model: 'lightgcn', values: { batch_size: 512 } }, { model: 'mgcn' }];
    const { runIds } = await link.call('experiments.start', request({ models }));
    await link.call('queue.lane', { lane: 'cpu', slots: 2 });
    for (const id of runIds) {
      await until(link, [id], 'preparing', 'running');
      workers.get(id)!.aborts(words);
    }
    const failed = await until(link, runIds, 'failed');
    for (const [run, half] of [
      [failed[0]!, 256],
      [failed[1]!, 1024],
    ] as const) {
      expect(run.problem).toMatchObject({ kind: 'memory', code: 'run.out-of-memory' });
      expect(run.attempt).toBe(1);
      const config = await link.call('runs.config', { id: run.id });
      const [offer] = remedies(run.problem!, run, config.budget, false);
      expect(offer).toEqual({ label: `Clone with batch ${half}`, deed: 'clone', set: { batchSize: String(half) } });
      const draft = withChanges(fromRequest(await link.call('experiments.fromRun', { id: run.id })), offer!.set!);
      const next = { ...toRequest(draft, 'Again')!, parent: run.id };
      expect((await link.call('experiments.plan', next)).runs).toBe(1);
      const begun = await link.call('experiments.start', next).catch((error: unknown) => Promise.reject(toProblem(error)));
      const own = await link.call('runs.get', { id: begun.runIds[0]! });
      expect(own.config.budget).toEqual({ ...config.budget, batchSize: half });
      expect(own.config.hyper).toEqual(config.hyper);
      expect(own.family?.map(({ id }) => id)).toContain(run.id);
    }
  },
  patience,
);
