import { expect, test, vi } from 'vitest';
import type { Link } from '#contract/link.ts';
import { SplitPreviewState } from '#renderer/state/split-preview.svelte.ts';
import { studio } from '#renderer/state/studio.svelte.ts';

type Asked = Parameters<SplitPreviewState['show']>[0];

test('what was shown of one file is gone before another is looked at', async () => {
  async function* stream() {
    yield await new Promise<never>(() => undefined);
  }
  const call = () => Promise.resolve({ checks: [{ state: 'blocking' }] });
  studio.start(() => Promise.resolve({ call, stream, onClose: () => undefined, close: () => undefined } as unknown as Link));
  const split = new SplitPreviewState();
  split.show({} as Asked);
  await vi.waitFor(() => expect(split.fault).toBe('A check prevents this split'));
  split.close();
  expect([split.value, split.problem, split.fault, split.isLoading]).toEqual([undefined, undefined, undefined, false]);
});
