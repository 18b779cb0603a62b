import type { Finding } from '#contract/dataset-import.ts';
import { ProblemError, type Problem } from '#contract/problem.ts';

/** Examples kept per problem code; beyond that only the count grows. */
const examplesKept = 5;

interface Entry {
  readonly problem: Problem;
  readonly blocking: boolean;
  readonly examples: string[];
  count: number;
}

/**
 * Problems met while reading data, grouped by code: the first occurrence is kept whole, later ones as a place and a count, so
 * that a file with a million bad rows costs five lines on screen.
 */
export class IssueLog {
  readonly #entries = new Map<string, Entry>();

  /** Notes one occurrence of a problem that prevents the import. */
  block(problem: Omit<Problem, 'kind' | 'values'> & Partial<Pick<Problem, 'values'>>): void {
    this.#add(problem, true);
  }

  /** Notes something worth knowing that does not prevent the import. */
  note(problem: Omit<Problem, 'kind' | 'values'> & Partial<Pick<Problem, 'values'>>): void {
    this.#add(problem, false);
  }

  /** Takes over a problem thrown by a format reader. */
  blockError(error: ProblemError): void {
    this.#add(error.problem, true);
  }

  #add(problem: Omit<Problem, 'kind' | 'values'> & Partial<Pick<Problem, 'values'>>, blocking: boolean): void {
    let entry = this.#entries.get(problem.code);
    if (entry === undefined) {
      entry = { problem: { values: {}, ...problem, kind: 'data' }, blocking, examples: [], count: 0 };
      this.#entries.set(problem.code, entry);
    }
    entry.count++;
    if (problem.where !== undefined && entry.examples.length < examplesKept) entry.examples.push(problem.where);
  }

  get isBlocked(): boolean {
    for (const entry of this.#entries.values()) if (entry.blocking) return true;
    return false;
  }

  /** Everything noted so far, one finding per code. */
  findings(): Finding[] {
    return [...this.#entries.values()].map(({ problem, count, examples, blocking }) => ({
      type: 'problem',
      problem,
      count,
      examples,
      blocking,
    }));
  }
}

/** A data problem ready to throw. */
export function dataError(problem: Omit<Problem, 'kind' | 'values'> & Partial<Pick<Problem, 'values'>>): ProblemError {
  return new ProblemError({ ...problem, kind: 'data' });
}
