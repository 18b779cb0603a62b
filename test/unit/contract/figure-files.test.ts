import * as v from 'valibot';
import { expect, it } from 'vitest';
import { procedures } from '#contract/procedures.ts';

it('what a page drew is written as any kind the pages offer, and as nothing else', () => {
  const { input } = procedures['exports.figure'];
  const takes = (path: string) => v.safeParse(input, { path, content: new Uint8Array() }).success;
  expect(['a.svg', 'a.pdf', 'a.png', 'a.csv', 'item-4.jpg', 'item-4.webp', 'user-4-demo.json'].filter((path) => !takes(path))).toEqual([]);
  expect(['a.sh', 'a', '.bashrc', 'a.json.exe'].filter(takes)).toEqual([]);
});
