/** Stored values of a run beside those that came out again: equal is every bit of a float64, or every byte of a file. */
import type { Differing, Verification } from '#contract/lineage.ts';
import type { Rescored } from '#contract/task.ts';
import type { RunRow } from '#store/run-rows.ts';
import type { Store } from '#store/store.ts';

type Compared = Pick<Verification, 'values' | 'curves' | 'files' | 'differing'>;

const mostDiffering = 100;

class Tally {
  readonly differing: Differing[] = [];
  readonly counts = { values: { equal: 0, of: 0 }, curves: { equal: 0, of: 0 }, files: { equal: 0, of: 0 } };

  take(
    count: { equal: number; of: number },
    part: Differing['part'],
    key: string,
    stored?: number | string,
    found?: number | string,
  ): void {
    count.of += 1;
    if (Object.is(stored, found)) count.equal += 1;
    else
      this.differing.push({
        part,
        key,
        ...(isTellable(stored) ? { stored } : {}),
        ...(isTellable(found) ? { found } : {}),
      });
  }

  result(): Compared {
    return { ...this.counts, differing: this.differing.slice(0, mostDiffering) };
  }
}

/** What JSON keeps; not a number is told by its absence. */
const isTellable = (value: number | string | undefined): value is number | string =>
  value !== undefined && (typeof value === 'string' || Number.isFinite(value));

/** A finished run and what scoring its best checkpoint gave. */
export function comparedAgain(store: Store, runId: string, rescored: Rescored): Compared {
  const tally = new Tally();
  for (const part of ['validation', 'test'] as const) {
    const stored = store.verifications.values(runId, part);
    for (const key of keysOf(stored, rescored[part])) tally.take(tally.counts.values, part, key, stored[key], rescored[part][key]);
  }
  const found = new Map(rescored.files.map(({ name, sha256 }) => [name, sha256]));
  for (const { name, sha256 } of store.artifacts.of(runId))
    if (isResult(name)) tally.take(tally.counts.files, 'file', name, sha256, found.get(name));
  return tally.result();
}

/** A run and one that was trained again with the same seed: record, values, curves and files. */
export function comparedTraining(store: Store, parent: RunRow, again: RunRow): Compared {
  const tally = new Tally();
  const { values, curves, files } = tally.counts;
  tally.take(values, 'record', 'epochs', parent.epochs, again.epochs);
  tally.take(values, 'record', 'best epoch', parent.bestEpoch, again.bestEpoch);
  for (const part of ['validation', 'test'] as const) {
    const [stored, found] = [store.verifications.values(parent.id, part), store.verifications.values(again.id, part)];
    for (const key of keysOf(stored, found)) tally.take(values, part, key, stored[key], found[key]);
  }
  const [before, after] = [pointsOf(store, parent.id), pointsOf(store, again.id)];
  for (const key of new Set([...before.keys(), ...after.keys()])) tally.take(curves, 'curve', key, before.get(key), after.get(key));
  const found = new Map(store.artifacts.of(again.id).map(({ name, sha256 }) => [name, sha256]));
  for (const { name, sha256 } of store.artifacts.of(parent.id))
    if (isResult(name)) tally.take(files, 'file', name, sha256, found.get(name));
  return tally.result();
}

/** The same without test values, which stay counted. */
export function masked(verification: Verification): Verification {
  return {
    ...verification,
    differing: verification.differing.map(({ part, key, ...values }) => (part === 'test' ? { part, key } : { part, key, ...values })),
  };
}

function keysOf(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

/** Lists, scores, vectors and per-user values; checkpoints carry the version that wrote them, and a console its times. */
function isResult(name: string): boolean {
  return !name.startsWith('checkpoint') && name !== 'console';
}

/** Every point but times, by "stage key epoch". Test curves of the MMRec protocol are left to the values. */
function pointsOf(store: Store, runId: string): Map<string, number> {
  const points = new Map<string, number>();
  for (const { key, stage, epochs, values } of store.series.of(runId)) {
    if (key.endsWith('-seconds') || key.startsWith('test/')) continue;
    epochs.forEach((epoch, at) => points.set(`${stage} ${key} ${epoch}`, values[at]!));
  }
  return points;
}
