import { ProblemError } from '#contract/problem.ts';
import type { IssueLog } from './issue-log.ts';

/** Runs `work`; a data problem it throws is noted and gives undefined, anything else (cancelled, disk full, defects) goes on up. */
export async function attempt<T>(issues: IssueLog, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.kind !== 'data') throw error;
    issues.blockError(error);
    return undefined;
  }
}
