/** Procedures `studio.*`, `settings.*`, `devices.*`, `queue.*` and `datasets.*`. What belongs to a front door is in host.ts. */
import { totalmem } from 'node:os';
import type { Router } from '#contract/link.ts';
import type { LaneChange } from '#contract/lane.ts';
import type { Estimate, RunSummary } from '#contract/run.ts';
import type { Queue as QueueState, Settings, Status } from '#contract/view.ts';
import type { OpenRun } from '#store/open-runs.ts';
import type { StudioCore } from './core.ts';
import { doctor } from './doctor.ts';
import { following } from './hub.ts';
import { demoId } from './library.ts';
import { followNotices } from './notices.ts';
import { freeSpace } from './free-space.ts';
import { timeOf } from './queue-time.ts';
import { pretrainingOf } from './stage-supply.ts';

type Prefix = 'settings' | 'devices' | 'queue' | 'datasets';
type StudioProcedure =
  | Extract<keyof Router, `${Prefix}.${string}`>
  | 'studio.doctor'
  | 'studio.watch'
  | 'studio.notices'
  | 'studio.restart'
  | 'meters.watch'
  | 'jobs.cancel'
  | 'jobs.putAway';

const ok = { ok: true } as const;
/** Most at a time: four pushes a second for the queue, one for the status bar. */
const queueEveryMs = 250;
const statusEveryMs = 1000;
const startedAt = Math.round(Date.now() - process.uptime() * 1000);

export function studioProcedures(core: StudioCore): Pick<Router, StudioProcedure> {
  const { store, settings, queue, hub, library, devices } = core;
  const changed = (change: () => Settings): Settings => {
    const before = settings.value;
    const next = change();
    devices.settingsChanged(before.libraryFolder !== next.libraryFolder);
    queue.fill();
    hub.tell('settings');
    hub.tell('status');
    return next;
  };
  return {
    'studio.doctor': () => doctor(core),
    'studio.watch': (_input, signal) =>
      following(
        () => statusOf(core),
        (changed) => hub.subscribeAll(['status', 'queue'], changed),
        statusEveryMs,
        signal,
      ),
    'studio.notices': (_input, signal) => followNotices(core, signal),
    'studio.restart': ({ safe }) => {
      core.reopen(undefined, safe);
      return ok;
    },
    'meters.watch': (_input, signal) => core.meters.watch(signal),
    'jobs.cancel': ({ id }) => {
      core.jobs.cancel(id);
      return ok;
    },
    'jobs.putAway': ({ id }) => {
      core.jobs.putAway(id);
      return ok;
    },
    'settings.get': () => settings.value,
    'settings.watch': (_input, signal) =>
      following(
        () => settings.value,
        (changed) => hub.subscribe('settings', changed),
        queueEveryMs,
        signal,
      ),
    'settings.set': (change) => changed(() => settings.set(change)),
    'settings.reset': ({ keys }) => changed(() => settings.reset(keys)),
    'devices.probe': async () => {
      const [found] = await Promise.all([devices.probe(), core.graphics.look()]);
      return { devices: found };
    },
    'devices.lanes': async () => {
      if (!core.graphics.isKnown) await core.graphics.look();
      return { lanes: lanesOf(core) };
    },
    'devices.speeds': () => devices.view(),
    'devices.watch': (_input, signal) =>
      following(
        () => devices.view(),
        (changed) => hub.subscribe('speeds', changed),
        queueEveryMs,
        signal,
      ),
    'devices.measure': () => {
      devices.measureAgain();
      return ok;
    },
    'devices.cancel': () => {
      devices.cancelMeasuring();
      return ok;
    },
    'queue.watch': (_input, signal) =>
      following(
        () => queueOf(core),
        (changed) => hub.subscribe('queue', changed),
        queueEveryMs,
        signal,
      ),
    'queue.hold': ({ held }) => {
      queue.hold(held);
      return ok;
    },
    'queue.order': ({ ids }) => {
      queue.order(ids);
      return ok;
    },
    'queue.lane': (change) => {
      changed(() => settings.set(laneChange(change, settings.value)));
      return ok;
    },
    'queue.concurrency': ({ runs }) => {
      changed(() => settings.set({ concurrency: runs }));
      return ok;
    },
    'datasets.list': async () => {
      // At the very first start the list is not complete before the demo is drawn.
      await library.settle([demoId]);
      await library.scan();
      return library.list();
    },
    'datasets.get': async ({ id }) => {
      await library.settle([id]);
      return library.get(id);
    },
    'datasets.items': (request) => library.items(request),
    'datasets.picture': ({ dataset, item }) => library.picture(dataset, item),
    'datasets.inspect': ({ path }, signal) => library.inspect(path, signal),
    'datasets.import': (request, signal) =>
      library.import(request, signal, async ({ pictured }) => {
        if (request.from === 'dataset') return;
        const place = request.from === 'log' ? request.file : request.folder;
        core.recent.remember([{ path: place, kind: 'dataset', openedAt: Date.now() }]);
        // Pictures of items stay where they lie.
        if (request.from === 'log' || pictured > 0) await core.incoming.keep([place]);
      }),
    'datasets.rename': ({ id, name }) => {
      library.rename(id, name);
      return ok;
    },
    'datasets.previewSplit': ({ source, wish }) => library.previewSplit(source, wish),
    'datasets.found': (request) => library.found(request),
    'datasets.coverage': ({ id }) => library.coverage(id),
    'datasets.compare': ({ first, second }) => library.compare(first, second),
    'datasets.remark': async ({ id, ...change }) => {
      await library.remark(id, change);
      return ok;
    },
    'datasets.archive': async ({ id, archived }) => {
      await library.archive(id, archived);
      return ok;
    },
    'datasets.remove': async ({ id }) => {
      await library.remove(id);
      store.datasets.forget(id);
      return ok;
    },
    'datasets.trashed': async () => ({ datasets: await library.trash.list() }),
    'datasets.restore': async ({ id }) => {
      await library.restore(id);
      return ok;
    },
    'datasets.purge': ({ ids }) => library.trash.purge(ids),
  };
}

