import type { External } from '#contract/external.ts';
import { ProblemError } from '#contract/problem.ts';
import { mainStage } from '#contract/run.ts';
import type { TrainingEvent } from '#contract/task.ts';
import { originalIds } from '#data/external/ids.ts';
import { prepared } from './external-run.ts';
import type { ExternalEnd, ExternalSession } from './external-run.ts';
import { conclude, rankResult, readResult } from './result.ts';
import type { ReadResult, ResultFiles } from './result.ts';

type Import = Extract<External, { kind: 'import' }>;

/** Results computed elsewhere: read, checked, ranked and scored once, as one epoch. */
export async function* importedRun(session: ExternalSession, external: Import): AsyncGenerator<TrainingEvent, ExternalEnd, void> {
  const { evaluator, dataset, runFolder, config } = session;
  const original = external.ids === 'original' ? await originalIds(session.datasetFolder) : undefined;
  const started = performance.now();
  const read = await readResult(filesOf(external), evaluator, dataset, original);
  checkHashes(external, read.hashes);
  const readSeconds = (performance.now() - started) / 1000;
  yield prepared(session, {
    source: 'imported results',
    form: external.form,
    ...(external.form === 'lists' ? { ids: external.ids } : {}),
    ...Object.fromEntries(
      external.files.flatMap(({ role, path }) => [[role, path] as const, [`${role} sha256`, read.hashes[role]!] as const]),
    ),
  });
  for (const text of read.remarks) yield { type: 'line', level: 'warn', text };
  yield { type: 'stageStarted', stage: mainStage, model: config.model, fromEpoch: 0 };
  yield { type: 'phase', stage: mainStage, phase: 'evaluate', epoch: 1 };
  const ranking = performance.now();
  const validation = evaluator.score(await rankResult(evaluator, read.result, evaluator.usersOf(['validation'])), 'validation').values;
  const value = validation['recall@20'];
  yield {
    type: 'epochFinished',
    stage: mainStage,
    epoch: 1,
    terms: {},
    trainSeconds: readSeconds,
    evaluationSeconds: (performance.now() - ranking) / 1000,
    validation,
    bestEpoch: 1,
    ...(value === undefined ? {} : { bestValue: value }),
    misses: 0,
  };
  if (session.control.stopWanted === 'discard') return { kind: 'discarded' };
  yield { type: 'phase', stage: mainStage, phase: 'test', epoch: 1 };
  const { validation: last, test, artifacts } = await conclude(runFolder, evaluator, read.result);
  return {
    kind: 'done',
    result: { stopReason: 'epoch-limit', epochs: 1, bestEpoch: 1, validation: last.values, test: test.values, artifacts: [...artifacts] },
  };
}

function filesOf({ form, files }: Import): ResultFiles {
  const path = (role: string) => files.find((file) => file.role === role)!.path;
  return form === 'lists' ? { lists: path('lists') } : { users: path('users'), items: path('items') };
}

/** What is scored must be what was chosen: between start and now the run may have waited in the queue. */
function checkHashes({ files }: Import, hashes: ReadResult['hashes']): void {
  const changed = files.find(({ role, sha256 }) => sha256 !== undefined && sha256 !== hashes[role]);
  if (changed === undefined) return;
  throw new ProblemError({
    kind: 'data',
    code: 'external.file-changed',
    message: 'The file is not the one that was chosen: it changed before it could be read.',
    where: changed.path,
    fix: 'Import it again when nothing writes to it any more.',
  });
}
