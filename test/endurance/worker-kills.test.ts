import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FromWorker, TrainingEvent, TrainTask } from '#contract/task.ts';
import { randomStream } from '#data/random.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { importedFolder } from '#test/fixtures/dataset-folder.ts';
import { trainConfig } from '#test/fixtures/train-config.ts';
import { only, outcome } from '#test/fixtures/training.ts';
import type { EventOf } from '#test/fixtures/training.ts';
import { WorkerOfTest } from '#test/fixtures/worker.ts';

const kills = 20;
// Small enough to run often, with phases long enough to be hit.
const config = trainConfig('egra', { budget: { epochs: 12, batchSize: 256, width: 32 } });
const data = { users: 900, items: 400, rowsPerUser: 10, width: 64 };

let folder: string;
let datasetFolder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'avocet-kills-'));
  datasetFolder = await importedFolder(drawnDataset(data), folder);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function taskOf(name: string, attempt: number): TrainTask {
  return {
    kind: 'train',
    runId: name,
    attempt,
    config,
    datasetFolder,
    runFolder: join(folder, name),
    cacheFolder: join(folder, `${name}-cache`),
    codeVersion: 'test',
    resume: attempt > 1,
    goesOn: false,
    eventIntervalMs: 0,
  };
}

type Phase = EventOf<'phase'>;
const keyOf = ({ stage, phase, epoch }: Phase): string => `${stage} ${phase} ${epoch}`;

/** What the report counts: where in a run a process was when it was killed. */
function placeOf({ stage, phase }: Phase): 'start' | 'pretraining' | 'epoch' | 'evaluation' | 'checkpoint write' | 'end' {
  if (phase === 'start') return 'start';
  if (phase === 'evaluate') return 'evaluation';
  if (phase === 'checkpoint') return 'checkpoint write';
  if (phase === 'train') return stage === 'train' ? 'epoch' : 'pretraining';
  return 'end';
}
const wanted = ['pretraining', 'epoch', 'evaluation', 'checkpoint write'] as const;

/** A moment of the undisturbed run: so long after the start of a phase. */
interface Moment {
  readonly order: number;
  readonly afterMs: number;
}

interface TimedPhase {
  readonly phase: Phase;
  readonly from: number;
  readonly to: number;
}

function timelineOf(messages: readonly FromWorker[]): TimedPhase[] {
  const timed = messages.flatMap((message) => (message.type === 'events' ? message.events : []));
  const end = timed.at(-1)!.at;
  const phases = timed.flatMap(({ at, event }) => (event.type === 'phase' ? [{ phase: event, at }] : []));
  return phases.map(({ phase, at }, place) => ({ phase, from: at, to: phases[place + 1]?.at ?? end }));
}

/** Runs one attempt and kills it at a moment; without a moment, or when it is done before, it runs to its end. */
async function attemptUntil(task: TrainTask, moment: Moment | undefined, orderOf: ReadonlyMap<string, number>) {
  let timer: NodeJS.Timeout | undefined;
  let last: Phase | undefined;
  const isReached = (event: TrainingEvent): boolean => {
    if (moment === undefined || event.type !== 'phase') return false;
    // Every attempt begins with the phase "start"; it stands for a later moment only if that is where the moment lies.
    const order = orderOf.get(keyOf(event)) ?? -1;
    return event.phase === 'start' ? moment.order === 0 : order >= moment.order;
  };
  const worker = new WorkerOfTest((message, self) => {
    if (message.type !== 'events') return;
    for (const { event } of message.events) {
      if (event.type === 'phase') last = event;
      if (timer === undefined && isReached(event))
        timer = setTimeout(() => self.kill(), orderOf.get(keyOf(event as Phase)) === moment!.order ? moment!.afterMs : 0);
    }
  });
  worker.send({ type: 'start', task });
  const { signal } = await worker.exited;
  clearTimeout(timer);
  expect(signal === 'SIGKILL' || worker.events.at(-1)?.type === 'finished', worker.stderr).toBe(true);
  const trained = only(worker.events, 'phase').filter(({ phase }) => phase === 'train');
  return { events: worker.events, killedIn: signal === 'SIGKILL' ? last : undefined, trained: new Set(trained.map(keyOf)) };
}

it(`a run whose worker is killed at ${kills} moments, uniform over the run, ends bit for bit as an undisturbed one`, async () => {
  const whole = await attemptUntilEnd('undisturbed');
  const undisturbed = outcome(whole.events);
  const timeline = timelineOf(whole.messages);
  const orderOf = new Map(timeline.map(({ phase }, order) => [keyOf(phase), order]));
  const random = randomStream(20_261_121, 'kills');
  const momentAt = (at: number): Moment => {
    let order = 0;
    while (order + 1 < timeline.length && timeline[order + 1]!.from <= at) order += 1;
    return { order, afterMs: at - timeline[order]!.from };
  };
  const begin = timeline[0]!.from;
  const end = timeline.at(-1)!.to;
  let moments = Array.from({ length: kills }, () => momentAt(begin + random.uniform() * (end - begin)));

  const counts = new Map<string, number>();
  let done = 0;
  let recomputed = 0;
  for (let round = 1; moments.length > 0; round++) {
    expect(round, 'rounds until every part of a run was hit').toBeLessThan(8);
    const before = new Set<string>();
    const rising = [...moments].sort((a, b) => a.order - b.order || a.afterMs - b.afterMs);
    for (let attempt = 1; ; attempt++) {
      const { events, killedIn, trained } = await attemptUntil(taskOf(`round-${round}`, attempt), rising[attempt - 1], orderOf);
      const again = [...trained].filter((epoch) => before.has(epoch));
      expect(again.length, `epochs trained again in attempt ${attempt}: ${again.join(', ')}`).toBeLessThanOrEqual(1);
      recomputed += again.length;
      for (const epoch of trained) before.add(epoch);
      if (killedIn === undefined) {
        expect(outcome(events)).toEqual(undisturbed);
        break;
      }
      done += 1;
      const place = placeOf(killedIn);
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
    for (let missing = kills - done - moments.length; missing > 0; missing--)
      moments.push(momentAt(begin + random.uniform() * (end - begin)));
  }
  const report = [...counts].map(([place, count]) => `${place} ${count}`).join(', ');
  console.info(`killed ${done} times over ${Math.round(end - begin)} ms of work: ${report}; ${recomputed} epochs recomputed`);
  expect(done).toBeGreaterThanOrEqual(kills);
  for (const place of wanted) expect(counts.get(place) ?? 0, place).toBeGreaterThan(0);
  expect(recomputed).toBeLessThanOrEqual(done);
});

async function attemptUntilEnd(name: string): Promise<{ events: TrainingEvent[]; messages: FromWorker[] }> {
  const worker = new WorkerOfTest();
  worker.send({ type: 'start', task: taskOf(name, 1) });
  expect(await worker.exited, worker.stderr).toEqual({ code: 0, signal: null });
  return { events: worker.events, messages: worker.messages };
}
