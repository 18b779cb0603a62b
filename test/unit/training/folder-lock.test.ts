import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TrainControl } from '#training/control.ts';
import { tryLock, waitForLock } from '#training/folder-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'avocet-lock-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function heldBy(processId: number, host = hostname()): Promise<string> {
  const file = join(folder, 'lock');
  await writeFile(file, JSON.stringify({ process: processId, host, token: 'other' }));
  return file;
}

/** The id of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid!;
}

describe('folder lock', () => {
  it('is held by one and free after release', async () => {
    const first = await tryLock(folder);
    expect(await first?.isHeld()).toBe(true);
    expect(await tryLock(folder)).toBeUndefined();
    await first?.release();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
    const second = await tryLock(folder);
    expect(await second?.isHeld()).toBe(true);
    await second?.release();
  });

  it('is taken over from a process that is gone, by exactly one of many', async () => {
    await heldBy(await endedProcess());
    const locks = await Promise.all(Array.from({ length: 8 }, async () => await tryLock(folder)));
    expect(locks.filter((lock) => lock !== undefined).length).toBeLessThanOrEqual(1);
    const lock = locks.find((found) => found !== undefined) ?? (await waitForLock(folder, new TrainControl()));
    expect(await lock?.isHeld()).toBe(true);
    await lock?.release();
  });

  it('is left to a live process, whichever machine it runs on, while it touches it', async () => {
    await heldBy(process.ppid);
    expect(await tryLock(folder)).toBeUndefined();
    await heldBy(await endedProcess(), 'another-machine');
    expect(await tryLock(folder)).toBeUndefined();
  });

  it('is taken over when nobody touched it for long, and the old holder notices', async () => {
    const old = await tryLock(folder);
    const file = join(folder, 'lock');
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(file, longAgo, longAgo);
    const lock = await tryLock(folder);
    expect(await lock?.isHeld()).toBe(true);
    expect(await old?.isHeld()).toBe(false);
    const content = await readFile(file, 'utf8');
    await old?.release();
    expect(await readFile(file, 'utf8')).toBe(content);
    await lock?.release();
  });

  it('stops waiting when the owner asks to stop, or waiting has become pointless', async () => {
    const held = await tryLock(folder);
    const control = new TrainControl();
    control.stop('discard');
    expect(await waitForLock(folder, control)).toBeUndefined();
    expect(await waitForLock(folder, new TrainControl(), async () => await Promise.resolve(true))).toBeUndefined();
    await held?.release();
  });
});
