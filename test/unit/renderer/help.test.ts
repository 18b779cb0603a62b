import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { budgetSchema, metricNames } from '#contract/run.ts';
import { bindingsOf } from '#contract/shortcuts.ts';
import { cards } from '#models/cards.ts';
import { definitionSets, parseArticle, parseInlines, plainText, slug, type Article, type Inline } from '#renderer/help/article.ts';
import { also } from '#renderer/help/also.ts';
import { articles as written } from '#renderer/help/articles.ts';
import { definitionsOf, modelArticle, modelPage } from '#renderer/help/definitions.ts';
import { helpPages, pageOf } from '#renderer/help/pages.ts';
import { excerpt, findPlaces, placesOf } from '#renderer/help/search.ts';
import { measures } from '#renderer/locales/profile.ts';
import { effectWords, statisticNames, statisticWords } from '#renderer/locales/statistics.ts';
import { wordsOf } from '#renderer/state/palette.ts';
import { parseRoute, screens } from '#renderer/state/route.ts';

const folder = join(import.meta.dirname, '../../../renderer/help');
const articles = written.en;
const sources = { cards, bindings: bindingsOf({}, 'browser') };
const definitions = (set: (typeof definitionSets)[number]) => definitionsOf(set, sources);
const all: readonly Article[] = [...articles, ...cards.map(modelArticle)];
const places = placesOf(all, definitions);
const find = (query: string) => findPlaces(places, wordsOf(query), 5);

function links(article: Article): readonly (Inline & { kind: 'link' })[] {
  const inlines = article.sections.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.kind === 'text' ? block.inlines : block.kind === 'list' ? block.items.flat() : [])),
  );
  return inlines.filter((inline) => inline.kind === 'link');
}

describe('a help page', () => {
  test('is read from its Markdown, sections by the names they give themselves', () => {
    const article = parseArticle(
      'sample',
      '# Sample\n\nWhat it\nis for.\n\nBefore.\n\n## First thing {#first}\n\n- one `code`\n  goes on\n- [[Ctrl K]]\n\n::metrics\n\n## Second\n\n1. **a**\n2. [b](runs#bulk)',
    );
    expect(article).toMatchObject({ title: 'Sample', lead: 'What it is for.' });
    expect(article.sections.map(({ id }) => id)).toEqual(['', 'first', 'second']);
    const [list, set] = article.sections[1]!.blocks;
    expect(list).toMatchObject({ kind: 'list', isOrdered: false });
    expect(list?.kind === 'list' && list.items.map(plainText)).toEqual(['one code goes on', 'Ctrl K']);
    expect(set).toEqual({ kind: 'definitions', set: 'metrics' });
    expect(article.sections[2]!.blocks[0]).toMatchObject({
      isOrdered: true,
      items: [[{ kind: 'strong', text: 'a' }], [{ kind: 'link', text: 'b', to: { kind: 'page', page: 'runs', at: 'bulk' } }]],
    });
  });

  test('takes no mark-up of another kind: it is shown as it stands', () => {
    expect(parseInlines('<b>no</b> & `<i>`')).toEqual([
      { kind: 'text', text: '<b>no</b> & ' },
      { kind: 'code', text: '<i>' },
    ]);
    expect(() => parseArticle('x', 'no title')).toThrow('"# Title"');
    expect(() => parseArticle('x', '# X\n\nlead\n\n::nothing')).toThrow('"nothing"');
  });
});

