/** The waiting list: moving a run, and the words around it. Pure. */
import type { RunSummary } from '#contract/run.ts';
import type { Queue } from '#contract/view.ts';
import { about, sentence, sentences } from '#renderer/locales/format.ts';
import { inChinese } from '#renderer/locales/language.svelte.ts';

/** The ids with `id` at place `to` (from 0, clamped); the others keep their order. */
export function moved(ids: readonly string[], id: string, to: number): readonly string[] {
  if (!ids.includes(id)) return ids;
  const rest = ids.filter((other) => other !== id);
  const place = Math.min(rest.length, Math.max(0, to));
  return [...rest.slice(0, place), id, ...rest.slice(place)];
}

/** Where a dragged row lands: the number of rows whose middle lies above the pointer, the dragged one not counted. */
export function dropPlace(middles: readonly number[], from: number, y: number): number {
  return middles.filter((middle, index) => index !== from && middle < y).length;
}

/** Neither works nor waits: paused by a person, or interrupted with its studio. It goes on when told to. */
export const isResting = (run: Pick<RunSummary, 'state'>): boolean => run.state === 'paused' || run.state === 'lost';

/** "2 running, 10 waiting, 6 finished. All done in about 9 min (7–13)." */
export function queueSentence(queue: Queue): string {
  const finished = queue.finishedToday.filter((run) => run.state === 'finished').length;
  const failed = queue.finishedToday.filter((run) => run.state === 'failed').length;
  const paused = queue.running.filter(isResting).length;
  const parts = [`${queue.running.length - paused} running`];
  if (paused > 0) parts.push(`${paused} paused`);
  parts.push(`${queue.waiting.length} waiting`, `${finished} finished today`);
  if (failed > 0) parts.push(`${failed} failed`);
  const counts = sentence(parts);
  const held = queue.held ? ['The queue is held: what runs goes on, nothing new starts.'] : [];
  const isOpen = queue.running.length + queue.waiting.length > 0;
  // Held, what waits is never done: a time would promise what the sentence after it takes back.
  if (queue.timeLeft === undefined || !isOpen || (queue.held && queue.waiting.length > 0)) return sentences([counts, ...held]);
  const span = shortRange(queue.timeLeft);
  const words = queue.timeLeft.basis === 'estimating' ? 'Time left: estimating.' : `All done in ${timeWords(about(queue.timeLeft), span)}.`;
  return sentences([counts, words, ...held]);
}

const timeWords = (time: string, span: string) => (span === '' ? time : inChinese() ? `${time}（${span}）` : `${time} (${span})`);

/** "7–13 min", "20–40 s": what stands small beside a time; nothing where the range is no wider than its rounding. Without `units` where the time beside it is in the same unit: "7–13". */
export function shortRange(estimate: { seconds: number; low: number; high: number }, units = true): string {
  const unit = estimate.high < 100 ? 1 : estimate.high < 6000 ? 60 : 3600;
  const [low, high] = [Math.max(unit === 1 ? 5 : 1, Math.round(estimate.low / unit)), Math.max(1, Math.round(estimate.high / unit))];
  const own = estimate.seconds < 55 ? 1 : estimate.seconds < 6000 ? 60 : 3600;
  const names = inChinese() ? { 1: ' 秒', 60: ' 分钟', 3600: ' 小时' } : { 1: ' s', 60: ' min', 3600: ' h' };
  const word = !units && own === unit ? '' : (names[unit as keyof typeof names] ?? '');
  return low >= high ? '' : `${low}–${high}${word}`;
}

/** "EGRA on TikTok, seed 1". */
export const runTitle = (run: Pick<RunSummary, 'modelTitle' | 'datasetName' | 'seed' | 'imported'>): string =>
  run.imported === undefined
    ? `${run.modelTitle} on ${run.datasetName}, seed ${run.seed}`
    : `${run.modelTitle} on ${run.datasetName}, imported`;

/** "ii_k 10, tau 0.4". */
export const differencesOf = (run: Pick<RunSummary, 'differences'>): string =>
  run.differences.map(({ key, value }) => `${key} ${value}`).join(', ');

/** "19 s, estimated 20 s". */
export function timeBesideEstimate(
  run: Pick<RunSummary, 'elapsedSeconds' | 'estimatedSeconds'>,
  words: (seconds: number) => string,
): string {
  return run.estimatedSeconds === undefined
    ? words(run.elapsedSeconds)
    : `${words(run.elapsedSeconds)}, estimated ${words(run.estimatedSeconds)}`;
}
