import type { Link } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';

type Call = Link['call'];

/** Calls that may be made twice: they only read, or what they ask for is then already so. */
const repeatable = /\.(list|get|plan|page|summaries|config|series|preview|table|matrix|doctor|speeds|concurrency|resume|start)$/;
const times = 3;

/**
 * A link that outlives the owner of the folder: where that one ends before it answers (a command that only looked something up was the first
 * to open the folder), the call is made again to whoever has taken over. `open` gives a new link, after that.
 */
export function lastingLink(first: Link, open: () => Promise<Link>): Link {
  let current = first;
  let opening: Promise<Link> | undefined;
  const next = (lost: Link) => {
    if (current !== lost) return Promise.resolve(current);
    opening ??= open()
      .then((link) => (current = link))
      .finally(() => (opening = undefined));
    return opening;
  };
  const call = async (name: Parameters<Call>[0], input: Parameters<Call>[1], left = times): Promise<unknown> => {
    const link = current;
    try {
      return await link.call(name, input);
    } catch (error) {
      const isLost = error instanceof ProblemError && error.problem.code === 'link.closed';
      if (!isLost || left === 0 || !repeatable.test(name)) throw error;
      await next(link);
      return call(name, input, left - 1);
    }
  };
  return {
    call: ((name, input) => call(name, input)) as Call,
    stream: (name, input, signal) => current.stream(name, input, signal),
    onClose: (listener) => current.onClose(listener),
    close: () => current.close(),
  };
}
