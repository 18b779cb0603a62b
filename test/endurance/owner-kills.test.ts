import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import type { ExperimentRequest } from '#contract/experiment.ts';
import type { RunDetail } from '#contract/run.ts';
import type { TrainingEvent } from '#contract/task.ts';
import { randomStream } from '#data/random.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { importedFolder } from '#test/fixtures/dataset-folder.ts';

const kills = 20;
const ownerScript = fileURLToPath(new URL('../fixtures/endurance-owner.ts', import.meta.url));
const workerEntry = fileURLToPath(new URL('../../main/worker/process.ts', import.meta.url));
// Small enough to run often, with phases long enough to be hit.
const data = { users: 900, items: 400, rowsPerUser: 10, width: 64 };
const wish: ExperimentRequest = {
  datasets: ['drawn'],
  models: [{ model: 'egra' }],
  seeds: [7],
  budget: { epochs: 12, batchSize: 256, width: 32 },
};

type Phase = Extract<TrainingEvent, { type: 'phase' }>;
type Point = readonly [place: string, loss: number];
type Line =
  | { readonly type: 'recorded' | 'shown'; readonly points: readonly Point[] }
  | { readonly type: 'phase'; readonly at: number; readonly phase: Phase }
  | { readonly type: 'ended'; readonly outcome: { readonly state: string }; readonly attempts: RunDetail['attempts'] };

/** A moment of the undisturbed run: so long after the start of a phase. */
interface Moment {
  readonly order: number;
  readonly afterMs: number;
}

const homes: string[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await rm(home, { recursive: true, force: true });
});

async function freshHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'avocet-owner-kills-'));
  homes.push(home);
  await importedFolder(drawnDataset(data), home);
  return home;
}

const keyOf = ({ stage, phase, epoch }: Phase) => `${stage} ${phase} ${epoch}`;

/** What the report counts: where in the run its owner was killed. */
function placeOf({ stage, phase }: Phase): 'start' | 'pretraining' | 'epoch' | 'evaluation' | 'checkpoint write' | 'end' {
  if (phase === 'start') return 'start';
  if (phase === 'evaluate') return 'evaluation';
  if (phase === 'checkpoint') return 'checkpoint write';
  if (phase === 'train') return stage === 'train' ? 'epoch' : 'pretraining';
  return 'end';
}
const wanted = ['pretraining', 'epoch', 'evaluation', 'checkpoint write'] as const;

/** One life of an owner process, killed at `moment` or lived to its end. */
async function live(home: string, moment: Moment | undefined, orderOf: ReadonlyMap<string, number>) {
  const child = spawn(process.execPath, [ownerScript, home, workerEntry, JSON.stringify(wish)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const lines: Line[] = [];
  let timer: NodeJS.Timeout | undefined;
  createInterface(child.stdout).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    if (line.type !== 'phase' || moment === undefined || timer !== undefined) return;
    const order = orderOf.get(keyOf(line.phase)) ?? -1;
    // Every life begins with the phase "start"; it stands for a later moment only if that is where the moment lies.
    const isReached = line.phase.phase === 'start' ? moment.order === 0 : order >= moment.order;
    if (isReached) timer = setTimeout(() => child.kill('SIGKILL'), order === moment.order ? moment.afterMs : 0);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  expect(signal === 'SIGKILL' || code === 0, errors).toBe(true);
  const phases = lines.flatMap((line) => (line.type === 'phase' ? [line] : []));
  return { lines, phases, killedIn: signal === 'SIGKILL' ? phases[phases.length - 1]?.phase : undefined, wasKilled: signal === 'SIGKILL' };
}

it(`a run whose owner is killed at ${kills} moments, uniform over the run, loses nothing and ends bit for bit as an undisturbed one`, async () => {
  const whole = await live(await freshHome(), undefined, new Map());
  const undisturbed = endOf(whole.lines);
  expect(undisturbed.outcome.state).toBe('finished');
  const endedAt = whole.phases[whole.phases.length - 1]!.at;
  const timeline = whole.phases.map(({ phase, at }, order) => ({ phase, from: at, to: whole.phases[order + 1]?.at ?? endedAt }));
  const orderOf = new Map(timeline.map(({ phase }, order) => [keyOf(phase), order]));
  const random = randomStream(20_261_121, 'owner-kills');
  const momentAt = (at: number): Moment => {
    let order = 0;
    while (order + 1 < timeline.length && timeline[order + 1]!.from <= at) order += 1;
    return { order, afterMs: at - timeline[order]!.from };
  };
  const begin = timeline[0]!.from;
  const anywhere = () => momentAt(begin + random.uniform() * (endedAt - begin));
  let moments = Array.from({ length: kills }, anywhere);

  const counts = new Map<string, number>();
  let done = 0;
  let recomputed = 0;
  for (let round = 1; moments.length > 0; round++) {
    expect(round, 'rounds until every part of a run was hit').toBeLessThan(8);
    const home = await freshHome();
    const shown = new Map<string, number>();
    const rising = [...moments].sort((a, b) => a.order - b.order || a.afterMs - b.afterMs);
    for (let next = 0; ; next++) {
      const { lines, killedIn, wasKilled } = await live(home, rising[next], orderOf);
      const recorded = new Map(lines.flatMap((line) => (line.type === 'recorded' ? line.points : [])));
      for (const [place, loss] of shown) expect(recorded.get(place), `${place} was shown before the kill`).toBe(loss);
      for (const line of lines)
        if (line.type !== 'phase' && line.type !== 'ended') for (const [place, loss] of line.points) shown.set(place, loss);
      if (!wasKilled) {
        const { outcome, attempts } = endOf(lines);
        expect(outcome).toEqual(undisturbed.outcome);
        for (const attempt of attempts) expect(attempt.recomputedEpochs, `attempt ${attempt.attempt}`).toBeLessThanOrEqual(1);
        recomputed += attempts.reduce((sum, attempt) => sum + attempt.recomputedEpochs, 0);
        break;
      }
      done += 1;
      const place = killedIn === undefined ? 'start' : placeOf(killedIn);
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    // A part of the run that uniform moments happened to miss gets two of its own; kills that came too late are made up for.
    const missed = wanted.filter((place) => (counts.get(place) ?? 0) === 0);
    moments = missed.flatMap((place) => {
      const spans = timeline.filter(({ phase }) => placeOf(phase) === place);
      return [0, 1].map(() => {
        const { from, to } = spans[random.integer(spans.length)]!;
        return momentAt(from + random.uniform() * (to - from));
      });
    });
    for (let missing = kills - done - moments.length; missing > 0; missing--) moments.push(anywhere());
  }
  const report = [...counts].map(([place, count]) => `${place} ${count}`).join(', ');
  console.info(`owner killed ${done} times over ${Math.round(endedAt - begin)} ms of work: ${report}; ${recomputed} epochs recomputed`);
  expect(done).toBeGreaterThanOrEqual(kills);
  for (const place of wanted) expect(counts.get(place) ?? 0, place).toBeGreaterThan(0);
  expect(recomputed).toBeLessThanOrEqual(done);
});

function endOf(lines: readonly Line[]): Extract<Line, { type: 'ended' }> {
  const end = lines.find((line) => line.type === 'ended');
  if (end === undefined) throw new Error('the owner ended without a word on its run');
  return end;
}
