import type { Verification } from '#contract/lineage.ts';
import type { Link } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import type { Command, Context } from '../command.ts';
import { follow, outcome } from '../run-report.ts';

export const verifyRun: Command = {
  name: 'verify-run',
  summary: 'scores the best checkpoint of a finished run once more, or trains it again, and compares every digit with what is stored',
  usage: 'RUN [--retrain]',
  positionals: { least: 1, most: 1 },
  options: { retrain: { type: 'boolean', help: 'trains it again with the same seed, and compares values, curves and files' } },
  async run(context) {
    const id = context.positionals[0]!;
    const trains = context.values['retrain'] === true;
    const link = await context.link({ resume: trains });
    const interruption = context.interruptible();
    if (trains) {
      const { id: again } = await link.call('runs.again', { id, seed: (await link.call('runs.config', { id })).seed });
      const runs = await follow(context, link, [again], { interruption, isOwn: () => true });
      const ended = outcome(context, runs);
      if (ended.exitCode !== undefined && ended.exitCode !== 0) return ended;
    } else await scoreAgain(context, link, id, interruption);
    const [found] = (await link.call('runs.get', { id })).verifications ?? [];
    if (found === undefined)
      throw new ProblemError({ kind: 'cancelled', code: 'verification.none', message: 'The verification ended without a result' });
    for (const line of linesOf(found)) context.print(line);
    return { json: { verification: found }, exitCode: isEqual(found) ? 0 : 1 };
  },
};

/** Starts it and waits for its end. @throws ProblemError as the worker did */
async function scoreAgain(context: Context, link: Link, id: string, interruption: AbortSignal): Promise<void> {
  await link.call('verifications.start', { id });
  interruption.addEventListener('abort', () => void link.call('verifications.stop', { id }), { once: true });
  for await (const at of link.stream('verifications.watch', { id })) {
    if (at.state === 'none') {
      if (at.problem !== undefined) throw new ProblemError(at.problem);
      if (interruption.aborted)
        throw new ProblemError({ kind: 'cancelled', code: 'verification.stopped', message: 'The verification was stopped' });
      return;
    }
    context.progress(`${at.text} ${Math.round(at.fraction * 100)} %`);
  }
}

function isEqual({ values, curves, files }: Verification): boolean {
  return [values, curves, files].every(({ equal, of }) => equal === of);
}

function linesOf(found: Verification): string[] {
  const { values, curves, files, differing, how, byRun, at } = found;
  const what = how === 'evaluation' ? 'its best checkpoint scored again' : `trained again as ${byRun ?? 'another run'}`;
  return [
    `verified on ${new Date(at).toISOString()}, ${what}`,
    `${values.equal} of ${values.of} values equal`,
    ...(curves.of === 0 ? [] : [`${curves.equal} of ${curves.of} points of its curves equal`]),
    `${files.equal} of ${files.of} files equal`,
    ...differing.map(({ part, key, stored, found: now }) =>
      stored === undefined && now === undefined
        ? `differs: ${part} ${key} (masked until the selection is frozen)`
        : `differs: ${part} ${key}: stored ${stored ?? 'nothing'}, now ${now ?? 'nothing'}`,
    ),
  ];
}