/** Of all that is open, and of what searches will queue after it. */
function openWork({ store, view, lanes, supervisor, queue, searches }: StudioCore): {
  readonly ofRuns: ReadonlyMap<string, Estimate>;
  readonly timeLeft: Estimate | undefined;
  readonly open: readonly OpenRun[];
} {
  // What waits for a device that takes no runs waits for a person, as a held run does.
  const isKept = (id: string) => ['closed', 'missing'].includes(queue.waits.get(id)?.kind ?? '');
  const open = store.runs.open().filter(({ id }) => !isKept(id));
  const times = view.timesLeft(open, queue.atOnce());
  const search = searches.rest();
  const placed = open.map(({ id, config, pin }, at) => {
    const own = supervisor.lane(id);
    const estimate = search.waiting.get(id) ?? times[at];
    return { estimate, lanes: own === undefined ? (lanes.of({ device: config.device, pin }) ?? []) : [own] };
  });
  const later = search.later.map(({ estimate, device, pin }) => ({ estimate, lanes: lanes.of({ device, pin }) ?? [] }));
  return {
    open,
    ofRuns: new Map(open.flatMap(({ id }, at) => (times[at] === undefined ? [] : [[id, times[at]] as const]))),
    timeLeft: timeOf([...placed, ...later], (lane) => lanes.slots(lane)),
  };
}

function lanesOf({ queue, lanes }: StudioCore): QueueState['lanes'] {
  return queue.rooms().map(({ id, slots, running, takenBytes }) => {
    const { bytes, isOwn } = lanes.budget(id);
    const name = lanes.name(id);
    return {
      id,
      slots,
      running,
      takenBytes,
      isOwnBudget: isOwn,
      ...(name === undefined ? {} : { name }),
      ...(bytes === undefined ? {} : { budgetBytes: bytes }),
    };
  });
}

