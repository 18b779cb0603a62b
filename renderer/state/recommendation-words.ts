/** Words and small decisions of the Recommendations screen. Pure. */
import { plainText } from '#contract/plain-text.ts';
import { heard } from '#renderer/locales/language.svelte.ts';
import type { Item } from '#contract/dataset.ts';
import type { RunSummary } from '#contract/run.ts';
import { longestList, type ListedRun, type RankedList, type Tally, type UserLine, type UserLists } from '#contract/recommendation.ts';
import { count, counted, joined, percent, sentences, signed } from '#renderer/locales/format.ts';

/** Title, else the id of the source. */
export function itemName(item: Pick<Item, 'title' | 'rawId'> | undefined, id: number): string {
  return item?.title === undefined ? (item?.rawId ?? String(id)) : plainText(item.title);
}

/** "412", or "A3F9 (412)" where the source has ids of its own. */
export function userName(user: number, rawId: string): string {
  return rawId === String(user) ? rawId : `${rawId} (${user})`;
}

/** How far an item stands from its rank in the other list: "↑ 5", "↓ 1", "=", "new". */
export function rankChange(rank: number, other: number | undefined): string {
  if (other === undefined) return 'new';
  if (other === rank) return '=';
  return other > rank ? `↑ ${other - rank}` : `↓ ${rank - other}`;
}

export function changeWords(rank: number, other: number | undefined, name: string): string {
  return other === undefined ? `not among the ${longestList} of ${name}` : `rank ${other} in ${name}`;
}

/** Scores of different models have no common scale: three decimals, four digits where they are large or tiny, an exponent where even that is too long. */
export function scoreText(score: number | undefined): string {
  if (score === undefined) return '';
  const size = Math.abs(score);
  if (size >= 1e6) return score.toExponential(2).replace('-', '−').replace('e+', 'e');
  const text = (size >= 100 || (size !== 0 && size < 0.01) ? score.toPrecision(4) : score.toFixed(3)).replace('-', '−');
  return text;
}

/** Ranks that find a held-out item: "A 6, B 1", "B 2", "not in the top 50". Beyond the list they stand in brackets. */
export function foundWords(ranks: readonly (number | null)[], k: number): string {
  const words = ranks.flatMap((rank, index) => {
    if (rank === null) return [];
    const name = ranks.length > 1 ? `${'AB'[index]} ` : '';
    return [rank > k ? `(${name}${rank})` : `${name}${rank}`];
  });
  return words.length === 0 ? `not in the top ${longestList}` : joined(words);
}

/** Difference of hits B − A as the list of users shows it; with one run its hits. */
export function hitsText({ values }: UserLine): string {
  const [a, b] = values ?? [];
  if (a === undefined) return '–';
  return b === undefined ? String(a.hits) : signed(b.hits - a.hits, 0);
}

/** "14 train items, 5 held out. A finds 2 of them in its top 10, B finds 4." */
export function userSentence({ history, heldOut, lists, k }: UserLists): string {
  const start = `${counted(history.length, 'train item')}, ${count(heldOut.length)} held out.`;
  if (heldOut.length === 0) return start;
  const [a, b] = lists.map(({ hits }) => hits);
  const finds =
    b === undefined ? `The model finds ${a ?? 0} of them in its top ${k}.` : `A finds ${a ?? 0} of them in its top ${k}, B finds ${b}.`;
  return sentences([start, finds]);
}

/** "LightGCN, seed 1", the same everywhere on this screen. */
export function runName(run: ListedRun): string {
  return `${run.modelTitle}, ${heard(run.details)}`;
}

/** What tells a run from the others of a list with models as its words: "Baby, seed 1" where they are of several datasets. */
export function runHint(run: ListedRun, among: readonly ListedRun[]): string {
  const details = heard(run.details);
  return among.some(({ dataset }) => dataset !== run.dataset) ? joined([run.datasetName, details]) : details;
}

/** The run to set beside A: the newest of another model over the same data, else the newest other one. */
export function partnerOf(a: ListedRun, runs: readonly ListedRun[]): ListedRun | undefined {
  const others = runs.filter((run) => run.dataset === a.dataset && run.id !== a.id);
  return others.find((run) => run.model !== a.model) ?? others[0];
}

/** Two runs of an experiment worth a look: on validation the best (B), and the best of another model over the same data (A). */
export function worthALook(runs: readonly RunSummary[]): { readonly a: RunSummary; readonly b: RunSummary } | undefined {
  const value = ({ validation }: RunSummary) => validation?.['recall@20'] ?? -1;
  const ended = runs.filter((run) => (run.state === 'finished' || run.state === 'stopped') && run.validation !== undefined);
  const [b, ...others] = [...ended].sort((x, y) => value(y) - value(x));
  const a = others.find((run) => run.model !== b?.model && run.dataset === b?.dataset);
  return a === undefined || b === undefined ? undefined : { a, b };
}

/** Whether A stands on the right for this user: a coin for each user under the seed of the session (finaliser of MurmurHash3). */
export function isTurned(seed: number, user: number): boolean {
  let bits = (user ^ Math.imul(seed, 0x9e3779b1)) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) & 1) === 1;
}

/** The result of blind votes in one sentence. */
export function tallyWords({ counts, sign }: Tally, a: string, b: string): string {
  const numbers = `${counted(counts.a + counts.b + counts.tie, 'blind vote')}: A (${a}) ${counts.a}, B (${b}) ${counts.b}, no preference ${counts.tie}.`;
  if (sign === undefined) return numbers;
  const p = sign.p < 0.001 ? 'p < 0.001' : `p = ${sign.p.toFixed(3)}`;
  return `${numbers} A preferred in ${percent(sign.share, 0)} of ${sign.n} (95 % interval ${percent(sign.low, 0)} to ${percent(sign.high, 0)}), sign test ${p}.`;
}

/** The panel as rows for a file: one line per place of the list, full precision. */
export function panelRows(lists: UserLists): string[][] {
  const items = new Map(lists.items.map((item) => [item.id, item]));
  const sources = lists.lists.find((list) => list.sources !== undefined)?.sources ?? [];
  const shareHeads = sources.map((source) => ['share', source].join('_'));
  const head = ['user', 'run', 'rank', 'item', 'item_id', 'title', 'train_users', 'score', ...shareHeads, 'held_out', 'rank_in_other'];
  const rows = lists.lists.flatMap((list: RankedList) =>
    list.rows.map(({ item, score, shares, hit, other }, index) => {
      const of = items.get(item);
      return [
        lists.rawId,
        list.run,
        String(index + 1),
        String(item),
        of?.rawId ?? '',
        of?.title ?? '',
        String(of?.trainRows ?? ''),
        score === undefined ? '' : String(score),
        ...sources.map((_, source) => String(shares?.[source] ?? '')),
        hit ? lists.part : '',
        other === undefined ? '' : String(other),
      ];
    }),
  );
  return [head, ...rows];
}
