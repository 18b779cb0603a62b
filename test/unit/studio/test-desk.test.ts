import { expect, test } from 'vitest';
import type { ProfileTask } from '#contract/profile.ts';
import { Hub } from '#studio/hub.ts';
import { Jobs } from '#studio/jobs.ts';
import type { RunNews } from '#studio/supervisor.ts';
import { TestDesk } from '#studio/test-desk.ts';
import { HandWorker } from './hand-worker.ts';

const task: ProfileTask = {
  k: 20,
  part: 'validation',
  metrics: ['recall@20'],
  datasets: [{ folder: '/d', segments: { users: [0, 5], items: { by: 'rows', head: 0.8 } }, runs: [{ id: 'run-a' }] }],
};

function desk() {
  const workers: HandWorker[] = [];
  const made = new TestDesk(() => {
    const worker = new HandWorker();
    workers.push(worker);
    return worker;
  }, new Jobs(new Hub<RunNews>()));
  return { made, workers };
}

const answer = (worker: HandWorker) => {
  worker.say({ type: 'result', value: [{ id: 'run-a' }] });
  worker.exit(0);
};

test('what is asked twice at once is read once, and later known', async () => {
  const { made, workers } = desk();
  const both = Promise.all([made.profile(task), made.profile(task)]);
  expect(workers).toHaveLength(1);
  answer(workers[0]!);
  expect((await both).map(([profile]) => profile!.id)).toEqual(['run-a', 'run-a']);
  await made.profile(task);
  expect(workers).toHaveLength(1);
});

test('what failed is asked anew', async () => {
  const { made, workers } = desk();
  const both = Promise.allSettled([made.profile(task), made.profile(task)]);
  workers[0]!.exit(1);
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const again = made.profile(task);
  expect(workers).toHaveLength(2);
  answer(workers[1]!);
  expect(await again).toHaveLength(1);
});

test('who may leave has a worker of its own', async () => {
  const { made, workers } = desk();
  const request = {
    design: 'seed' as const,
    test: 't' as const,
    alternative: 'two-sided' as const,
    resamples: 1000,
    seed: 1,
    entries: [],
    pairs: [{ first: 0, second: 1, metric: 'recall@20', column: 0, better: 'higher' as const }],
  };
  const abort = new AbortController();
  const leaving = made.run(request, undefined, abort.signal).catch((error: unknown) => error);
  const staying = made.run(request);
  expect(workers).toHaveLength(2);
  abort.abort();
  workers[0]!.exit(0);
  expect(String(await leaving)).toContain('Cancelled');
  workers[1]!.say({ type: 'result', value: [{ missing: 'no finished run' }] });
  workers[1]!.exit(0);
  expect(await staying).toEqual([{ missing: 'no finished run' }]);
});
