import type { External } from '#contract/external.ts';
import { ProblemError } from '#contract/problem.ts';

const shownLines = 3;

/** The command ended by itself with an exit code that is not 0, or by a signal that Avocet did not send. */
export function failedCommand(given: {
  readonly code: number | null;
  readonly signal: string | null;
  readonly errors: readonly string[];
  /** The last epoch it reported, 0 where none. */
  readonly epoch: number;
  readonly external: External;
}): ProblemError {
  const { code, signal, errors, epoch, external } = given;
  const how = signal === null ? `with exit code ${code ?? 'unknown'}` : `by the signal ${signal}`;
  const when = epoch === 0 ? 'before it reported an epoch' : `after epoch ${epoch}`;
  const last = errors.filter((line) => line.trim() !== '').slice(-shownLines);
  const said =
    last.length === 0
      ? '; it wrote nothing to stderr'
      : `: ${last
          .map((line) => line.trim())
          .join(' · ')
          .slice(-400)}`;
  const isMissing = code === 127;
  return new ProblemError({
    kind: 'command',
    code: isMissing ? 'command.not-found' : 'command.failed',
    message: `The command ended ${how}, ${when}${said}`,
    ...(external.kind === 'command' ? { where: external.folder } : {}),
    values: { ...(code === null ? {} : { code }), ...(signal === null ? {} : { signal }), epoch },
    fix: isMissing
      ? 'The shell did not find the program: name it with its whole path, e.g. the python of its environment.'
      : 'Its last words stand above and in the console. Put the command right, then Resume or Clone.',
    ...(errors.length === 0 ? {} : { detail: errors.join('\n') }),
  });
}

export function notStarted(reason: string, external: External): ProblemError {
  return new ProblemError({
    kind: 'command',
    code: 'command.not-started',
    message: `The command could not be started: ${reason}`,
    ...(external.kind === 'command' ? { where: external.folder } : {}),
    fix: 'Check that its folder exists and may be entered.',
  });
}

export function malformedOutput(message: string, where: string): ProblemError {
  return new ProblemError({
    kind: 'data',
    code: 'command.output',
    message,
    where,
    fix: 'Write users.npy and items.npy, or lists.tsv, completely before the epoch is reported.',
  });
}

export function nothingLeft(where: string, isStopped: boolean): ProblemError {
  if (isStopped) {
    return new ProblemError({
      kind: 'cancelled',
      code: 'training.stopped-before-first-epoch',
      message: 'stopped before the command had left vectors or lists, so there is nothing to keep',
      where,
    });
  }
  return new ProblemError({
    kind: 'data',
    code: 'command.no-output',
    message: 'The command ended well but left neither users.npy and items.npy nor lists.tsv',
    where,
    fix: 'Write them into the folder that AVOCET_OUTPUT names, or report each epoch with the folder below it ("output": "epoch-1").',
  });
}

export function reportedDivergence(epoch: number, term: string): ProblemError {
  return new ProblemError({
    kind: 'diverged',
    code: 'training.diverged',
    message: `diverged at epoch ${epoch}: the command reports a ${term} that is not finite`,
    where: `epoch ${epoch}`,
    values: { epoch, term },
    fix: 'Lower its learning rate, or the weight of that term.',
  });
}
