import { afterAll, beforeAll, expect, it } from 'vitest';
import { avocet, cleanUp, json, start, temporaryFolder, type PrintedRun, type PrintedRuns } from './fixture.ts';

const epochs = 120;
// Long enough to be met at work, with patience that never ends it early.
const run = ['run', '--dataset', 'demo', '--model', 'lightgcn', '--seed', '1', '--epochs', `${epochs}`, '--patience', `${epochs}`];

let home: string;
beforeAll(async () => {
  home = temporaryFolder();
  await json(home, 'datasets');
});
afterAll(cleanUp);

/** The only run of the folder once it has more than so many epochs behind it. */
async function past(epoch: number): Promise<PrintedRun> {
  for (;;) {
    const [only] = (await json<PrintedRuns>(home, 'runs')).runs;
    if (only !== undefined && only.epochs > epoch) return only;
  }
}

it('a run whose command was killed, then interrupted, goes on with resume and ends as an undisturbed one, bit for bit', async () => {
  const killed = start(home, ...run);
  const { id, status } = await past(1);
  expect(status).toBe('running');
  killed.child.kill('SIGKILL');
  expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' });

  const left = (await json<PrintedRuns>(home, 'runs')).runs[0]!;
  expect(left).toMatchObject({ id, status: 'lost' });
  const interrupted = start(home, 'resume', id, '--json');
  await past(left.epochs);
  interrupted.child.kill('SIGINT');
  expect(await interrupted.ended).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining('avocet resume RUN') });

  const { runs } = await json<PrintedRuns>(home, 'resume', id);
  expect(runs).toMatchObject([{ id, status: 'finished', epochs }]);
  const undisturbed = (await json<PrintedRuns>(home, ...run)).runs[0]!;
  expect(undisturbed.id).not.toBe(id);
  const numbers = ({ bestEpoch, validation, test }: PrintedRun) => ({ bestEpoch, validation, test });
  expect(numbers(runs[0]!)).toEqual(numbers(undisturbed));

  const again = await avocet(home, 'resume', id, '--json');
  expect({ code: again.code, runs: (JSON.parse(again.stdout) as PrintedRuns).runs.map(numbers) }).toEqual({
    code: 0,
    runs: [numbers(undisturbed)],
  });
});
