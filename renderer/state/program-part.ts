import { ProblemError } from '#contract/problem.ts';

const againAfterMs = [300, 1000, 3000] as const;

/**
 * Reads a part of the program that is loaded when it is first wanted. In a browser it comes over a connection: a request that fails is
 * made again before anybody hears of it. Rejects with a ProblemError of code "page.part-unread" after the fourth.
 */
export async function programPart<T>(load: () => Promise<T>, waits: readonly number[] = againAfterMs): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const [wait, ...later] = waits;
    if (wait === undefined) throw unread(error);
    await new Promise((done) => setTimeout(done, wait));
    return programPart(load, later);
  }
}

function unread(error: unknown): ProblemError {
  return new ProblemError({
    kind: 'lost',
    code: 'page.part-unread',
    message: 'A part of the program could not be read from the studio.',
    fix: 'Try again. If the studio was updated in the meantime, reload the page.',
    detail: String(error),
  });
}
