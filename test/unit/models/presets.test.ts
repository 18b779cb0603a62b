import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cards } from '#models/cards.ts';

const file = fileURLToPath(new URL('../../../../shared/data/published-numbers.csv', import.meta.url));
const isThere = existsSync(file);
const why = isThere ? '' : ' (skipped: no ../shared/data/published-numbers.csv)';

/** Names of the logs for models and settings that have other names here; undefined: a setting that no model reads. */
const models: Readonly<Record<string, string>> = {
  BM3: 'bm3',
  'DA-MRS+LightGCN': 'damrs',
  GRCN: 'grcn',
  LATTICE: 'lattice',
  LightGCN: 'lightgcn',
  MFBPR: 'bpr',
  MMGCN: 'mmgcn',
  SLMRec: 'slmrec',
  VBPR: 'vbpr',
};
const settings: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = {
  lightgcn: { n_ui_layers: 'n_layers' },
  // Read by no line of its code (models.md 2.11).
  slmrec: { reg: undefined },
};

/** "['reg_weight', 'seed'](0.1, 999)" as settings. */
function winner(note: string): [string, number][] {
  const [, keys = '', values = ''] = /^\[(.*)\]\((.*)\)$/.exec(note) ?? [];
  const numbers = values.split(',').map(Number);
  return keys.split(',').map((key, at) => [key.trim().replaceAll("'", ''), numbers[at]!]);
}

describe('presets', () => {
  test('each says where it was published', () => {
    for (const card of cards) for (const preset of card.presets) expect(preset.from, `${card.id} ${preset.id}`).not.toBe('');
  });

  test.skipIf(!isThere)(`hold every winning grid point that is printed beside a published number${why}`, () => {
    const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
    const points = new Set(
      lines.flatMap((line) => {
        const [, , dataset = '', model = ''] = line.split(',');
        const note = /"(\[.*\))"/.exec(line)?.[1];
        return note === undefined || models[model] === undefined ? [] : [JSON.stringify([models[model], dataset, note])];
      }),
    );
    expect(points.size).toBeGreaterThan(25);
    for (const point of points) {
      const [model, dataset, note] = JSON.parse(point) as [string, string, string];
      const card = cards.find(({ id }) => id === model)!;
      const wanted = winner(note).flatMap(([key, value]): [string, number][] => {
        const own = settings[model];
        const name = own !== undefined && key in own ? own[key] : key;
        return name === undefined || name === 'seed' ? [] : [[name, value]];
      });
      const holds = card.presets.some(
        ({ title = '', values, training }) =>
          title.toLowerCase().includes(dataset) &&
          wanted.every(
            ([key, value]) => (key === 'learning_rate' ? training?.learningRate : (values[key] ?? card.hyper[key]?.default)) === value,
          ),
      );
      expect(holds, `${model} on ${dataset}: ${note}`).toBe(true);
    }
  });
});
