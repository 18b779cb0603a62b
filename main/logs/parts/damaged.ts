import { ProblemError } from '#contract/problem.ts';

/** A file that a tool wrote and that is not as it wrote it: found at `where` ("path:line", "path: byte 12"). */
export function damaged(where: string, message: string, fix: string): ProblemError {
  return new ProblemError({ kind: 'data', code: 'logs.damaged', message, where, fix });
}