describe('help is complete:', () => {
  test('every screen has a page, and every file is one', () => {
    for (const screen of screens)
      expect(
        articles.map(({ id }) => id),
        screen,
      ).toContain(pageOf(parseRoute(`#/${screen}`)));
    expect(pageOf(parseRoute('#/runs/run-1'))).toBe('run-detail');
    for (const language of ['en', 'zh'])
      expect(readdirSync(join(folder, language)).sort()).toEqual(helpPages.map((id) => `${id}.md`).sort());
    for (const { id, lead, sections } of articles) {
      expect(lead.length, id).toBeGreaterThan(40);
      expect(sections.length, id).toBeGreaterThan(0);
    }
  });

  test('every set of definitions stands on a page', () => {
    const shown = articles.flatMap(({ sections }) =>
      sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'definitions' ? [block.set] : []))),
    );
    expect([...new Set(shown)].sort()).toEqual([...definitionSets].sort());
  });

  test('every metric, statistic, effect and budget setting is explained', () => {
    expect(definitions('metrics').map(({ id }) => id)).toEqual([...metricNames]);
    for (const { formula, text } of definitions('metrics')) expect(`${formula}`.length * text.length).toBeGreaterThan(20);
    expect(definitions('beyond-accuracy')).toHaveLength(measures(20, ['each modality']).length);
    expect(Object.keys(statisticNames)).toEqual(Object.keys(statisticWords));
    expect(definitions('effects')).toHaveLength(Object.keys(effectWords).length);
    expect(
      definitions('budget')
        .map(({ key }) => key)
        .sort(),
    ).toEqual(Object.keys(budgetSchema.entries).sort());
    for (const set of definitionSets)
      for (const { id, term, text } of definitions(set)) expect(term.length * text.length, `${set} ${id}`).toBeGreaterThan(0);
  });

  test('every setting of every model is explained on the page of its model', () => {
    expect(cards.length).toBeGreaterThan(20);
    for (const card of cards) {
      const explained = modelArticle(card).sections.flatMap((section) => section.definitions ?? []);
      for (const [key, field] of Object.entries(card.hyper)) {
        const found = explained.find(({ id }) => id === key);
        expect(field.help.length, `${card.id}.${key}`).toBeGreaterThan(0);
        expect(found?.text, `${card.id}.${key}`).toContain(field.help);
        expect(found?.text).toMatch(/Range: .+\. Default: /);
      }
    }
  });

  test('every link leads somewhere, and no page has two places of one name', () => {
    const known = new Map(
      all.map((article) => [
        article.id,
        new Set(
          article.sections.flatMap(({ id, blocks, definitions: own }) => [
            id,
            ...(own ?? []).map((definition) => definition.id),
            ...blocks.flatMap((block) => (block.kind === 'definitions' ? definitions(block.set).map((definition) => definition.id) : [])),
          ]),
        ),
      ]),
    );
    for (const article of all) {
      const names = article.sections.map(({ id }) => id);
      expect(new Set(names).size, article.id).toBe(names.length);
      for (const { text, to } of links(article)) {
        if (to.kind === 'screen') expect(parseRoute(to.address).unknown, text).toBeUndefined();
        if (to.kind !== 'page') continue;
        expect([...known.keys()], `${article.id}: ${text}`).toContain(to.page);
        if (to.at !== undefined) expect([...known.get(to.page)!], `${article.id}: ${text}`).toContain(to.at);
      }
    }
  });
});

describe('a help page in Chinese', () => {
  const inlinesOf = (article: Article): readonly Inline[] =>
    article.sections.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.kind === 'text' ? block.inlines : block.kind === 'list' ? block.items.flat() : [])),
    );
  const said = (article: Article, kind: Inline['kind']) =>
    inlinesOf(article)
      .filter((inline) => inline.kind === kind)
      .map(({ text }) => text)
      .sort();

  test.each(helpPages)('%s has the sections, lists, definitions, links, keys and code of the English one', (id) => {
    const [english, chinese] = [written.en, written.zh].map((pages) => pages.find((page) => page.id === id)!);
    const outline = (article: Article) =>
      article.sections.map(({ id: section, blocks }) => [
        section,
        ...blocks.map((block) =>
          block.kind === 'list' ? `${block.isOrdered} ${block.items.length}` : block.kind === 'text' ? '' : block.set,
        ),
      ]);
    expect(outline(chinese!)).toEqual(outline(english!));
    expect(
      links(chinese!)
        .map(({ to }) => JSON.stringify(to))
        .sort(),
    ).toEqual(
      links(english!)
        .map(({ to }) => JSON.stringify(to))
        .sort(),
    );
    for (const kind of ['keys', 'code'] as const) expect(said(chinese!, kind), kind).toEqual(said(english!, kind));
    for (const text of [chinese!.title, chinese!.lead, ...chinese!.sections.map(({ title }) => title)])
      expect(text).toMatch(/\p{Script=Han}|^$/u);
    expect(said(chinese!, 'strong').length).toBe(said(english!, 'strong').length);
  });
});

