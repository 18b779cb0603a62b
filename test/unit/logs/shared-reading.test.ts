import { expect, it } from 'vitest';
import { sharedReading } from '#logs/parts/shared-reading.ts';

it('loads once for all runs of a file, and lets go with the last', async () => {
  let loads = 0;
  const reading = sharedReading(2, () => Promise.resolve({ load: ++loads }));
  const [first, second] = [await reading(), await reading()];
  expect(second).toBe(first);
  // A run that is read again finds nothing held.
  expect(await reading()).toEqual({ load: 2 });
});

it('tells every run why a file cannot be read', async () => {
  const reading = sharedReading(2, () => Promise.reject(new Error('torn')));
  await expect(reading()).rejects.toThrow('torn');
  await expect(reading()).rejects.toThrow('torn');
});
