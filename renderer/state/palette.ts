/** What the command palette finds, and how: groups of entries, matched by words, ranked by where they match. Pure. */
import type { IconName } from '#renderer/components/icons.ts';
import type { RunState } from '#contract/run.ts';
import { printCondition, type Condition } from '#contract/runs-expression.ts';
import { parseCondition } from '#contract/runs-parser.ts';
import { searchable } from '#contract/searched-text.ts';

export interface PaletteEntry {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  /** Other words it is looked for by, never shown. */
  readonly also?: string;
  readonly keys?: string | undefined;
  readonly icon?: IconName;
  readonly model?: string;
  readonly runState?: RunState;
  readonly run: () => void;
  /** Shows it beside the table instead of opening it. */
  readonly look?: () => void;
}

export interface PaletteGroup {
  readonly id: string;
  readonly title: string;
  readonly entries: readonly PaletteEntry[];
  /** "36, newest first"; the number of entries unless given. */
  readonly note?: string;
  /** Already filtered at its source; only the marks are drawn. */
  readonly isFiltered?: boolean;
}

/** How well an entry matches: 0 not at all; words at the start of the label count most. Every word must occur in label, hint or other words. */
export function score(entry: Pick<PaletteEntry, 'label' | 'hint' | 'also'>, words: readonly string[]): number {
  const label = searchable(entry.label);
  const hint = searchable(`${entry.hint ?? ''} ${entry.also ?? ''}`);
  let total = 1;
  for (const word of words) {
    if (label.startsWith(word)) total += 4;
    else if (label.includes(` ${word}`)) total += 3;
    else if (label.includes(word)) total += 2;
    else if (hint.includes(word)) total += 1;
    else return 0;
  }
  return total;
}

export function wordsOf(query: string): string[] {
  return searchable(query).split(/\s+/).filter(Boolean);
}

/** Groups with what matches, best first, at most `limit` each; empty groups fall away. */
export function search(groups: readonly PaletteGroup[], query: string, limit: number): PaletteGroup[] {
  const words = wordsOf(query);
  return groups
    .map((group) => {
      if (group.isFiltered === true || words.length === 0)
        return { ...group, note: group.note ?? String(group.entries.length), entries: group.entries.slice(0, limit) };
      const ranked = group.entries
        .map((entry, order) => ({ entry, order, points: score(entry, words) }))
        .filter(({ points }) => points > 0)
        .sort((a, b) => b.points - a.points || a.order - b.order);
      return { ...group, note: group.note ?? String(ranked.length), entries: ranked.slice(0, limit).map(({ entry }) => entry) };
    })
    .filter((group) => group.entries.length > 0);
}

/** The models a search means, and the words that are left: "egra demo" is EGRA and "demo". No model where none is named. */
export function modelsMeant(
  query: string,
  cards: readonly { readonly id: string; readonly title: string }[],
): { readonly models: readonly string[]; readonly rest: string } {
  const rest: string[] = [];
  let models: readonly string[] | undefined;
  for (const word of wordsOf(query)) {
    const named = cards.filter((card) => card.id.startsWith(word) || card.title.toLowerCase().startsWith(word)).map((card) => card.id);
    if (named.length === 0 || word.length < 2) rest.push(word);
    else models = models === undefined ? named : models.filter((id) => named.includes(id));
  }
  return { models: models ?? [], rest: rest.join(' ') };
}

/** A search as a filter of the runs table: a condition as it was typed, else the models it names and what is left; undefined for mere words. */
export function filterMeant(query: string, cards: readonly { readonly id: string; readonly title: string }[]): string | undefined {
  let typed: Condition | undefined;
  try {
    typed = parseCondition(query);
  } catch {
    // Half typed, or words that only look like a condition.
    return undefined;
  }
  if (typed === undefined) return undefined;
  const isWord = (part: Condition): boolean => part.kind === 'word' || (part.kind === 'all' && part.of.every(isWord));
  if (!isWord(typed)) return query.trim();
  const { models, rest } = modelsMeant(query, cards);
  const titles = cards.filter(({ id }) => models.includes(id)).map(({ title }) => title);
  // The beginning of many names is none of them.
  if (titles.length === 0 || titles.length > 3) return undefined;
  const named: Condition =
    titles.length === 1
      ? {
          kind: 'compare',
          left: { kind: 'field', name: 'model', at: 0 },
          operator: '=',
          right: { kind: 'text', value: titles[0]!, at: 0 },
          at: 0,
        }
      : { kind: 'among', field: 'model', values: titles, isNot: false, at: 0 };
  const words = rest === '' ? undefined : parseCondition(rest);
  return printCondition(words === undefined ? named : { kind: 'all', of: [named, ...(words.kind === 'all' ? words.of : [words])], at: 0 });
}

/** Runs whose name has all words before those that match elsewhere (a note, a tag, the experiment's name); each part as it came. */
export function namesFirst(entries: readonly PaletteEntry[], words: readonly string[]): readonly PaletteEntry[] {
  const named = entries.filter((entry) => score({ label: entry.label }, words) > 0);
  return [...named, ...entries.filter((entry) => !named.includes(entry))];
}

/** Pieces of a label with the matched ones marked. */
export function marked(label: string, words: readonly string[]): { text: string; hit: boolean }[] {
  // What is searched may be shorter or longer than what is shown, so every letter of it knows where it stands there.
  const letters = [...label.matchAll(/\P{M}\p{M}*/gu)].flatMap(({ 0: letter, index }) =>
    searchable(letter)
      .split('')
      .map((searched) => ({ searched, from: index, to: index + letter.length })),
  );
  const searched = letters.map((letter) => letter.searched).join('');
  const hits = new Uint8Array(label.length);
  for (const word of words) {
    const at = searched.indexOf(word);
    if (at < 0) continue;
    const [first, last] = [letters[at], letters[at + word.length - 1]];
    if (first !== undefined && last !== undefined) hits.fill(1, first.from, last.to);
  }
  const pieces: { text: string; hit: boolean }[] = [];
  for (let index = 0; index < label.length; index++) {
    const hit = hits[index] === 1;
    const last = pieces[pieces.length - 1];
    if (last?.hit === hit) last.text += label[index]!;
    else pieces.push({ text: label[index]!, hit });
  }
  return pieces;
}
