import type { Problem } from '#contract/problem.ts';
import type { AttemptEnd } from './run-process.ts';

/** Why a run has failed whose process ended without a last word: out of memory at once, else after its restarts. */
export function crashProblem(end: Extract<AttemptEnd, { kind: 'crashed' }>): Problem {
  const how = end.exit.signal ?? `exit ${end.exit.code}`;
  const detail = end.output === '' ? {} : { detail: end.output };
  if (end.isOutOfMemory) {
    return {
      kind: 'memory',
      code: 'run.out-of-memory',
      message:
        end.exit.signal === 'SIGKILL'
          ? 'The system ended the training process because memory had run out'
          : 'The training process ran out of memory',
      values: { how },
      fix: 'Run it again with a smaller batch, or fewer runs side by side.',
      ...detail,
    };
  }
  if (end.isSilent) {
    return {
      kind: 'killed',
      code: 'run.silent',
      message: 'The training process gave no sign of life for ten minutes, three times in a row, and was ended',
      values: { how },
      fix: 'The machine may have been suspended or short of memory: run fewer side by side, then resume. It goes on from the last checkpoint.',
      ...detail,
    };
  }
  return {
    kind: 'killed',
    code: 'run.killed',
    message: `The training process ended three times without finishing another epoch (${how})`,
    values: { how },
    fix: 'Look at the last console lines; if the machine is short of memory, run fewer side by side.',
    ...detail,
  };
}
