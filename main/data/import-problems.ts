import { ProblemError } from '#contract/problem.ts';
import type { IssueLog } from './issue-log.ts';

/** Throws the first blocking problem, with its places and how many further ones there are. */
export function throwIfBlocked(issues: IssueLog): void {
  const blocking = issues.findings().flatMap((finding) => (finding.type === 'problem' && finding.blocking ? [finding] : []));
  const first = blocking[0];
  if (first === undefined) return;
  const places =
    first.count > 1
      ? ` (${first.count.toLocaleString('en')} such places: ${first.examples.join(', ')}${first.count > first.examples.length ? ', …' : ''})`
      : '';
  const others = blocking.length - 1;
  const more =
    others === 0 ? '' : ` There ${others === 1 ? 'is 1 other problem' : `are ${others} other problems`}; an inspection lists them all.`;
  throw new ProblemError({
    ...first.problem,
    message: `${first.problem.message}${places}${more}`,
    values: { ...first.problem.values, places: first.count, problems: blocking.length },
  });
}
