import { join } from 'node:path';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { importRequestSchema } from '#contract/dataset-import.ts';
import { importDataset } from '#data/import.ts';
import { UserTable } from '#data/user-table.ts';
import { folderWith, temporaryFolder } from '#test/fixtures/dataset-files.ts';

/** Users zoe and 1 with three items each, times falling in the file. */
const log = [
  'who,what,at',
  ...['zoe', '1'].flatMap((who, u) => [5, 4, 3, 2].map((turn) => `${who},item-${(turn + u) % 5},${1_400_000_000 + turn}`)),
];

async function opened(lines = log): Promise<UserTable> {
  const source = await folderWith({ 'log.csv': `${lines.join('\n')}\n` });
  const root = await temporaryFolder();
  const request = v.parse(importRequestSchema, {
    from: 'log',
    file: join(source, 'log.csv'),
    name: 'Log',
    mapping: { user: 'who', item: 'what', timestamp: 'at' },
    split: { rule: 'leave-one-out' },
    kCore: { users: 1, items: 1, rounds: 0 },
  });
  for await (const event of importDataset(request, { root })) void event;
  return await UserTable.open(join(root, 'log'));
}

it('keeps the ids of the source, finds by them and by number, and gives what a user has latest first', async () => {
  const table = await opened();
  const zoe = table.find('zoe')[0]!;
  const one = 1 - zoe;
  expect([table.users, table.rawId(zoe), table.rawId(one), table.hasTimes]).toEqual([2, 'zoe', '1', true]);
  expect(table.find('ZO')).toEqual([zoe]);
  // The id comes before the number that it also is; a mark asks for the number alone.
  expect(table.find('1')[0]).toBe(one);
  expect(table.find('#1')).toEqual([1]);
  expect([table.find('#2'), table.find(' '), table.find('nobody')]).toEqual([[], [], []]);
  const parts = (['train', 'validation', 'test'] as const).map((part) => table.items(part, zoe).length);
  expect(parts).toEqual([2, 1, 1]);
  const [latest] = table.items('train', zoe);
  const [heldOut] = table.items('test', zoe);
  expect(table.having('test', heldOut!)).toContain(zoe);
  expect(table.having('train', latest!)).toContain(zoe);
  expect(table.items('test', zoe)).not.toContain(latest);
  expect([table.trainRows[zoe], table.segment(zoe)]).toEqual([2, 'sparse']);
});

it('finds an id whatever its case and accents, and however an accent was typed', async () => {
  const table = await opened(log.map((line) => line.replace('zoe', 'José').replace(/^1,/, 'josephine,')));
  const jose = table.find('José')[0]!;
  expect(table.rawId(jose)).toBe('José');
  for (const typed of ['jose', 'JOSÉ', 'Jose\u0301']) expect(table.find(typed)[0], typed).toBe(jose);
  expect(table.find('jos')).toHaveLength(2);
});
