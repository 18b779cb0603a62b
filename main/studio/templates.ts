/** Experiments that a person keeps to start from, by name. They lie in the data folder's preferences. */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { templateSchema, type ParsedExperimentRequest, type Template } from '#contract/experiment.ts';
import { ProblemError } from '#contract/problem.ts';
import type { PreferenceTable } from '#store/preferences.ts';

const key = 'experiments.templates';
const most = 200;

export class Templates {
  readonly #preferences: PreferenceTable;

  constructor(preferences: PreferenceTable) {
    this.#preferences = preferences;
  }

  /** By name. What an older version wrote and this one does not understand is left out, and stays where it is. */
  list(): Template[] {
    return readable(this.#stored()).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Keeps an experiment; one of the same name is overwritten. @throws ProblemError template.too-many */
  keep(name: string, request: ParsedExperimentRequest, now: number): Template {
    const others = this.#stored().filter((entry) => !isNamed(entry, name));
    // What cannot be read cannot be removed either: it takes nobody's place.
    if (readable(others).length >= most)
      throw new ProblemError({
        kind: 'config',
        code: 'template.too-many',
        message: `There are ${most} templates`,
        fix: 'Remove one first.',
      });
    const template = { id: randomUUID().slice(0, 8), name, request, savedAt: now };
    this.#preferences.set(key, [...others, template]);
    return template;
  }

  drop(id: string): void {
    this.#preferences.set(
      key,
      this.#stored().filter((entry) => (entry as { id?: unknown } | null)?.id !== id),
    );
  }

  #stored(): readonly unknown[] {
    const stored = this.#preferences.get(key);
    return Array.isArray(stored) ? (stored as readonly unknown[]) : [];
  }
}

function readable(entries: readonly unknown[]): Template[] {
  return entries.flatMap((entry) => {
    const read = v.safeParse(templateSchema, entry);
    return read.success ? [read.output] : [];
  });
}

function isNamed(entry: unknown, name: string): boolean {
  return (entry as { name?: unknown } | null)?.name === name;
}