describe('what help calls by its name', () => {
  /** States, marks and phrases that no label of a screen is. */
  const others = [
    ...['published', 'released', 'inferred', 'killed', 'diverged', 'leave one out', 'Fastest here', '0.0992 ± 0.0007 (5)', 'reported rows'],
    ...['已发表', '已公开', '推断', '被终止', '发散', '留一法', '本机最快', '报告行', '2 / 5', '在每个标签页中保留'],
  ];
  const catalogue = (name: string) =>
    JSON.parse(readFileSync(join(folder, '../locales', name), 'utf8')) as Readonly<Record<string, string>>;
  const said = [catalogue('zh.json'), catalogue('studio.zh.json')].flatMap((messages) => Object.entries(messages));
  const plain = (text: string) => text.replace(/[…“”]/g, '').toLowerCase().trim();

  test.each(['en', 'zh'] as const)('stands on the screen in these words (%s)', (language) => {
    const labels = said.map(([english, chinese]) => plain(language === 'en' ? english : chinese));
    const whole = new Set(labels);
    // A label with a value in it, where enough of it is fixed to be known by.
    const shapes = labels
      .filter((label) => label.includes('{0}') && label.replace(/\{\d\}/g, '').length > 3)
      .map((label) => new RegExp(`^${label.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\d\}/g, '.*')}$`));
    for (const { id } of articles) {
      const source = readFileSync(join(folder, language, `${id}.md`), 'utf8').replace(/`[^`]*`/g, '');
      const named = [...source.matchAll(/(?<!\*)\*([^*\n]+)\*(?!\*)/g)].map(([, name]) => name!);
      const unknown = named.filter(
        (name) => !others.includes(name) && !whole.has(plain(name)) && !shapes.some((shape) => shape.test(plain(name))),
      );
      expect(unknown, id).toEqual([]);
    }
  });
});

describe('the search of help', () => {
  test('finds a definition by its term before pages that only speak of it', () => {
    expect(find('ndcg')[0]).toMatchObject({ page: 'metrics', at: 'ndcg' });
    expect(find('critical difference')[0]).toMatchObject({ page: 'statistics', at: 'criticalDifference' });
    expect(find('patience')[0]).toMatchObject({ page: 'new-experiment', at: 'patience' });
    expect(find('egra')[0]).toMatchObject({ page: modelPage('egra') });
  });

  test('finds words inside a section, in any order, and nothing where one is missing', () => {
    expect(find('freeze why').map(({ page }) => page)).toContain('protocol');
    expect(find('freeze zebra')).toEqual([]);
    expect(find('')).toEqual([]);
  });

  test.each([
    ['noise floor', 'statistics/minimum'],
    ['standard deviation', 'statistics#mean'],
    ['std', 'statistics#mean'],
    ['why masked', 'protocol#freeze'],
    ['Why are test values hidden?', 'protocol#freeze'],
    ['leakage', 'datasets#checks'],
    ['cold start', 'datasets/cold-item'],
    ['error bars', 'statistics/interval'],
    ['seed', 'new-experiment#seeds'],
    ['p-value', 'statistics/p'],
    ['significance', 'statistics/p'],
    ['effect size', 'statistics/d-z'],
    ['bonferroni', 'statistics#correction'],
    ['early stopping', 'new-experiment/patience'],
    ['hit rate', 'metrics/hitrate'],
    ['out of memory', 'queue#failures'],
    ['wandb', 'runs#imported'],
    ['dark mode', 'settings#appearance'],
    ['offline', 'settings#privacy'],
    ['噪声水平', 'statistics/minimum'],
    ['为什么遮盖？', 'protocol#freeze'],
    ['p值', 'statistics/p'],
    ['误差棒', 'statistics/interval'],
    ['冷启动', 'datasets/cold-item'],
  ])('finds "%s" by other words than help has, in both languages', (query, place) => {
    for (const pages of [written.en, written.zh])
      expect(
        findPlaces(placesOf(pages, definitions), wordsOf(query), 2).map(({ id }) => id),
        query,
      ).toContain(place);
  });

  test('other words belong to places that are there', () => {
    const known = new Set(places.map(({ id }) => id));
    expect(Object.keys(also).filter((id) => !known.has(id))).toEqual([]);
  });

  test('finds every setting of every model by its key', () => {
    for (const card of cards)
      for (const key of Object.keys(card.hyper)) {
        const found = findPlaces(places, wordsOf(`${key} ${card.title}`), 40);
        expect(
          found.some(({ page, at }) => page === modelPage(card.id) && at === key),
          `${card.id}.${key}`,
        ).toBe(true);
      }
  });

  test('shows the words around what was found', () => {
    const text = `${'far away '.repeat(30)}the needle lies here, ${'and more '.repeat(30)}`;
    expect(excerpt(text, ['needle'])).toMatch(/^… .*needle.* …$/);
    expect(excerpt('short text', ['text'])).toBe('short text');
    expect(slug('Wins, ties, losses @20')).toBe('wins-ties-losses-@20');
  });
});
