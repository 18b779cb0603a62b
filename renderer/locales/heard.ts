/*
 * What the studio says, in the reader's language. Sentences cross the border as the English of the studio, so that its logs, its terminal
 * and its files stay English and nothing translated is ever stored. A phrase book of whole sentences with places for values, keyed by the
 * source of the studio (build/studio-sources.ts), finds the one that was said and says it anew. Pure.
 */
import { lowerFirst } from './sentence.ts';

export type PhraseBook = (sentence: string) => string | undefined;

interface Phrase {
  readonly key: string;
  /** The longest text between its places: what does not hold it is not this phrase. */
  readonly mark: string;
  /** How much of it is text. Of two phrases that fit, the one with more says more. */
  readonly weight: number;
  readonly form: RegExp;
  /** How many values stand side by side in each group of `form`: "{0}{1} of {2}" has 2, 1. */
  readonly runs: readonly number[];
  /** Little text that may stand between long values by chance: those have to be short. */
  readonly isLoose: boolean;
}

/** Less text than this may fit what it does not mean. */
const surely = 8;
/** Phrases within phrases; none of the studio's lie deeper. */
const deepest = 9;
const placed = /\{\d+\}/;
const letters = (text: string) => text.replace(/\P{L}/gu, '').length;
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A sentence may stand inside another, or its beginning at the top of a page: "Cancelled", "cancelled". */
const eitherCase = (letter: string) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`;

function phraseOf(key: string): Phrase {
  const parts = key.split(/(?:\{\d+\})+/);
  const mark = parts.reduce((longest, part) => (part.length > longest.length ? part : longest), '');
  const runs = (key.match(/(?:\{\d+\})+/g) ?? []).map((run) => run.split('}').length - 1);
  const weight = letters(parts.join('')) + parts.join('').length / 100;
  const isLoose = weight < surely && parts.filter((part) => part !== '').length < 3;
  return {
    key,
    mark,
    weight,
    form: new RegExp(
      `^${parts
        .map(escaped)
        .join('([^]*?)')
        .replace(/^\p{L}/u, eitherCase)}$`,
    ),
    runs,
    isLoose,
  };
}

/** What holds several sentences or clauses is no value of a phrase, if it can be taken apart. */
const isClean = (value: string) => !/[.!?;] \S/.test(value.replace(/^[;,] /, ''));
const isLong = (value: string) => value.includes(' ');
/** Where a sentence can have been continued: ", seed 3", "; on hold", " (twice)", " on other threads". */
const tail = /(?=[,;] | )/g;

/** Between sentences, clauses and members of a list. Chinese has its own signs for them. */
const strongJoints: readonly (readonly [mark: RegExp, sign: string])[] = [
  [/(?<=[.!?…]) (?=\S)/, ''],
  [/; (?=\S)/, '；'],
  [/\. (?=\S)/, '。'],
];
const weakJoints: readonly (readonly [mark: RegExp, sign: string])[] = [
  [/: (?=\S)/, '：'],
  [/, and | and /, '和'],
  [/, (?=\S)/, '、'],
];

/** Signs of two scripts do not touch: "第 3 轮". */
const apart = (text: string) =>
  text
    .replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, '')
    .replace(/(\p{Script=Han})(?=[\p{Script=Latin}\d(])/gu, '$1 ')
    .replace(/([\p{Script=Latin}\d%)])(?=\p{Script=Han})/gu, '$1 ');

/**
 * The phrase book of a catalogue. A sentence that is none of its phrases is looked for part by part; parts that are known are translated,
 * names and numbers stay as they are. Undefined where nothing of it is known. `write` makes a sentence of its key and values.
 */
export function phraseBook(keys: readonly string[], write: (key: string, values: readonly string[]) => string): PhraseBook {
  const exact = new Map(keys.flatMap((key) => (placed.test(key) ? [] : [[key, key] as const])));
  for (const key of [...exact.keys()]) if (!exact.has(lowerFirst(key))) exact.set(lowerFirst(key), key);
  const exactly = (text: string) => exact.get(text) ?? exact.get(lowerFirst(text));
  const phrases = keys.filter((key) => placed.test(key)).map(phraseOf);
  phrases.sort((a, b) => b.weight - a.weight);
  const plurals = new Set(keys.filter((key) => /^\{0\} \p{L}+$/u.test(key)));
  const known = new Map<string, string | undefined>();

  /** Values of "{0}{1}": the rightmost that begins as a continuation does and is known by itself is the second; else all is the first. */
  function sideBySide(text: string, count: number, depth: number): readonly string[] {
    if (count === 1) return [text];
    for (const { index } of text.matchAll(tail)) {
      if (said(text.slice(index), surely / 2, depth + 1) === undefined) continue;
      return [text.slice(0, index), ...sideBySide(text.slice(index), count - 1, depth)];
    }
    return [text, ...Array.from({ length: count - 1 }, () => '')];
  }

  /** The sentence as one phrase of at least that weight. */
  function said(sentence: string, least: number, depth: number, isRest = false): string | undefined {
    const same = exactly(sentence);
    if (same !== undefined) return write(same, []);
    for (const phrase of phrases) {
      if (phrase.weight < least) return undefined;
      if (!sentence.includes(phrase.mark)) continue;
      const groups = phrase.form.exec(sentence)?.slice(1);
      if (groups === undefined || (isRest && (phrase.key.startsWith('{') || (phrase.weight < surely && groups.some(isLong))))) continue;
      if (phrase.isLoose && !groups.every((value) => fits(value, phrase.weight, depth))) continue;
      const values = groups.flatMap((group, at) => sideBySide(group, phrase.runs[at] ?? 1, depth));
      if (least > 0 && !values.every((value) => isClean(value) || said(value, surely, depth + 1) !== undefined)) continue;
      return write(
        phrase.key,
        values.map((value) => heard(value, depth + 1) ?? value),
      );
    }
    return undefined;
  }

  /** Is this a value of a phrase with little text: a name or a number, or a few words, or known by itself? */
  function fits(value: string, weight: number, depth: number): boolean {
    const isShort = weight < surely / 2 ? isName(value) || /^[\d.,]+\s?\S*$/.test(value) : value.split(' ').length <= 4;
    return isShort || heard(value, depth + 1) !== undefined;
  }

  /** `isEvery`: all of the parts have to be known, else one of them. */
  function apartAt(joints: typeof strongJoints, sentence: string, depth: number, isEvery = false): string | undefined {
    for (const [mark, sign] of joints) {
      const parts = sentence.split(mark);
      if (parts.length < 2) continue;
      const heardParts = parts.map((part) => heard(part, depth + 1) ?? heard(`${part} `, depth + 1));
      if (isEvery ? !heardParts.includes(undefined) : heardParts.some((part) => part !== undefined))
        return heardParts.map((part, at) => part ?? parts[at]).join(sign);
    }
    return undefined;
  }

  /** A sentence that is continued by a known phrase, or begins with a name: "MGCN needs times". */
  function continued(sentence: string, depth: number): string | undefined {
    for (const { index } of sentence.matchAll(tail)) {
      if (index === 0) continue;
      const [head, rest] = [sentence.slice(0, index), sentence.slice(index)];
      const last =
        said(rest, surely / 2, depth + 1, true) ?? (/^ \S+ /.test(rest) ? said(rest.slice(1), surely, depth + 1, true) : undefined);
      if (last !== undefined && (/^[,;]/.test(rest) || isName(head) || exactly(head) !== undefined))
        return `${heard(head, depth + 1) ?? head}${last}`;
    }
    return undefined;
  }

  /** "3 seeds", where there is no phrase for it: the word as it is said elsewhere. */
  function counted(amount = '', unit = ''): string | undefined {
    const key = `{0} ${unit}`;
    const word = exactly(unit);
    return plurals.has(key) ? write(key, [amount]) : word === undefined ? undefined : `${amount} ${write(word, [])}`;
  }

  function heard(sentence: string, depth: number): string | undefined {
    if (depth > deepest || !/\p{L}{2}/u.test(sentence)) return undefined;
    if (known.has(sentence)) return known.get(sentence);
    const [, amount, unit] = /^([\d.,]+) (.+)$/.exec(sentence) ?? [];
    const found =
      counted(amount, unit) ??
      said(sentence, surely, depth) ??
      apartAt(strongJoints, sentence, depth, true) ??
      continued(sentence, depth) ??
      said(sentence, 0, depth) ??
      apartAt(strongJoints, sentence, depth) ??
      apartAt(weakJoints, sentence, depth);
    if (known.size > 5000) known.clear();
    if (depth < deepest - 3) known.set(sentence, found);
    return found;
  }

  return (sentence) => {
    const found = heard(sentence, 0);
    return found === undefined ? undefined : apart(found);
  };
}

/** "MGCN", "my-model", "Amazon Baby 2". */
const isName = (text: string) => /^[^\s.,;:]+(?: [^\sa-z.,;:][^\s.,;:]*){0,2}$/.test(text);
