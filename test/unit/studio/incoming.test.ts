import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterEach, expect, test } from 'vitest';
import { connect, memoryChannels } from '#contract/link.ts';
import { Incoming, sentBelow } from '#studio/openings/incoming.ts';
import { goodFolder } from '#test/fixtures/dataset-files.ts';
import { closeAll, openHere, refusal, temporaryFolder } from './fixture.ts';

const homes: string[] = [];
function newHome(): string {
  const home = temporaryFolder();
  homes.push(home);
  return home;
}
afterEach(async () => {
  await closeAll();
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

test('what nobody took goes a day later; what is used or cannot be looked at stays, and keeps nobody from opening', async () => {
  const home = newHome();
  const root = join(home, 'incoming');
  for (const name of ['old', 'used', 'new']) {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, 'a.csv'), 'u,i');
  }
  await new Incoming(home).keep([join(root, 'used', 'a.csv')]);
  symlinkSync(join(home, 'nowhere'), join(root, 'broken'));
  for (const name of ['old', 'used']) utimesSync(join(root, name), 1, 1);
  await new Incoming(home).clear(Date.now());
  expect(readdirSync(root).sort()).toEqual(['broken', 'new', 'used']);
});

test('an archive that is damaged or of no use leaves nothing of what was unpacked', async () => {
  const home = newHome();
  const link = (await openHere(home)).link();
  const archive = join(home, 'poems.zip');
  writeFileSync(archive, zipSync({ 'a.txt': strToU8('a poem'), 'b.txt': strToU8('another') }));
  expect(await refusal(link.call('files.recognise', { paths: [archive] }))).toMatchObject({ code: 'open.unknown' });
  const left = join(home, 'incoming');
  expect(existsSync(left) ? readdirSync(left) : []).toEqual([]);
});

test('a folder that was sent stays while a dataset shows pictures out of it', async () => {
  const home = newHome();
  const sent = (id: string, table: string) => {
    const folder = join(home, 'incoming', id, 'set');
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of Object.entries({ ...goodFolder(), 'items.csv': table })) writeFileSync(join(folder, name), content);
    return folder;
  };
  const link = (await openHere(home)).link();
  for (const [id, table] of [
    ['pictured', 'item_id,title,image\n0,A cup,cup.png\n'],
    ['plain', 'item_id,title\n0,A cup\n'],
  ] as const) {
    const wish = { from: 'folder' as const, folder: sent(id, table), name: id };
    for await (const event of link.stream('datasets.import', wish))
      if (event.type === 'done') expect(event.summary.pictured).toBe(id === 'pictured' ? 1 : 0);
  }
  for (const id of ['pictured', 'plain']) utimesSync(join(home, 'incoming', id), 1, 1);
  await new Incoming(home).clear(Date.now());
  expect(readdirSync(join(home, 'incoming'))).toEqual(['pictured']);
});

test('that holds where the window is closed on the import too, and the file opened is remembered', async () => {
  const home = newHome();
  const studio = await openHere(home);
  const folder = join(home, 'incoming', 'fedcba987654', 'set');
  const own = join(home, 'own');
  const files = { ...goodFolder(), 'items.csv': 'item_id,title,image\n0,A cup,cup.png\n' };
  for (const place of [folder, own]) {
    mkdirSync(place, { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(place, name), content);
    const [near, far] = memoryChannels();
    studio.serve(far);
    const left = (async () => {
      const wish = { from: 'folder' as const, folder: place, name: place === own ? 'Own' : 'Sent' };
      for await (const _event of connect(near).stream('datasets.import', wish)) near.close();
    })();
    await expect(left).rejects.toMatchObject({ problem: { code: 'link.closed' } });
    for await (const { jobs } of studio.link().stream('studio.watch', {})) if (jobs.length === 0) break;
  }
  utimesSync(join(home, 'incoming', 'fedcba987654'), 1, 1);
  await new Incoming(home).clear(Date.now());
  expect(readdirSync(join(home, 'incoming'))).toEqual(['fedcba987654']);
  for await (const { files: recent } of studio.link().stream('files.recent', {})) {
    expect(recent.map(({ path, kind }) => [path, kind])).toEqual([[own, 'dataset']]);
    break;
  }
});

test('what was sent is found where the data folder lies now', () => {
  const place = join('incoming', '0123456789ab', 'set', 'cup.png');
  expect(sentBelow('/new', join('/old', place))).toBe(join('/new', place));
  for (const own of ['/pictures/cup.png', '/a/incoming/cup.png', '/a/incoming/holiday/cup.png']) expect(sentBelow('/new', own)).toBe(own);
});
