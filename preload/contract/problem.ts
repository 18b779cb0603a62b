import * as v from 'valibot';

/** Why something could not be done. A closed union: every place that handles problems handles all of these. */
export const problemKinds = [
  'data',
  'config',
  'memory',
  'diverged',
  'device',
  'disk',
  'killed',
  'lost',
  'cancelled',
  // The researcher's own program ended badly.
  'command',
  'internal',
] as const;

export type ProblemKind = (typeof problemKinds)[number];

/**
 * A problem as it crosses borders: a value, never a thrown string.
 * `code` is stable ("inter.item-out-of-range") and, with `values`, lets the edge word it in the reader's language;
 * `message` is the English wording: what was found. `where` is the place (file:line, epoch and batch), `fix` what would put it right.
 */
export const problemSchema = v.object({
  kind: v.picklist(problemKinds),
  code: v.string(),
  message: v.string(),
  values: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {}),
  where: v.optional(v.string()),
  fix: v.optional(v.string()),
  /** Technical detail (a stack, a library's own words), folded away on screen. */
  detail: v.optional(v.string()),
});

export type Problem = v.InferOutput<typeof problemSchema>;

/** Carries a {@link Problem} through code that throws; borders unwrap it with {@link toProblem}. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: v.InferInput<typeof problemSchema>) {
    super(problem.where === undefined ? problem.message : `${problem.where}: ${problem.message}`);
    this.name = 'ProblemError';
    this.problem = { ...problem, values: problem.values ?? {} };
  }
}

/** The problem inside an error; anything unexpected becomes kind "internal" with its stack as detail. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    kind: 'internal',
    code: 'internal',
    message,
    values: {},
    fix: 'This is a defect of Avocet. Copy the report and keep the run folder.',
    ...(stack === undefined ? {} : { detail: stack }),
  };
}
