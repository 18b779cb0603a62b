import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rowHeights } from '#renderer/state/appearance.svelte.ts';

test('a table that counts its rows counts with the heights the style sheet draws', () => {
  const css = readFileSync('renderer/app/theme.css', 'utf8');
  const [compact, comfortable] = [...css.matchAll(/--row: (\d+)px/g)].map(([, px]) => Number(px));
  expect(rowHeights).toEqual({ compact, comfortable });
});
