import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tryLock } from '#store/lock.ts';
import { temporaryHome, type Home } from './fixture.ts';

const holder = fileURLToPath(new URL('../../fixtures/hold-lock.ts', import.meta.url));

let home: Home;
let file: string;
beforeEach(() => {
  home = temporaryHome();
  file = join(home.folder, 'owner.lock');
});
afterEach(() => home.remove());

test('one holder at a time in a process, free again after release', () => {
  const lock = tryLock(file);
  expect(lock).toBeDefined();
  expect(tryLock(file)).toBeUndefined();
  lock!.release();
  const next = tryLock(file);
  expect(next).toBeDefined();
  next!.release();
});

test('a lock of another process holds until it is killed, without a clean end', async () => {
  const child = spawn(process.execPath, [holder, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  expect(tryLock(file)).toBeUndefined();
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  const lock = tryLock(file);
  expect(lock).toBeDefined();
  lock!.release();
});

test('a place that cannot be a folder is a problem in words', () => {
  tryLock(file)!.release();
  expect(() => tryLock(join(file, 'owner.lock'))).toThrowError(
    expect.objectContaining({ problem: expect.objectContaining({ kind: 'disk', code: 'home.unusable' }) }),
  );
});
