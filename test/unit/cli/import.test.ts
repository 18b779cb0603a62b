import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { folderWith, goodFolder } from '#test/fixtures/dataset-files.ts';
import { avocet, cleanUp, json, start, temporaryFolder } from './fixture.ts';

let home: string;
beforeAll(async () => {
  home = temporaryFolder();
  await json(home, 'datasets');
  // One lasting owner of the folder, beside which the imports come and go.
  await start(home, 'serve', '--no-open').printed(/http:/);
});
afterAll(cleanUp);

const repeated = () => ({ ...goodFolder(), 'set.inter': `${String(goodFolder()['set.inter'])}0\t0\t0\n` });

it('imports an MMRec folder with the choices given, names those taken as default, and lists the dataset', async () => {
  const folder = await folderWith(repeated());
  const refused = await avocet(home, 'import', folder, '--name', 'Small', '--choice', 'repeats=refuse', '--json');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  const wrong = await avocet(home, 'import', folder, '--name', 'Small', '--choice', 'repeats=keep', '--json');
  expect(wrong).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/repeats must be one of keep-first, refuse, found "keep"/),
  });
  const unknown = await avocet(home, 'import', folder, '--name', 'Small', '--choice', 'repeat=keep-first', '--json');
  expect(unknown).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/"repeat" is not among the choices of this folder; nearest: repeats\. Known: repeats/),
  });
  const { dataset } = await json<{ dataset: object }>(home, 'import', folder, '--name', 'Small', '--choice', 'repeats=keep-first');
  expect(dataset).toMatchObject({ id: 'small', name: 'Small', users: 4, items: 5, train: 7, validation: 4, test: 4 });
  const again = await avocet(home, 'import', folder, '--name', 'By default');
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^by-default: By default, 4 users, 5 items, split [0-9a-f]{8}\n$/),
  });
  expect(again.stderr).toMatch(/Choices taken as default; change them with .*--choice repeats=keep-first\|refuse/);
  const { datasets } = await json<{ datasets: { id: string }[] }>(home, 'datasets');
  expect(datasets.map(({ id }) => id).sort()).toEqual(['by-default', 'demo', 'small']);
});

it('passes over a choice that this folder does not ask for, and says so', async () => {
  const folder = await folderWith(goodFolder());
  const { code, stderr } = await avocet(home, 'import', folder, '--name', 'Clean', '--choice', 'repeats=keep-first');
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/--choice repeats was not needed: this folder does not ask/) });
  const wrong = await avocet(home, 'import', folder, '--name', 'Clean', '--choice', 'foo=bar');
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--choice foo: this folder asks for no choice') });
});

it('shows what a file holds and sends none of it to the terminal as a command', async () => {
  const escape = String.fromCodePoint(27);
  const folder = await folderWith({ ...goodFolder(), 'set.inter': `userID\titemID\tx_label\n0\t1\t0\n0\t${escape}]0;owned\u0007\t0\n` });
  const { code, stderr } = await avocet(home, 'import', folder, '--name', 'Hostile');
  expect(code).toBe(1);
  expect(stderr).toContain(String.raw`\u001b]0;owned\u0007`);
  expect(stderr).not.toContain(escape);
});

it('says what is wrong with a broken folder and where, and leaves nothing behind', async () => {
  await json(home, 'datasets');
  const before = readdirSync(join(home, 'datasets'), { recursive: true }).sort();
  const folder = await folderWith({ ...goodFolder(), 'set.inter': 'userID\titemID\tx_label\n0\t1\t0\n0\tfour\t0\n' });
  const { code, stdout, stderr } = await avocet(home, 'import', folder, '--name', 'Broken', '--json');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/set\.inter:3: .*four/);
  // In words: the code of the problem is for programs.
  expect(stderr).toMatch(/was not imported, for the \d problems above\n$/);
  expect(readdirSync(join(home, 'datasets'), { recursive: true }).sort()).toEqual(before);
  const nowhere = await avocet(home, 'import', join(folder, 'none'), '--name', 'Nowhere', '--json');
  expect(nowhere).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(join(folder, 'none')) });
});

it('says which columns of a log it takes, before anything is made of them', async () => {
  const folder = await folderWith({ 'log.csv': 'order,customer,article,when\n1,a,x,5\n2,a,y,6\n' });
  const { code, stderr } = await avocet(home, 'import', join(folder, 'log.csv'), '--name', 'Orders');
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^Columns: user “customer”, item “article”, time none, rating none; others with --user, --item, --time, --rating$/m,
  );
});

it('ends an import by Ctrl+C, though the studio that makes it goes on', async () => {
  const rows = ['userID\titemID\tx_label'];
  for (let user = 0; user < 300_000; user++) for (let item = 0; item < 5; item++) rows.push(`${user}\t${item}\t${Math.max(0, item - 2)}`);
  const folder = await folderWith({ ...goodFolder(), 'set.inter': `${rows.join('\n')}\n` });
  const before = readdirSync(join(home, 'datasets')).sort();
  const command = start(home, 'import', folder, '--name', 'Interrupted');
  const isImporting = () => readdirSync(join(home, 'datasets')).some((name) => name.startsWith('.importing-'));
  await vi.waitFor(() => expect(isImporting()).toBe(true), { timeout: 60_000 });
  command.child.kill('SIGINT');
  expect(await command.ended).toMatchObject({ code: 130 });
  await vi.waitFor(() => expect(isImporting()).toBe(false), { timeout: 60_000 });
  expect(readdirSync(join(home, 'datasets')).sort()).toEqual(before);
});
