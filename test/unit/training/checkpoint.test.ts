import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CheckpointFolder } from '#training/checkpoint.ts';
import type { StageState } from '#training/checkpoint.ts';
import { noObservation } from '#training/early-stopping.ts';
import { readSealed, replaceFile, writeSealed } from '#training/sealed-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'avocet-checkpoint-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const awkward = Float32Array.of(1, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45, 3.4e38);

function stateAt(epoch: number): StageState {
  return {
    identity: 'same',
    codeVersion: '1',
    stage: 'train',
    epoch,
    stopping: { ...noObservation, observed: epoch, bestValue: 0.1 + 0.2 },
    streams: { init: [1, 2, 3, 4, 1, 0.12345678901234567] },
    history: [],
    parameters: new Map([['nodes', Float32Array.of(epoch, 0.1, -7)]]),
    adam: { step: epoch * 3, moments: { nodes: { first: Float32Array.of(1, 2, 3), second: Float32Array.of(4, 5, 6) } } },
  };
}

describe('sealed files', () => {
  it('give back head and arrays bit for bit, odd lengths and empty arrays included', async () => {
    const file = join(folder, 'a.bin');
    const arrays = new Map([
      ['awkward', awkward],
      ['empty', new Float32Array(0)],
      ['part of a buffer', new Float32Array([9, 8, 7, 6]).subarray(1, 3)],
    ]);
    const bytes = await writeSealed(file, { head: { text: 'ä', value: 0.1 + 0.2 }, arrays });
    expect((await readFile(file)).length).toBe(bytes);
    const read = await readSealed(file);
    expect(read?.head).toEqual({ text: 'ä', value: 0.1 + 0.2 });
    expect(new Uint32Array(read!.arrays.get('awkward')!.buffer)).toEqual(new Uint32Array(awkward.buffer));
    expect([...read!.arrays.keys()]).toEqual([...arrays.keys()]);
    expect([...read!.arrays.get('part of a buffer')!]).toEqual([8, 7]);
  });

  it('are refused as a whole when cut at any place or changed in any byte', async () => {
    const file = join(folder, 'a.bin');
    await writeSealed(file, { head: { n: 1 }, arrays: new Map([['x', Float32Array.of(1, 2)]]) });
    const whole = await readFile(file);
    for (let length = 0; length < whole.length; length++) {
      await writeFile(file, whole.subarray(0, length));
      expect(await readSealed(file), `cut to ${length} of ${whole.length}`).toBeUndefined();
    }
    for (let place = 0; place < whole.length; place++) {
      const changed = Buffer.from(whole);
      changed[place] = changed[place]! ^ 0x10;
      await writeFile(file, changed);
      expect(await readSealed(file), `byte ${place} changed`).toBeUndefined();
    }
    expect(await readSealed(join(folder, 'absent.bin'))).toBeUndefined();
  });

  it('keep the old file and leave nothing behind when writing fails half-way', async () => {
    const file = join(folder, 'a.bin');
    await writeFile(file, 'old');
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const write = replaceFile(file, async (handle) => {
      await handle.write('new, but only ha');
      throw full;
    });
    await expect(write).rejects.toBe(full);
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.bin']);
  });
});

describe('CheckpointFolder', () => {
  it('gives back the newest state exactly', async () => {
    const checkpoints = new CheckpointFolder(folder);
    await checkpoints.open();
    expect(await checkpoints.readLast()).toBeUndefined();
    for (const epoch of [1, 2, 3]) await checkpoints.writeLast(stateAt(epoch));
    expect(await checkpoints.readLast()).toEqual(stateAt(3));
  });

  it('falls back to the epoch before when the newest file is torn, to none when both are', async () => {
    const checkpoints = new CheckpointFolder(folder);
    await checkpoints.open();
    for (const epoch of [1, 2, 3]) await checkpoints.writeLast(stateAt(epoch));
    await truncate(checkpoints.lastPath(3), 100);
    expect(await checkpoints.readLast()).toEqual(stateAt(2));
    await writeFile(checkpoints.lastPath(2), 'AVOCET1\nnonsense');
    expect(await checkpoints.readLast()).toBeUndefined();
  });

  it('keeps the best apart, refuses it when torn, and forgets only what it is told to', async () => {
    const checkpoints = new CheckpointFolder(folder);
    await checkpoints.open();
    const best = { identity: 'same', codeVersion: '1', stage: 'train', epoch: 2, parameters: new Map([['nodes', Float32Array.of(5)]]) };
    await checkpoints.writeBest(best);
    await checkpoints.writeLast(stateAt(2));
    await checkpoints.forgetLast();
    expect(await checkpoints.readLast()).toBeUndefined();
    expect(await checkpoints.readBest()).toEqual(best);
    await truncate(checkpoints.bestPath, 60);
    expect(await checkpoints.readBest()).toBeUndefined();
    await checkpoints.forgetAll();
    expect(await readdir(folder)).toEqual([]);
  });

  it('removes what a killed process left half-written', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, '.checkpoint-last-0.bin.0123.tmp'), 'half');
    await writeFile(join(folder, 'top50.npy'), 'kept');
    await new CheckpointFolder(folder).open();
    expect(await readdir(folder)).toEqual(['top50.npy']);
  });
});
