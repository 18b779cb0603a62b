/**
 * Help pages as values. A page is a small Markdown file: a title, a lead, sections, lists and links, and lines such as `::metrics` where
 * definitions stand that live elsewhere. Nothing of it is ever HTML. Pure.
 */

/** Definitions a page can hold, each taken from the one place where it is written (definitions.ts). */
export const definitionSets = [
  'metrics',
  'beyond-accuracy',
  'statistics',
  'effects',
  'verdicts',
  'budget',
  'fields',
  'operators',
  'functions',
  'split-rules',
  'split-checks',
  'fingerprints',
  'keys',
  'models',
] as const;
export type DefinitionSet = (typeof definitionSets)[number];

export type Target =
  | { readonly kind: 'page'; readonly page: string; readonly at?: string }
  /** A screen of the studio: "#/runs". */
  | { readonly kind: 'screen'; readonly address: string }
  | { readonly kind: 'site'; readonly address: string };

export type Inline =
  | { readonly kind: 'text' | 'strong' | 'code' | 'keys'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly to: Target };

export type Block =
  | { readonly kind: 'text'; readonly inlines: readonly Inline[] }
  | { readonly kind: 'list'; readonly isOrdered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'definitions'; readonly set: DefinitionSet };

export interface Definition {
  /** Unique on its page; where links lead. */
  readonly id: string;
  readonly term: string;
  readonly text: string;
  /** In plain signs. */
  readonly formula?: string;
  /** Key of a setting, as it is written in files. */
  readonly key?: string;
  /** Direction, venue: what stands beside the term. */
  readonly aside?: string;
  readonly source?: string;
  /** What is published and what is our reading. */
  readonly reading?: string;
  /** A page with more. */
  readonly page?: string;
}

export interface Section {
  /** Empty for what stands before the first heading. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
  /** Definitions of a page that is made from data. */
  readonly definitions?: readonly Definition[];
}

export interface Article {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly sections: readonly Section[];
}

const headings = /^## (.+?)(?:\s*\{#([\w-]+)\})?$/;

export const slug = (words: string): string =>
  words
    .toLowerCase()
    .replace(/[^\p{L}\p{N}@]+/gu, '-')
    .replace(/^-|-$/g, '');

/** @throws Error where a page has no title or names definitions that do not exist: a mistake of ours, found by the tests over all pages */
export function parseArticle(id: string, source: string): Article {
  const chunks = source
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .map((chunk) => chunk.trim())
    .filter((chunk) => chunk !== '');
  const title = /^# (.+)$/.exec(chunks[0] ?? '')?.[1];
  if (title === undefined) throw new Error(`the help page ${id} does not start with "# Title"`);
  const [lead = '', ...rest] = chunks.slice(1);
  const sections: { id: string; title: string; blocks: Block[] }[] = [];
  for (const chunk of rest) {
    const heading = headings.exec(chunk);
    if (heading !== null) sections.push({ id: heading[2] ?? slug(heading[1]!), title: heading[1]!, blocks: [] });
    else {
      if (sections.length === 0) sections.push({ id: '', title: '', blocks: [] });
      sections[sections.length - 1]!.blocks.push(parseBlock(id, chunk));
    }
  }
  return { id, title, lead: oneLine(lead), sections };
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ');

function parseBlock(page: string, chunk: string): Block {
  const set = /^::([\w-]+)$/.exec(chunk)?.[1];
  if (set !== undefined) {
    const known = definitionSets.find((name) => name === set);
    if (known === undefined) throw new Error(`the help page ${page} asks for definitions "${set}"; known are ${definitionSets.join(', ')}`);
    return { kind: 'definitions', set: known };
  }
  const isOrdered = /^1\. /.test(chunk);
  if (isOrdered || chunk.startsWith('- ')) {
    const items = oneLine(chunk.replace(/\n(?:- |\d+\. )/g, '\u0000'))
      .replace(/^(?:- |\d+\. )/, '')
      .split('\u0000');
    return { kind: 'list', isOrdered, items: items.map(parseInlines) };
  }
  return { kind: 'text', inlines: parseInlines(oneLine(chunk)) };
}

const inlineMarks = /`([^`]+)`|\*{1,2}([^*]+)\*{1,2}|\[\[([^\]]+)\]\]|\[([^\]]+)\]\(([^)\s]+)\)/g;

export function parseInlines(text: string): readonly Inline[] {
  const found: Inline[] = [];
  let end = 0;
  for (const match of text.matchAll(inlineMarks)) {
    if (match.index > end) found.push({ kind: 'text', text: text.slice(end, match.index) });
    const [, code, strong, keys, link, to] = match;
    if (code !== undefined) found.push({ kind: 'code', text: code });
    else if (strong !== undefined) found.push({ kind: 'strong', text: strong });
    else if (keys !== undefined) found.push({ kind: 'keys', text: keys });
    else found.push({ kind: 'link', text: link!, to: targetOf(to!) });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ kind: 'text', text: text.slice(end) });
  return found;
}

/** `statistics#p`, `#/runs` or `https://…`. */
function targetOf(address: string): Target {
  if (address.startsWith('#/')) return { kind: 'screen', address };
  if (address.startsWith('https://')) return { kind: 'site', address };
  const [page = '', at] = address.split('#', 2);
  return at === undefined ? { kind: 'page', page } : { kind: 'page', page, at };
}

export const plainText = (inlines: readonly Inline[]): string => inlines.map(({ text }) => text).join('');
