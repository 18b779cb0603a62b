import type { Link } from '#contract/link.ts';
import type { RunSummary } from '#contract/run.ts';

/** Lets runs go on that a person had paused or held: an experiment that takes them up again would wait for them for ever. How many there were. */
export async function resumeWaiting(
  link: Link,
  ids: readonly string[],
  states: readonly RunSummary['state'][] = ['paused'],
): Promise<number> {
  const { runs } = await link.call('runs.summaries', { ids: [...ids] });
  const waiting = runs.filter(({ state, held }) => states.includes(state) || (state === 'queued' && held === true));
  if (waiting.length > 0) await link.call('runs.resume', { ids: waiting.map(({ id }) => id) });
  return waiting.length;
}
