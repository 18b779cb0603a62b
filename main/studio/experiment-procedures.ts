/** Procedures `experiments.*`. */
import { userInfo } from 'node:os';
import type { ParsedExperimentRequest } from '#contract/experiment.ts';
import type { Router } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import type { RunRow } from '#store/run-rows.ts';
import type { StudioCore } from './core.ts';
import { refuseImported } from './log-imports/imported-problem.ts';
import { lockedProblem } from './runs-table/procedures.ts';
import { tryPlan } from './memory-probe.ts';
import { planOf } from './plan.ts';
import { requestOf } from './request-of-run.ts';
import { selectionOf } from './selection.ts';
import { withFileHashes } from './external-files.ts';
import { selectsNothing } from './masking.ts';
import { planOfSearch } from './search-plan.ts';
import { Templates } from './templates.ts';
import { isSearching } from './search/studies.ts';

type ExperimentProcedure = Extract<keyof Router, `experiments.${string}`>;
const ok = { ok: true } as const;

export function experimentProcedures(core: StudioCore): Pick<Router, ExperimentProcedure> {
  const { store, planner, ownModels, experiments, view, queue, hub, library, devices, edits } = core;
  /** Waits for what a request names: a demo that is being drawn, models of the person's own that are being checked. */
  const ready = async ({ datasets, models }: ParsedExperimentRequest): Promise<void> => {
    await library.settle(datasets);
    await ownModels.need(models.flatMap(({ model, external }) => (external === undefined ? [model] : [])));
  };
  const templates = new Templates(store.preferences);
  return {
    'experiments.templates': () => ({ templates: templates.list() }),
    'experiments.keepTemplate': ({ name, request }) => templates.keep(name, request, Date.now()),
    'experiments.dropTemplate': ({ id }) => {
      templates.drop(id);
      return ok;
    },
    'experiments.plan': async (request) => {
      await ready(request);
      await devices.need(request.device);
      const places = core.lanes.places(request);
      const { home } = core.folders;
      return isSearching(request)
        ? planOfSearch(planner, request, places, home, core.searches.same(request))
        : planOf(planner, request, places, home);
    },
    'experiments.tryMemory': async function* (request, signal) {
      await ready(request);
      yield* tryPlan(core, request, signal);
    },
    'experiments.start': async (request) => {
      // Every run carries an estimate from its start, to be read beside the time it took.
      await ready(request);
      await devices.need(request.device);
      await core.incoming.keep(
        request.models.flatMap(({ external }) => (external?.kind === 'import' ? external.files.map(({ path }) => path) : [])),
      );
      const now = Date.now();
      const started = isSearching(request) ? core.searches.start(request, now) : experiments.start(await withFileHashes(request), now);
      queue.fill();
      return started;
    },
    'experiments.list': () => ({ experiments: experiments.list() }),
    'experiments.get': ({ id }) => experiments.detail(id),
    'experiments.describe': ({ id, name, question, note }) => {
      experiments.find(id);
      store.experiments.describe(id, {
        ...(name === undefined ? {} : { name }),
        ...(question === undefined ? {} : { question }),
        ...(note === undefined ? {} : { note }),
      });
      hub.tell('queue');
      edits.add();
      return ok;
    },
    'experiments.matrix': ({ id }) => {
      experiments.find(id);
      return experiments.matrix(id);
    },
    'experiments.freeze': ({ id }) => {
      const experiment = experiments.find(id);
      const cells = store.experiments.cells(id);
      if (experiment.selection !== undefined)
        throw new ProblemError({
          kind: 'config',
          code: 'experiment.frozen',
          message: `The selection of ${experiment.name} was frozen on ${new Date(experiment.selection.frozenAt).toISOString()}`,
          values: { id },
          fix: 'A selection is made once. Start another experiment for another selection.',
        });
      if (selectsNothing(store, id))
        throw new ProblemError({
          kind: 'config',
          code: 'experiment.nothing-to-select',
          message: `${experiment.name} has one configuration per dataset: there is nothing to select, its test values are shown`,
          values: { id },
        });
      const selection = {
        ...selectionOf(store.experiments.rows(id), cells, store.runs.ofExperiment(id), Date.now(), userName()),
        ...experiments.audit(id),
      };
      if (selection.winners.length === 0)
        throw new ProblemError({
          kind: 'config',
          code: 'experiment.nothing-finished',
          message: `No run of ${experiment.name} is finished yet`,
          values: { id },
          fix: 'Freeze when its runs are done.',
        });
      store.experiments.freeze(id, selection);
      for (const winner of selection.winners) for (const runId of winner.runIds) hub.tell(`run ${runId}`, {});
      hub.tell('queue');
      edits.add();
      return selection;
    },
    'experiments.complete': ({ id }) => {
      experiments.find(id);
      const trashed = new Set(store.searches.runs(id).flatMap((run) => (run.trashed ? [run.runId] : [])));
      const ended = store.runs.ofExperiment(id).filter((run) => trashed.has(run.id) || isMissing(run));
      const open = ended.filter((run) => run.locked !== true);
      if (open.length === 0 && ended.length > 0) throw lockedProblem(ended.length, 'run again');
      store.transaction(() => {
        for (const run of [...open].reverse()) {
          store.trash.restore([run.id]);
          store.runs.requeue(run.id);
        }
      });
      queue.fill();
      return { runIds: open.map((run) => run.id) };
    },
    'experiments.fromRun': ({ id }) => {
      const run = view.find(id);
      refuseImported(run);
      const pin = store.runs.pin(id);
      const common = experiments.find(run.experimentId).request.budget;
      return { ...requestOf(store.runs.config(id)!, core.planner.cards, common), ...(pin === undefined ? {} : { pin }) };
    },
  };
}

/** What has no result and will not get one by itself; a run that successive halving ended is a result of its search. */
function isMissing({ state, stopReason }: RunRow): boolean {
  return state === 'failed' || state === 'lost' || (state === 'stopped' && stopReason !== 'successive-halving');
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in the system's list of users, as in some containers.
    return String(process.getuid?.() ?? '');
  }
}
