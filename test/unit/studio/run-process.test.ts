import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Database } from '#store/database.ts';
import { storeOn, type Store } from '#store/store.ts';
import { crashProblem } from '#studio/crash-problem.ts';
import { killsOf } from '#studio/memory-kills.ts';
import { RunProcess, type AttemptEnd } from '#studio/run-process.ts';
import { EventBatch } from '#worker/event-batch.ts';
import { addRun, sequence, started, temporaryHome, worked, type Home } from '#test/unit/store/fixture.ts';
import { HandWorker, nextAttempt } from './hand-worker.ts';

let home: Home;
let database: Database;
let store: Store;
let worker: HandWorker;
let process: RunProcess;
let ends: [AttemptEnd, number][];
let words: string[];
beforeEach(() => {
  home = temporaryHome();
  database = openDatabase(join(home.folder, 'avocet.sqlite'));
  store = storeOn(database);
  addRun(store, { id: 'run-a' });
  worker = new HandWorker();
  ends = [];
  words = [];
  process = new RunProcess(() => worker, store, nextAttempt(store, 'run-a'), {
    onApplied: () => undefined,
    onOutput: (_stream, text) => words.push(text),
    onMemory: () => undefined,
    onEnd: (end, newEpochs) => ends.push([end, newEpochs]),
  });
});
afterEach(() => {
  worker.exit(0);
  store.close();
  home.remove();
});

const silent = { onApplied: () => undefined, onOutput: () => undefined, onMemory: () => undefined };
const events = (list: ReturnType<typeof sequence>) => ({ type: 'events', runId: 'run-a', attempt: 1, events: list });

test('a worker is told its task when it is ready, and a wish made before that right after it', () => {
  process.pause(true);
  expect(worker.heard).toEqual([]);
  worker.say({ type: 'ready' });
  expect(worker.heard.map((message) => message.type)).toEqual(['start', 'pause']);
  expect(worker.heard.at(-1)).toMatchObject({ now: true });
});

test('nonsense is noted and stored nowhere; what follows counts', () => {
  worker.say({ type: 'ready' });
  worker.say({ type: 'events', runId: 'run-a', attempt: 1, events: [{ seq: 1, at: 1, event: { type: 'epochFinished', epoch: 'three' } }] });
  worker.say('hello');
  expect(words).toHaveLength(2);
  expect(words[0]).toMatch(/did not have the agreed form: events\.0\.event/);
  worker.say({ ...events(sequence([started(), ...worked(1)])), runId: 'run-of-somebody-else' });
  expect(store.series.of('run-a')).toEqual([]);
  worker.say(events(sequence([started(), ...worked(1)])));
  expect(store.series.of('run-a', ['loss'])[0]!.values).toEqual(Float64Array.of(10));
});

test('a full disk ends the attempt as a disk problem and the record stays as it was', () => {
  worker.say({ type: 'ready' });
  worker.say(events(sequence([started(), ...worked(1)])));
  const { pageCount } = database.get<{ pageCount: number }>('PRAGMA page_count')!;
  database.exec(`PRAGMA max_page_count = ${pageCount}`);
  const terms = Object.fromEntries(Array.from({ length: 400 }, (_unused, index) => [`term-${index}`, index]));
  for (let epoch = 2; epoch <= 40; epoch++) worker.say(events(sequence(worked(epoch, { terms }), epoch * 10)));
  expect(worker.signals).toEqual(['SIGKILL']);
  expect(ends).toMatchObject([
    [{ kind: 'problem', problem: { kind: 'disk', code: 'store.write', fix: expect.stringMatching(/space/) } }, expect.any(Number)],
  ]);
  const { epochs } = store.series.of('run-a', ['loss'])[0]!;
  expect([...epochs]).toEqual(Array.from({ length: epochs.length }, (_unused, index) => index + 1));
  expect(store.runs.summary('run-a')!.epochs).toBe(epochs.length);
});

test('an end without a word is a crash, with its exit; a told one is not', () => {
  worker.say({ type: 'ready' });
  worker.say(events(sequence([started(), ...worked(1)])));
  worker.exit(3);
  expect(ends).toMatchObject([[{ kind: 'crashed', exit: { code: 3, signal: null }, isSilent: false, isOutOfMemory: false }, 1]]);
});

test('a run that cannot even begin fails for the reason it told, its very first event', () => {
  const batch = new EventBatch({ runId: 'run-a', attempt: 1, intervalMs: 0 }, (message) => worker.say(message));
  worker.say({ type: 'ready' });
  const problem = { kind: 'device' as const, code: 'tensorflow.missing', message: 'not found', values: {} };
  batch.add({ type: 'failed', problem, artifacts: [] });
  worker.exit(0);
  expect(ends).toEqual([[{ kind: 'told', how: 'failed' }, 0]]);
  expect(store.runs.summary('run-a')).toMatchObject({ state: 'failed', problem });
});

test('a problem of the worker itself is the end', () => {
  worker.say({ type: 'ready' });
  worker.say({ type: 'problem', problem: { kind: 'data', code: 'dataset.missing', message: 'gone' } });
  worker.exit(1);
  expect(ends).toMatchObject([[{ kind: 'problem', problem: { code: 'dataset.missing' } }, 0]]);
});

test('a process that the system ended for its memory has run out of memory; one killed otherwise has not', () => {
  let kills = killsOf('pgfault 7\noom_kill 3\nnuma_hit 1\n');
  const attempt = () => {
    const own = new HandWorker();
    const task = nextAttempt(store, 'run-a');
    new RunProcess(
      () => own,
      store,
      task,
      { ...silent, onEnd: (end, epochs) => ends.push([end, epochs]) },
      () => kills,
    );
    return own;
  };
  attempt().kill('SIGKILL');
  const hit = attempt();
  kills = 4;
  hit.kill('SIGKILL');
  const found = ends.map(([end]) => (end.kind === 'crashed' ? crashProblem(end) : undefined));
  expect(found.map((problem) => problem?.kind)).toEqual(['killed', 'memory']);
  expect(found[1]?.message).toBe('The system ended the training process because memory had run out');
  expect(killsOf('pgfault 7\n')).toBeUndefined();
});
