/** Procedures `runs.*`. */
import { join } from 'node:path';
import type { Router } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import type { ConsoleLine, RunUpdate, Series } from '#contract/run.ts';
import { artifactBytes } from './artifact-files.ts';
import { readLines } from './console-log.ts';
import type { RunRow } from '#store/run-rows.ts';
import { between, sentPoints, thinned } from '#store/series-thinning.ts';
import type { StudioCore } from './core.ts';
import { familyOf } from './family.ts';
import { refuseImported } from './log-imports/imported-problem.ts';
import { checkFields } from './runs-fields.ts';
import { lockedProblem, type TableProcedure } from './runs-table/procedures.ts';
import { writeAtomically } from './write-atomically.ts';

type RunProcedure = Exclude<
  Extract<keyof Router, `runs.${string}`>,
  TableProcedure | 'runs.again' | 'runs.describe' | 'runs.samples' | 'runs.segments' | 'runs.meters'
>;

/** How often a live view hears of changes at most. */
const updateEveryMs = 200;
const linesAtFirst = 1000;
const ended = new Set(['finished', 'stopped', 'failed', 'imported']);
const ok = { ok: true } as const;

export function runProcedures(core: StudioCore): Pick<Router, RunProcedure> {
  const { store, view, supervisor, queue, hub, folders, edits } = core;

  const stop = (run: RunRow, keep: boolean) => {
    const { id } = run;
    if (supervisor.stop(id, keep)) return;
    // Without a process there is something to keep only after an epoch: a paused run evaluates its best checkpoint first.
    if (keep && (run.state === 'paused' || run.state === 'lost') && run.epochs > 0) {
      supervisor.start(id, { stopsKeeping: 'stopped-by-user' });
      return;
    }
    if (ended.has(run.state)) return;
    store.transaction(() => {
      store.runs.endAttempt(id, 'stopped', Date.now());
      store.runs.setState(id, 'stopped', { endedAt: Date.now() });
      if (!keep) store.trash.move([id], Date.now());
    });
    hub.tell(`run ${id}`, {});
  };

  return {
    'runs.page': (query) => {
      checkFields(query, store, core.planner.cards);
      const page = store.page(query);
      return { ...page, rows: page.rows.map((row) => ({ ...row, runs: view.summaries(row.runs) })) };
    },
    'runs.get': ({ id }) => ({ ...view.detail(id), family: familyOf(store, id), verifications: core.verifications.found(id) }),
    'runs.series': ({ id, keys, from = -Infinity, to = Infinity, most = Infinity }) => {
      const { bestEpoch } = view.find(id);
      const series = store.series.of(id, keys);
      const isPart = from > -Infinity || to < Infinity;
      return { series: series.map((each) => thinned(isPart ? between(each, from, to) : each, most, bestEpoch)) };
    },
    'runs.console': ({ id, limit }) => {
      view.find(id);
      return readLines(folders.run(id), limit);
    },
    'runs.watch': ({ id }, signal) => watch(core, id, signal),
    'runs.stop': ({ ids, keep }) => {
      const runs = ids.map((id) => view.find(id));
      const locked = keep ? 0 : runs.filter((run) => run.locked === true).length;
      if (locked > 0) throw lockedProblem(locked);
      for (const run of runs) stop(run, keep);
      queue.fill();
      return ok;
    },
    'runs.pause': ({ ids, now = false }) => {
      for (const { id, state } of ids.map((asked) => view.find(asked))) {
        if (state === 'queued') store.runs.hold([id], true);
        else supervisor.pause(id, now);
      }
      queue.fill();
      return ok;
    },
    'runs.resume': ({ ids }) => {
      // One that cannot go on is said before any other is touched.
      const runs = ids.map((id) => view.find(id));
      for (const run of runs) refuseToResume(run);
      store.transaction(() => {
        for (const { id, state } of runs.reverse()) {
          if (state === 'queued') store.runs.hold([id], false);
          else if (state !== 'preparing' && state !== 'running') {
            store.trash.restore([id]);
            // Asked for by a person, it goes on whatever its search thought of it.
            store.searches.pardon(id);
            store.runs.requeue(id);
          }
        }
      });
      for (const id of ids) hub.tell(`run ${id}`, {});
      queue.fill();
      return ok;
    },
    'runs.hold': ({ ids, held }) => {
      for (const id of ids) view.find(id);
      store.runs.hold(ids, held);
      queue.fill();
      return ok;
    },
    'runs.annotate': ({ ids, ...change }) => {
      const { starred, note, addTags, removeTags } = change;
      store.runs.annotate(ids, {
        ...(starred === undefined ? {} : { starred }),
        ...(note === undefined ? {} : { note }),
        ...(addTags === undefined ? {} : { addTags }),
        ...(removeTags === undefined ? {} : { removeTags }),
      });
      for (const id of ids) hub.tell(`run ${id}`, {});
      hub.tell('queue');
      edits.add();
      return ok;
    },
    'runs.trash': ({ ids }) => {
      const bytes = store.trash.bytes(ids);
      const { locked } = store.trash.kept(ids);
      const moved = store.trash.move(ids, Date.now());
      if (moved === 0 && locked > 0) throw lockedProblem(locked);
      hub.tell('queue');
      edits.add();
      return { moved, bytes };
    },
    'runs.restore': ({ ids }) => {
      store.trash.restore(ids);
      queue.fill();
      hub.tell('queue');
      edits.add();
      return ok;
    },
    'runs.summaries': ({ ids }) => ({ runs: view.summaries(store.runs.summaries(ids)) }),
    'runs.artifact': async ({ id, name, format, path }) => {
      const run = view.find(id);
      const artifacts = store.runs.artifacts(id);
      const artifact = artifacts.find((candidate) => candidate.name === name);
      if (artifact === undefined)
        throw new ProblemError({
          kind: 'config',
          code: 'artifact.unknown',
          message: `The run has no file named ${name}`,
          values: { id, name },
          fix: `It has: ${artifacts.map((entry) => entry.name).join(', ') || 'none'}.`,
        });
      if (name === 'per-user-test' && run.test.state === 'masked')
        throw new ProblemError({
          kind: 'config',
          code: 'test.masked',
          message: 'Test values are hidden until the selection is frozen',
          fix: 'Freeze the selection in Compare, or with: avocet freeze EXPERIMENT.',
        });
      const bytes = await artifactBytes(join(folders.run(id), artifact.file), name, format);
      const isMatrix = artifact.file.endsWith('.npy');
      const fileName = isMatrix ? `${id}-${name}.${format}` : `${id}-${artifact.file}`;
      if (path === undefined) return { fileName, bytes };
      await writeAtomically(path, bytes);
      return { fileName };
    },
    'runs.config': ({ id }) => {
      view.find(id);
      return store.runs.config(id)!;
    },
  };
}

