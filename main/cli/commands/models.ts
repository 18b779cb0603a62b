import type { HyperField } from '#contract/model-card.ts';
import type { Command } from '../command.ts';
import { columns, problemLines } from '../words.ts';

export const models: Command = {
  name: 'models',
  summary: 'the models with their cards; with a name, its settings and presets',
  usage: '[MODEL]',
  positionals: { least: 0, most: 1 },
  options: {},
  async run(context) {
    const link = await context.link({ resume: false });
    const { models: cards, own } = await link.call('models.list', { settled: true });
    const [id] = context.positionals;
    const shown = id === undefined ? cards : cards.filter((card) => card.id === id);
    if (id !== undefined && shown.length === 0) {
      const { unknownKey } = await import('#studio/nearest.ts');
      const { UsageError } = await import('../command.ts');
      throw new UsageError(
        unknownKey(
          id,
          cards.map((card) => card.id),
          'models',
        ),
      );
    }
    if (id === undefined) {
      const rows = cards.map((card) => [
        card.id,
        card.title,
        String(card.paper.year),
        [...(card.task === 'next-item' ? ['times'] : card.needs.length === 0 ? ['ids only'] : []), ...card.needs].join(', '),
        card.own !== undefined ? 'yours' : card.inferred ? '\u25c7 partly our reading' : '',
      ]);
      for (const line of columns(['model', 'title', 'year', 'needs', ''], rows)) context.print(line);
      for (const { id: broken, problem } of own.broken) {
        context.print('');
        context.print(`${broken} (yours) cannot be used`);
        for (const line of problemLines(problem)) context.print(`  ${line}`);
      }
    } else {
      for (const card of shown) {
        context.print(`${card.title}: ${card.summary}`);
        context.print(card.own === undefined ? `${card.paper.title}, ${card.paper.year}` : `Yours, from ${card.own.folder}`);
        if (card.assumes !== '') context.print(card.assumes);
        if (card.provenance !== '') context.print(card.provenance);
        const rows = Object.entries(card.hyper).map(([key, field]) => [
          key,
          String(field.default),
          rangeOf(field),
          field.mark === 'inferred' ? '\u25c7' : '',
          field.label,
        ]);
        for (const line of columns(['setting', 'default', 'values', '', 'meaning'], rows)) context.print(line);
        for (const { id: name, title, from } of card.presets) context.print(`preset ${name}: ${[title, from].filter(Boolean).join(', ')}`);
        if (card.ablations.length > 0) context.print(`ablations: ${card.ablations.map((preset) => preset.id).join(', ')}`);
      }
    }
    return { json: { models: shown, ...(id === undefined ? { own } : {}) } };
  },
};

function rangeOf(field: HyperField): string {
  switch (field.type) {
    case 'choice':
      return field.values.join(' | ');
    case 'boolean':
      return 'true | false';
    case 'text':
      return 'any text';
    default:
      return `${field.min} to ${field.max}`;
  }
}
