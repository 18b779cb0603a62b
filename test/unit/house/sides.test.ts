import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const renderer = join(import.meta.dirname, '../../../renderer');

/** Sides that do not turn with the direction of the script. Numbers stand at the right in every script, and half of the way is half from both sides. */
const physical =
  /(?:^|[\s;{])(?:(?:margin|padding|border|border-(?:top|bottom))-(?:left|right)[\w-]*|left|right)\s*:(?!\s*50%)|(?:text-align|float):\s*(?:left|right)\b/;

test('styles name sides by where a line begins and ends, so that a page written from right to left is mirrored', () => {
  const found: string[] = [];
  for (const name of readdirSync(renderer, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(?:svelte|css)$/.test(name)) continue;
    const text = readFileSync(join(renderer, name), 'utf8');
    const styles = name.endsWith('.css') ? [text] : [...text.matchAll(/<style[^>]*>(.*?)<\/style>/gs)].map(([, style]) => style!);
    for (const rule of styles
      .join('\n')
      .replace(/\/\*.*?\*\//gs, '')
      .split('}'))
      if (physical.test(rule) && !/\.number[^{]*\{[^{]*$/.test(rule)) found.push(`${name}: ${rule.trim()}`);
  }
  expect(found).toEqual([]);
});
