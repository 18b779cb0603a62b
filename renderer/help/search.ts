/** Finds words in help: every section and every definition is a place of its own, ranked by where the words stand. Pure. */
import { searchable } from '#contract/searched-text.ts';
import { also } from './also.ts';
import { plainText, type Article, type Block, type Definition, type DefinitionSet } from './article.ts';

export interface Place {
  readonly id: string;
  readonly page: string;
  /** The section or definition on the page; absent: its top. */
  readonly at?: string;
  /** What is found: a page's title, a heading, a term. */
  readonly title: string;
  /** Where it stands. */
  readonly context: string;
  /** Everything that is read there. */
  readonly text: string;
  readonly kind: 'page' | 'section' | 'definition';
}

const textOf = (block: Block): string =>
  block.kind === 'text' ? plainText(block.inlines) : block.kind === 'list' ? block.items.map(plainText).join(' ') : '';

const definitionPlace = (article: Article, definition: Definition): Place => ({
  id: `${article.id}/${definition.id}`,
  page: definition.page ?? article.id,
  ...(definition.page === undefined ? { at: definition.id } : {}),
  title: definition.term,
  context: article.title,
  text: [definition.key, definition.aside, definition.text, definition.formula, definition.source, definition.reading]
    .filter(Boolean)
    .join(' '),
  kind: 'definition',
});

export function placesOf(articles: readonly Article[], definitions: (set: DefinitionSet) => readonly Definition[]): readonly Place[] {
  return articles.flatMap((article) => [
    { id: article.id, page: article.id, title: article.title, context: '', text: article.lead, kind: 'page' as const },
    ...article.sections.flatMap((section): Place[] => {
      const text = section.blocks.map(textOf).join(' ').trim();
      const own: Place[] =
        section.id === '' || text === ''
          ? []
          : [
              {
                id: `${article.id}#${section.id}`,
                page: article.id,
                at: section.id,
                title: section.title,
                context: article.title,
                text,
                kind: 'section',
              },
            ];
      const sets = section.blocks.flatMap((block) => (block.kind === 'definitions' ? definitions(block.set) : []));
      return [...own, ...[...sets, ...(section.definitions ?? [])].map((definition) => definitionPlace(article, definition))];
    }),
  ]);
}

const kinds = { page: 0.3, definition: 0.2, section: 0 } as const;

const phrases = new Map(Object.entries(also).map(([place, words]) => [place, searchable(words).split(', ')]));

/** Words of a question that name nothing: "why are test values masked", "什么是 p 值". */
const asking = /^(?:why|how|what|where|when|which|who|is|are|does|do|did|can|i|my|me|the|an?|to|of|in|it|mean|means|meaning)$/;
const askingChinese = /^(?:为什么|为何|什么是|怎么|怎样|如何)|(?:是什么(?:意思)?|怎么办)$|[?？]$/gu;

/** The words of a question that are looked for. Where nothing else was asked, all of them. */
export function sought(words: readonly string[]): readonly string[] {
  const bare = words.map((word) => word.replace(/\?$/, '').replace(askingChinese, '')).filter((word) => word !== '' && !asking.test(word));
  return bare.length === 0 ? words : bare;
}

/** 0 where a word is missing; a term that is the very words comes first, then words it is also known by, starts of titles, titles, text. */
export function rank(place: Place, words: readonly string[]): number {
  const known = phrases.get(place.id) ?? [];
  const bare = sought(words);
  if ([words, bare].some((asked) => known.includes(asked.join(' ')))) return kinds[place.kind] + 19;
  return rankWords(place, known.join(', '), bare);
}

function rankWords(place: Place, known: string, words: readonly string[]): number {
  const title = searchable(place.title);
  const rest = searchable(`${place.context} ${place.text}`);
  const plain = title.replace(/@\d+$/, '').replace(/\(\)$/, '');
  let points = kinds[place.kind];
  if (words.join(' ') === title || words.join(' ') === plain) points += 20;
  for (const word of words) {
    if (title.startsWith(word)) points += 8;
    else if (new RegExp(`[\\s(“,-]${escaped(word)}`).test(title)) points += 6;
    else if (title.includes(word)) points += 4;
    else if (new RegExp(`(?:^|[\\s-])${escaped(word)}`).test(known)) points += 3;
    else if (known.includes(word)) points += 1.5;
    else if (new RegExp(`(?:^|[\\s(“,-])${escaped(word)}`).test(rest)) points += 2;
    else if (rest.includes(word)) points += 1;
    else return 0;
  }
  return points;
}

const escaped = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The best places first, at most `limit`; no words find nothing. */
export function findPlaces(places: readonly Place[], words: readonly string[], limit: number): readonly Place[] {
  if (words.length === 0) return [];
  return places
    .map((place, order) => ({ place, order, points: rank(place, words) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points || a.order - b.order)
    .slice(0, limit)
    .map(({ place }) => place);
}

/** The words around the first one that is found, for a line below a title. */
export function excerpt(text: string, words: readonly string[], length = 110): string {
  const lower = text.toLowerCase();
  const at = Math.min(...words.map((word) => lower.indexOf(word)).filter((found) => found >= 0), text.length);
  if (at === text.length || at < length - 30) return text.length <= length ? text : `${text.slice(0, length).replace(/\s\S*$/, '')} …`;
  const from = text.indexOf(' ', at - 40) + 1;
  const cut = text.slice(from, from + length);
  return `… ${from + length < text.length ? `${cut.replace(/\s\S*$/, '')} …` : cut}`;
}
