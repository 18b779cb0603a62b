/** Which trials of one study come next: a study is one model choice on one dataset, searched by itself. Pure. */
import { drawsOf } from './draws.ts';
import { nextRandom } from './random.ts';
import { gridPoint, pointKey, sizeOf, type Point, type Space } from './space.ts';
import { nextTpe, startUpTrials } from './tpe.ts';
import type { Trial } from './trial.ts';

export interface Study {
  readonly strategy: 'grid' | 'random' | 'tpe';
  readonly space: Space;
  /** Trials asked for; a grid has its own number. */
  readonly trials: number;
  /** Names its random streams. */
  readonly name: string;
}

/** How many trials a study has when it is over: what was asked for, or every point where there are fewer. */
export function trialsOf({ strategy, space, trials }: Study): number {
  const size = sizeOf(space);
  return strategy === 'grid' ? size : Math.min(trials, size);
}

/**
 * The points to start now, in order, after the trials so far. A grid and random trials depend on no result and all come at once; of TPE the
 * random start-up comes at once, then as many as are missing to `together` open ones. Equal trials and seeds give equal points.
 */
export function proposals(study: Study, trials: readonly Trial[], together: number): Point[] {
  const { strategy, space, name } = study;
  const total = trialsOf(study);
  const proposed: Point[] = [];
  const sofar: Trial[] = [...trials];
  const startUp = strategy === 'tpe' ? startUpTrials(total) : total;
  while (sofar.length < total) {
    const isStartUp = sofar.length < startUp;
    const open = sofar.filter(({ outcome }) => outcome.kind === 'open').length;
    // What is estimated must have something to be estimated from: the start-up ends first.
    if (!isStartUp && open >= together) break;
    const draws = drawsOf(`${name}/${sofar.length}`);
    const tried = sofar.map(({ point }) => point);
    const point =
      strategy === 'grid' ? gridPoint(space, sofar.length) : isStartUp ? nextRandom(space, tried, draws) : nextTpe(space, sofar, draws);
    if (point === undefined) break;
    proposed.push(point);
    sofar.push({ point, outcome: { kind: 'open' } });
  }
  return proposed;
}

/**
 * Whether a study that finds every result known comes to these trials and no others. Of TPE what was still open when a trial was chosen
 * decides too: several at a time choose other points than results that are all there.
 */
export function isRepeated(study: Study, trials: readonly Trial[], together: number): boolean {
  const isAt = (point: Point, at: number) =>
    trials[at] !== undefined && pointKey(study.space, point) === pointKey(study.space, trials[at].point);
  for (let at = 0; at < trials.length;) {
    const next = proposals(study, trials.slice(0, at), together);
    if (next.length === 0 || !next.every((point, more) => isAt(point, at + more))) return false;
    at += next.length;
  }
  return true;
}
