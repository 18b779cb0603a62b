/*
 * The language of the page. Source is English; the build (locales/build) turns its words into look-ups by t, m and pieces, which
 * give back the English itself until a catalogue is in use. A word that is missing in a catalogue stays English.
 */
import { programPart } from '#renderer/state/program-part.ts';
import { phraseBook, type PhraseBook } from './heard.ts';
import { pseudo } from './pseudo.ts';

export type Language = 'en' | 'zh' | 'pseudo';
/** What Settings hold: a language, or the system's. */
export type LanguageChoice = 'system' | 'en' | 'zh';
type LookUp = (key: string) => string;
type Catalogue = Readonly<Record<string, string>>;

const remembered = 'avocet.language';
const tables: (() => void)[] = [];
const keys = new WeakMap<TemplateStringsArray, string>();
let lookUp = $state.raw<LookUp | undefined>();
/** The sentences of the studio in the language of the page. */
let studioSays = $state.raw<PhraseBook | undefined>();
let current = $state<Language>('en');
let wanted: Language = 'en';
let isEnglishNow = false;

export const language = {
  get current(): Language {
    return current;
  },
};

/** "{0} of {1} runs" for the parts of a template; made once for each place in the source. */
function keyOf(parts: TemplateStringsArray): string {
  const known = keys.get(parts);
  if (known !== undefined) return known;
  const key = parts.map((part, at) => (at === 0 ? part : `{${at - 1}}${part}`)).join('');
  keys.set(parts, key);
  return key;
}

const filled = (text: string, values: readonly unknown[]) =>
  text.replace(/\{(\d+)\}/g, (_, at: string) => String(values[Number(at)] ?? ''));

function said(parts: TemplateStringsArray, values: readonly unknown[]): string {
  if (lookUp !== undefined && !isEnglishNow) return filled(lookUp(keyOf(parts)), values);
  let text = parts[0] ?? '';
  for (let at = 0; at < values.length; at++) text += String(values[at]) + (parts[at + 1] ?? '');
  return text;
}

/** A string of a script in the reader's language. Written by the build around strings it knows as words, by hand around others. */
export function t(parts: TemplateStringsArray, ...values: readonly unknown[]): string {
  return said(parts, values);
}

/** Text or an attribute of markup, where nothing is written for a missing value. */
export function m(parts: TemplateStringsArray, ...values: readonly unknown[]): string {
  return said(
    parts,
    values.map((value) => value ?? ''),
  );
}

/** Text around elements, `<0/>` in the message: what stands before, between and after them. */
export function pieces(parts: TemplateStringsArray, ...values: readonly unknown[]): readonly string[] {
  const key = keyOf(parts);
  return (isEnglishNow ? key : (lookUp?.(key) ?? key)).split(/ ?<\d+\/> ?/).map((piece) => filled(piece, values));
}

/**
 * What the studio said (a sentence of a run, a problem, a card), in the reader's language. What no phrase of studio.zh.json fits stays as it
 * is: names, the words of other programs. For showing alone: what is stored, sent or copied is the studio's own English.
 */
export function heard(sentence: string): string;
export function heard(sentence: string | undefined): string | undefined;
export function heard(sentence: string | undefined): string | undefined {
  if (sentence === undefined || studioSays === undefined || isEnglishNow) return sentence;
  return studioSays(sentence) ?? sentence;
}

/** Makes a table of words now, and again whenever the language changes. */
export function again(make: () => void): void {
  tables.push(make);
  make();
}

/** The words of a plural as `counted` is given them: "{0} runs". */
export function plural(key: string, value: string): string | undefined {
  return lookUp === undefined || isEnglishNow ? undefined : filled(lookUp(key), [value]);
}

export function inChinese(): boolean {
  return current === 'zh' && !isEnglishNow;
}

/** Calls what draws a figure or writes a file: those are English whatever the page speaks. */
export function inEnglish<Made>(make: () => Made): Made {
  if (lookUp === undefined || isEnglishNow) return make();
  const turn = (isOn: boolean) => {
    isEnglishNow = isOn;
    for (const table of tables) table();
  };
  turn(true);
  try {
    return make();
  } finally {
    turn(false);
  }
}

/** The pseudo-locale where the address asks for it: `?locale=pseudo`, for who looks after layouts; `?locale=pseudo-rtl` written from right to left. */
const asked = () => (typeof location === 'undefined' ? null : new URLSearchParams(location.search).get('locale'));
const isPseudo = () => asked()?.startsWith('pseudo') === true;

const ofSystem = (): Language => (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en');

/** The language to begin in, before Settings are read: the one used last on this machine, else the system's. */
export function firstLanguage(): Language {
  if (isPseudo()) return 'pseudo';
  const last = localStorage.getItem(remembered);
  return last === 'en' || last === 'zh' ? last : ofSystem();
}

/** Changes to what Settings say. Nothing but the drawing of the page is made anew. */
export async function choose(choice: LanguageChoice): Promise<void> {
  if (isPseudo()) return;
  if (choice === 'system') localStorage.removeItem(remembered);
  else localStorage.setItem(remembered, choice);
  await speak(choice === 'system' ? ofSystem() : choice);
}

/** Draws the page in a language. A word without a translation stays English. */
export async function speak(next: Language): Promise<void> {
  wanted = next;
  if (next === current) return;
  const read = next === 'en' ? undefined : await programPart(() => Promise.all([import('./zh.json'), import('./studio.zh.json')]));
  // Another choice may have been made while the catalogues were read.
  if (wanted !== next || next === current) return;
  const [page, studio]: readonly Catalogue[] = read === undefined ? [{}, {}] : read.map((file) => file.default);
  lookUp = next === 'en' ? undefined : next === 'zh' ? (key) => page?.[key] || key : pseudo;
  const write = next === 'zh' ? (key: string) => studio?.[key] || key : pseudo;
  studioSays = read === undefined ? undefined : phraseBook(Object.keys(studio ?? {}), (key, values) => filled(write(key), values));
  for (const make of tables) make();
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
  document.documentElement.dir = asked() === 'pseudo-rtl' ? 'rtl' : 'ltr';
  current = next;
}
