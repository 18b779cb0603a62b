/** Procedures of a run's record beyond its training: trained again, verified, described, its checkpoints put aside. */
import type { Router } from '#contract/link.ts';
import { runAgain } from './again.ts';
import { findCheckpoint, refuseWhereNeeded, trashedCheckpoint } from './checkpoints.ts';
import type { StudioCore } from './core.ts';
import { following } from './hub.ts';
import { pinUsers, samplesOfRun } from './samples.ts';
import { purgeCheckpoint } from './storage/purge.ts';
import { refuseImported } from './log-imports/imported-problem.ts';

type RecordProcedure =
  | 'runs.again'
  | 'runs.describe'
  | 'runs.samples'
  | 'runs.meters'
  | 'samples.pin'
  | Extract<keyof Router, `verifications.${string}` | `checkpoints.${string}`>;

const ok = { ok: true } as const;
const verifyingEveryMs = 250;

export function runRecordProcedures(core: StudioCore): Pick<Router, RecordProcedure> {
  const { store, view, queue, hub, verifications } = core;
  return {
    'runs.again': async ({ id, seed }) => {
      const run = view.find(id);
      refuseImported(run);
      await core.library.settle([run.dataset]);
      await core.ownModels.need([run.model]);
      const again = runAgain(core.planner, core.experiments, run, seed, Date.now());
      hub.tell(`run ${id}`, {});
      queue.fill();
      return { id: again };
    },
    'runs.describe': ({ id, expectation, outcome }) => {
      view.find(id);
      store.lineage.describe(id, {
        ...(expectation === undefined ? {} : { expectation }),
        ...(outcome === undefined ? {} : { outcome }),
      });
      hub.tell(`run ${id}`, {});
      return ok;
    },
    'runs.samples': ({ id }) => samplesOfRun(core, id),
    'runs.meters': ({ id }) => core.meters.trace(view.find(id).id),
    'samples.pin': async ({ dataset, users }) => {
      await pinUsers(core, dataset, users);
      return ok;
    },
    'verifications.start': ({ id }) => {
      verifications.start(view.find(id));
      return ok;
    },
    'verifications.stop': ({ id }) => {
      verifications.stop(id);
      return ok;
    },
    'verifications.watch': ({ id }, signal) => {
      view.find(id);
      return following(
        () => verifications.of(id),
        (changed) => hub.subscribe(`verification ${id}`, changed),
        verifyingEveryMs,
        signal,
      );
    },
    'checkpoints.trash': ({ id, name }) => {
      const checkpoint = findCheckpoint(store, id, name);
      refuseWhereNeeded(view.find(id), name);
      store.artifacts.setTrashed(id, name, Date.now());
      hub.tell(`run ${id}`, {});
      return { bytes: checkpoint.bytes };
    },
    'checkpoints.restore': ({ id, name }) => {
      trashedCheckpoint(store, id, name);
      store.artifacts.setTrashed(id, name, undefined);
      hub.tell(`run ${id}`, {});
      return ok;
    },
    'checkpoints.purge': async ({ id, name }) => {
      const checkpoint = trashedCheckpoint(store, id, name);
      refuseWhereNeeded(view.find(id), name);
      const { bytes } = await purgeCheckpoint(core, id, checkpoint);
      hub.tell(`run ${id}`, {});
      hub.tell('status');
      return { bytes };
    },
  };
}
