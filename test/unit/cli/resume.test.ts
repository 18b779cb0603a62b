import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { avocet, cleanUp, json, start, temporaryFolder, type PrintedRun, type PrintedRuns } from './fixture.ts';

const epochs = 300;
// Long enough to be met at work, with patience that never ends it early; each look at it costs a process of its own.
const run = ['run', '--dataset', 'demo', '--model', 'lightgcn', '--seed', '1', '--epochs', `${epochs}`, '--patience', `${epochs}`];

const patienceMs = 600_000;

/** A folder of each test's own: what one leaves at work does not meet the other. */
let home: string;
beforeEach(async () => {
  home = temporaryFolder();
  await json(home, 'datasets');
}, patienceMs);
afterAll(cleanUp);

/** The only run of the folder once it has more than so many epochs behind it. */
async function past(epoch: number): Promise<PrintedRun> {
  for (;;) {
    const [only] = (await json<PrintedRuns>(home, 'runs')).runs;
    if (only !== undefined && only.epochs > epoch) return only;
  }
}

it(
  'a run whose command was killed, then interrupted, goes on with resume and ends as an undisturbed one, bit for bit',
  async () => {
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
    // The one JSON value says what became of the run, as it does at any other end.
    const { code, stdout, stderr } = await interrupted.ended;
    expect({ code, ...(JSON.parse(stdout) as PrintedRuns) }).toMatchObject({ code: 130, runs: [{ id, status: 'paused' }] });
    expect(stderr).toContain(`Go on with: avocet resume ${id}\n`);

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
  },
  patienceMs,
);

it(
  'interrupted beside the owner of the folder, pauses the runs it started and no other, twice told or not, and resume takes them up',
  async () => {
    const served = start(home, 'serve', '--no-open', '--json', '--slots', 'cpu=1');
    await served.printed(/"address"/);
    const file = join(temporaryFolder(), 'sweep.yaml');
    writeFileSync(
      file,
      `{ datasets: [demo], models: [{ model: lightgcn }], seeds: [7, 8], budget: { epochs: ${epochs}, patience: ${epochs} } }`,
    );
    const command = start(home, 'sweep', file, '--json');
    const isAtWork = ({ status, epochs: done }: PrintedRun) => status === 'running' && done > 0;
    await until(async () => (await json<PrintedRuns>(home, 'runs', '--filter', 'state=running')).runs.some(isAtWork));
    // A terminal sends the signal to all of its programs, and each that started another hands it on.
    command.child.kill('SIGINT');
    command.child.kill('SIGINT');
    const { code, stdout, stderr } = await command.ended;
    const { runs } = JSON.parse(stdout) as PrintedRuns;
    expect({ code, seeds: runs.map(({ seed }) => seed) }).toEqual({ code: 130, seeds: [7, 8] });
    // The one that was at work pauses, the one that waited is held: words and states say the same.
    expect(runs.map(({ status, held }) => ({ status, held }))).toEqual([{ status: 'paused' }, { status: 'queued', held: true }]);
    expect(stderr).toContain('interrupted; the run at work pauses after the running epoch, 1 that waits is held. Go on with: ');
    const ids = runs.map(({ id }) => id);
    const { stdout: listed } = await start(home, 'runs').ended;
    expect(listed).toMatch(new RegExp(`${ids[1]} +queued, held `));
    expect(stderr).toContain(`Go on with: avocet resume ${ids.join(' ')}\n`);

    const resumed = start(home, 'resume', ...ids, '--json');
    const goesOn = (run: PrintedRun) => ids.includes(run.id) && isAtWork(run);
    await until(async () => (await json<PrintedRuns>(home, 'runs', '--filter', 'state=running')).runs.some(goesOn));
    resumed.child.kill('SIGINT');
    expect(await resumed.ended).toMatchObject({ code: 130 });
    served.child.kill('SIGTERM');
    expect(await served.ended).toMatchObject({ code: 0 });
  },
  patienceMs,
);

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