/** @throws ProblemError run.imported, run.finished, run.locked */
function refuseToResume(run: RunRow): void {
  refuseImported(run);
  if (run.state === 'finished') throw alreadyFinished(run.id);
  if (run.locked === true && ended.has(run.state)) throw lockedProblem(1, 'run again');
}

function alreadyFinished(id: string): ProblemError {
  return new ProblemError({
    kind: 'config',
    code: 'run.finished',
    message: `Run ${id} is finished`,
    values: { id },
    fix: 'Clone it to run it again with other settings or another seed.',
  });
}

/** Everything stored, then what is new, in batches; ends when the run has ended. */
async function* watch(core: StudioCore, id: string, signal: AbortSignal): AsyncGenerator<RunUpdate, void, void> {
  const { store, view, hub, folders } = core;
  view.find(id);
  let series: Series[] = [];
  let lines: ConsoleLine[] = [];
  let isStale = false;
  let wake: (() => void) | undefined;
  const poke = () => {
    wake?.();
    wake = undefined;
  };
  const leave = hub.subscribe(`run ${id}`, (news) => {
    series.push(...(news?.series ?? []));
    lines.push(...(news?.lines ?? []));
    isStale = true;
    poke();
  });
  signal.addEventListener('abort', poke, { once: true });
  try {
    let row = view.find(id);
    let told = performance.now();
    const known = store.series.of(id).map((each) => thinned(each, sentPoints, row.bestEpoch));
    yield { summary: view.summary(row), series: known, lines: readLines(folders.run(id), linesAtFirst).lines };
    while (!signal.aborted && !(ended.has(row.state) && !isStale)) {
      if (!isStale) await new Promise<void>((resolve) => (wake = resolve));
      if (signal.aborted) return;
      // At once where the last update is long ago: waking the process a second time costs more than the update.
      const early = updateEveryMs - (performance.now() - told);
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      told = performance.now();
      isStale = false;
      const update = { series, lines };
      series = [];
      lines = [];
      row = view.find(id);
      yield { summary: view.summary(row), ...update };
    }
  } finally {
    signal.removeEventListener('abort', poke);
    leave();
  }
}