/** A change of one lane as a change of settings: the slots of the processor have their own. */
function laneChange({ lane, slots, memoryBytes }: LaneChange, { concurrency, lanes }: Settings): Partial<Settings> {
  const { memoryBytes: former, ...own } = lanes[lane] ?? {};
  const bytes = memoryBytes ?? former ?? 0;
  const next = {
    ...own,
    ...(slots === undefined || lane === 'cpu' ? {} : { slots }),
    ...(bytes === 0 ? {} : { memoryBytes: bytes }),
  };
  return { concurrency: lane === 'cpu' ? Math.max(1, slots ?? concurrency) : concurrency, lanes: { ...lanes, [lane]: next } };
}

export function queueOf(core: StudioCore): QueueState {
  const { store, view, queue, settings, experiments } = core;
  const running = store.runs.inStates(['preparing', 'running', 'paused', 'lost']);
  const waiting = store.runs.waiting();
  const midnight = new Date().setHours(0, 0, 0, 0);
  const finished = store.runs.finishedSince(midnight);
  const named = new Set([...running, ...waiting, ...finished].map((run) => run.experimentId));
  const { ofRuns, timeLeft, open } = openWork(core);
  // As it was planned, or as others of it took meanwhile.
  const asLearned = (run: RunSummary): RunSummary => ({ ...run, ...presentSeconds(ofRuns.get(run.id)) });
  return {
    held: queue.isHeld,
    concurrency: settings.value.concurrency,
    lanes: lanesOf(core),
    waits: Object.fromEntries(queue.waits),
    running: view.summaries(running),
    waiting: view.summaries(waiting).map(asLearned),
    finishedToday: view.summaries(finished.slice(0, 200)),
    checks: core.verifications.list(),
    experiments: experiments.summaries(
      [...named]
        .flatMap((id) => store.experiments.get(id) ?? [])
        .sort((a, b) => b.createdAt - a.createdAt)
        .slice(0, 20),
    ),
    pretraining: pretrainingWords(core, open, new Set(waiting.map(({ id }) => id))),
    ...(timeLeft === undefined ? {} : { timeLeft }),
  };
}

function pretrainingWords({ planner, queue }: StudioCore, open: readonly OpenRun[], waiting: ReadonlySet<string>): string[] {
  const atOnce = queue.atOnce();
  return pretrainingOf(open, { ...planner, atOnce, isWaiting: (id) => waiting.has(id) }).words(atOnce);
}

const presentSeconds = (estimate: Estimate | undefined) => (estimate === undefined ? {} : { estimatedSeconds: estimate.seconds });

async function statusOf(core: StudioCore): Promise<Status> {
  const { store, supervisor, queue, jobs, folders, version, devices } = core;
  const { timeLeft } = openWork(core);
  const counts = store.runs.countsByState();
  return {
    version,
    startedAt,
    home: folders.home,
    freeBytes: await freeSpace(folders.home),
    device: devices.view().device,
    memoryBytes: process.memoryUsage().rss + supervisor.memoryBytes(),
    totalMemoryBytes: totalmem(),
    running: supervisor.active.length,
    waiting: counts.get('queued') ?? 0,
    resting: (counts.get('paused') ?? 0) + (counts.get('lost') ?? 0),
    held: queue.isHeld,
    runs: [...counts.values()].reduce((sum, count) => sum + count, 0),
    ...(timeLeft === undefined ? {} : { timeLeft }),
    edits: core.edits.count,
    jobs: jobs.list,
    failedJobs: jobs.failed,
    exports: jobs.exports,
    safeMode: core.isSafe,
    resumed: [...core.resumed],
    resumedAfter: [...core.resumedAfter],
    needYou: core.resumed.filter((id) => store.runs.summary(id)?.state === 'failed').length,
  };
}
