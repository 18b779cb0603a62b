import type { Problem } from '#contract/problem.ts';

/** Why an event could not be stored, in words: the store is held by another program, or its disk is full or refuses. */
export function storeProblem(error: unknown): Problem {
  const said = error instanceof Error ? error.message : String(error);
  const isHeld = /database (?:table )?is locked|SQLITE_BUSY|SQLITE_LOCKED/i.test(
    `${said} ${(error as { code?: string } | null)?.code ?? ''}`,
  );
  return isHeld
    ? {
        kind: 'disk',
        code: 'store.locked',
        message: `Another program holds the store, so nothing could be written: ${said}`,
        values: {},
        fix: 'Close what has avocet.sqlite open (a database viewer, a backup), then resume the run.',
      }
    : {
        kind: 'disk',
        code: 'store.write',
        message: `The store could not be written: ${said}`,
        values: {},
        fix: 'Free some space where the data folder lies, then resume the run.',
      };
}
