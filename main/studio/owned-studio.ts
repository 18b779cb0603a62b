/** The studio of the owner: store, queue and supervisor put together, runs found interrupted taken up again, the demo made. */
import { graphicsIndex } from '#contract/lane.ts';
import type { Problem } from '#contract/problem.ts';
import { keepSource } from '#data/own-source.ts';
import { cards as builtIn } from '#models/cards.ts';
import { openStore } from '#store/store.ts';
import type { Reopen, StudioCore } from './core.ts';
import { Devices } from './devices.ts';
import { CrashKeeper } from './diagnostics/crash-keeper.ts';
import { watchedSpawn } from './diagnostics/watched-spawn.ts';
import { coldItemsKnown } from './cold-items.ts';
import { Edits } from './edits.ts';
import { Estimator } from './estimate.ts';
import { Experiments } from './experiments.ts';
import { homeFolders } from './home-folders.ts';
import { Hub } from './hub.ts';
import { Jobs } from './jobs.ts';
import { GraphicsList, nvidiaList, type ListGraphics } from './graphics-list.ts';
import { isOnGraphics, Lanes, namesGraphics, type Bound } from './lanes.ts';
import { Library } from './library.ts';
import { LogImports } from './log-imports/log-imports.ts';
import { Incoming } from './openings/incoming.ts';
import { RecentFiles } from './openings/recent-files.ts';
import { OwnModels } from './own-models/own-models.ts';
import type { Planner } from './plan.ts';
import { Queue } from './queue.ts';
import { RunView } from './run-view.ts';
import { Searches } from './searches.ts';
import { SettingsBox } from './settings.ts';
import type { Spawn } from './spawn.ts';
import { SpeedBook } from './speeds.ts';
import { Supervisor, takePausing, type RunNews } from './supervisor.ts';
import { TestDesk } from './test-desk.ts';
import { thisMachine } from './machine.ts';
import { thisMachineMemory, totalMemory } from './machine-memory.ts';
import { memoryEstimator, peakOf } from './memory.ts';
import { nvidiaFeed } from './graphics-meter.ts';
import { Meters } from './meters.ts';
import { Verifications } from './verifications.ts';
import { codeVersion } from './version.ts';

/** A search over known trials goes on so long at a stretch. */
const advanceMs = 30;

const keptNotices = 300;

export interface OwnedOptions {
  readonly home: string;
  readonly spawn: Spawn;
  readonly onNotice: (text: string) => void;
  /** The demo may be left out by tests that need none. */
  readonly makesDemo: boolean;
  readonly eventIntervalMs: number;
  /** Devices are measured in the background at the first start; else only what estimates need. */
  readonly measures: boolean;
  /** Lists the graphics processors: the driver's tool, but in tests. */
  readonly listGraphics?: ListGraphics;
  /** Without models and settings of the person's own, and nothing starts by itself. */
  readonly isSafe: boolean;
  readonly reopen: Reopen;
  /** The folder that was asked for. */
  readonly askedHome: string;
  readonly moveFailure?: Problem;
}

export interface OwnedStudio {
  readonly core: StudioCore;
  /** Starts work: interrupted runs again, the queue, the measuring of this machine. Once. */
  work(): void;
  close(): Promise<void>;
}

