/** Every definition help can show, gathered from where each is written: nothing is explained in two places. Pure. */
import { cardWords } from '#renderer/locales/card-words.ts';
import { heard } from '#renderer/locales/language.svelte.ts';
import { metricDefinitions } from '#contract/metrics.ts';
import { keysText } from '#contract/keys.ts';
import type { HyperField, ModelCard } from '#contract/model-card.ts';
import { metricNames } from '#contract/run.ts';
import { functions } from '#contract/runs-expression.ts';
import { runFields } from '#contract/runs-fields.ts';
import { shortcutIds, shortcuts, type Bindings } from '#contract/shortcuts.ts';
import { budgetWords } from '#renderer/locales/budget.ts';
import { words as datasetWords } from '#renderer/locales/en-datasets.ts';
import { words } from '#renderer/locales/en-help.ts';
import { measures } from '#renderer/locales/profile.ts';
import { effectWords, statisticNames, statisticWords, verdictWords } from '#renderer/locales/statistics.ts';
import { operatorWords } from '#renderer/state/query-completion.ts';
import { rangeText, valueText } from '#renderer/state/setting-rows.ts';
import { fixedKeys } from '#renderer/state/shortcuts.ts';
import { slug, type Article, type Definition, type DefinitionSet, type Section } from './article.ts';

/** The cut-off that definitions are written out for. */
const k = 20;

export interface Sources {
  readonly cards: readonly ModelCard[];
  /** The keys as the person has them. */
  readonly bindings: Bindings;
}

const direction = (better: 'higher' | 'lower') => (better === 'higher' ? words.higher : words.lower);

export function definitionsOf(set: DefinitionSet, { cards, bindings }: Sources): readonly Definition[] {
  switch (set) {
    case 'metrics':
      return metricNames.map((name) => {
        const { label, better, formula, definition } = metricDefinitions[name];
        return { id: name, term: `${label}@${k}`, text: definition(k), formula, aside: direction(better), source: words.metricSource };
      });
    case 'beyond-accuracy':
      return measures(k, [words.anyModality]).map(({ key, label, better, definition }) => ({
        id: key,
        term: label,
        text: definition,
        aside: direction(better),
      }));
    case 'statistics':
      return keysOf(statisticWords).map((key) => ({ id: key, term: statisticNames[key], text: statisticWords[key] }));
    case 'effects':
      return keysOf(effectWords).map((key) => ({ id: slug(key), term: effectWords[key].label, text: effectWords[key].definition }));
    case 'verdicts':
      return keysOf(verdictWords).map((key) => {
        const [term, text] = verdictWords[key].split(/:\s(.*)/s);
        return text === undefined ? { id: key, term: key, text: verdictWords[key] } : { id: key, term: term!, text };
      });
    case 'budget':
      return keysOf(budgetWords).map((key) => ({ id: slug(key), term: budgetWords[key].label, key, text: budgetWords[key].says }));
    case 'fields':
      return Object.entries(runFields).map(([key, { label, says }]) => ({ id: key, term: key, aside: label, text: `${heard(says)}.` }));
    case 'operators':
      return keysOf(operatorWords).map((key, at) => ({ id: `operator-${at}`, term: key, text: operatorWords[key] }));
    case 'functions':
      return Object.entries(functions).map(([key, { says }]) => ({ id: key, term: `${key}()`, text: heard(says) }));
    case 'split-rules':
      return keysOf(datasetWords.split.rules).map((key) => ({
        id: key,
        term: datasetWords.split.rules[key],
        text: datasetWords.split.ruleHints[key],
      }));
    case 'split-checks':
      return keysOf(datasetWords.checkNames).map((key) => ({
        id: key,
        term: datasetWords.checkNames[key],
        text: datasetWords.checkHints[key],
      }));
    case 'fingerprints':
      return keysOf(datasetWords.fingerprints).map((key) => {
        const [term, text] = datasetWords.fingerprints[key];
        return { id: slug(key), term, text };
      });
    case 'keys':
      return [...shortcutIds.map((id) => ({ what: shortcuts[id].what, keys: bindings[id].map(keysText) })), ...fixedKeys].map(
        ({ what, keys }) => ({ id: slug(what), term: keys.length === 0 ? words.noKeys : keys.join(words.or), text: what }),
      );
    case 'models':
      return cards.map((card) => ({
        id: card.id,
        term: card.title,
        text: heard(card.summary),
        page: modelPage(card.id),
        aside: paperOf(card),
      }));
  }
}

