import { compileFunction } from 'node:vm';
import { transform } from 'sucrase';
import type { OwnSource } from '#contract/own-model.ts';
import { ProblemError } from '#contract/problem.ts';
import { placeIn, placeOf } from './source-place.ts';
import { surface } from './surface.ts';

/**
 * The files of a person's own model as modules: types stripped, imports turned into calls, lines kept. What they may import is the
 * public surface ("avocet", "avocet/ops", "avocet/parts") and each other. That is no sandbox: it is the person's own code on the
 * person's own machine, and the narrow door is there so that a model keeps working when Avocet changes inside.
 */
export class OwnModules {
  readonly #own: OwnSource;
  readonly #loaded = new Map<string, { exports: Record<string, unknown> }>();

  constructor(own: OwnSource) {
    this.#own = own;
  }

  /** What a file exports. @throws ProblemError own.* with file and line */
  load(name: string): Readonly<Record<string, unknown>> {
    const known = this.#loaded.get(name);
    if (known !== undefined) return known.exports;
    const file = this.#own.files.find((candidate) => candidate.name === name);
    if (file === undefined) throw missing(this.#own, name);
    const module = { exports: {} as Record<string, unknown> };
    // Before it runs: two files that import each other see what the other has exported so far, as everywhere.
    this.#loaded.set(name, module);
    const run = this.#compile(name, file.text);
    try {
      run((wanted: string) => this.#import(name, file.text, wanted), module, module.exports);
    } catch (error) {
      this.#loaded.delete(name);
      if (error instanceof ProblemError) throw error;
      throw new ProblemError({
        kind: 'config',
        code: 'own.threw',
        message: `the file threw as it was read: ${error instanceof Error ? error.message : String(error)}`,
        where: placeIn(this.#own, error) ?? placeOf(this.#own, name),
        fix: 'Mend that line; the folder is looked at again when the file changes.',
        ...(error instanceof Error && error.stack !== undefined ? { detail: error.stack } : {}),
      });
    }
    return module.exports;
  }

  #compile(name: string, text: string): (...values: unknown[]) => void {
    const filename = placeOf(this.#own, name);
    try {
      const { code } = transform(text, { transforms: ['typescript', 'imports'], filePath: filename });
      return compileFunction(code, ['require', 'module', 'exports'], { filename }) as (...values: unknown[]) => void;
    } catch (error) {
      const { loc, message, stack = '' } = error as Error & { loc?: { line: number } };
      // sucrase says where as a value, V8 in the first line of the stack.
      const line = loc?.line ?? Number(/:(\d+)/.exec(stack.slice(filename.length))?.[1] ?? 1);
      throw new ProblemError({
        kind: 'config',
        code: 'own.syntax',
        message: `not TypeScript: ${message.replace(/^Error transforming \S+ /, '').replace(/\s*\(\d+:\d+\)$/, '')}`,
        where: placeOf(this.#own, name, line),
        fix: 'Mend that line; an editor that knows TypeScript underlines it.',
      });
    }
  }

  #import(from: string, text: string, wanted: string): unknown {
    const given = surface[wanted];
    if (given !== undefined) return given;
    if (wanted.startsWith('.')) return this.load(inFolder(from, wanted));
    const line = text.split('\n').findIndex((entry) => entry.includes(`'${wanted}'`) || entry.includes(`"${wanted}"`)) + 1;
    throw new ProblemError({
      kind: 'config',
      code: 'own.import',
      message: `"${wanted}" cannot be imported`,
      values: { found: wanted },
      where: placeOf(this.#own, from, Math.max(1, line)),
      fix: `A model imports ${Object.keys(surface).join(', ')} and files of its own folder ("./layers.ts").`,
    });
  }
}

/** "./parts/layers.ts" seen from "model.ts" as the name of a file in the folder; the ending may be left out. */
function inFolder(from: string, wanted: string): string {
  const places = from.split('/').slice(0, -1);
  for (const part of wanted.split('/')) {
    if (part === '..') places.pop();
    else if (part !== '.') places.push(part);
  }
  const name = places.join('/');
  return name.endsWith('.ts') ? name : `${name}.ts`;
}

function missing(own: OwnSource, name: string): ProblemError {
  return new ProblemError({
    kind: 'config',
    code: 'own.no-file',
    message: `the folder has no ${name}`,
    values: { found: own.files.map((file) => file.name).join(', ') },
    where: placeOf(own, name),
    fix: 'A model is a folder with card.ts and model.ts: "avocet model new NAME" writes one that works.',
  });
}
