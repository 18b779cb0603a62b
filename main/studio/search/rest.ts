/** What one study of a search still comes to beside the runs that it has: trials not proposed yet, seeds not asked for, early ends. Pure. */
import type { Estimate } from '#contract/run.ts';
import { expectedShare } from './halving.ts';
import { trialOf, type TrialRuns } from './outcomes.ts';

export interface Study {
  /** All its trials. */
  readonly trials: number;
  /** Of each trial. */
  readonly seeds: number;
  /** Of a run that nothing ends early; undefined while nobody knows. */
  readonly whole: Estimate | undefined;
  /** Epochs of such a run. */
  readonly epochs: number;
  /** Where hopeless runs end early: the epochs of comparison, the first of which counts for the least it can take. */
  readonly halving?: { readonly rungs: readonly number[]; readonly eta: number } | undefined;
}

export interface Rest {
  /** One for each run that will still be queued. */
  readonly later: readonly (Estimate | undefined)[];
  /** Of waiting runs that may be ended early, by their id: less than a whole run. */
  readonly waiting: ReadonlyMap<string, Estimate>;
}

export function restOf(group: readonly TrialRuns[], { trials, seeds, whole, epochs, halving }: Study): Rest {
  const fresh = Math.max(0, trials - group.length);
  if (halving === undefined || halving.rungs.length === 0)
    return { later: new Array<Estimate | undefined>(fresh * seeds).fill(whole), waiting: new Map() };
  const share = expectedShare(halving.rungs, halving.eta, epochs);
  const least = Math.min(1, halving.rungs[0]! / Math.max(1, epochs));
  const first: Estimate | undefined = whole && { ...whole, seconds: whole.seconds * share.epochs, low: whole.low * least };
  const waiting = group.flatMap(({ runs: [run] }) => (run?.state === 'queued' && first !== undefined ? [[run.runId, first] as const] : []));
  const outcomes = group.map((trial) => trialOf(trial, true).outcome.kind);
  const count = (kind: string) => outcomes.filter((other) => other === kind).length;
  const done = count('finished');
  // Trials that may come to all seeds: at least one, as many as are not ended at most.
  const open = count('open') + fresh;
  const expected = Math.min(done + open, Math.max(1, done, Math.round(trials * share.ends)));
  const asked = group.reduce((sum, { runs }) => sum + runs.slice(1).filter((run) => run !== undefined).length, 0);
  const others = Array.from({ length: Math.max(0, (done + open) * (seeds - 1) - asked) }, (_, at): Estimate | undefined => {
    const place = at + asked;
    return (
      whole && {
        ...whole,
        seconds: place < expected * (seeds - 1) ? whole.seconds : 0,
        low: place < Math.max(1, done) * (seeds - 1) ? whole.low : 0,
      }
    );
  });
  return { later: [...new Array<Estimate | undefined>(fresh).fill(first), ...others], waiting: new Map(waiting) };
}
