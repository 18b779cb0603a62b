import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStudio, type Studio } from '#studio/studio.ts';

let home: string;
let studio: Studio;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'avocet-safe-'));
  mkdirSync(join(home, 'models', 'mine'), { recursive: true });
  writeFileSync(join(home, 'models', 'mine', 'card.ts'), 'while (true) {}');
  writeFileSync(join(home, 'models', 'mine', 'model.ts'), '');
});
afterEach(async () => {
  await studio.close();
  rmSync(home, { recursive: true, force: true });
});

const spawned: string[] = [];
const open = async (safe: boolean) =>
  (studio = await openStudio({
    home,
    spawn: (name) => {
      spawned.push(name);
      return {
        pid: 0,
        send: () => undefined,
        onMessage: () => undefined,
        onOutput: () => undefined,
        onExit: (listener) => listener({ code: 0, signal: null }),
        kill: () => undefined,
      };
    },
    resume: true,
    demo: false,
    safe,
    host: { capabilities: { shell: 'browser', nativeDialogs: false, revealInFolder: false, platform: 'linux' } },
  }));

async function status() {
  for (;;) {
    try {
      for await (const found of studio.link().stream('studio.watch', {})) return found;
    } catch {
      // Between two openings.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('safe mode leaves out what is the person’s own, holds the queue, loses nothing, and can be left', async () => {
  await open(false);
  await studio.link().call('settings.set', {
    firstScreen: 'runs',
    device: 'cpu',
    theme: 'dark',
    shortcuts: { palette: ['Ctrl+KeyP'] },
  });
  await studio.close();
  spawned.length = 0;

  await open(true);
  expect(await status()).toMatchObject({ safeMode: true, held: true });
  expect(await studio.link().call('settings.get', {})).toMatchObject({
    firstScreen: 'datasets',
    device: 'fastest',
    shortcuts: {},
    theme: 'dark',
  });
  const { own } = await studio.link().call('models.list', { settled: true });
  expect([own.broken, own.checking]).toEqual([[], []]);
  // Nothing of the person's own was compiled.
  expect(spawned.filter((name) => name === 'check-model')).toEqual([]);
  // What is changed meanwhile keeps what was put aside.
  await studio.link().call('settings.set', { theme: 'light' });
  // A key that is set now is shown, and takes its place among those put aside.
  const set = await studio.link().call('settings.set', { shortcuts: { save: ['Ctrl+KeyJ'] } });
  expect(set.shortcuts).toEqual({ save: ['Ctrl+KeyJ'] });

  await studio.link().call('studio.restart', { safe: false });
  let found = await status();
  while (found.safeMode) found = await status();
  expect(await studio.link().call('settings.get', {})).toMatchObject({
    firstScreen: 'runs',
    device: 'cpu',
    theme: 'light',
    shortcuts: { palette: ['Ctrl+KeyP'], save: ['Ctrl+KeyJ'] },
  });
});
