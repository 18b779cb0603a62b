import { afterAll, expect, it, vi } from 'vitest';
import { folderEntries } from '#renderer/state/own-files.ts';
import { studio } from '#renderer/state/studio.svelte.ts';
import { toasts } from '#renderer/state/toasts.svelte.ts';
import { connectTo } from './drawn-link.ts';

afterAll(() => vi.unstubAllGlobals());

it('a menu shows a place in its folder where the desktop can, and says why it was not shown', async () => {
  connectTo((name) => Promise.resolve(name === 'studio.capabilities' ? { revealInFolder: true } : {}));
  await studio.call('studio.capabilities', {});
  vi.stubGlobal('window', {});
  expect(folderEntries('/data/table.csv')).toEqual([]);

  const reveal = vi.fn((path: string) => Promise.reject(new Error(`${path} is not there any more`)));
  vi.stubGlobal('window', { avocet: { reveal } });
  expect(folderEntries(undefined)).toEqual([]);
  const [entry] = folderEntries('/data/table.csv');
  expect(entry).toMatchObject({ label: 'Show in folder', icon: 'folder' });
  entry!.run();
  await vi.waitFor(() => expect(toasts.all.at(-1)?.text).toContain('/data/table.csv is not there any more'), { timeout: 60_000 });
  expect(reveal).toHaveBeenCalledWith('/data/table.csv');
});