export const modelPage = (id: string): string => `model-${id}`;

function paperOf({ paper }: ModelCard): string {
  if (paper.year === 0) return '';
  return [paper.venue, paper.venue?.includes(String(paper.year)) === true ? undefined : paper.year].filter(Boolean).join(' ');
}

/** A page made from a model's card: the idea, what it needs, and every setting with formula, range and source. */
export function modelArticle(own: ModelCard): Article {
  const card = cardWords(own);
  const text = (id: string, title: string, said: string): Section[] =>
    said === '' ? [] : [{ id, title, blocks: [{ kind: 'text', inlines: [{ kind: 'text', text: said }] }] }];
  const { paper } = card;
  const cited = [paper.title, paperOf(card)].filter(Boolean).join(', ');
  const arxiv = paper.arxiv;
  const groups = new Map<string, Definition[]>();
  for (const [key, field] of Object.entries(card.hyper)) {
    const group = groups.get(field.group) ?? [];
    group.push(settingDefinition(key, field));
    groups.set(field.group, group);
  }
  return {
    id: modelPage(card.id),
    title: card.title,
    lead: card.summary,
    sections: [
      ...(paper.year === 0
        ? []
        : [
            {
              id: 'paper',
              title: words.paper,
              blocks: [
                {
                  kind: 'text' as const,
                  inlines: [
                    { kind: 'text' as const, text: arxiv === undefined ? cited : `${cited}, ` },
                    ...(arxiv === undefined
                      ? []
                      : [
                          {
                            kind: 'link' as const,
                            text: `arXiv ${arxiv}`,
                            to: { kind: 'site' as const, address: `https://arxiv.org/abs/${arxiv}` },
                          },
                        ]),
                  ],
                },
              ],
            },
          ]),
      ...text('assumes', words.assumes, card.assumes),
      ...text('computed', words.computed, card.provenance),
      ...[...groups].map(([title, definitions]) => ({
        id: `settings-${slug(title)}`,
        title: words.settingsOf(title),
        blocks: [],
        definitions,
      })),
      ...(card.presets.length + card.ablations.length === 0
        ? []
        : [
            {
              id: 'presets',
              title: words.presets,
              blocks: [],
              definitions: [
                ...card.presets.map(({ id, title, from, values }) => ({
                  id: `preset-${id}`,
                  term: title ?? id,
                  text: valuesText(values),
                  source: from,
                })),
                ...card.ablations.map(({ id, title, values }) => ({ id: `preset-${id}`, term: title, text: valuesText(values) })),
              ],
            },
          ]),
    ],
  };
}

const valuesText = (values: Readonly<Record<string, string | number | boolean>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key} = ${valueText(value)}`)
    .join(', ');

function settingDefinition(key: string, field: HyperField): Definition {
  const reading = [field.published, field.reading].filter(Boolean).join(' ');
  return {
    id: key,
    term: field.label,
    key,
    text: `${field.help} ${words.range(rangeText(field), valueText(field.default))}`,
    ...(field.formula === undefined ? {} : { formula: field.formula }),
    ...(field.source === undefined ? {} : { source: field.source }),
    ...(reading === '' ? {} : { reading }),
  };
}

const keysOf = <T extends object>(value: T) => Object.keys(value) as (keyof T & string)[];
