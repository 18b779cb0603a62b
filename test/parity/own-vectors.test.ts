import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { checkFile } from './check-file.ts';

/*
 * Vectors of our own, from a PyTorch evaluation of the formulas in models.md, for settings that the recorded ones do not have. Each was
 * once refused: by the checker, or because a model computed something else there.
 */
const folder = new URL('../fixtures/parity/', import.meta.url);

const files = [
  ['bm3', 'modality terms of weight 0 are recorded with their draws, though a run skips both'],
  ['vbpr', 'without the penalty the bias has no gradient, and stays where it is'],
  ['freedom', 'with no pass over the item graph the item ids themselves are added'],
  ['evaluator', 'cut-offs in any order, and lists longer than what a user may be shown'],
] as const;

describe.each(['wasm', 'cpu'] as const)('vectors of our own on %s', (id) => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice(id);
  });
  afterAll(() => device.close());

  it.each(files)('%s: %s', async (name) => {
    const { line, passed } = await checkFile(fileURLToPath(new URL(`${name}.json`, folder)));
    expect(passed, line).toBe(true);
  });
});
