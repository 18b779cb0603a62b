import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
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

it('the last lines are found in whatever pieces the file is read', () => {
  const texts = ['a', 'bb', '推荐', '', 'c}', '\u2028', 'end'];
  appendLines(
    folder,
    texts.map((text) => ({ at: 1, level: 'info', text })),
  );
  for (const piece of [1, 2, 3, 7, 31, 1000])
    for (const limit of [0, 1, 3, 7, 100, Infinity]) {
      const { lines, total } = readLines(folder, limit, piece);
      expect([total, lines.map(({ text }) => text)]).toEqual([7, limit === 0 ? [] : texts.slice(-limit)]);
    }
  expect(readLines(join(folder, 'nowhere'), 10)).toEqual({ lines: [], total: 0 });
});

it('a console longer than any text can be has its last lines', () => {
  const file = join(folder, 'console.jsonl');
  writeFileSync(file, '');
  // A hole: it takes no disk.
  truncateSync(file, 540_000_000);
  appendFileSync(file, '\n');
  appendLines(folder, [{ at: 1, level: 'info', text: 'last' }]);
  expect(readLines(folder, 1000)).toMatchObject({ total: 1, lines: [{ text: 'last' }] });
});
