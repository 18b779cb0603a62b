import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { appendLines, readLines } from '#studio/console-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'avocet-console-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('a line cut off by a full disk takes none but the one behind it along', () => {
  const line = (text: string) => ({ at: 1, level: 'info', text }) as const;
  appendLines(folder, [line('first')]);
  appendFileSync(join(folder, 'console.jsonl'), '{"at":1,"level":"in');
  appendLines(folder, [line('behind it'), line('last')]);
  expect(readLines(folder, Infinity).lines.map(({ text }) => text)).toEqual(['first', 'last']);
});
