import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Link } from '#contract/link.ts';
import { goodFolder } from '#test/fixtures/dataset-files.ts';
import { closeAll, openHere, temporaryFolder } from './fixture.ts';

let home: string;
let outside: string;
let link: Link;
beforeEach(async () => {
  [home, outside] = [temporaryFolder(), temporaryFolder()];
  link = (await openHere(home, { resume: false })).link();
});
afterEach(async () => {
  await closeAll();
  for (const folder of [home, outside]) rmSync(folder, { recursive: true, force: true });
});

async function listed(): Promise<(readonly [string, string, boolean])[]> {
  const looking = new AbortController();
  for await (const { files } of link.stream('files.recent', {}, looking.signal)) {
    looking.abort();
    return files.map(({ path, kind, isThere }) => [path, kind, isThere] as const);
  }
  return [];
}

const write = (name: string, text: string) => {
  const path = join(outside, name);
  writeFileSync(path, text);
  return path;
};
const sweep = 'datasets: [Demo]\nmodels:\n  - model: lightgcn\nseeds: [4]\n';
const open = (...paths: string[]) => link.call('files.recognise', { paths });

test('what was opened is listed newest first, once each, and said where it is gone; the files stay when it is taken off', async () => {
  const first = write('größe one.yaml', sweep);
  const second = write('two.yaml', sweep);
  await open(first);
  await open(second);
  await open(first);
  expect(await listed()).toEqual([
    [first, 'experiment', true],
    [second, 'experiment', true],
  ]);
  rmSync(second);
  expect((await listed())[1]).toEqual([second, 'experiment', false]);
  await link.call('files.forget', { paths: [second] });
  expect(await listed()).toEqual([[first, 'experiment', true]]);
  // As an undo does: where it was, by when it was opened.
  await link.call('files.restore', { paths: [second] });
  expect((await listed()).map(([path]) => path)).toEqual([first, second]);
  // The page names no place that nobody opened.
  await link.call('files.restore', { paths: [join(outside, 'never.yaml')] });
  expect((await listed()).map(([path]) => path)).toEqual([first, second]);
  expect((await link.call('files.known', { path: join(outside, 'never.yaml') })).known).toBe(false);
});

test('an imported folder is listed; what did not open, what was sent and several at once are not', async () => {
  const folder = join(outside, 'small');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(goodFolder())) writeFileSync(join(folder, name), content);
  await expect(open(write('poem.txt', 'a poem'))).rejects.toThrow();
  const sent = join(home, 'incoming', 'abc');
  mkdirSync(sent, { recursive: true });
  writeFileSync(join(sent, 'sent.yaml'), sweep);
  await open(join(sent, 'sent.yaml'));
  expect(await listed()).toEqual([]);
  for await (const event of link.stream('datasets.import', { from: 'folder', folder, name: 'Small' })) void event;
  expect(await listed()).toEqual([[folder, 'dataset', true]]);
});

test('the studio knows where it read and wrote, and no other place', async () => {
  const file = write('two.yaml', sweep);
  await open(file);
  const known = async (path: string) => (await link.call('files.known', { path })).known;
  expect([await known(file), await known(outside), await known(join(outside, 'other')), await known('/etc/passwd')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  // Opened is not written: only what Avocet wrote may go to the system's trash from here.
  expect(await link.call('files.known', { path: outside })).toEqual({ known: true, written: false });
});
