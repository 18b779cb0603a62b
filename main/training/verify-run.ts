import { ProblemError } from '#contract/problem.ts';
import type { Rescored } from '#contract/task.ts';
import { resultHashes } from './artifacts.ts';
import { CheckpointFolder } from './checkpoint.ts';
import { breathe } from './control.ts';
import { Evaluator } from './evaluator.ts';
import { finalScores } from './final-scores.ts';
import { runIdentity } from './identity.ts';
import type { Session, TrainOptions } from './session.ts';
import { bestLost } from './stages.ts';
import { loadParameters } from './train-stage.ts';
import { begin } from './trainer.ts';

export interface Verified {
  readonly fraction: number;
  readonly text: string;
}

/**
 * Scores the best checkpoint of a finished run once more, as the end of its training did, and writes nothing into the run's folder. Stages
 * before training come from the cache; one that is no longer kept is trained again. Throws a problem of kind cancelled once the control is
 * told to stop, and config or disk problems where the checkpoint is of other data or gone.
 */
export async function verifyRun(
  options: TrainOptions & { readonly bestEpoch: number },
  tell: (progress: Verified) => void,
): Promise<Rescored> {
  const { config, dataset, runFolder, control, bestEpoch } = options;
  const checkpoints = new CheckpointFolder(runFolder);
  tell({ fraction: 0.02, text: 'Reading the checkpoint' });
  const best = await checkpoints.readBest();
  if (best === undefined || best.epoch !== bestEpoch) throw bestLost(checkpoints.bestPath, bestEpoch);
  if (best.identity !== runIdentity(config, dataset)) throw otherData(checkpoints.bestPath, dataset.name);
  const session: Session = { ...options, evaluator: new Evaluator(dataset, config.evaluation) };
  tell({ fraction: 0.1, text: 'Building the model' });
  const beginning = begin(session);
  for (;;) {
    const step = await beginning.next();
    if (step.done !== true) {
      const event = step.value;
      if (event.type === 'epochFinished')
        tell({ fraction: 0.2, text: `Pretraining again, epoch ${event.epoch}: its result is no longer kept` });
      await breathe();
      continue;
    }
    if (step.value.kind !== 'begun') throw cancelled();
    const { model, isNextItem } = step.value.trainee;
    try {
      loadParameters(model, best.parameters);
      tell({ fraction: 0.4, text: 'Ranking every item for every user' });
      const results = await finalScores(model, session.evaluator, isNextItem, async (done) => {
        tell({ fraction: 0.4 + 0.5 * done, text: 'Ranking every item for every user' });
        await breathe();
        if (control.stopWanted !== undefined) throw cancelled();
      });
      tell({ fraction: 0.95, text: 'Comparing' });
      return { validation: results.validation.values, test: results.test.values, files: resultHashes(results) };
    } finally {
      model.dispose();
    }
  }
}

function cancelled(): ProblemError {
  return new ProblemError({ kind: 'cancelled', code: 'verification.stopped', message: 'The verification was stopped' });
}

function otherData(file: string, dataset: string): ProblemError {
  return new ProblemError({
    kind: 'config',
    code: 'checkpoint.other-run',
    message: `the best checkpoint was written with other settings, or ${dataset} holds other data now`,
    where: file,
    values: { dataset },
    fix: 'Restore the dataset that the run was trained on, then verify again.',
  });
}
