import { expect, test } from 'vitest';
import { ProblemError } from '#contract/problem.ts';
import { ImportDialogState } from '#renderer/state/import-dialog.svelte.ts';
import { studio } from '#renderer/state/studio.svelte.ts';
import type { Link } from '#contract/link.ts';

/** Connects the page to a studio whose imports end as told. */
function importsEndWith(code: string): void {
  async function* stream(name: string) {
    if (name === 'studio.watch') await new Promise(() => undefined);
    throw new ProblemError({ kind: 'lost', code, message: 'It ended' });
  }
  const call = () => Promise.resolve({});
  studio.start(() => Promise.resolve({ call, stream, onClose: () => undefined, close: () => undefined } as unknown as Link));
}

test('an import whose connection is lost is not offered a second time; one that failed is, with its reason', async () => {
  importsEndWith('link.closed');
  const left = new ImportDialogState();
  expect(await left.run()).toBe('lost');
  expect(left.problem).toBeUndefined();
  importsEndWith('dataset.exists');
  await new Promise((resolve) => setImmediate(resolve));
  const failed = new ImportDialogState();
  expect(await failed.run()).toBeUndefined();
  expect([failed.step, failed.problem?.code]).toEqual(['ready', 'dataset.exists']);
});
