import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type * as DatasetFolder from '#data/dataset-folder.ts';
import type * as Remarks from '#data/remarks.ts';
import { openStore } from '#store/store.ts';
import { homeFolders } from '#studio/home-folders.ts';
import { Hub } from '#studio/hub.ts';
import { Jobs } from '#studio/jobs.ts';
import { Library } from '#studio/library.ts';
import { closeAll, drawDemo, homeLike } from './fixture.ts';

const watched = vi.hoisted(() => ({ looks: 0, reached: () => {}, gate: Promise.resolve() }));
vi.mock('#data/dataset-folder.ts', async (original) => {
  const actual = await original<typeof DatasetFolder>();
  return {
    ...actual,
    listDatasets: (root: string) => {
      watched.looks += 1;
      return actual.listDatasets(root);
    },
  };
});
vi.mock('#data/remarks.ts', async (original) => {
  const actual = await original<typeof Remarks>();
  return {
    ...actual,
    readRemarks: async (folder: string) => {
      const { gate } = watched;
      watched.gate = Promise.resolve();
      watched.reached();
      await gate;
      return actual.readRemarks(folder);
    },
  };
});

let template: string;
beforeAll(async () => void (template = await drawDemo()), 120_000);
afterEach(closeAll);
afterAll(() => rmSync(template, { recursive: true, force: true }));

test('a look at the folders that began before a dataset went does not list it again', async () => {
  const home = homeLike(template);
  const folders = homeFolders(home);
  const [demo, other] = [join(folders.datasets, 'demo'), join(folders.datasets, 'other')];
  cpSync(demo, other, { recursive: true });
  const manifest = readFileSync(join(other, 'manifest.json'), 'utf8');
  writeFileSync(join(other, 'manifest.json'), JSON.stringify({ ...(JSON.parse(manifest) as object), id: 'other' }));
  const store = openStore(home);
  try {
    const spawn = () => {
      throw new Error('no worker');
    };
    const library = new Library(store, folders, spawn, new Jobs(new Hub()));
    const ids = () => library.list().datasets.map(({ id }) => id);
    await library.scan();
    expect(ids()).toEqual(['demo', 'other']);

    let go = () => {};
    watched.gate = new Promise((resolve) => (go = resolve));
    const reached = new Promise<void>((resolve) => (watched.reached = resolve));
    watched.looks = 0;
    const early = library.scan();
    await reached;
    // Gone between the look and what is made of it; whoever took it away looks again.
    renameSync(other, join(folders.datasets, '.trashed-other'));
    const late = library.scan();
    // Where they look side by side the later one may end first.
    if (watched.looks === 2) await late;
    go();
    await Promise.all([early, late]);
    expect(ids()).toEqual(['demo']);
  } finally {
    store.close();
  }
});