export async function openOwned({
  home,
  spawn: bareSpawn,
  onNotice: tell,
  makesDemo,
  eventIntervalMs,
  measures,
  isSafe,
  reopen,
  askedHome,
  moveFailure,
  listGraphics = nvidiaList,
}: OwnedOptions): Promise<OwnedStudio> {
  const notices: string[] = [];
  const onNotice = (text: string) => {
    notices.push(`${new Date().toISOString()} ${text}`);
    if (notices.length > keptNotices) notices.shift();
    tell(text);
  };
  const folders = homeFolders(home);
  const store = openStore(home);
  const settings = new SettingsBox(store, isSafe);
  const crashes = new CrashKeeper(home, settings);
  const leaveProcess = crashes.watchProcess();
  const spawn = watchedSpawn(bareSpawn, (text) => void crashes.keep(text));
  const hub = new Hub<RunNews>();
  const jobs = new Jobs(hub);
  // A search over a model that was just checked goes on.
  const ownModels = new OwnModels({
    folder: folders.models,
    spawn,
    jobs,
    builtIn,
    isOff: isSafe,
    onChecked: () => isClosed || queue.fill(),
  });
  const { cards } = ownModels;
  const pauses = takePausing(store);
  const lost = store.runs.markLost().filter((id) => !pauses.has(id));
  for (const id of pauses) if (store.runs.summary(id)?.state === 'lost') store.runs.setState(id, 'paused');
  const resumed: string[] = [];
  const resumedAfter: number[] = [];
  const supervisor: Supervisor = new Supervisor({
    store,
    hub,
    spawn,
    folders,
    codeVersion,
    eventIntervalMs,
    estimate: (runId) => view.atStart(runId),
    libraryFolder: () => settings.value.libraryFolder,
    laneOf: (runId) => lanes.of(bound(runId))?.[0] ?? 'cpu',
    graphicsFor: (runId, lane) => lanes.graphicsFor(bound(runId), lane),
    keepLastCheckpoint: () => settings.value.keepLastCheckpoint,
    onEpochs: (runId) => searches.judge(runId),
    onEnded: (runId) => verifications.ended(runId),
    onMeter: (runId, memoryBytes, cores) => meters.heard(runId, memoryBytes, cores),
    onIdle: (runId) => meters.ended(runId),
    onFree: () => queue.fill(),
  });
  const meters = new Meters({
    hub,
    start: nvidiaFeed,
    runFolder: folders.run,
    // Where no tool tells one processor from another, workers compute on the first.
    graphicsOf: (runId) =>
      isOnGraphics(store.runs.config(runId)!, store.runs.provenance(runId))
        ? (graphicsIndex(supervisor.lane(runId) ?? 'gpu0') ?? 0)
        : undefined,
  });
  const concurrency = () => settings.value.concurrency;
  const machine = thisMachine(codeVersion);
  const speeds = new SpeedBook(store, machine, concurrency);
  const graphics = new GraphicsList(listGraphics, () => queue.fill());
  const lanes = new Lanes({
    settings: () => settings.value,
    devices: () => graphics.devices,
    isKnown: () => graphics.isKnown,
    tensorflowHasGraphics: () => {
      const name = speeds.calibration('tensorflow')?.name;
      return name === undefined ? undefined : namesGraphics(name);
    },
    totalBytes: totalMemory,
  });
  const bound = (runId: string) => {
    const { device } = store.runs.config(runId)!;
    const pin = store.runs.pin(runId);
    return { device, pin };
  };
  const places = (run: Bound) => lanes.places(run);
  const memory = memoryEstimator(store, cards, machine.id);
  const queue: Queue = new Queue({
    store,
    supervisor,
    hub,
    lanes,
    need: (runId, lane) => peakOf(memory, store, runId, lane !== 'cpu'),
    beforeFill: () => {
      const from = performance.now();
      // Known trials follow each other without a run between them: hundreds at once would keep everybody else waiting.
      if (searches.advance(Date.now(), () => performance.now() - from > advanceMs)) setImmediate(() => isClosed || queue.fill());
    },
  });
  const estimator = new Estimator(store, cards, speeds);
  const planner: Planner = {
    store,
    cards,
    estimator,
    codeVersion,
    memory: { estimator: memory, machine: thisMachineMemory() },
    hasColdItems: coldItemsKnown(),
    keepSource: (runId, id, hash) => keepSource(folders.run(runId), ownModels.source(id, hash)),
  };
  const verifications: Verifications = new Verifications({
    store,
    hub,
    jobs,
    spawn,
    folders,
    codeVersion,
    libraryFolder: () => settings.value.libraryFolder,
  });
  const view = new RunView(planner, folders.run);
  const experiments = new Experiments(planner, view, places, (id, isFrozen) => searches.state(id, isFrozen));
  const searches: Searches = new Searches({
    planner,
    experiments,
    places,
    stop: (runId, keep, reason) => supervisor.stop(runId, keep, reason),
    areCardsKnown: () => ownModels.view().checking.length === 0,
    onStandstill: (name, { message }) => onNotice(`The search ${name} stands still: ${message}.`),
  });
  const library = new Library(store, folders, spawn, jobs);
  const devices = new Devices({ spawn, settings, speeds, jobs, hub, isRunning: () => supervisor.active.length > 0 });
  const tests = new TestDesk(spawn, jobs);
  const logImports = new LogImports(store, hub, jobs, spawn);
  const incoming = new Incoming(home);
  await library.clear();
  await incoming.clear(Date.now());
  await library.scan();
  const core: StudioCore = {
    version: codeVersion,
    folders,
    spawn,
    store,
    settings,
    hub,
    jobs,
    edits: new Edits(hub),
    supervisor,
    queue,
    lanes,
    graphics,
    planner,
    ownModels,
    view,
    experiments,
    searches,
    library,
    devices,
    tests,
    verifications,
    logImports,
    incoming,
    recent: new RecentFiles(store.preferences, hub, incoming.root),
    meters,
    notices,
    crashes,
    reopen,
    askedHome,
    ...(moveFailure === undefined ? {} : { moveFailure }),
    isSafe,
    resumed,
    resumedAfter,
  };

  let isClosed = false;
  if (makesDemo)
    library
      .makeDemo()
      .catch(
        (error: unknown) =>
          isClosed || onNotice(`The demo dataset could not be made: ${error instanceof Error ? error.message : String(error)}`),
      );
  let isWorking = false;
  return {
    core,
    work: () => {
      if (isWorking) return;
      isWorking = true;
      if (isSafe) queue.hold(true);
      for (const id of [...lost].reverse()) {
        const { progress, epochs = 0 } = store.runs.summary(id) ?? {};
        store.runs.requeue(id);
        resumed.unshift(id);
        resumedAfter.unshift(progress?.epoch ?? epochs);
      }
      if (resumed.length > 0)
        onNotice(
          `${resumed.length} interrupted ${resumed.length === 1 ? 'run goes' : 'runs go'} on (after epoch ${resumedAfter.slice(0, 3).join(', ')}${resumed.length > 3 ? ', …' : ''}).`,
        );
      // Who only reads a folder waits for no check; who asks for models gets them looked at then.
      ownModels.look();
      queue.start();
      void graphics.look();
      if (measures && !isSafe) devices.measureByItself();
    },
    close: async () => {
      isClosed = true;
      leaveProcess();
      meters.close();
      graphics.close();
      await Promise.all([
        supervisor.close(),
        library.close(),
        devices.close(),
        tests.close(),
        verifications.close(),
        logImports.close(),
        ownModels.close(),
      ]);
      store.close();
    },
  };
}
