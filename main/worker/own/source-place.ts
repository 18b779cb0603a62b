import { ProblemError, type Problem } from '#contract/problem.ts';
import type { OwnSource } from '#contract/own-model.ts';

/** A place in the source of a person's own model, as problems name it: "my-model/card.ts:12". */
export function placeOf(own: OwnSource, file: string, line?: number): string {
  return line === undefined ? `${own.id}/${file}` : `${own.id}/${file}:${line}`;
}

/** Where an error was thrown: the first frame of its stack that lies in the model's own files. Compiling keeps lines where they were. */
export function placeIn(own: OwnSource, error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const line of stack.split('\n')) {
    for (const { name } of own.files) {
      const at = line.indexOf(`${own.id}/${name}:`);
      const found = at < 0 ? null : /:(\d+)/.exec(line.slice(at + own.id.length + name.length));
      if (found !== null) return placeOf(own, name, Number(found[1]));
    }
  }
  return undefined;
}

/** The line of a field of the card: its keys are looked for one after the other, outside comments. 1 where none is found. */
export function lineOfField(text: string, path: readonly string[]): number {
  const code = text.replace(/\/\/.*|\/\*[^]*?\*\//g, (comment) => comment.replace(/./g, ' '));
  let position = 0;
  for (const key of path) {
    const escaped = key.replace(/[^\w]/g, String.raw`\$&`);
    const found = new RegExp(String.raw`(?:\b${escaped}|['"]${escaped}['"])\s*:`).exec(code.slice(position));
    if (found !== null) position += found.index;
  }
  return text.slice(0, position).split('\n').length;
}

/** An error that a person's own model threw, as a problem that says where. Problems that say so themselves stay. */
export function ownProblem(own: OwnSource, doing: string, error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const where = placeIn(own, error) ?? placeOf(own, 'model.ts');
  const stack = error instanceof Error ? error.stack : undefined;
  return new ProblemError({
    kind: 'config',
    code: 'own.threw',
    message: `${doing} failed: ${message}`,
    values: { model: own.id },
    where,
    fix: 'Mend that line of your model; it is looked at again when the file changes.',
    ...(stack === undefined ? {} : { detail: stack }),
  });
}

/** A problem of a run whose model is the person's own: what the model threw is no defect of Avocet. */
export function attributed(own: OwnSource, problem: Problem): Problem {
  if (problem.kind !== 'internal' || problem.detail === undefined) return problem;
  const error = new Error(problem.message);
  error.stack = problem.detail;
  return placeIn(own, error) === undefined ? problem : ownProblem(own, 'Your model', error).problem;
}
